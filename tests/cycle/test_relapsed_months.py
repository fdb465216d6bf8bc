"""Three months over which the types of relapsed households change: nobody drops off the list for being poor."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.bundle import rule_bundle
from relapse_risk.cycle import monitor
from relapse_risk.ingest import read_records
from relapse_risk.monitoring import open_ledger

MONTHS = ("2020-11-30", "2020-12-31", "2021-01-31")
RETYPED = "5323131012020068"  # entered as relapsed in September 2020, called 返贫户 from 21 December on


@pytest.fixture(scope="module")
def months(shared, tmp_path_factory):
    """Run the months of a register in which six households relapsed."""
    records = read_records(shared / "cases" / "15-relapse-then-poor").records
    ledger = open_ledger(tmp_path_factory.mktemp("months") / "county.db")
    options = {"capacity": 5, "random_share": 0.0, "lang": "en"}
    return [monitor(records, rule_bundle(), ledger, as_of=day, **options) for day in MONTHS], ledger


def test_who_is_called_poor_after_a_relapse_stays_red(months):
    found = [
        month.roster.frame.filter(household_id=RETYPED).select("exclusion_reason", "tier").row(0) for month in months[0]
    ]
    assert found == [("relapsed", "red")] * 3


def test_nobody_who_relapsed_is_proposed_for_clearing(months):
    runs, ledger = months
    relapsed = runs[-1].roster.frame.filter(exclusion_reason="relapsed")["household_id"]
    proposed = ledger.history().filter(kind="proposed")["household_id"]
    assert RETYPED in relapsed
    assert not set(relapsed) & set(proposed)


def test_the_report_counts_them_as_relapsed(months):
    for month, day in zip(months[0], MONTHS, strict=True):
        frame = month.roster.frame
        entered = month.roster.content.risk.filter(exclusion_reason="relapsed").height
        assert entered == frame.filter(exclusion_reason="relapsed", population="rule_only").height >= 5, day
        listed = frame.filter(pl.col("exclusion_reason") == "relapsed")
        assert set(listed["tier"]) == {"red"}
        assert month.bulletin.as_of == date.fromisoformat(day)
