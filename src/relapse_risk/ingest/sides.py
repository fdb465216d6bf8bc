"""Whose account a row is: the register's or a department's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.ingest.linking import LINKED
from relapse_risk.records import TABLES

__all__ = ["PLACE", "CurrentRows", "current", "of_department", "of_register", "stated_columns"]

PLACE = ("_source", "_sheet", "_row")
"""Where a row stands."""

_OWN = ("households", "members", "incomes")  # what a register is made of; no department keeps such a list
_NUMBERS = ("_id", "_head_id", "_certificate")


def of_register(rows: Mapping[str, pl.DataFrame], table: str) -> pl.DataFrame:
    """Return the kept rows of a table that are the register's own account.

    A sheet is the register's if it names households by their code, or stands in a file that also lists households;
    households, members and incomes always are. Every other sheet, whose rows came to their household by an identity
    number if they came to one at all, is a department's.

    Parameters
    ----------
    rows : Mapping of str to pl.DataFrame
        ``Intake.rows``.
    table : str

    Returns
    -------
    pl.DataFrame
        By place; without rows where there is no such table. Who is not in the register has no ``person_id``.
    """
    return _rows_of_side(rows, table, registers=True)


def of_department(rows: Mapping[str, pl.DataFrame], table: str) -> pl.DataFrame:
    """Return the kept rows of a table that are a department's account, each of somebody; see `of_register`."""
    return _rows_of_side(rows, table, registers=False)


def stated_columns(frame: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Return those of the columns in which a frame says anything at all."""
    return [name for name in names if name in frame.columns and frame[name].null_count() < frame.height]


@dataclass(frozen=True, kw_only=True, eq=False)
class CurrentRows:
    """The rows of one side that are compared, and how many others were replaced or repeated."""

    frame: pl.DataFrame
    replaced: int
    repeated: int


def current(frame: pl.DataFrame, table: str, names: Sequence[str], apart: Sequence[str] = ()) -> CurrentRows:
    """Leave out what a later version replaced, and what another file of the same side repeats unaltered.

    Versions share the key of their table (events: ``event_id``) and differ in ``recorded_on``. A row that one file
    holds twice stays twice.

    Parameters
    ----------
    frame : pl.DataFrame
        Rows of one side, by place.
    table : str
    names : sequence of str
        The columns that are compared.
    apart : sequence of str
        Columns by which rows of one key are two events, and no versions of one.
    """
    newest = frame.filter(~_replaced(frame, table, apart))
    key_columns = [name for name in dict.fromkeys([*names, *_key(table), "recorded_on"]) if name in frame.columns]
    copies = newest.with_columns(pl.int_range(pl.len()).over(*key_columns, "_source").alias("_copy"))
    once = copies.unique([*key_columns, "_copy"], keep="first", maintain_order=True).drop("_copy")
    replaced, repeated = frame.height - newest.height, newest.height - once.height
    return CurrentRows(frame=once, replaced=replaced, repeated=repeated)


def _rows_of_side(rows: Mapping[str, pl.DataFrame], table: str, *, registers: bool) -> pl.DataFrame:
    frame = rows.get(table, pl.DataFrame(schema={**dict.fromkeys(PLACE, pl.String), "_kept": pl.Boolean}))
    wanted = {**dict.fromkeys(("household_id", "person_id", LINKED, *_NUMBERS), pl.String), "recorded_on": pl.Date}
    missing = {name: pl.lit(None, dtype=dtype) for name, dtype in wanted.items() if name not in frame.columns}
    whole = frame.with_columns(**missing)
    listing = (
        rows["households"]["_source"].unique().implode() if "households" in rows else pl.lit([], pl.List(pl.String))
    )
    by_code = pl.col("household_id").is_not_null() & pl.col(LINKED).ne_missing("number")
    own = by_code.any().over("_source", "_sheet") | pl.col("_source").is_in(listing) | pl.lit(table in _OWN)
    foreign = ~own & pl.any_horizontal(pl.col("household_id", "person_id", *_NUMBERS).is_not_null())
    known = pl.when(pl.col("household_id").is_not_null()).then("person_id")
    side = whole.filter(own if registers else foreign).filter("_kept")
    return side.with_columns(known.alias("person_id")).sort(PLACE)


def _key(table: str) -> tuple[str, ...]:
    return TABLES[table].key or ("event_id",)


def _replaced(frame: pl.DataFrame, table: str, apart: Sequence[str]) -> pl.Expr:
    key = _key(table)
    if not {*key, "recorded_on"} <= set(frame.columns):
        return pl.lit(False)
    stranger = pl.when(pl.col("household_id").is_null()).then(pl.coalesce(_NUMBERS))
    newest = pl.col("recorded_on").max().over(*key, *(name for name in apart if name in frame.columns), stranger)
    own = [pl.col(name).is_not_null() for name in key if name not in ("person_id", "household_id")]
    known = pl.all_horizontal(pl.lit(True), *own)
    return (known & (pl.col("recorded_on") < newest)).fill_null(False)
