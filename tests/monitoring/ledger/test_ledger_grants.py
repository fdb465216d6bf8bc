"""What docs/ledger.md grants to clerks is enough for them, and no more."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from relapse_risk.monitoring import open_ledger
from tests.monitoring.ledger.ledger_months import FEB, JAN, ONE_STEP, act_of, acts_of, month_of, states_of


def test_a_clerk_may_read_and_add_and_no_more(postgresql_url):
    owner = open_ledger(postgresql_url, policy=ONE_STEP)
    schema = postgresql_url.rpartition("%3D")[2]
    with owner.store.engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS clerk"))
        connection.execute(text("CREATE ROLE clerk LOGIN"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO clerk"))
        connection.execute(text(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {schema} TO clerk"))
    ledger = open_ledger(postgresql_url.replace("postgres@", "clerk@"), policy=ONE_STEP)
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB), act_of("h1", "cleared", FEB)))
    assert ledger.sign_off("group", "Z州/甲县/东镇/上村/一组", "王", FEB)
    assert states_of(owner) == {"h1": "cleared"}
    for statement in ("DROP TABLE entries", "ALTER TABLE entries DISABLE TRIGGER ALL", "TRUNCATE entries"):
        with pytest.raises(DBAPIError), ledger.store.engine.begin() as connection:
            connection.execute(text(statement))
    with owner.store.engine.begin() as connection:
        connection.execute(text("DROP OWNED BY clerk"))
