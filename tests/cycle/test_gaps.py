"""Before anything is written, the month's input is held against last month's."""

import shutil
from dataclasses import replace

import polars as pl
import pytest

from relapse_risk.cycle import monitor
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.monitoring import open_ledger
from relapse_risk.records import SourceSheet

FIRST, SECOND = "2020-10-31", "2020-11-30"


@pytest.fixture(scope="module")
def october(records, bundle, tmp_path_factory):
    """The first month, and the file of its ledger."""
    path = tmp_path_factory.mktemp("october") / "county.db"
    return monitor(records, bundle, open_ledger(path), as_of=FIRST, capacity=40, lang="en"), path


@pytest.fixture
def ledger(october, tmp_path):
    """A ledger of the test's own after the first month."""
    return open_ledger(shutil.copy(october[1], tmp_path / "county.db"))


def _without_a_village(population):
    """Return the register without the households of its largest village, and these."""
    homes = population.tables["households"]
    largest = homes.group_by("village").agg(pl.col("household_id").n_unique()).sort("household_id", "village")[-1]
    left_out = homes.join(largest, on="village", how="semi")["household_id"].unique()
    kept = {
        name: frame.filter(~pl.col("household_id").is_in(left_out.implode()))
        if "household_id" in frame.columns
        else frame
        for name, frame in population.tables.items()
    }
    return read_records(kept).records, set(left_out)


def test_the_first_month_lacks_nothing_and_the_same_input_neither(october, run_month):
    assert october[0].gaps == run_month(SECOND).gaps == ()


def test_a_village_left_out_stops_the_month_before_anything_is_written(population, bundle, ledger):
    fewer, _ = _without_a_village(population)
    before = ledger.history()
    with pytest.raises(InputError) as caught:
        monitor(fewer, bundle, ledger, as_of=SECOND, capacity=40, lang="en")
    assert caught.value.code == "input_gaps"
    for lang, words in (("en", "villages of last month"), ("zh", "一户也没有的村")):
        lines = caught.value.in_language(lang).splitlines()
        assert [words in line for line in lines].count(True) == 1  # one line a gap
        assert FIRST in lines[0]
        assert "--accept-gaps" in lines[-1]
    assert len(ledger.months()) == 1
    assert ledger.history().equals(before)


def test_accepted_gaps_are_told_and_who_was_not_sent_is_not_said_to_have_left_the_list(
    october, population, bundle, ledger
):
    fewer, left_out = _without_a_village(population)
    second = monitor(fewer, bundle, ledger, as_of=SECOND, capacity=40, lang="en", accept_gaps=True)
    assert [code for code, _ in second.gaps] == ["gap_villages"]
    assert second.summary["gaps"][0]["households"] == len(left_out)
    assert second.gaps[0] in second.bulletin.remarks
    listed = set(october[0].roster.listed["household_id"]) & left_out
    states = dict(second.changes.select("household_id", "state").iter_rows())
    assert listed
    assert {states[home] for home in listed} == {"not_sent"}
    assert second.summary["changes"]["not_sent"] == len([home for home in states if home in left_out])


def test_a_table_that_is_gone_stops_it_too(population, bundle, ledger):
    less = read_records({name: frame for name, frame in population.tables.items() if name != "illness"}).records
    with pytest.raises(InputError) as caught:
        monitor(less, bundle, ledger, as_of=SECOND, capacity=40, lang="en")
    assert "rows, this month has none" in str(caught.value)


def test_a_sheet_that_was_read_last_month_and_cannot_be_now_stops_it_too(records, bundle, tmp_path):
    ledger = open_ledger(tmp_path / "other.db")
    loans = {"source": "银行_10月.xlsx", "sheet": "小额信贷"}
    first = replace(records, sheets=(SourceSheet(**loans, status="read", tables=("loans",)),))
    monitor(first, bundle, ledger, as_of=FIRST, capacity=40, lang="en")
    lost = SourceSheet(**loans, status="unread", reason="sheet_unknown", details=loans)
    second = replace(records, sheets=(lost,))
    with pytest.raises(InputError) as caught:
        monitor(second, bundle, ledger, as_of=SECOND, capacity=40, lang="en")
    assert caught.value.code == "input_gaps" and lost.label in str(caught.value)
    accepted = monitor(second, bundle, ledger, as_of=SECOND, capacity=40, lang="en", accept_gaps=True)
    unread = ("sheets_unread", {"count": 1, "sheets": (lost.label,)})
    for remarks in (accepted.roster.remarks, accepted.bulletin.remarks, accepted.visits.remarks):
        assert unread in remarks
