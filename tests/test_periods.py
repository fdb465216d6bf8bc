from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.periods import AsOf, Horizon, Window, add_months, parse_day

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


@given(DAYS, st.integers(-240, 240))
def test_months_add_up(day, months):
    moved = add_months(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months


@given(DAYS, st.integers(-240, 240))
def test_month_ends_stay_month_ends(day, months):
    end = add_months(day.replace(day=1), 1).replace(day=1).toordinal() - 1
    moved = add_months(date.fromordinal(end), months)
    assert date.fromordinal(moved.toordinal() + 1).day == 1


def test_quarters_and_leap_years():
    assert add_months(date(2016, 6, 30), 12) == date(2017, 6, 30)
    assert add_months(date(2019, 2, 28), 12) == date(2020, 2, 29)
    assert add_months(date(2020, 1, 30), 1) == date(2020, 2, 29)
    assert Horizon(months=12).end(AsOf.of("2019-12-31")) == date(2020, 12, 31)


def test_a_window_ends_with_the_day_and_leaves_out_its_begin():
    days = pl.DataFrame({"day": [date(2018, 12, 31), date(2019, 1, 1), date(2019, 12, 31), date(2020, 1, 1), None]})
    held = days.select(Window(months=12).holds(pl.col("day"), AsOf.of("2019-12-31"))).to_series().to_list()
    assert held == [False, True, True, False, None]


def test_days_are_read_from_text_dates_and_each_other():
    assert parse_day(datetime(2019, 5, 1, 12)) == parse_day(AsOf.of("2019-05-01")) == date(2019, 5, 1)
    assert str(AsOf.of("2019-12-31")) == "2019-12-31"


@pytest.mark.parametrize("months", [0, -12])
def test_spans_are_positive(months):
    with pytest.raises(InputError, match="number below one"):
        Window(months=months)
    with pytest.raises(InputError, match="number below one"):
        Horizon(months=months)


def test_an_unreadable_day_says_how_to_write_it():
    with pytest.raises(InputError, match="2019-12-31"):
        AsOf.of("31/12/2019")
