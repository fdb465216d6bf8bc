"""Numbers of households and persons replaced in every table; no row and no day is touched."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl

from relapse_risk.records.known import known_on
from relapse_risk.records.records import Records
from relapse_risk.records.tables import TABLES, Table

__all__ = ["parted", "renamed", "with_parts"]


def renamed(records: Records, numbers: pl.DataFrame, persons: pl.DataFrame) -> Records:
    """Return records with other numbers for some households and persons.

    Parameters
    ----------
    records : Records
    numbers : pl.DataFrame
        household_id, became.
    persons : pl.DataFrame
        household_id (as it was), person_id, became.
    """
    return _each(records, lambda _, frame: _renumbered(_repersoned(frame, persons), numbers))


def parted(records: Records, turns: pl.DataFrame) -> Records:
    """Return records in which a household's number is another one from each day on that it passed to others.

    Every row goes by the day it speaks of, but never by one later than it is known from; the versions of a row stay
    together. Persons numbered by household and ordinal follow its number.

    Parameters
    ----------
    records : Records
    turns : pl.DataFrame
        household_id, on.
    """
    export_day = records.known_until

    def part(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        days = frame.with_columns(_day=_spoken_of(table, frame, export_day))
        return with_parts(days, turns, "_day").drop("_day")

    return _each(records, part)


def with_parts(frame: pl.DataFrame, turns: pl.DataFrame, day: str) -> pl.DataFrame:
    """Return a frame whose household numbers (and the person numbers made of them) have the part of their day."""
    numbered = turns.sort("household_id", "on").with_columns(
        _part=(pl.col("on").cum_count().over("household_id") + 1).cast(pl.String)
    )
    rows = frame.with_row_index("_row")
    part = (
        rows.select("_row", "household_id", day)
        .drop_nulls()
        .sort(day)
        .join_asof(
            numbered.select("household_id", "on", "_part").sort("on"),
            left_on=day,
            right_on="on",
            by="household_id",
            check_sortedness=False,
        )
        .drop_nulls("_part")
    )
    rows = rows.join(part.select("_row", "_part"), on="_row", how="left", maintain_order="left")
    number = pl.col("household_id") + "~" + pl.col("_part")
    changed = [pl.coalesce(number, "household_id").alias("household_id")]
    if "person_id" in frame.columns:
        own = pl.col("person_id").str.starts_with(pl.col("household_id"))
        ordinal = pl.col("person_id").str.slice(pl.col("household_id").str.len_chars())
        changed.append(pl.coalesce(pl.when(own).then(number + ordinal), "person_id").alias("person_id"))
    return rows.with_columns(changed).drop("_row", "_part")


def _each(records: Records, change: Callable[[Table, pl.DataFrame], pl.DataFrame]) -> Records:
    tables = {
        name: change(TABLES[name], frame) if "household_id" in frame.columns else frame
        for name, frame in records.tables.items()
    }
    return replace(records, tables=tables)


def _renumbered(frame: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("household_id").replace(numbers["household_id"], numbers["became"]))


def _repersoned(frame: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    if not persons.height or "person_id" not in frame.columns:
        return frame
    became = persons.select("household_id", "person_id", _became="became")
    return (
        frame.join(became, on=["household_id", "person_id"], how="left", maintain_order="left")
        .with_columns(person_id=pl.coalesce("_became", "person_id"))
        .drop("_became")
    )


def _spoken_of(table: Table, frame: pl.DataFrame, export_day: date) -> pl.Expr:
    """Return the last day each row speaks of, as far as it was known by then; of versions the first one's."""
    known = known_on(table, frame, export_day)
    if table.begins is None:
        return known
    ends = [name for name in (table.begins, *(table.span or ()), *table.endings) if name in frame.columns]
    day = pl.min_horizontal(known, pl.max_horizontal(ends))
    return day.min().over(table.key) if table.endings else day
