from dataclasses import replace

import polars as pl
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from relapse_risk.monitoring import open_ledger
from tests.monitoring.ledger.ledger_months import FEB, JAN, MAR, act_of, acts_of, month_of

TABLES = {
    "ledger": "version = 9",
    "months": "digest = 'other'",
    "listings": "tier = 'none'",
    "alerts": "household_id = 'h9'",
    "entries": "kind = 'cleared'",
    "sign_offs": "area = 'x'",
    "renumberings": "became = 'h9'",
    "withdrawals": "note = 'none'",
}


@pytest.fixture
def full(ledger):
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    ledger.act(acts_of(act_of("h1", "visited", FEB), act_of("h1", "cleared", FEB)))
    ledger.sign_off("group", "Z州/甲县/东镇/上村/一组", "王", FEB)
    renumbered = pl.DataFrame({"household_id": ["h1"], "became": ["n1"]})
    ledger.record_month(replace(month_of(MAR, {"n1": "red"}), renumbered=renumbered))
    ledger.withdraw_month(MAR, by="王", reason="走访能力填错")
    return ledger


def everything(ledger):
    with ledger.store.reading() as connection:
        return {table: connection.execute(text(f"SELECT * FROM {table}")).all() for table in TABLES}


def refuse(ledger, statement):
    before = everything(ledger)
    assert all(before.values())
    with pytest.raises(DBAPIError, match="append-only"), ledger.store.engine.begin() as connection:
        connection.execute(text(statement))
    assert everything(ledger) == before


def test_every_table_is_tried(full):
    assert set(inspect(full.store.engine).get_table_names()) == set(TABLES)


def test_nothing_is_changed_or_deleted_by_raw_sql(full):
    for table, change in TABLES.items():
        refuse(full, f"UPDATE {table} SET {change}")
        refuse(full, f"DELETE FROM {table}")


def test_nothing_is_replaced_or_truncated(full):
    for table in TABLES:
        if full.store.engine.dialect.name == "sqlite":
            refuse(full, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        else:
            refuse(full, f"TRUNCATE {table} CASCADE")


def test_the_triggers_of_postgresql_hold_where_ordinary_ones_are_turned_off(postgresql_url):
    ledger = open_ledger(postgresql_url)
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    with pytest.raises(DBAPIError, match="append-only"), ledger.store.engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("DELETE FROM entries"))


def test_an_entry_of_no_alert_is_refused(full):
    values = "(99, 99, 'visited', '2020-02-01', 'x', '2020-02-01', '1', '1')"
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), full.store.engine.begin() as connection:
        connection.execute(
            text(f'INSERT INTO entries (entry_id, alert_id, kind, "on", "by", recorded_at, key, seal) VALUES {values}')
        )


def test_every_row_says_when_it_was_recorded(full):
    for table in TABLES:
        names = {column["name"] for column in inspect(full.store.engine).get_columns(table)}
        assert names & {"recorded_at", "run", "household_id"}
    assert full.history()["recorded_at"].dtype.time_zone == "UTC"
    assert full.history()["recorded_at"].is_sorted()
