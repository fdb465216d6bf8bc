"""The watch lists as a whole: nothing is peeked at, no order matters, what is lacking is said."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.alerts.watch import LISTS, watch
from relapse_risk.errors import InputError
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView, Records
from tests.alerts.watch.watch_registers import (
    CASES,
    DAY,
    GROUPS,
    LOANS,
    POLICY,
    home,
    invented,
    person,
    to_records,
    watched,
)

MERGED = {  # every register in one, households and persons told apart
    name: [
        {**row, **{key: f"{i}{row[key]}" for key in ("household_id", "person_id", "village_code") if row.get(key)}}
        for i, (tables, *_) in enumerate(CASES.values())
        for row in tables.get(name, [])
    ]
    for name in dict.fromkeys(name for tables, *_ in CASES.values() for name in tables)
}


@pytest.fixture(scope="module")
def merged():
    return watched(**MERGED)


def same(one, other):
    return one.entries.equals(other.entries) and one.counts.equals(other.counts) and one.sites.equals(other.sites)


def test_the_merged_register_fills_every_state(merged):
    assert set(merged.entries.select("list", "state").unique().rows()) == CASES.keys()


@pytest.mark.slow
@given(st.randoms(use_true_random=False))
@settings(max_examples=5)
def test_the_order_of_rows_does_not_matter(merged, random):
    mixed = {name: random.sample(rows, len(rows)) for name, rows in MERGED.items()}
    assert same(watched(**mixed), merged)


def test_what_is_recorded_after_the_day_changes_nothing(merged):
    later = date(2020, 2, 1)
    more = {name: [*rows, *({**row, "recorded_on": later} for row in rows)] for name, rows in MERGED.items()}
    for row in more["loans"][len(MERGED["loans"]) :]:
        row["status"] = "overdue"
    for row in more["households"][len(MERGED["households"]) :]:
        row |= {"household_type": "poor", "house_grade": "D", "safe_water": False, "size": 9}
    for row in more["members"][len(MERGED["members"]) :]:
        row |= {"medical_insured": False, "student_status": "dropout", "labour_capacity": "none"}
    assert same(watched(**more), merged)


def test_a_later_day_of_an_invented_register_leaves_an_earlier_one_as_it_was():
    records = invented()
    cut = Records(
        {name: frame.filter(pl.col("recorded_on") <= date(2018, 6, 30)) for name, frame in records.tables.items()},
        exported_on=date(2018, 6, 30),
    )
    assert same(*(watch(AsOfView.of(each, "2018-06-30"), POLICY) for each in (records, cut)))


def test_counts_are_those_of_the_entries():
    found = watch(AsOfView.of(invented(), DAY), POLICY)
    for row in found.counts.iter_rows(named=True):
        entries = found.entries.filter(list=row["list"], state=row["state"])
        assert row["households"] == entries["household_id"].n_unique()
        assert 0 <= row["n_on"] <= row["n_known"]
        key = {"households": "household_id", "persons": "person_id", "loans": "item"}[row["per"]]
        assert row["n_on"] == entries[key].n_unique()
    covered = found.counts.filter(list="insurance")
    assert covered["n_on"].sum() == covered["n_known"][0]
    assert found.missing == {}


def test_without_a_record_of_a_thing_everybody_is_unknown_and_the_lack_is_said():
    found = watched(households=[{"household_id": code, "recorded_on": date(2019, 1, 1)} for code in "ab"])
    assert found.entries.is_empty()
    assert found.missing.keys() == {one.name for one in LISTS}
    by_households = found.counts.filter(per="households", list="water").row(0, named=True)
    assert (by_households["n_on"], by_households["n_known"], by_households["unknown"]) == (None, None, 2)
    assert found.counts.filter(per="persons")["unknown"].null_count() == found.counts.filter(per="persons").height
    assert found.missing["water"] == ("households.safe_water",)


def test_where_nobody_at_all_is_noted_as_insured_nobody_knows_who_is():
    tables = CASES["insurance", "covered"][0]
    without = {**tables, "assistance": [row for row in tables["assistance"] if row["kind"] != "insurance"]}
    found = watched(**without)
    assert found.counts.filter(list="insurance")["unknown"].to_list() == [7, 7]
    assert found.missing["insurance"] == ("assistance.kind=insurance", "incomes")


def test_where_all_insurance_is_payments_nobody_knows_who_has_none():
    tables = CASES["insurance", "covered"][0]
    payments = [row for row in tables["assistance"] if row["started_on"] == row["ended_on"]]
    found = watched(**{**tables, "assistance": payments}).counts.filter(list="insurance")
    assert found.select("state", "n_on", "n_known", "unknown").rows() == [
        ("not_covered", 0, 1, 4),
        ("covered", 1, 1, 4),
    ]


def test_households_that_nobody_is_left_of_stand_on_no_list():
    gone = person("p1", "a", left_on=date(2019, 3, 1), left_reason="moved")
    found = watched(households=[home("a", safe_water=False), home("b", safe_water=False)], members=[gone])
    assert found.entries["household_id"].to_list() == ["b"]
    assert found.counts.filter(list="water")["n_known"].item() == 1


def test_a_loan_outlives_its_household():
    gone = person("p1", "a", left_on=date(2019, 3, 1), left_reason="moved")
    found = watched(**LOANS, members=[gone]).counts.filter(state="overdue").row(0, named=True)
    assert (found["n_on"], found["households"], found["persons"]) == (1, 1, 0)


def test_tiers_and_probabilities_stand_beside_the_entries():
    risk = pl.DataFrame({"household_id": ["a"], "tier": ["red"], "probability": [0.5]})
    found = watched(risk=risk, **LOANS).entries.filter(list="microcredit")
    rows = dict(found.select("household_id", "tier").unique().rows())
    assert rows == {"a": "red", "b": None, "c": None}


def test_bounds_are_data(tmp_path):
    file = tmp_path / "mechanism.toml"
    file.write_text("[watch.lists.microcredit.bounds]\ndays = 91\n[watch.lists.key_groups.bounds]\nelderly = 70\n")
    policy = read_policy(mechanism=file)
    assert "later" in watched(policy, **LOANS).entries.filter(state="due")["item"].to_list()
    assert watched(policy, **GROUPS).entries.filter(state="poor_elderly")["person_id"].to_list() == []


def test_a_watch_says_how_much_it_holds_and_of_nobody(merged):
    assert repr(merged).startswith("Watch(as of 2019-12-31, 13 lists, ")
    assert repr(replace(merged, entries=merged.entries.clear())).endswith(" 0 entries)")


def test_records_without_households_are_refused():
    with pytest.raises(InputError) as raised:
        watch(AsOfView.of(to_records(loans=LOANS["loans"]), DAY), POLICY)
    assert raised.value.code in {"table_needed", "nobody_known"}
