"""Entries of relapses: the day each happened, and the day the register first knew of it."""

import polars as pl

from relapse_risk.records.records import Records

__all__ = ["relapse_entries_of"]

_KEY = ("household_id", "event_id")
_NONE = pl.Schema({"household_id": pl.String, "happened_on": pl.Date, "entered_on": pl.Date})


def relapse_entries_of(known: Records, versions: pl.DataFrame | None) -> pl.DataFrame:
    """Return household_id, happened_on and entered_on of every relapse known, see `AsOfView.relapse_entries`.

    Parameters
    ----------
    known : Records
        The state of the day.
    versions : pl.DataFrame or None
        Every version of relapses that was known by then.
    """
    relapses = known.table("relapses")
    if relapses is None or versions is None:
        return pl.DataFrame(schema=_NONE)
    entered_on = pl.coalesce([name for name in ("recorded_on", "relapsed_on") if name in relapses.columns])
    rows = relapses.with_columns(happened_on="relapsed_on", entered_on=entered_on)
    if "event_id" in relapses.columns:
        first = versions.group_by(_KEY).agg(first_on=entered_on.min())
        rows = rows.join(first, on=_KEY, how="left").with_columns(
            entered_on=pl.min_horizontal("entered_on", "first_on")
        )
    return rows.select(_NONE.names())
