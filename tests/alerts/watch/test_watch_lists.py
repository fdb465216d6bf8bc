"""Every state of every list, on registers small enough to be counted by hand."""

import pytest

from relapse_risk.alerts.watch import LISTS
from tests.alerts.watch.watch_registers import CASES, watched

STATES = {(one.name, state.name): state for one in LISTS for state in one.states}
WHO = {"households": "household_id", "persons": "person_id", "loans": "item"}


def test_every_state_has_a_register_here():
    assert CASES.keys() == STATES.keys()


@pytest.mark.parametrize("case", CASES, ids=".".join)
def test_who_is_on_the_list_who_is_not_and_of_whom_it_is_not_known(case):
    tables, on, off, unknown = CASES[case]
    found = watched(**tables)
    (name, state), per = case, STATES[case].per
    entries = found.entries.filter(list=name, state=state)
    count = found.counts.filter(list=name, state=state).row(0, named=True)
    assert sorted(set(entries[WHO[per]])) == sorted(on)
    assert (count["n_on"], count["n_known"], count["unknown"]) == (len(on), len(on) + len(off), len(unknown))
    assert count["share"] == pytest.approx(len(on) / (len(on) + len(off)))
    assert count["households"] == entries["household_id"].n_unique()


def entry(case, **who):
    found = watched(**CASES[case][0]).entries.filter(list=case[0], state=case[1], **who)
    return found.select("item", "since", "value", "unit").row(0)


def test_an_entry_says_what_since_when_and_how_much():
    assert [str(one) for one in entry(("microcredit", "overdue"))] == ["late", "2019-06-01", "30000.0", "yuan"]
    assert [str(one) for one in entry(("microcredit", "due"), item="soon")][1] == "2020-03-30"
    assert entry(("housing", "dangerous"), household_id="d")[0] == "D"
    assert entry(("medical_cost", "high_share"))[2:] == (0.125, "share")
    assert entry(("idle_labour", "nobody_in_work"), household_id="a")[2:] == (1.0, "persons")
    assert [str(one) for one in entry(("withdrawn", "ended"), item="industry")] == [
        *("industry", "2018-06-01", "500.0", "yuan")
    ]
    assert entry(("key_groups", "disabled"), person_id="b2")[2:] == (2.0, "grade")
    assert entry(("shocks", "household_loss"), household_id="a")[0::2] == ("flood", 1.0)
    assert entry(("shocks", "village_struck"))[0::2] == ("V", 0.2)


def test_both_measures_that_ended_stand_on_the_list_and_the_household_counts_once():
    found = watched(**CASES["withdrawn", "ended"][0])
    assert found.entries.filter(list="withdrawn")["item"].to_list() == ["industry", "subsistence"]
    assert found.counts.filter(list="withdrawn")["n_on"].item() == 1


def test_the_overdue_rate_is_told_by_loans_and_by_amount():
    found = watched(**CASES["microcredit", "overdue"][0]).counts.filter(state="overdue").row(0, named=True)
    assert found["share"] == pytest.approx(1 / 6)
    # five of six loans have an amount; the one of unknown status is in neither
    assert (found["amount"], found["of_amount"]) == (30000.0, 150000.0)


def test_sites_of_one_name_in_two_counties_are_two():
    sites = watched(**CASES["resettlement", "no_work"][0]).sites
    found = sites.select("county", "resettlement_site", "households", "persons", "no_work", "no_industry").rows()
    assert found == [("K", "S", 2, 8, 2, 1), ("K", None, 1, 1, 0, 1), ("L", "S", 1, 4, 0, 0)]
    assert sites["work_unknown"].to_list() == [0, 1, 0]


def test_where_the_register_keeps_no_types_everybody_is_of_the_base():
    tables = {
        name: [{key: value for key, value in row.items() if key != "household_type"} for row in rows]
        for name, rows in CASES["idle_labour", "nobody_in_work"][0].items()
    }
    found = watched(**tables).counts.filter(list="idle_labour").row(0, named=True)
    assert (found["n_on"], found["n_known"], found["unknown"]) == (4, 5, 1)
