"""Rows: kept, refused, and the account of both."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.ingest.shapes import needed
from relapse_risk.records import TABLES

__all__ = ["ACCOUNTS", "FINDINGS", "PROBLEMS", "Settled", "no_problems", "placed", "settle"]

PROBLEMS = pl.Schema({"row": pl.UInt32, "column": pl.String, "rule": pl.String, "value_masked": pl.String})
"""A cell that could not be read."""

FINDINGS = pl.Schema(
    {
        "source": pl.String,
        "sheet": pl.String,
        "row": pl.UInt32,
        "table": pl.String,
        "column": pl.String,
        "rule": pl.String,
        "value_masked": pl.String,
    }
)
"""Columns of what was refused or left empty."""

ACCOUNTS = pl.Schema(
    {
        "source": pl.String,
        "sheet": pl.String,
        "table": pl.String,
        "read": pl.UInt32,
        "kept": pl.UInt32,
        "refused": pl.UInt32,
        "passed_over": pl.UInt32,
    }
)
"""Columns of the account of rows."""

# A row without them is nobody's, and one whose day of recording is unreadable might be known too early.
_DECISIVE = ("household_id", "person_id", "loan_id", "recorded_on")


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Rows of one table from one place, settled.

    Attributes
    ----------
    kept : pl.DataFrame
        The rows that are kept, with their ``row``.
    rejected, blanked : pl.DataFrame
        What was refused or left empty, and why (``FINDINGS``).
    account : pl.DataFrame
        One row (``ACCOUNTS``).
    """

    kept: pl.DataFrame
    rejected: pl.DataFrame
    blanked: pl.DataFrame
    account: pl.DataFrame


def no_problems() -> pl.DataFrame:
    """Return a table of no problems."""
    return PROBLEMS.to_frame()


def placed(told: pl.DataFrame, column: str, numbers: pl.Series) -> pl.DataFrame:
    """Return what was told of cells by position as problems of a column, by the numbers of their rows."""
    return told.select(numbers.gather(told["at"]).alias("row"), pl.lit(column).alias("column"), "rule", "value_masked")


def settle(
    frame: pl.DataFrame, problems: pl.DataFrame, *, source: str, sheet: str | None, table: str, passed_over: int
) -> Settled:
    """Refuse rows that lack what every row needs; leave other cells that could not be read empty; account for all.

    Parameters
    ----------
    frame : pl.DataFrame
        Rows of a table with their ``row`` as the source counts it; cells that could not be read are null.
    problems : pl.DataFrame
        Those cells (``PROBLEMS``); other rows than those of the frame are passed by.
    source, sheet, table : str
        Where the rows stand, and what they are.
    passed_over : int
        How many rows beside them are no records.
    """
    own = problems.join(frame.select("row"), on="row", how="semi")
    required = needed(table, frame.columns)
    fatal = own.filter(pl.col("column").is_in([*required, *_DECISIVE]))
    refused = pl.concat([fatal, _missing(frame, fatal, required), _without_either(frame, fatal, TABLES[table].either)])
    kept = frame.join(refused, on="row", how="anti", maintain_order="left")
    place = {"source": source, "sheet": sheet, "table": table}
    account = {**place, "read": frame.height, "kept": kept.height}
    account |= {"refused": frame.height - kept.height, "passed_over": passed_over}
    return Settled(
        kept=kept,
        rejected=_findings(refused, place),
        blanked=_findings(own.join(refused, on="row", how="anti"), place),
        account=pl.DataFrame([account], schema=ACCOUNTS),
    )


def _missing(frame: pl.DataFrame, fatal: pl.DataFrame, required: Sequence[str]) -> pl.DataFrame:
    """Return the required cells that are empty and were not already found unreadable."""
    empty = [_finding(frame.filter(pl.col(name).is_null()), name) for name in required if name in frame.columns]
    found = pl.concat([no_problems(), *empty])
    return found.join(fatal, on=["row", "column"], how="anti")


def _without_either(frame: pl.DataFrame, fatal: pl.DataFrame, either: Sequence[str]) -> pl.DataFrame:
    present = [name for name in either if name in frame.columns]
    if not present:
        return no_problems()
    neither = frame.filter(pl.all_horizontal(pl.col(name).is_null() for name in present))
    return _finding(neither.join(fatal, on="row", how="anti"), present[0])


def _finding(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    told = {"column": column, "rule": "missing", "value_masked": None}
    return rows.select("row", **{name: pl.lit(value, dtype=pl.String) for name, value in told.items()})


def _findings(problems: pl.DataFrame, place: dict[str, str | None]) -> pl.DataFrame:
    placed = problems.with_columns(pl.lit(value, dtype=pl.String).alias(name) for name, value in place.items())
    return placed.select(FINDINGS.names()).sort("row", "column")
