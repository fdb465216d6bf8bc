"""What the tests read and what they give: rows with their village and year, flagged rows, tables of tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.records import village_of

__all__ = [
    "FLAGGED",
    "TESTS",
    "Anomaly",
    "adjusted",
    "flagged_rows",
    "missing",
    "nothing",
    "placed",
    "tests_of",
    "villages",
]

FLAGGED = pl.Schema(
    {
        "_source": pl.String,
        "_sheet": pl.String,
        "_row": pl.UInt32,
        "table": pl.String,
        "household_id": pl.String,
        "column": pl.String,
        "rule": pl.String,
    }
)
"""Columns of the flagged rows."""

TESTS = pl.Schema(
    {
        "rule": pl.String,
        "table": pl.String,
        "column": pl.String,
        "unit_kind": pl.String,
        "unit": pl.String,
        "year": pl.Int64,
        "n": pl.Int64,
        "statistic": pl.Float64,
        "expected": pl.Float64,
        "p_value": pl.Float64,
        "adjusted": pl.Float64,
        "flagged": pl.Boolean,
    }
)
"""Columns of the tests: how many there were (``n``), how many of them stood out and how many chance lets expect."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Anomaly:
    """What one test found.

    Attributes
    ----------
    rows : pl.DataFrame
        Flagged rows (``FLAGGED``).
    tests : pl.DataFrame
        Every unit that was tested (``TESTS``).
    missing : tuple of (str, str)
        Tests that could not be made, with the missing table and columns.
    """

    rows: pl.DataFrame
    tests: pl.DataFrame
    missing: tuple[tuple[str, str], ...] = ()


def nothing(rule: str, missing: str) -> Anomaly:
    """Return the finding of a test that could not be made."""
    return Anomaly(rows=FLAGGED.to_frame(), tests=TESTS.to_frame(), missing=((rule, missing),))


def missing(rows: Mapping[str, pl.DataFrame], table: str, columns: Sequence[str]) -> str | None:
    """Return the missing columns of a table that a test needs, as ``table.column, ...``; None if none is missing."""
    if table not in rows:
        return table
    absent = [name for name in columns if name not in rows[table].columns]
    return ", ".join(f"{table}.{name}" for name in absent) or None


def placed(rows: Mapping[str, pl.DataFrame], table: str, days: Sequence[str] = ()) -> pl.DataFrame:
    """Return the rows of a table with ``village``, ``town`` and ``year``, in the order of their place.

    What is not known is null.
    """
    frame = rows[table]
    known = [pl.col("year")] if "year" in frame.columns else []
    known += [pl.col(name).dt.year().cast(pl.Int64) for name in days if name in frame.columns]
    year = pl.coalesce(*known, pl.lit(None, dtype=pl.Int64)).cast(pl.Int64)
    frame = frame.with_columns(year.alias("year")).drop("village", "town", strict=False)
    if "household_id" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("household_id"))
    return frame.join(villages(rows), on="household_id", how="left").sort("_source", "_sheet", "_row")


def villages(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return household_id, village and town of every household, as its newest row says; codes before names.

    A town that has no name is known by the first nine digits of the village's code. See `records.village_of`.
    """
    empty = pl.DataFrame(schema={"household_id": pl.String, "village": pl.String, "town": pl.String})
    if missing(rows, "households", ["household_id"]):
        return empty
    frame = rows["households"]
    text = {name: _text(frame, name) for name in ("village_code", "town", "year")}
    homes = frame.select("household_id", village=village_of(frame.columns), **text)
    homes = homes.drop_nulls(["household_id", "village"])
    town = pl.coalesce("town", pl.col("village_code").str.slice(0, 9))
    newest = homes.with_columns(town=town).sort("year", "village", "town", nulls_last=False)
    return newest.group_by("household_id").agg(pl.col("village").last(), pl.col("town").drop_nulls().last())


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String) if name in frame.columns else pl.lit(None, dtype=pl.String)


def adjusted(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust the p-values of one family after Benjamini and Hochberg (1995, JRSS B 57, 289-300)."""
    if not len(p_values):
        return p_values
    from scipy.stats import false_discovery_control  # takes longer to import than most exports take to audit

    adjusted_values: NDArray[np.float64] = false_discovery_control(p_values)
    return adjusted_values


def tests_of(units: pl.DataFrame, level: float, **labels: str) -> pl.DataFrame:
    """Return units with their p-values as a table of tests, adjusted within the family they make.

    Parameters
    ----------
    units : pl.DataFrame
        unit, year, n, statistic, expected, p_value, and what else of the columns differs between them.
    level : float
        A unit is flagged whose adjusted p-value is no more than that.
    **labels : str
        Columns that are the same for all.
    """
    whole = units.with_columns(pl.lit(value).alias(name) for name, value in labels.items())
    whole = whole.with_columns(adjusted=adjusted(whole["p_value"].to_numpy()))
    whole = whole.with_columns(flagged=pl.col("adjusted") <= level)
    return whole.select(pl.col(name).cast(dtype) for name, dtype in TESTS.items()).sort("column", "unit", "year")


def flagged_rows(rows: pl.DataFrame, **labels: str) -> pl.DataFrame:
    """Return rows as flagged ones (``FLAGGED``), in the order of their place."""
    whole = rows.with_columns(pl.lit(value).alias(name) for name, value in labels.items())
    return whole.select(pl.col(name).cast(dtype) for name, dtype in FLAGGED.items()).sort("_source", "_sheet", "_row")
