"""Three months over which the types of relapsed households change: nobody drops off the list for being poor."""

from datetime import date, timedelta

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


@pytest.mark.slow
def test_who_relapsed_and_was_visited_takes_a_visit_every_third_month(population, bundle, records, ledger):
    """Nobody can clear who has not left poverty: each month anew, they would take the visits of all others."""
    days = ("2019-01-31", "2019-02-28", "2019-03-31", "2019-04-30", "2019-05-31")
    options = {"capacity": 100, "random_share": 0.0, "lang": "en"}
    seen = []
    for day in days:
        month = monitor(records, bundle, ledger, as_of=day, **options)
        relapsed = month.roster.frame.filter(exclusion_reason="relapsed", listed_for="rule")
        seen.append(dict(relapsed.select("household_id", "visit_for").iter_rows()))
        met = month.visits.lines.select(
            "alert_id", kind=pl.lit("visited"), on=date.fromisoformat(day) + timedelta(days=5), by=pl.lit("w")
        )
        assert set(ledger.act(met)["outcome"]) == {"done"}
    assert seen[0]
    assert set(seen[0].values()) == {"rule"}
    for household in seen[0]:
        visited = [month.get(household) == "rule" for month in seen if household in month]
        assert visited == [True, False, False, True, False][: len(visited)]
