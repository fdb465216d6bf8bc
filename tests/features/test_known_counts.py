"""Persons are counted from what is known of them: a count is never too high, and never "none" for want of data."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.features.feature_registers import features_of, income, member

COUNTS: Mapping[str, tuple[str | None, Mapping[str, object], Mapping[str, object]]] = {
    "workers": ("workers_share", {"work_status": "employed"}, {"work_status": "inactive"}),
    "unemployed": (None, {"work_status": "unemployed"}, {"work_status": "inactive"}),
    "elderly_idle": ("elderly_idle_share", {"work_status": "inactive"}, {"work_status": "employed"}),
    "formal_workers": ("formal_workers_share", {"formal_job": True}, {"formal_job": False}),
    "self_employed": ("self_employed_share", {"worker_type": "employer"}, {"worker_type": "employee"}),
    "serious_members": (None, {"health_status": "serious"}, {"health_status": "healthy"}),
    "uninsured": ("uninsured_share", {"medical_insured": False}, {"medical_insured": True}),
}


def row_of(cells: Sequence[Mapping[str, object]]) -> dict[str, object]:
    people = [member(f"p{n}", birth_year=1950, **cell) for n, cell in enumerate(cells)]
    # Somebody else is known of, or the register would tell of nobody.
    other = {"work_status": "employed", "formal_job": True, "worker_type": "employee", "health_status": "healthy"}
    people.append(member("q", "h2", birth_year=1950, medical_insured=True, **other))
    return features_of({"incomes": [income(2019, 5000.0)], "members": people})


@pytest.mark.parametrize("name", COUNTS)
@given(states=st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=4))
def test_a_count_is_of_those_known_and_unknown_where_nobody_is_but_somebody_may_be(name, states):
    share, yes, no = COUNTS[name]
    cells: Mapping[bool | None, Mapping[str, object]] = {True: yes, False: no, None: {}}
    row = row_of([cells[state] for state in states])
    known = None if None in states and True not in states else states.count(True)
    assert row[name] == known
    if share:
        assert row[share] == (None if known is None else pytest.approx(known / len(states)))


def test_who_does_not_work_needs_no_type_of_work():
    idle = row_of([{"work_status": "employed", "worker_type": "employee"}, {"work_status": "inactive"}])
    assert (idle["self_employed"], idle["self_employed_share"]) == (0, 0)
    blank = row_of([{"work_status": "employed"}, {"work_status": "inactive"}])
    assert (blank["self_employed"], blank["self_employed_share"]) == (None, None)


def test_who_does_not_work_has_no_formal_job():
    head = {"relation": "head", "work_status": "inactive"}
    idle = row_of([head, {"work_status": "employed", "formal_job": True}, {"work_status": "unemployed"}])
    assert (idle["formal_workers"], idle["formal_workers_share"]) == (1, pytest.approx(1 / 3))
    assert idle["head_formal_job"] == 0
    none = row_of([head, {"work_status": "employed", "formal_job": False}])
    assert (none["formal_workers"], none["formal_workers_share"]) == (0, 0)
    blank = row_of([{"relation": "head", "work_status": "employed"}, {"work_status": "inactive"}])
    assert (blank["formal_workers"], blank["formal_workers_share"], blank["head_formal_job"]) == (None, None, None)


def test_months_of_work_of_which_a_part_is_unknown_are_a_lower_bound():
    row = row_of([{"work_months": 5}, {"work_months": None}])
    assert (row["work_months"], row["work_months_per_person"], row["work_months_partly"]) == (5, 2.5, True)
