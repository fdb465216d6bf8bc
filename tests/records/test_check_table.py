"""Canonical tables, row by row: what is kept, what is refused and why, which cells are made blank."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.records import TABLES, Records, check_table


def check(name, **columns):
    return check_table(name, pl.DataFrame(columns))


def cell(column, value, dtype=None, table="households"):
    """What one cell of a column becomes, and the rules it broke."""
    frame = pl.DataFrame({"household_id": ["h1"], column: pl.Series([value], dtype=dtype)})
    checked = check_table(table, frame)
    return checked.kept[column].item(), checked.blanked["rule"].to_list()


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_row_without_a_value_it_needs_is_refused(value):
    checked = check("households", household_id=["h1", value], size=[3, 4])
    assert checked.kept["household_id"].to_list() == ["h1"]
    assert checked.refused.select("row", "column", "rule").rows() == [(1, "household_id", "missing")]
    assert checked.n_refused == 1


def test_a_row_with_an_unreadable_value_it_needs_is_refused_with_what_it_said():
    checked = check("relapses", household_id=["h1", "h2"], relapsed_on=["2019-02-31", "2019-02-28"])
    assert checked.kept["relapsed_on"].to_list() == [date(2019, 2, 28)]
    assert checked.refused.rows() == [(0, "relapsed_on", "unreadable", "2019-02-31")]


def test_a_row_refused_for_two_reasons_is_one_row():
    checked = check("relapses", household_id=[None, "h2"], relapsed_on=[None, "2019-02-28"])
    assert (checked.refused.height, checked.n_refused, checked.kept.height) == (2, 1, 1)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("house_grade", "E", "unknown_code"),
        ("household_type", "脱贫户", "unknown_code"),
        ("recorded_on", "soon", "unreadable"),
        ("size", "many", "unreadable"),
        ("size", 3.5, "unreadable"),
        ("farmland_mu", "1,5x", "unreadable"),
        ("safe_water", "perhaps", "unreadable"),
        ("safe_water", 2, "unreadable"),
        ("exit_year", True, "unreadable"),
        ("recorded_on", 43800, "unreadable"),
        ("farmland_mu", float("inf"), "unreadable"),
        ("village_code", 5.3232e17, "unreadable"),
    ],
)
def test_a_cell_that_cannot_be_used_is_made_blank_and_the_row_kept(column, value, rule):
    assert cell(column, value) == (None, [rule])


@pytest.mark.parametrize(
    ("column", "value", "dtype", "read"),
    [
        ("household_id", 532311, None, "532311"),
        ("village_code", 532311101201.0, None, "532311101201"),
        ("village", " 上坝村 ", None, "上坝村"),
        ("recorded_on", "2019-03-05", None, date(2019, 3, 5)),
        ("recorded_on", "2019-03-05 14:30:00", None, date(2019, 3, 5)),
        ("recorded_on", datetime(2019, 3, 5, 23, 59), None, date(2019, 3, 5)),
        ("size", "4", None, 4),
        ("size", 4.0, None, 4),
        ("farmland_mu", "2.5", None, 2.5),
        ("farmland_mu", 2, pl.Int8, 2.0),
        ("farmland_mu", float("nan"), None, None),
        ("safe_water", "TRUE", None, True),
        ("safe_water", 0, None, False),
        ("safe_water", 1.0, None, True),
        ("house_grade", "C", pl.Categorical(), "C"),
        ("relocated", None, pl.Null, None),
        ("rooms", "as it is ", None, "as it is "),
    ],
)
def test_cells_are_read_into_the_type_of_the_contract(column, value, dtype, read):
    frame = pl.DataFrame({"household_id": ["h1"]}).with_columns(pl.Series(column, [value], dtype=dtype))
    checked = check_table("households", frame)
    assert checked.kept[column].to_list() == [read]
    assert checked.blanked.height == checked.refused.height == 0
    if column in TABLES["households"].columns:
        assert checked.kept.schema[column] == TABLES["households"].columns[column].dtype


@pytest.mark.parametrize(
    ("health", "kept"),
    [("healthy", "healthy"), ("disabled+chronic", "disabled+chronic"), ("chronic+tired", None), (None, None)],
)
def test_a_set_of_codes_is_known_if_each_of_them_is(health, kept):
    checked = check(
        "members", person_id=["p1"], household_id=["h1"], health_status=pl.Series([health], dtype=pl.String)
    )
    assert checked.kept["health_status"].to_list() == [kept]
    assert checked.blanked.height == (health is not None and kept is None)


def test_open_lists_of_codes_take_others():
    checked = check("members", person_id=["p1"], household_id=["h1"], relation=["child_in_law"])
    assert checked.kept["relation"].to_list() == ["child_in_law"]


def test_grades_are_numbers_from_one_to_four():
    checked = check("disabilities", person_id=["p1", "p2"], household_id=["h1", "h2"], grade=["2", "7"])
    assert checked.kept["grade"].to_list() == [2, None]
    assert checked.blanked.rows() == [(1, "grade", "unknown_code", "7")]


def test_a_disaster_needs_a_household_or_a_village():
    checked = check(
        "disasters",
        household_id=["h1", None, None],
        village_code=[None, "532311101201", None],
        occurred_on=["2019-07-01"] * 3,
    )
    assert checked.kept.height == 2
    assert checked.refused.select("row", "rule").rows() == [(2, "missing")]


def test_a_period_that_ends_before_it_starts_is_refused():
    checked = check(
        "incomes",
        household_id=["h1", "h1"],
        period_start=["2019-01-01", "2019-12-31"],
        period_end=["2019-12-31", "2019-01-01"],
        household_size=[4, 4],
    )
    assert checked.refused.select("row", "column", "rule").rows() == [(1, "period_end", "reversed")]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_without_a_column_every_row_needs_is_refused_whole(name):
    for missing in TABLES[name].required:
        there = [column for column in TABLES[name].columns if column != missing]
        with pytest.raises(InputError, match=missing) as refused:
            check_table(name, pl.DataFrame({column: [] for column in there}))
        assert refused.value.code == "table_without_key"


def test_an_unknown_table_is_refused():
    with pytest.raises(InputError, match="livestock"):
        check_table("livestock", pl.DataFrame({"household_id": ["h1"]}))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_empty_table_passes_with_the_types_of_the_contract(name):
    checked = check_table(name, pl.DataFrame({column: [] for column in TABLES[name].columns}))
    assert dict(checked.kept.schema) == {column: spec.dtype for column, spec in TABLES[name].columns.items()}
    assert Records({name: checked.kept}).table(name).height == 0


ANY_CELL = st.none() | st.sampled_from(["", "h1", "2019-01-01", "A", "7", "1e400", "nan", "true", "poor", "＋", "0x1"])


@pytest.mark.slow
@given(st.lists(st.tuples(*[ANY_CELL] * 6), min_size=1, max_size=12))
def test_every_row_is_kept_or_refused_and_what_is_kept_passes_again(rows):
    names = ["household_id", "recorded_on", "household_type", "size", "safe_water", "farmland_mu"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    checked = check_table("households", frame)
    assert checked.kept.height + checked.n_refused == frame.height
    assert checked.blanked.join(checked.refused, on="row", how="semi").height == 0
    again = check_table("households", checked.kept)
    assert again.kept.equals(checked.kept)
    assert again.refused.height == again.blanked.height == 0


def test_the_real_panel_passes_whole(shared):
    for path in sorted((shared / "data" / "eph").glob("*.parquet")):
        frame = pl.read_parquet(path)
        checked = check_table(path.stem, frame)
        assert checked.kept.height == frame.height
        assert checked.refused.height == checked.blanked.height == 0
