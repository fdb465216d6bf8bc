"""How households stand on a day: monitored, able to work, helped, covered; unknown is never no."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.records import AsOfView, Records

DAY = date(2019, 12, 31)
BEGIN = date(2018, 1, 1)


def view_of(**tables):
    homes = pl.DataFrame({"household_id": list("abc"), "recorded_on": [BEGIN] * 3})
    frames = {name: pl.DataFrame(rows) for name, rows in tables.items()}
    return AsOfView.of(Records({"households": homes, **frames}), DAY)


def said(frame, *columns):
    return {row[0]: row[1:] if len(row) > 2 else row[1] for row in frame.select("household_id", *columns).rows()}


def stay(home, identified_on=BEGIN, **columns):
    return {"household_id": home, "identified_on": identified_on, "recorded_on": BEGIN, **columns}


def aid(home, kind="insurance", started_on=BEGIN, ended_on=None):
    return {"household_id": home, "kind": kind, "started_on": started_on, "ended_on": ended_on, "recorded_on": BEGIN}


def test_monitored_is_who_was_identified_and_not_cleared():
    stays = [stay("a", cleared_on=None), stay("b", cleared_on=date(2019, 3, 1))]
    assert said(view_of(monitoring=stays).states, "monitored") == {"a": True, "b": False, "c": False}


def test_identified_twice_and_cleared_once_is_monitored():
    stays = [stay("a", cleared_on=date(2018, 3, 1)), stay("a", date(2018, 5, 1), cleared_on=None)]
    assert said(view_of(monitoring=stays).states, "monitored")["a"] is True


def test_a_table_without_rows_does_not_say_that_nobody_is_monitored():
    empty = pl.DataFrame(schema={"household_id": pl.String, "identified_on": pl.Date, "cleared_on": pl.Date})
    assert said(view_of(monitoring=empty).states, "monitored") == {"a": None, "b": None, "c": None}


def test_where_nobody_says_who_was_cleared_it_is_not_known_of_whoever_was_identified():
    assert said(view_of(monitoring=[stay("a")]).states, "monitored") == {"a": None, "b": False, "c": False}


@pytest.mark.parametrize(("types", "found"), [(["sudden", None, None], [True, False, False]), ([None] * 3, [None] * 3)])
def test_without_a_table_the_households_own_row_tells(types, found):
    homes = {
        "household_id": list("abc"),
        "recorded_on": [BEGIN] * 3,
        "monitoring_type": pl.Series(types, dtype=pl.String),
    }
    view = AsOfView.of(Records({"households": pl.DataFrame(homes)}), DAY)
    assert view.states["monitored"].to_list() == found


@pytest.mark.parametrize(
    ("capacities", "found"),
    [
        (["ordinary", "skilled", "weak"], (2, True)),
        (["weak", "lost", "none"], (0, False)),
        (["weak", None], (None, None)),
        (["skilled", None], (1, True)),
        ([None], (None, None)),
    ],
)
def test_able_to_work_is_ordinary_or_skilled_and_unknown_is_not_nobody(capacities, found):
    rows = [
        {"household_id": "a", "person_id": f"p{place}", "labour_capacity": capacity, "recorded_on": BEGIN}
        for place, capacity in enumerate(capacities)
    ]
    members = pl.DataFrame(rows, schema_overrides={"labour_capacity": pl.String})
    assert said(AsOfView.of(Records({"members": members}), DAY).able_to_work, "able", "has_labour") == {"a": found}


@pytest.mark.parametrize(
    ("started_on", "ended_on", "in_force", "held"),
    [
        (BEGIN, None, True, True),
        (BEGIN, DAY, True, True),
        (BEGIN, date(2019, 12, 30), False, False),
        (date(2019, 6, 1), date(2019, 6, 1), False, True),
        (date(2019, 6, 1), date(2019, 6, 30), False, True),
        (date(2019, 6, 1), date(2019, 7, 1), False, False),
        (date(2018, 12, 31), date(2018, 12, 31), False, False),
        (date(2018, 12, 31), None, True, True),
        (date(2019, 1, 1), date(2018, 12, 1), False, True),
        (DAY, DAY, True, True),
    ],
)
def test_in_force_is_without_an_end_and_what_is_one_off_is_held_for_twelve_months(started_on, ended_on, in_force, held):
    found = view_of(assistance=[aid("a", "industry", started_on, ended_on)]).assistance
    assert found.select("in_force", "held").row(0) == (in_force, held)


def test_what_has_not_begun_is_no_measure():
    assert view_of(assistance=[aid("a", started_on=date(2020, 1, 1))]).assistance.is_empty()
    assert view_of().assistance.is_empty()


@pytest.mark.parametrize(
    ("measures", "covered"),
    [
        ([aid("a"), aid("b", ended_on=date(2019, 6, 1))], [True, False, False]),
        ([aid("a"), aid("b", started_on=date(2019, 6, 1), ended_on=date(2019, 6, 1))], [True, True, False]),
        ([aid("b", started_on=date(2019, 6, 1), ended_on=date(2019, 6, 1))], [None, True, None]),
        ([aid("b", started_on=date(2018, 6, 1), ended_on=date(2018, 6, 1))], [None, None, None]),
        ([aid("a", "industry")], [None, None, None]),
        ([], [None, None, None]),
    ],
)
def test_covered_is_who_holds_insurance_and_others_only_where_a_policy_is_noted(measures, covered):
    view = view_of(**({"assistance": measures} if measures else {}))
    assert view.relapse_cover["covered"].to_list() == covered
