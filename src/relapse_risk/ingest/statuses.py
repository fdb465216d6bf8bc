"""What lists call a household twice: as what it was registered, and as what it stands now."""

import polars as pl

from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.rows import ROW

__all__ = ["with_one_status"]

_REGISTERED, _STATUS = "registered_type", "household_type"
_SHOWN = 10  # rows that are named


def with_one_status(
    frame: pl.DataFrame, problems: pl.DataFrame, source: str, sheet: str
) -> tuple[pl.DataFrame, pl.DataFrame, list[Note]]:
    """Take as the type of a household what it stands now; what it was registered as only where the sheet has no other.

    A household of unknown status that has left poverty in some year is an exited one. Where both columns speak and one
    of them must be wrong (registered as a household that never was poor, or as one that has left poverty, and poor
    now), that is told.

    Parameters
    ----------
    frame : pl.DataFrame
        Rows of households, with ``registered_type`` where a column says what a household was registered as.
    problems : pl.DataFrame
        Cells that could not be read (``PROBLEMS``).
    source, sheet : str

    Returns
    -------
    frame, problems : pl.DataFrame
        With ``household_type``, without ``registered_type``.
    notes : list of Note
    """
    if _REGISTERED not in frame.columns:
        return frame, problems, []
    if _STATUS not in frame.columns:
        renamed = problems.with_columns(pl.col("column").replace(_REGISTERED, _STATUS))
        return frame.rename({_REGISTERED: _STATUS}), renamed, []
    status, registered = pl.col(_STATUS), pl.col(_REGISTERED)
    wrong = registered.is_in(["general", "exited"]) & (status == "poor")
    rows = frame.filter(wrong.fill_null(False))[ROW].to_list()
    if "exit_year" in frame.columns:
        unread = pl.col(ROW).is_in(problems.filter(pl.col("column") == _STATUS)[ROW].implode())
        left = status.is_null() & ~unread & pl.col("exit_year").is_not_null()
        frame = frame.with_columns(pl.when(left).then(pl.lit("exited")).otherwise(status).alias(_STATUS))
    details = {"source": source, "sheet": sheet, "count": len(rows), "rows": ", ".join(map(str, rows[:_SHOWN]))}
    details["rows"] = f"{details['rows']}, …" if len(rows) > _SHOWN else details["rows"]
    kept = problems.filter(pl.col("column") != _REGISTERED)
    return frame.drop(_REGISTERED), kept, [("types_contradict", details)] if rows else []
