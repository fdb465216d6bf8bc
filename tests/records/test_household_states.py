"""What a household is on a day: types, exits, relapses and monitoring together."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.labels import find_cohort
from relapse_risk.records import STATES, AsOfView, Records
from tests.labels.small_registers import account, home, register, relapse, untyped

DAY = date(2021, 12, 31)
BEFORE, ENTERED, AFTER = date(2017, 12, 1), date(2019, 3, 1), date(2019, 12, 1)
FELL = [relapse(date(2019, 2, 1), recorded_on=ENTERED)]


def stay(identified_on, cleared_on=None, kind="unstable", household_id="h1"):
    return {
        "household_id": household_id,
        "identified_on": identified_on,
        "monitoring_type": kind,
        "cleared_on": cleared_on,
        "recorded_on": cleared_on or identified_on,
    }


def state(day=DAY, **tables):
    return AsOfView.of(register(**tables), day).states["state"].item()


def watched(**tables):
    return AsOfView.of(register(**tables), DAY).states.select("monitored", "monitoring_type", "cleared").row(0)


@pytest.mark.parametrize(
    ("kind", "found"),
    [("exited", "exited"), ("poor", "poor"), ("near_poor", "near_poor"), ("general", "never_poor"), (None, None)],
)
def test_without_more_it_is_what_the_register_calls_it(kind, found):
    assert state(households=[home(household_type=kind)]) == found


def test_a_relapse_entered_counts_before_any_type():
    for kind in ("exited", "general", "near_poor", "poor", None):
        assert state(households=[home(household_type=kind)], relapses=FELL) == "relapsed"


def test_an_entry_known_on_the_day_counts_though_the_relapse_is_dated_after_it():
    ahead = [relapse(date(2022, 2, 1), recorded_on=ENTERED)]
    tables = {"households": [home()], "relapses": ahead}
    assert state(**tables) == "relapsed"
    assert find_cohort(register(**tables), DAY)["exclusion_reason"].item() == "relapsed"
    assert state(day=date(2019, 2, 28), **tables) != "relapsed"


@pytest.mark.parametrize("kind", ["poor", "general", "near_poor", "exited", None])
def test_no_change_of_type_alone_ends_it(kind):
    rows = [home(exit_year=2016), home(household_type=kind, recorded_on=AFTER, exit_year=2016)]
    assert state(households=rows, relapses=FELL) == "relapsed"


def test_an_exit_of_after_the_relapse_ends_it():
    rows = [home(exit_year=2016), home(recorded_on=date(2020, 12, 1), exit_year=2020)]
    assert state("2020-11-30", households=rows, relapses=FELL) == "relapsed"
    assert state(households=rows, relapses=FELL) == "exited_again"


def test_an_exit_of_the_year_of_the_relapse_ends_it_only_if_it_is_another_than_before():
    first, later = home(exit_year=2016), home(recorded_on=AFTER, exit_year=2019)
    assert state(households=[first, later], relapses=FELL) == "exited_again"
    same = home(recorded_on=BEFORE, exit_year=2019)
    carried = relapse(date(2019, 12, 20), recorded_on=date(2020, 1, 10))
    rows = [home(recorded_on=date(2019, 12, 5), exit_year=2019), home(recorded_on=date(2020, 12, 1), exit_year=2019)]
    assert state(households=rows, relapses=[carried]) == "relapsed"
    assert state(households=[later], relapses=FELL) == "relapsed"  # nothing tells whether it is of before
    assert state("2018-12-31", households=[same]) == "exited"


def test_without_exit_years_it_ends_where_the_register_called_it_poor_between():
    poor, again = home(household_type="poor", recorded_on=date(2019, 4, 1)), home(recorded_on=AFTER)
    assert state(households=[home(), again], relapses=FELL) == "relapsed"
    assert state(households=[home(), poor, again], relapses=FELL) == "exited_again"


def test_a_risk_found_after_the_relapse_and_cleared_ends_it():
    rows = [home(household_type="general")]
    found, cleared = date(2019, 4, 1), date(2020, 6, 1)
    assert state(households=rows, relapses=FELL, monitoring=[stay(found, cleared)]) == "exited_again"
    assert state(households=rows, relapses=FELL, monitoring=[stay(BEFORE, cleared)]) == "relapsed"
    open_now = [stay(found, cleared), stay(date(2020, 7, 1))]
    assert state(households=rows, relapses=FELL, monitoring=open_now) == "relapsed"
    called_poor = [*rows, home(household_type="poor", recorded_on=AFTER)]
    assert state(households=called_poor, relapses=FELL, monitoring=[stay(found, cleared)]) == "relapsed"


def test_who_left_poverty_and_is_called_poor_has_relapsed_without_an_entry():
    assert state(households=[home(), home(household_type="poor", recorded_on=AFTER)]) == "relapsed"
    assert state(households=[home(household_type="poor", exit_year=2014)]) == "relapsed"
    assert state(households=[home(household_type="poor", exit_year=2016)]) == "poor"  # planned for its own year
    assert state(households=[home(household_type="general"), home(household_type="poor", recorded_on=AFTER)]) == "poor"


def test_fallen_once_more_is_relapsed():
    rows = [home(exit_year=2016), home(recorded_on=date(2020, 12, 1), exit_year=2020)]
    again = relapse(date(2021, 3, 1))
    assert state(households=rows, relapses=[*FELL, again]) == "relapsed"
    rows.append(home(household_type="poor", recorded_on=date(2021, 3, 1), exit_year=2020))
    assert state(households=rows, relapses=FELL) == "relapsed"


def test_a_blank_type_takes_nothing_back():
    assert state(households=[home(), home(household_type=None, recorded_on=AFTER)]) == "exited"


def test_what_is_not_called_anything_is_what_it_is_watched_as_or_exited_by_its_year():
    other = home("h2")
    view = AsOfView.of(
        register(
            households=[home(household_type=None), other, home("h3", None), home("h4", None, exit_year=2016)],
            monitoring=[stay(BEFORE), stay(BEFORE, kind="near_poor", household_id="h3")],
        ),
        DAY,
    )
    assert view.states["state"].to_list() == ["exited", "exited", "near_poor", "exited"]


def test_where_no_types_are_kept_an_income_above_the_line_ends_a_relapse():
    rows = {"households": [untyped()], "relapses": FELL}
    assert state("2019-06-01", incomes=[account(2018, 9000)], **rows) == "relapsed"
    assert state("2020-06-01", incomes=[account(2019, 9000)], **rows) == "exited_again"
    assert state("2020-06-01", incomes=[account(2019, 1000)], **rows) == "relapsed"
    assert state("2020-06-01", incomes=[account(2019, 1000)], households=[untyped()]) is None


def test_watched_as_what_and_cleared():
    assert watched(households=[home()], monitoring=[stay(BEFORE, kind="sudden")]) == (True, "sudden", False)
    assert watched(households=[home()], monitoring=[stay(BEFORE, AFTER)]) == (False, None, True)
    assert watched(households=[home()], monitoring=[stay(BEFORE, household_id="h2")]) == (False, None, False)
    assert watched(households=[home()], monitoring=[stay(BEFORE, kind=None)]) == (True, None, False)
    assert watched(households=[home()]) == (None, None, None)
    assert watched(households=[home(monitoring_type="sudden")]) == (True, "sudden", None)


def test_who_is_not_entered_is_watched_if_its_own_row_says_so():
    own, others = home(monitoring_type="unstable"), [stay(BEFORE, household_id="h2")]
    assert watched(households=[own], monitoring=others) == (True, "unstable", False)
    assert watched(households=[own], monitoring=[stay(BEFORE, AFTER)]) == (False, None, True)


YEARS = st.one_of(st.none(), st.integers(2014, 2018))
DAYS = st.integers(0, 1800).map(lambda days: date(2017, 1, 1) + timedelta(days=days))
ROWS = st.builds(
    lambda kind, day, year: home(household_type=kind, recorded_on=day, exit_year=year),
    st.sampled_from(["general", "near_poor", "poor", "exited", None]),
    DAYS,
    YEARS,
)


@given(st.lists(ROWS, max_size=5))
def test_a_relapse_never_ends_by_types_and_exits_of_before(rows):
    # Whatever it is called, unless the register calls it poor after the entry and exited later without any year.
    rows = [{**row, "exit_year": row["exit_year"] or 2016} for row in rows]
    assert state(households=[home(exit_year=2016), *rows], relapses=FELL) == "relapsed"


@given(st.lists(ROWS, min_size=1, max_size=5), st.lists(DAYS, max_size=2), st.randoms(use_true_random=False), DAYS)
def test_the_state_depends_on_no_order_of_rows_and_on_nothing_later(rows, fell, seed, day):
    relapses = [relapse(one) for one in fell]
    first = home(recorded_on=date(2016, 12, 1))
    tables = {"households": [first, *rows], "relapses": relapses}
    mixed = {name: seed.sample(found, len(found)) for name, found in tables.items()}
    by_then = {name: [row for row in found if row["recorded_on"] <= day] for name, found in tables.items()}
    found = state(day, **tables)
    assert found in {*STATES, None}
    assert found == state(day, **mixed) == state(day, **by_then)


def test_where_there_are_only_incomes_it_is_said_of_whoever_has_one():
    records = Records({"incomes": pl.DataFrame([account(2019, 9000)])}, exported_on=DAY)
    assert AsOfView.of(records, DAY).states.row(0) == ("h1", None, None, None, None)
