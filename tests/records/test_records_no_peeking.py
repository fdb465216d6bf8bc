"""The gate under any records: nothing from after the day comes through, whatever it is and wherever it stands."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from relapse_risk.records import TABLES, Records

FIRST = date(2018, 1, 1)
AS_OF = FIRST + timedelta(days=5)
EXPORT = FIRST + timedelta(days=12)
FIXED = pl.DataFrame({"household_id": ["h0"], "recorded_on": [FIRST]})

early = st.integers(0, 5).map(lambda n: FIRST + timedelta(days=n))
late = st.integers(6, 12).map(lambda n: FIRST + timedelta(days=n))
any_day = early | late
CELLS = {
    pl.Date: any_day | st.none(),
    pl.String: st.sampled_from(["a", "b", None]),
    pl.Float64: st.sampled_from([0.0, 1.0, None]),
    pl.Int64: st.sampled_from([1, 2, None]),
    pl.Boolean: st.sampled_from([True, False, None]),
}
# A few columns of each kind are enough to tell versions apart; wide rows would only be slow to draw.
SHOWN = {"households": ("household_type", "size"), "members": ("sex",), "loans": ("due_on",), "incomes": ("wage",)}


def columns_of(name):
    table = TABLES[name]
    hanging = [column for ending, more in table.endings.items() for column in (ending, *more)]
    events = ["event_id"] if table.event else []
    shown = SHOWN.get(name, ())
    return list(dict.fromkeys([*table.required, *table.either, "recorded_on", *events, *hanging, *shown]))


ANY_DAY_OR_NONE = any_day | st.none()


def rows_of(name, recorded=ANY_DAY_OR_NONE, begun=any_day):
    table = TABLES[name]
    cells = {}
    for column in columns_of(name):
        cell = CELLS[type(table.columns[column].dtype)]
        if table.columns[column].required or column in table.either:
            cell = cell.filter(lambda value: value is not None)
        cells[column] = cell
    cells["recorded_on"] = recorded
    if table.begins in cells:
        cells[table.begins] = begun
    return st.lists(st.fixed_dictionaries(cells), max_size=8)


def later_rows_of(name):
    """Rows recorded after the day, or begun after it where nothing says when they were recorded."""
    begins = TABLES[name].begins
    if begins is None or begins not in columns_of(name):
        return rows_of(name, recorded=late | st.none())
    return st.one_of(rows_of(name, recorded=late), rows_of(name, recorded=st.none(), begun=late))


def frame_of(name, rows):
    schema = {column: TABLES[name].columns[column].dtype for column in columns_of(name)}
    frame = pl.DataFrame(rows, schema=schema)
    return pl.concat([frame, FIXED], how="diagonal") if name == "households" else frame


def records(rows_by_table):
    frames = {"households": FIXED} | {name: frame_of(name, rows) for name, rows in rows_by_table.items()}
    # A row recorded on the first day, so that a table is never wholly undated.
    members = pl.DataFrame({"person_id": ["p0"], "household_id": ["h0"], "recorded_on": [FIRST]})
    if "members" in frames:
        frames["members"] = pl.concat([frames["members"], members], how="diagonal")
    return Records(frames, exported_on=EXPORT)


def assert_same(left, right):
    assert left.tables.keys() == right.tables.keys()
    for name, frame in left.tables.items():
        assert_frame_equal(frame, right.tables[name])


tables = st.sampled_from(sorted(TABLES))


@pytest.mark.slow
@given(st.data())
def test_adding_and_deleting_what_was_recorded_later_changes_nothing(data):
    name = data.draw(tables)
    rows, later = data.draw(rows_of(name)), data.draw(later_rows_of(name))
    assert_same(records({name: rows + later}).known_by(AS_OF), records({name: rows}).known_by(AS_OF))


@given(st.data())
def test_changing_an_ending_that_comes_later_changes_nothing(data):
    name = data.draw(st.sampled_from(sorted(name for name, table in TABLES.items() if table.endings)))
    rows = data.draw(rows_of(name))
    changed = [_with_another_future(data, name, row) for row in rows]
    assert_same(records({name: changed}).known_by(AS_OF), records({name: rows}).known_by(AS_OF))


def _with_another_future(data, name, row):
    """The same row with endings that come after the day, and what hangs on them, drawn anew."""
    row = dict(row)
    for ending, hanging in TABLES[name].endings.items():
        if row[ending] is not None and row[ending] > AS_OF:
            row[ending] = data.draw(late)
            for column in hanging:
                row[column] = data.draw(CELLS[type(TABLES[name].columns[column].dtype)])
    return row


@given(st.data())
def test_the_order_of_rows_and_columns_changes_nothing(data):
    name = data.draw(tables)
    rows = data.draw(rows_of(name))
    held = records({name: rows}).known_by(AS_OF)
    turned = records({name: data.draw(st.permutations(rows))})
    turned = Records({n: f.select(f.columns[::-1]) for n, f in turned.tables.items()}, exported_on=EXPORT)
    state = turned.known_by(AS_OF)
    assert_same(held, Records({n: f.select(held.table(n).columns) for n, f in state.tables.items()}))


@given(st.data())
def test_a_state_of_a_day_is_its_own_state(data):
    name = data.draw(tables)
    state = records({name: data.draw(rows_of(name))}).known_by(AS_OF)
    assert_same(state.known_by(AS_OF), state)
    # And as mere records: nothing in it says more than it said.
    assert_same(Records(state.tables, exported_on=AS_OF).known_by(AS_OF), state)


@given(st.data(), any_day)
def test_no_day_but_a_due_day_lies_after_the_as_of_day(data, day):
    name = data.draw(tables)
    state = records({name: data.draw(rows_of(name))}).known_by(day).table(name)
    for column in ("recorded_on", *TABLES[name].endings):
        assert state.filter(pl.col(column) > day).height == 0


@given(rows_of("employment"), any_day)
def test_versions_agree_with_the_rule_spelled_out(rows, day):
    """Blank what comes later, then per key the largest of (day known, ending, what hangs on it, the rest by name)."""
    best = {}
    for row in rows:
        known_on = row["recorded_on"] or row["started_on"]
        if known_on > day:
            continue
        row = dict(row)
        come = row["ended_on"] <= day if row["ended_on"] else bool(row["recorded_on"]) or day >= EXPORT
        row["ended_reason"] = row["ended_reason"] if come else None
        row["ended_on"] = row["ended_on"] if row["ended_on"] and come else None
        key = tuple(row[column] for column in TABLES["employment"].key)
        order = [known_on, *_sortable(row, "ended_on", "ended_reason"), *_sortable(row, *sorted(row))]
        best[key] = max(best.get(key, ([], None)), (order, row), key=lambda pair: pair[0])
    expected = frame_of("employment", [best[key][1] for key in sorted(best)])
    assert_frame_equal(records({"employment": rows}).known_by(day).table("employment"), expected)


def _sortable(row, *columns):
    return [(row[column] is not None, str(row[column])) for column in columns]
