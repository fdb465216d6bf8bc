"""Incomes made yearly, their lines, and which of them is current."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.periods import add_months
from relapse_risk.policy import Lines
from relapse_risk.records import Records, current_incomes, yearly_incomes

LINES = Lines(by_year={2018: 2995.0, 2019: 3218.0})


def known(*rows):
    base = {"household_id": "h1", "household_size": 4}
    frame = pl.DataFrame([base | row for row in rows], infer_schema_length=None)
    return Records({"incomes": frame}, exported_on=date(2025, 12, 31)).known_by("2025-12-31")


def period(start, end, **more):
    return {"period_start": date.fromisoformat(start), "period_end": date.fromisoformat(end), **more}


def yearly(*rows):
    return yearly_incomes(known(*rows), LINES)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2019-01-01", "2019-12-31", 12),
        ("2020-01-01", "2020-12-31", 12),
        ("2019-02-01", "2019-02-28", 1),
        ("2019-10-01", "2019-12-31", 3),
        ("2018-10-01", "2019-09-30", 12),
        ("2018-10-16", "2019-10-15", 12),
        ("2017-01-01", "2018-12-31", 24),
    ],
)
def test_whole_months_count_as_months(start, end, months):
    assert yearly(period(start, end, net_income_per_capita=600.0)).select("months", "income").row(0) == (
        months,
        600.0 * 12 / months,
    )


def test_other_periods_count_by_days():
    income = yearly(period("2019-01-01", "2019-03-14", net_income_per_capita=730.0))
    assert income["income"].item() == pytest.approx(730.0 * 365 / 73)


def test_a_period_that_ends_before_it_starts_has_no_income():
    assert yearly(period("2019-03-01", "2019-02-28", net_income=1.0), period("2019-03-01", "2018-01-15")).height == 0


PARTS = {"wage": 8000.0, "business": 4000.0, "property": 200.0, "transfer": 800.0, "production_cost": 1000.0}


@pytest.mark.parametrize(
    ("amounts", "income"),
    [
        (PARTS | {"net_income": 16000.0, "net_income_per_capita": 5000.0}, 5000.0),
        (PARTS | {"net_income": 16000.0, "net_income_per_capita": None}, 4000.0),
        (PARTS | {"net_income": None}, 3000.0),
        (PARTS | {"production_cost": None}, 3250.0),
        ({name: PARTS[name] for name in PARTS if name != "production_cost"}, 3250.0),
        (PARTS | {"net_income_per_capita": -250.0}, -250.0),
    ],
)
def test_income_per_person_is_the_one_stated_else_derived(amounts, income):
    assert yearly(period("2019-01-01", "2019-12-31", **amounts))["income"].to_list() == [income]


@pytest.mark.parametrize(
    ("amounts", "net_income"),
    [
        (PARTS | {"net_income": 16000.0, "net_income_per_capita": 5000.0}, 16000.0),
        (PARTS | {"net_income_per_capita": 5000.0}, 12000.0),
        ({"net_income_per_capita": 5000.0}, 20000.0),
    ],
)
def test_net_income_of_the_household_is_the_one_stated_else_its_parts_else_what_it_has_per_person(amounts, net_income):
    assert yearly(period("2019-01-01", "2019-12-31", **amounts))["net_income"].to_list() == [net_income]


@pytest.mark.parametrize(
    "amounts",
    [{}, PARTS | {"wage": None}, {"wage": 8000.0, "business": 4000.0}, {"net_income": 8000.0, "household_size": 0}],
)
def test_incomes_that_cannot_be_known_are_left_out(amounts):
    assert yearly(period("2019-01-01", "2019-12-31", **amounts)).height == 0


def test_amounts_of_the_household_are_yearly_and_only_those_there_are():
    quarter = period("2019-01-01", "2019-03-31", net_income_per_capita=900.0, wage=2000.0, transfer=None)
    result = yearly(quarter)
    assert result.select("wage", "transfer", "net_income").row(0) == (8000.0, None, 14400.0)
    assert not {"business", "property", "production_cost"} & set(result.columns)


@pytest.mark.parametrize(
    ("end", "line", "own"),
    [
        ("2018-12-31", 2995.0, True),
        ("2019-06-30", 3218.0, True),
        ("2023-12-31", 3218.0, False),
        ("2017-12-31", None, False),
    ],
)
def test_the_line_is_that_of_the_year_in_which_the_period_ends(end, line, own):
    start = add_months(date.fromisoformat(end), -12).replace(day=1)
    income = {"period_start": start, "period_end": date.fromisoformat(end), "net_income_per_capita": 1500.0}
    found = yearly(income)
    assert found.select("line", "line_is_own").row(0) == (line, own)
    assert found["ratio"].to_list() == [None if line is None else pytest.approx(found["income"].item() / line)]


def test_a_line_on_the_row_wins_and_is_yearly_already():
    quarter = period("2023-01-01", "2023-03-31", net_income_per_capita=1000.0, poverty_line=8000.0)
    assert yearly(quarter).select("line", "line_is_own", "ratio").row(0) == (8000.0, True, 0.5)


def test_a_row_without_a_line_of_its_own_among_rows_that_have_one_takes_the_year_s():
    rows = [
        period("2019-01-01", "2019-12-31", net_income_per_capita=1.0, poverty_line=None),
        period("2018-01-01", "2018-12-31", net_income_per_capita=1.0, poverty_line=8000.0),
    ]
    assert yearly(*rows)["line"].to_list() == [8000.0, 3218.0]


def test_without_an_income_table_there_are_no_incomes():
    households = pl.DataFrame({"household_id": ["h1"], "recorded_on": [date(2019, 1, 1)]})
    state = Records({"households": households}).known_by("2019-01-01")
    assert yearly_incomes(state, LINES).height == 0
    assert current_incomes(yearly_incomes(state, LINES), "2019-01-01").height == 0


# Current incomes

YEAR = period("2018-01-01", "2018-12-31", net_income_per_capita=4000.0)
QUARTER = period("2018-07-01", "2018-09-30", net_income_per_capita=1000.0)


@pytest.mark.parametrize(
    ("row", "as_of", "max_age", "stale"),
    [
        (YEAR, "2018-12-31", 1, False),
        (YEAR, "2019-12-31", 1, False),
        (YEAR, "2020-01-01", 1, True),
        (YEAR, "2020-12-31", 2, False),
        (YEAR, "2019-01-01", 0, True),
        (QUARTER, "2018-12-31", 1, False),
        (QUARTER, "2019-01-01", 1, True),
        (period("2019-01-01", "2019-01-10", net_income=10.0), "2019-01-20", 1, False),
        (period("2019-01-01", "2019-01-10", net_income=10.0), "2019-01-21", 1, True),
    ],
)
def test_an_income_is_stale_when_it_ended_over_a_period_ago(row, as_of, max_age, stale):
    assert current_incomes(yearly(row), as_of, max_age)["stale"].to_list() == [stale]


def test_the_last_period_known_is_the_current_one():
    later = period("2019-01-01", "2019-12-31", net_income_per_capita=None, net_income=None)
    current = current_incomes(yearly(YEAR, QUARTER, later), "2019-12-31")
    assert current.select("period_end", "income").rows() == [(date(2018, 12, 31), 4000.0)]


def test_of_two_periods_that_end_together_the_longer_is_current():
    quarter = period("2018-10-01", "2018-12-31", net_income_per_capita=9000.0)
    for rows in ((YEAR, quarter), (quarter, YEAR)):
        assert current_incomes(yearly(*rows), "2018-12-31")["months"].to_list() == [12.0]


@given(
    st.dates(date(2000, 1, 1), date(2030, 1, 1)).map(lambda day: day.replace(day=1)),
    st.integers(1, 36),
    st.floats(0, 1e6, allow_subnormal=False),
)
def test_any_number_of_whole_months_gives_the_same_yearly_income(start, months, monthly):
    end = date.fromordinal(add_months(start, months).toordinal() - 1)
    row = {"period_start": start, "period_end": end, "net_income_per_capita": monthly * months}
    frame = pl.DataFrame([{"household_id": "h1", "household_size": 1} | row])
    state = Records({"incomes": frame}, exported_on=date(2040, 1, 1)).known_by("2040-01-01")
    assert yearly_incomes(state, LINES)["income"].to_list() == [pytest.approx(12 * monthly)]


def test_pairs_of_a_real_panel(shared):
    """The counts in its README: pairs of the same quarter of two years, those above the line, who falls."""
    tables = {path.stem: pl.read_parquet(path) for path in sorted((shared / "data" / "eph").glob("*.parquet"))}
    held = Records(tables)
    incomes = yearly_incomes(held.known_by(held.known_until), LINES)
    ends = {end: add_months(end, 12) for end in incomes["period_end"].unique().to_list()}
    starts = incomes.with_columns(ends_later=pl.col("period_end").replace_strict(ends))
    later = incomes.select("household_id", "period_end", later="ratio")
    pairs = starts.join(later, left_on=["household_id", "ends_later"], right_on=["household_id", "period_end"])
    above = pairs.filter(pl.col("ratio") >= 1)
    assert (pairs.height, above.height, above.filter(pl.col("later") < 1).height) == (56_925, 44_335, 5_239)
