"""The status of households on a day: able to work, helped, covered, relapsed. Defined once; unknown is never no."""

import polars as pl

from relapse_risk.periods import AsOf, Window
from relapse_risk.records.records import Records

__all__ = ["ABLE", "able_of", "cover_of", "measures_of", "relapse_entries_of"]

ABLE = ("ordinary", "skilled")
"""The labour capacities of who is able to work."""

# What lasts a shorter time was paid once; a payment and a year's premium are for twelve months.
_DAYS_OF_ONE_OFF = 30
_YEAR = Window(months=12)

_EVENT_KEY = ("household_id", "event_id")
_ENTRIES = pl.Schema({"household_id": pl.String, "happened_on": pl.Date, "entered_on": pl.Date})


def able_of(residents: pl.DataFrame) -> pl.DataFrame:
    """Return household_id, able and has_labour, see `AsOfView.able_to_work`."""
    recorded = "labour_capacity" in residents.columns
    able = pl.col("labour_capacity").is_in(ABLE) if recorded else pl.lit(None, dtype=pl.Boolean)
    of_home = residents.select("household_id", able=able).group_by("household_id", maintain_order=True)
    found = of_home.agg(pl.col("able").sum(), has_labour=pl.col("able").any(ignore_nulls=False))
    return found.with_columns(able=pl.when(pl.col("has_labour").is_not_null()).then(pl.col("able").cast(pl.Int64)))


def measures_of(known: Records, as_of: AsOf) -> pl.DataFrame:
    """Return the measures that have begun with in_force, one_off and held, see `AsOfView.assistance`."""
    measures = known.table("assistance")
    if measures is None:
        measures = pl.DataFrame(schema={"household_id": pl.String, "kind": pl.String, "started_on": pl.Date})
    ends = pl.col("ended_on") if "ended_on" in measures.columns else pl.lit(None)
    measures = measures.with_columns(ended_on=ends.cast(pl.Date))
    started_on, ended_on = pl.col("started_on"), pl.col("ended_on")
    lasted = (ended_on - started_on).dt.total_days()
    return (
        measures.filter(started_on <= as_of.day)
        .with_columns(
            in_force=ended_on.is_null() | (ended_on >= as_of.day),
            one_off=(lasted < _DAYS_OF_ONE_OFF).fill_null(False),
        )
        .with_columns(held=pl.col("in_force") | (pl.col("one_off") & _YEAR.holds(started_on, as_of)))
    )


def cover_of(known: Records, measures: pl.DataFrame) -> pl.DataFrame:
    """Return household_id and covered, see `AsOfView.relapse_cover`."""
    insurance = measures.filter(pl.col("kind") == "insurance")
    others = False if insurance.select((~pl.col("one_off")).any()).item() else None
    covered = pl.col("household_id").is_in(insurance.filter("held")["household_id"].implode())
    known_cover = pl.when(covered).then(True).otherwise(pl.lit(others, dtype=pl.Boolean))
    return known.require("households").select("household_id", covered=known_cover)


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
        return pl.DataFrame(schema=_ENTRIES)
    entered_on = pl.coalesce([name for name in ("recorded_on", "relapsed_on") if name in relapses.columns])
    rows = relapses.with_columns(happened_on="relapsed_on", entered_on=entered_on)
    if "event_id" in relapses.columns:
        first = versions.group_by(_EVENT_KEY).agg(first_on=entered_on.min())
        rows = rows.join(first, on=_EVENT_KEY, how="left").with_columns(
            entered_on=pl.min_horizontal("entered_on", "first_on")
        )
    return rows.select(_ENTRIES.names())
