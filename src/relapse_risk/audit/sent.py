"""Whose rows were sent, and what an earlier audit had before it that is not sent this time."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from relapse_risk.policy import ComparedAudits
from relapse_risk.records import VISIT_LEVELS

__all__ = ["SENT", "AuditTrail", "sent_rows", "unsent"]

SENT = pl.Schema(
    {
        "table": pl.String,
        "source": pl.String,
        "sheet": pl.String,
        "village": pl.String,
        "household_id": pl.String,
    }
)
"""Columns of what was sent: a line for each household in each sheet and table."""

_VILLAGE_DIGITS = 12  # of a village's code (GB/T 10114); a household's number begins with it
_REGISTER = "households"
_PLACED = ("table", "source", "sheet")


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditTrail:
    """What an audit leaves for a later one.

    Attributes
    ----------
    findings : pl.DataFrame
        ``FINDINGS``.
    sent : pl.DataFrame
        ``SENT``: whose rows it had before it.
    """

    findings: pl.DataFrame
    sent: pl.DataFrame


def sent_rows(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return whose rows were sent, in which table, file and sheet (``SENT``).

    Parameters
    ----------
    rows : Mapping of str to pl.DataFrame
        ``Intake.rows``. Rows that name no household are a line without one.

    Examples
    --------
    >>> from relapse_risk.ingest import read_records
    >>> homes = pl.DataFrame({"household_id": ["h1", "h2"], "village": ["V", None]})
    >>> sent_rows(read_records({"households": homes}).rows).rows()
    [('households', 'households', None, None, 'h2'), ('households', 'households', None, 'V', 'h1')]
    """
    homes = [
        frame.select(_home(frame), table=pl.lit(table), source=pl.col("_source"), sheet=pl.col("_sheet"))
        for table, frame in rows.items()
        if frame.height
    ]
    if not homes:
        return SENT.to_frame()
    sent = pl.concat(homes).unique().join(_villages(rows), on="household_id", how="left")
    code = pl.col("household_id").str.head(_VILLAGE_DIGITS)
    by_code = pl.when(code.str.contains(rf"^\d{{{_VILLAGE_DIGITS}}}$")).then(code)
    return sent.with_columns(pl.coalesce("village", by_code)).select(SENT.names()).cast(SENT).sort(SENT.names())


def _home(frame: pl.DataFrame) -> pl.Expr:
    named = pl.col("household_id") if "household_id" in frame.columns else pl.lit(None, dtype=pl.String)
    return named.cast(pl.String).alias("household_id")


def _villages(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the village of each household of the register, by its names or its code."""
    frame = rows.get(_REGISTER)
    if frame is None or "household_id" not in frame.columns:
        return pl.DataFrame(schema={"household_id": pl.String, "village": pl.String})
    there = [name for name in VISIT_LEVELS if name in frame.columns]
    names = pl.concat_str([pl.col(name).fill_null("") for name in there], separator="/") if "village" in there else None
    named = pl.lit(None, dtype=pl.String) if names is None else pl.when(pl.col("village").is_not_null()).then(names)
    placed = frame.select("household_id", named.alias("village")).drop_nulls()
    return placed.sort("household_id", "village").group_by("household_id").agg(pl.col("village").last())


def unsent(before: pl.DataFrame, now: pl.DataFrame, limits: ComparedAudits) -> pl.DataFrame:
    """Return what was sent before (``SENT``) and is left out this time.

    Tables and households are compared, not names of files: a file that has another name is still sent. A household
    without a row in a table any more is left out of it where the whole table is, where most households of its sheet
    are, where all of its village are, or where it is nowhere any more. Otherwise its row was taken out.

    Parameters
    ----------
    before, now : pl.DataFrame
        From `sent_rows`.
    limits : ComparedAudits
    """
    there = now.select("table", "household_id", there=pl.lit(True)).unique()
    sought = before.join(there, on=["table", "household_id"], how="left").with_columns(pl.col("there").fill_null(False))
    still, homes = pl.col("there"), pl.col("household_id")
    named = homes.is_not_null()
    # Of a sheet that names no household only its table tells.
    share = still.filter(named).mean().over(_PLACED).fill_null(1.0)
    sheet_gone = ~pl.col("table").is_in(now["table"].unique().implode()) | (share < limits.sent_share)
    emptied = pl.col("village").is_not_null() & ~still.any().over("table", "village")
    village_gone = emptied & (homes.n_unique().over("table", "village") >= limits.least_households)
    registered = homes.is_in(before.filter(pl.col("table") == _REGISTER)["household_id"].drop_nulls().implode())
    nowhere = registered & ~homes.is_in(now["household_id"].drop_nulls().implode())
    left_out = pl.when(named).then(~still & (sheet_gone | village_gone | nowhere)).otherwise(sheet_gone)
    return sought.filter(left_out).select(SENT.names())
