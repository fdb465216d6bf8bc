from datetime import date, datetime

import numpy as np
import pandas as pd
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


@given(DAYS)
def test_a_day_is_the_same_in_every_form_that_has_the_year_first(day):
    year, month, number = day.year, day.month, day.day
    written = [
        f"{day:%Y-%m-%d}",
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
        f"{year}.{month}.{number}",
        f" {year}年{month}月{number}日",
    ]
    assert {parse_day(text) for text in written} == {day}


@pytest.mark.parametrize(
    "text", ["31/12/2020", "2020-02-30", "2020-12/31", "20201331", "2020", "2020-W53-4", "", "今天"]
)
def test_what_is_no_day_or_has_another_order_is_refused(text):
    with pytest.raises(InputError) as refused:
        parse_day(text)
    assert refused.value.code == "day_unreadable"


@pytest.mark.parametrize("text", ["2020-02", "2020/2", "2020年2月", "202002", "２０２０年２月"])
def test_a_month_is_no_day_and_its_end_is_named(text):
    with pytest.raises(InputError, match="2020-02-29") as refused:
        parse_day(text)
    assert refused.value.code == "day_is_month"


@pytest.mark.parametrize("span", [Window, Horizon])
@pytest.mark.parametrize("months", [0, -12, 100_000, 12.5, "12", None, True])
def test_spans_are_whole_months_that_can_be_meant(span, months):
    with pytest.raises(InputError) as refused:
        span(months=months)
    assert refused.value.code == "months_out_of_range"


def test_the_longest_horizon_is_ten_years():
    assert Horizon(months=np.int64(120)).end(AsOf.of("2100-12-31")) == date(2110, 12, 31)
    with pytest.raises(InputError, match="1 to 120"):
        Horizon(months=121)


def test_an_unreadable_day_says_how_to_write_it():
    with pytest.raises(InputError, match="2019-12-31"):
        AsOf.of("31/12/2019")


def test_an_empty_day_is_shown_as_empty():
    with pytest.raises(InputError, match='"":'):
        AsOf.of("")


@pytest.mark.parametrize(
    "day", [np.datetime64("2019-12-31"), np.datetime64("2019-12-31T23"), pd.Timestamp(2019, 12, 31)]
)
def test_days_of_numpy_and_pandas_are_days(day):
    assert parse_day(day) == date(2019, 12, 31)


@pytest.mark.parametrize("day", [20191231, None, ["2019-12-31"], pd.NaT, np.datetime64("NaT"), 2019.0])
def test_what_is_no_day_is_refused(day):
    with pytest.raises(InputError) as refused:
        parse_day(day)
    assert refused.value.code == "day_unreadable"


@pytest.mark.parametrize(
    "day", ["9999-12-31", "1899-12-31", date(2101, 1, 1), datetime(1, 1, 1), np.datetime64("2101")]
)
def test_a_day_that_cannot_be_meant_is_refused(day):
    with pytest.raises(InputError) as refused:
        parse_day(day)
    assert refused.value.code == "day_out_of_range"
