"""Records that visitors found wrong: shown on the newest row of the household, until the register has a newer one."""

import polars as pl

from relapse_risk.audit.audit_tables import PLACE, AuditTables

__all__ = ["REPORTED", "rows_reported"]

REPORTED = "reported_wrong"
"""The rule such rows are listed under."""

_TABLE = "households"


def rows_reported(book: AuditTables, reported: pl.DataFrame) -> pl.DataFrame:
    """Return rows of households whose record a visitor found wrong, and that were not entered again since.

    Parameters
    ----------
    book : AuditTables
    reported : pl.DataFrame
        household_id and on (the day of the visit); the newest visit of a household counts.

    Returns
    -------
    pl.DataFrame
        _source, _sheet, _row and household_id of the newest row of each such household. A row without a day of
        recording counts as written before the visit.
    """
    columns = [*PLACE, "household_id"]
    if _TABLE not in book.frames:
        return pl.DataFrame(schema={name: pl.UInt32 if name == "_row" else pl.String for name in columns})
    visits = reported.group_by("household_id").agg(pl.col("on").max())
    rows = book.frames[_TABLE].join(visits, on="household_id")
    newest = rows.sort("household_id", pl.col("recorded_on").fill_null(pl.col("on")), *PLACE).group_by("household_id")
    last = newest.agg(pl.col(*PLACE, "recorded_on", "on").last())
    return last.filter((pl.col("recorded_on") <= pl.col("on")).fill_null(True)).select(columns)
