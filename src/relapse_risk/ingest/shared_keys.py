"""One key for what the register and a department's list both name: a number of events, the key of other tables."""

from collections.abc import Sequence

import polars as pl

from relapse_risk.ingest.event_pairs import EventComparison
from relapse_risk.ingest.rows import ROW
from relapse_risk.ingest.sides import PLACE
from relapse_risk.records import TABLES, Table

__all__ = ["TO", "apart_by_key", "matched", "numbered", "one_key", "with_keys", "with_numbers"]

TO = "_to_"
"""Begins the names of columns that hold the key that two lists share."""

_SIDES = ("", "_listed")
_ELSE = "_else_"
_SAME = ("household_id", "kind")
"""Columns of a key that two lists must agree in; the others are a matter of how each list counts."""


def apart_by_key(register: pl.DataFrame, department: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out the rows of keys that both lists have: they are versions of one another already."""
    key = list(table.key)
    if table.event or not {*key} <= {*register.columns} & {*department.columns}:
        return register, department
    return register.join(department, on=key, how="anti"), department.join(register, on=key, how="anti")


def matched(register: pl.DataFrame, department: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs as rows: the register's columns, and the department's with ``_listed`` behind their names."""
    here = pairs.join(register.with_row_index("_at"), on="_at")
    return here.join(department.with_row_index("_at").rename(lambda name: name + _SIDES[1]), on="_at" + _SIDES[1])


def numbered(both: pl.DataFrame, event: EventComparison) -> pl.DataFrame:
    """Return the places of the rows of pairs of events, their shared number, and what fills their blanks."""
    place = pl.concat_str(
        *(name + _SIDES[1] for name in PLACE[:2]), pl.col("_row_listed").cast(pl.String), separator="/"
    )
    own = [name for name in ("event_id_listed", "event_id") if name in both.columns]
    return _stacked(both.with_columns(pl.coalesce(*own, place).alias(TO + "event_id")), event)


def one_key(
    register: pl.DataFrame, department: pl.DataFrame, both: pl.DataFrame, event: EventComparison
) -> pl.DataFrame:
    """Return the places of the rows of pairs under different keys, with the key of the list that knew of them first.

    So nothing of the other list is seen before its day. A contract keeps the register's number.
    """
    table = TABLES[event.table]
    same = [pl.col(name) == pl.col(name + _SIDES[1]) for name in _SAME if name in table.key]
    asked = both.filter(*same)
    for side, frame in zip(_SIDES, (register, department), strict=True):
        first = _first_known(frame, table).select(pl.all().name.suffix(side))
        asked = asked.join(first, on=[name + side for name in table.key], how="left", maintain_order="left")
    registers = pl.col("_known") <= pl.col("_known_listed") if table.begins in table.key else pl.lit(True)
    target = [
        pl.when(registers.fill_null(True)).then(name).otherwise(name + _SIDES[1]).alias(TO + name)
        for name in table.key
        if name not in _SAME
    ]
    # What a list says of an end without a day is known from its export only: it cannot bear another day.
    held = pl.when(registers.fill_null(True)).then("_undated_end_listed").otherwise("_undated_end")
    asked = asked.filter(~held.fill_null(False)).with_columns(target)
    for side in _SIDES:  # a key that stands twice in a list is one row of its table
        asked = asked.unique([name + side for name in table.key], keep="first", maintain_order=True)
    return _stacked(asked, event)


def _first_known(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return since when each key of a list is known, and whether the list says of it an end without any day."""
    days = [name for name in ("recorded_on", table.begins) if name and name in frame.columns]
    undated = pl.lit(False)
    for ending, hanging in table.endings.items():
        said = [pl.col(name).is_not_null() for name in hanging if name in frame.columns]
        open_end = pl.col(ending).is_null() if ending in frame.columns else pl.lit(True)
        undated = undated | (pl.col("recorded_on").is_null() & open_end & pl.any_horizontal(pl.lit(False), *said))
    known = frame.select(*table.key, pl.coalesce(*days).alias("_known"), undated.alias("_undated_end"))
    return known.group_by(table.key).agg(pl.col("_known").min(), pl.col("_undated_end").any())


def _stacked(both: pl.DataFrame, event: EventComparison) -> pl.DataFrame:
    """Return one line a row of either list: its place, its new key, and what fills its blanks (``_else_…``).

    Of a pair the row that was known later is filled by the other; an end is never filled in: none is a word, too.
    """
    table = TABLES[event.table]
    ends = {name for ending, hanging in table.endings.items() for name in (ending, *hanging)}
    names = [name for name in event.compared if name not in (*table.key, *ends)]
    names = [name for name in names if {name, name + _SIDES[1]} <= {*both.columns}]
    to = [name for name in both.columns if name.startswith(TO)]
    days = [pl.coalesce(_present(both, side, ("recorded_on", table.begins))) for side in _SIDES]
    later = {"": days[0] >= days[1], _SIDES[1]: days[1] >= days[0]}
    other = {"": _SIDES[1], _SIDES[1]: ""}
    sides = [
        both.select(
            *(pl.col(name + side).alias(name) for name in PLACE),
            *to,
            *(pl.when(later[side]).then(name + other[side]).alias(_ELSE + name) for name in names),
        )
        for side in _SIDES
    ]
    return pl.concat(sides).unique(PLACE, keep="first", maintain_order=True)


def _present(frame: pl.DataFrame, side: str, names: Sequence[str | None]) -> list[str | pl.Expr]:
    there: list[str | pl.Expr] = [name + side for name in names if name and name + side in frame.columns]
    return there or [pl.lit(None, dtype=pl.Date)]


def with_numbers(frame: pl.DataFrame, keyed: pl.DataFrame) -> pl.DataFrame:
    """Return rows of events with the numbers they share (`numbered`); later versions of a row likewise."""
    frame = _filled(frame.join(keyed, on=ROW, how="left", maintain_order="left"))
    number = TO + "event_id"
    if "event_id" not in frame.columns:
        return frame.rename({number: "event_id"})
    became = pl.col(number).drop_nulls().first().over("household_id", "event_id")
    of_version = pl.when(pl.col("event_id").is_not_null()).then(became)
    return frame.with_columns(event_id=pl.coalesce(number, of_version, "event_id")).drop(number)


def with_keys(frame: pl.DataFrame, keyed: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return rows with the keys they share (`one_key`), known since the same day as before; versions likewise."""
    frame = _filled(frame.join(keyed, on=ROW, how="left", maintain_order="left"))
    names = [name for name in frame.columns if name.startswith(TO)]
    key = [name for name in table.key if name in frame.columns]
    new = [pl.col(name).drop_nulls().first().over(key).alias(name) for name in names]
    known = pl.coalesce(_present(frame, "", ("recorded_on", table.begins)))
    moved = pl.col(TO + str(table.begins)) != pl.col(str(table.begins)) if table.begins in table.key else pl.lit(False)
    own = pl.col("recorded_on") if "recorded_on" in frame.columns else pl.lit(None, dtype=pl.Date)
    frame = frame.with_columns(new).with_columns(pl.when(moved).then(known).otherwise(own).alias("recorded_on"))
    return frame.with_columns(
        pl.coalesce(name, name.removeprefix(TO)).alias(name.removeprefix(TO)) for name in names
    ).drop(names)


def _filled(frame: pl.DataFrame) -> pl.DataFrame:
    """Fill the blanks of rows by what the other list says of the same."""
    more = [name for name in frame.columns if name.startswith(_ELSE)]
    own = {name: name.removeprefix(_ELSE) for name in more}
    filled = [
        pl.coalesce(column, name).alias(column) if column in frame.columns else pl.col(name).alias(column)
        for name, column in own.items()
    ]
    return frame.with_columns(filled).drop(more)
