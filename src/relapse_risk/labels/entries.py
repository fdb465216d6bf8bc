"""Entries of relapses: the day each happened, and the day the register first knew of it."""

import polars as pl

from relapse_risk.records import AsOfView

__all__ = ["entries"]

_KEY = ("household_id", "event_id")
_NONE = pl.Schema({"household_id": pl.String, "happened_on": pl.Date, "entered_on": pl.Date})


def entries(view: AsOfView) -> pl.DataFrame:
    """Return every relapse known on a day, each with the day it was first entered.

    A correction is no new entry: what an entry says is its newest version's, the day it was entered its first one's.

    Parameters
    ----------
    view : AsOfView

    Returns
    -------
    pl.DataFrame
        household_id, happened_on, entered_on.
    """
    relapses, versions = view.known.table("relapses"), view.versions("relapses")
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
