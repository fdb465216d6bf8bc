"""Rows: kept, refused, and the account of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.records import TABLES

__all__ = [
    "ACCOUNTS",
    "CHANGES",
    "DECISIVE",
    "FINDINGS",
    "PROBLEMS",
    "ROW",
    "SHEETS",
    "ValidatedRows",
    "accounted",
    "findings",
    "placed",
    "settle",
    "share_of",
]

ROW = "_source_row"  # a source may have a column of its own by the plain name

PROBLEMS = pl.Schema({ROW: pl.UInt32, "column": pl.String, "rule": pl.String, "value_masked": pl.String})
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
        "skipped": pl.UInt32,
        "unlinked": pl.UInt32,
    }
)
"""Columns of the account of rows."""

SHEETS = pl.Schema(
    {
        "source": pl.String,
        "sheet": pl.String,
        "status": pl.String,
        "tables": pl.String,
        "rows": pl.UInt32,
        "reason": pl.String,
        "missing": pl.String,
    }
)
"""Columns of what became of every file and sheet."""

CHANGES = pl.Schema(
    {
        "source": pl.String,
        "sheet": pl.String,
        "table": pl.String,
        "column": pl.String,
        "change": pl.String,
        "cells": pl.UInt32,
    }
)
"""Columns of the count of cells that were read from another form than the one they are held in."""

# A row without them is nobody's, and one whose day of recording is unreadable might be known too early.
DECISIVE = ("household_id", "person_id", "loan_id", "recorded_on")
"""Columns whose unreadable cells refuse the row, even where they may be blank."""


@dataclass(frozen=True, kw_only=True)
class ValidatedRows:
    """Rows of one table from one place, settled.

    Attributes
    ----------
    kept : pl.DataFrame
        The rows that are kept, with their number.
    rejected, blanked : pl.DataFrame
        What was refused or left empty, and why (``FINDINGS``).
    account : pl.DataFrame
        One row (``ACCOUNTS``).
    """

    kept: pl.DataFrame
    rejected: pl.DataFrame
    blanked: pl.DataFrame
    account: pl.DataFrame


def placed(issues: pl.DataFrame, column: str, numbers: pl.Series) -> pl.DataFrame:
    """Return what was found in cells by position as problems of a column, by the numbers of their rows."""
    return issues.select(
        numbers.gather(issues["at"]).alias(ROW), pl.lit(column).alias("column"), "rule", "value_masked"
    )


def settle(
    frame: pl.DataFrame,
    problems: pl.DataFrame,
    place: Mapping[str, str | None],
    required: Mapping[str, str],
    skipped: int,
) -> ValidatedRows:
    """Refuse rows without a required value, blank other unreadable cells, and account for all.

    Parameters
    ----------
    frame : pl.DataFrame
        Rows of a table with their number (``ROW``) as the source counts it; cells that could not be read are null.
    problems : pl.DataFrame
        Those cells (``PROBLEMS``); other rows than those of the frame are passed by.
    place : Mapping of str to str
        source, sheet and table: where the rows are, and what they are.
    required : Mapping of str to str
        The columns in which every row needs a value, each with the column of the frame that says whether it has one.
    skipped : int
        How many rows of the sheet are no records.
    """
    own = problems.join(frame.select(ROW), on=ROW, how="semi")
    fatal = own.filter(pl.col("column").is_in([*required, *DECISIVE]))
    either = TABLES[str(place["table"])].either
    refused = pl.concat([fatal, _missing(frame, fatal, required), _without_either(frame, fatal, either)])
    # With what refuses a row stands whatever else in it could not be read.
    refused = pl.concat([refused, own.join(refused, on=ROW, how="semi")]).unique(maintain_order=True)
    kept = frame.join(refused, on=ROW, how="anti", maintain_order="left")
    return ValidatedRows(
        kept=kept,
        rejected=findings(refused, place),
        blanked=findings(own.join(refused, on=ROW, how="anti"), place),
        account=accounted(place, read=frame.height, kept=kept.height, skipped=skipped),
    )


def _missing(frame: pl.DataFrame, fatal: pl.DataFrame, required: Mapping[str, str]) -> pl.DataFrame:
    """Return the required cells that are empty and were not already found unreadable."""
    empty = [_finding(frame.filter(pl.col(issues).is_null()), name) for name, issues in required.items()]
    found = pl.concat([PROBLEMS.to_frame(), *empty])
    return found.join(fatal, on=[ROW, "column"], how="anti")


def _without_either(frame: pl.DataFrame, fatal: pl.DataFrame, either: Sequence[str]) -> pl.DataFrame:
    present = [name for name in either if name in frame.columns]
    if not present:
        return PROBLEMS.to_frame()
    neither = frame.filter(pl.all_horizontal(pl.col(name).is_null() for name in present))
    return _finding(neither.join(fatal, on=ROW, how="anti"), present[0])


def _finding(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    issues = {"column": column, "rule": "missing", "value_masked": None}
    return rows.select(ROW, **{name: pl.lit(value, dtype=pl.String) for name, value in issues.items()})


def accounted(
    place: Mapping[str, str | None], *, read: int, kept: int, skipped: int, unlinked: int = 0
) -> pl.DataFrame:
    """Return the account of the rows of one table from one place (``ACCOUNTS``)."""
    account = {**place, "read": read, "kept": kept, "refused": read - kept, "skipped": skipped}
    account["unlinked"] = unlinked
    return pl.DataFrame([account], schema=ACCOUNTS)


def findings(problems: pl.DataFrame, place: Mapping[str, str | None]) -> pl.DataFrame:
    """Return problems with the place they are in (``FINDINGS``)."""
    if problems.is_empty():
        return FINDINGS.to_frame()
    placed = problems.lazy().with_columns(pl.lit(value, dtype=pl.String).alias(name) for name, value in place.items())
    return placed.rename({ROW: "row"}).select(FINDINGS.names()).sort("row", "column").collect()


def share_of(cells: int, rows: int) -> str:
    """Return a share of rows as it is told.

    Examples
    --------
    >>> share_of(3, 4), share_of(1, 1000)
    ('75%', '<1%')
    """
    return f"{cells / rows:.0%}" if cells * 100 >= rows else "<1%"
