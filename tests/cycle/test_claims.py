"""What open alerts ask of a month's visits."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from relapse_risk.cycle import find_claims
from relapse_risk.monitoring import open_ledger
from tests.monitoring.ledger.ledger_months import APR, EVERYBODY, FEB, JAN, MAR, act_of, acts_of, month_of

ROAD = [
    ("visited", date(2020, 2, 3)),
    ("proposed", date(2020, 2, 3)),
    ("reviewed", date(2020, 2, 4)),
    ("published", date(2020, 2, 5)),
]


def claims_of(ledger, as_of, listed=(), tier="red", waited=None, renumbered=None, known=EVERYBODY, relapsed=()):
    demand = pl.DataFrame({"household_id": list(known)}, schema_overrides={"household_id": pl.String}).with_columns(
        demanded_for=pl.when(pl.col("household_id").is_in(list(listed))).then(pl.lit("model")),
        tier=pl.lit(tier),
        override=pl.lit(None, dtype=pl.String),
        exclusion_reason=pl.when(pl.col("household_id").is_in(list(relapsed))).then(pl.lit("relapsed")),
    )
    same = pl.DataFrame(schema={"household_id": pl.String, "state": pl.String, "known": pl.Boolean})
    nobody = pl.DataFrame(schema={"household_id": pl.String, "waiting_since": pl.Date})
    return find_claims(ledger, as_of, demand, same, nobody if waited is None else waited, renumbered)


@pytest.fixture
def ledger(tmp_path):
    made = open_ledger(tmp_path / "county.db")
    made.record_month(month_of(JAN, {"h1": "orange", "h2": "orange"}))
    return made


def claim(ledger, *args, household="h1", **more):
    found = claims_of(ledger, *args, **more)
    return dict(found.select("household_id", "claim").iter_rows())[household]


@pytest.mark.parametrize("steps", [2, 3, 4])
def test_a_step_of_clearing_is_no_visit(ledger, steps):
    ledger.act(acts_of(*(act_of("h1", kind, on) for kind, on in ROAD[:steps])))
    assert claim(ledger, FEB, listed=["h1"], tier="orange") == "in_hand"
    assert claim(ledger, APR) == "in_hand"  # its deadline falls into the month
    assert claim(ledger, date(2020, 6, 30)) == "in_hand"  # or is past: the meeting is late, not a visit
    assert claim(ledger, FEB, listed=["h1"], tier="red") == "revisit"  # news sends it back


def test_what_was_sent_back_is_to_be_visited(ledger):
    ledger.act(acts_of(*(act_of("h1", kind, on) for kind, on in ROAD[:3])))
    ledger.act(acts_of(act_of("h1", "returned", date(2020, 2, 20), note="评议未通过")))
    assert claim(ledger, FEB) == "revisit"
    assert claim(ledger, MAR) == "overdue"


def test_what_nobody_visited_or_the_run_proposes_is_to_be_visited(ledger):
    assert claim(ledger, date(2020, 2, 10)) == "revisit"
    ledger.act(acts_of(act_of("h1", "visited", date(2020, 2, 3))))
    assert claim(ledger, FEB) == "in_hand"
    ledger.record_month(month_of(FEB, {}))
    ledger.record_month(month_of(MAR, {}))
    assert ledger.alerts().filter(household_id="h1")["proposed_on"].item() == MAR
    assert claim(ledger, APR) == "revisit"


def test_who_was_visited_and_is_overdue_is_visited_every_third_month(ledger):
    ledger.act(acts_of(act_of("h1", "visited", date(2020, 5, 4))))  # by the list of April; to be cleared by 30 April
    days = [date(2020, 5, 31), date(2020, 6, 30), date(2020, 7, 31)]
    again = {"listed": ["h1", "h2"], "tier": "orange"}
    assert [claim(ledger, day, **again) for day in days] == ["in_hand", "in_hand", "overdue"]
    assert [claim(ledger, day, household="h2", **again) for day in days] == ["overdue"] * 3  # nobody has been there


def test_what_was_to_be_cleared_and_has_relapsed_is_to_be_visited_as_the_month_sends_it_back(ledger):
    ledger.act(acts_of(*(act_of("h1", kind, on) for kind, on in ROAD[:3])))
    assert claim(ledger, FEB, listed=["h1"], tier="orange") == "in_hand"
    assert claim(ledger, FEB, relapsed=["h1"]) == "revisit"
    ledger.record_month(replace(month_of(FEB, {}), relapsed=frozenset(["h1"])))
    assert ledger.history(1)["kind"].to_list()[-1] == "returned"


def test_nothing_proposes_to_clear_who_has_relapsed(ledger):
    ledger.act(acts_of(act_of("h1", "visited", date(2020, 2, 3))))
    ledger.record_month(month_of(FEB, {}))
    assert claim(ledger, MAR) == "revisit"  # the run would propose to clear
    assert claim(ledger, MAR, relapsed=["h1"]) == "in_hand"


def test_claims_and_waiting_follow_a_household_to_its_new_number(ledger):
    waited = pl.DataFrame({"household_id": ["h1-2", "h9"], "waiting_since": [JAN, JAN]})  # as the month renames it
    renumbered = pl.DataFrame({"household_id": ["h1"], "became": ["h1-2"]})
    known = ("h1-2", *EVERYBODY[1:])
    found = claims_of(ledger, date(2020, 2, 10), waited=waited, renumbered=renumbered, known=known)
    assert "h1" not in found["household_id"]
    assert found.filter(household_id="h1-2").select("claim", "waiting_since").row(0) == ("revisit", JAN)
    assert found["household_id"].is_unique().all()
