"""One view of a day: nothing recorded later changes it, nor does the order of rows; a view is handed on as it is."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.periods import AsOf
from relapse_risk.policy import Lines
from relapse_risk.records import AsOfView, Records, current_incomes, yearly_incomes

DAY = "2019-12-31"
LINES = Lines(by_year={2018: 2995.0, 2019: 3218.0})


@pytest.fixture
def records():
    incomes = pl.DataFrame(
        {
            "household_id": ["h2", "h1", "h1", "h1", "h2"],
            "period_start": [date(2018, 1, 1), date(2019, 1, 1), date(2019, 7, 1), date(2018, 1, 1), date(2018, 1, 1)],
            "period_end": [date(2018, 12, 31)] + [date(2019, 12, 31)] * 2 + [date(2018, 12, 31)] * 2,
            "household_size": [4, 3, 3, 3, 4],
            "net_income_per_capita": [2000.0, 4000.0, 2500.0, 3000.0, 1000.0],
            "recorded_on": [
                *(date(2019, 1, 15), date(2019, 12, 30), date(2019, 12, 30)),
                *(date(2019, 1, 15), date(2020, 3, 1)),
            ],
        }
    )
    members = pl.DataFrame(
        {
            "household_id": ["h1", "h1", "h2"],
            "person_id": ["p1", "p2", "p3"],
            "birth_date": [date(1950, 12, 31), date(1990, 1, 1), None],
            "birth_year": [None, None, 1800],
            "left_on": [None, date(2019, 6, 1), None],
            "recorded_on": [date(2018, 1, 1)] * 3,
        }
    )
    return Records({"incomes": incomes, "members": members})


def test_it_says_what_the_functions_say_of_the_state_of_the_day(records):
    view, known = AsOfView.of(records, DAY, lines=LINES), records.known_by(DAY)
    assert view.yearly_incomes.equals(yearly_incomes(known, LINES))
    assert view.current_incomes.equals(current_incomes(yearly_incomes(known, LINES), DAY))
    assert view.current_incomes.select("household_id", "income").rows() == [("h1", 4000.0), ("h2", 2000.0)]


def test_residents_have_not_left_and_an_age_where_a_birth_is_known(records):
    view = AsOfView.of(records, DAY)
    assert view.residents.select("person_id", "age").rows() == [("p1", 69), ("p3", None)]
    assert AsOfView.of(records, "2019-12-30").residents["age"].to_list() == [68, None]
    assert AsOfView.of(records, "2019-05-31").residents["person_id"].to_list() == ["p1", "p2", "p3"]


def test_nobody_lives_where_no_members_are_known(records):
    view = AsOfView.of(Records({"incomes": records.require("incomes")}), DAY)
    assert view.residents.columns == ["household_id", "person_id", "age"] and view.residents.is_empty()


def test_what_was_asked_once_is_kept(records):
    view = AsOfView.of(records, DAY)
    assert view.yearly_incomes is view.yearly_incomes
    assert view.residents is view.residents


def test_a_view_is_handed_on_as_it_is(records):
    view = AsOfView.of(records, DAY, lines=LINES)
    assert AsOfView.of(view) is view
    assert AsOfView.of(view, AsOf.of(DAY), lines=LINES, max_age=1) is view


def test_other_lines_keep_the_state(records):
    view = AsOfView.of(records, DAY, lines=LINES)
    before = view.current_incomes["line"].to_list()
    other = AsOfView.of(view, lines=Lines(by_year={2018: 1.0}), max_age=2)
    assert other.known is view.known and other.max_age == 2
    assert (before, other.current_incomes["line"].to_list()) == ([3218.0, 2995.0], [1.0, 1.0])
    assert AsOfView.of(other).lines == other.lines


@pytest.mark.parametrize(("day", "code"), [("2019-12-30", "state_of_other_day"), ("2020-01-01", "state_of_other_day")])
def test_another_day_is_asked_of_the_records(records, day, code):
    with pytest.raises(InputError) as caught:
        AsOfView.of(AsOfView.of(records, DAY), day)
    assert caught.value.code == code


def test_records_need_a_day(records):
    with pytest.raises(InputError) as caught:
        AsOfView.of(records)
    assert caught.value.code == "day_unreadable"


def test_versions_are_those_known_by_the_day(records):
    assert AsOfView.of(records, DAY).versions("incomes")["net_income_per_capita"].to_list() == [2e3, 4e3, 2.5e3, 3e3]
    assert AsOfView.of(records, "2020-03-01").versions("incomes").height == 5
    assert AsOfView.of(records, DAY).versions("loans") is None


def test_records_speak_of_no_day_after_the_view(records):
    assert AsOfView.of(records, DAY).known_until == date(2019, 12, 31)
    assert AsOfView.of(records, "2021-01-01").known_until == date(2020, 3, 1)


def test_what_happened_has_a_day_that_has_come():
    monitoring = pl.DataFrame(
        {
            "household_id": ["h1", "h2"],
            "identified_on": [date(2019, 1, 1), date(2020, 5, 1)],
            "recorded_on": [date(2019, 1, 1)] * 2,
        }
    )
    view = AsOfView.of(Records({"monitoring": monitoring}), DAY)
    assert view.happened("monitoring", "identified_on")["household_id"].to_list() == ["h1"]
