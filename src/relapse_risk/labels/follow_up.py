"""How long who was at risk was followed, and what ended it: a relapse, a departure, or the end of the records."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.labels.attrition import departures
from relapse_risk.labels.cohort import Cohort, find_cohort
from relapse_risk.periods import AsOf, Horizon
from relapse_risk.policy import Lines
from relapse_risk.records import AsOfViews, Records

__all__ = ["follow_up"]

_DAYS_A_MONTH = 365.25 / 12


def follow_up(
    records: Records | AsOfViews,
    as_of: str | date | AsOf | Sequence[str | date | AsOf],
    most: int = 24,
    *,
    cohort: Cohort = "wide",
    lines: Lines | None = None,
    known_by: str | date | AsOf | None = None,
) -> pl.DataFrame:
    """Return the event of every household at risk, and the months to it, for hazard models.

    A household is followed to the first relapse dated after the as-of day, to the day its last member died or moved
    away, to the last day known, or to `most` months, whichever comes first. Months are those of
    the calendar: from the end of a December to the end of a June there are six. Who had fallen already when the day
    came, by an entry made later, is left out: what became of it is unknown (`label_relapse`).

    Parameters
    ----------
    records : Records or AsOfViews
        All versions of the records, or the views of several days, of which what is there is not made again.
    as_of : str, date, AsOf or a sequence of them
        The as-of days: who is at risk is decided by what was known then.
    most : int, default 24
        Months.
    cohort, lines
        As in `find_cohort`.
    known_by : str, date or AsOf, optional
        Look at nothing recorded after this day; by default, at everything.

    Returns
    -------
    pl.DataFrame
        One row per household at risk and as-of day, but for those: household_id, as_of, months (float), relapsed and
        competing_event (the last member died or moved away); both are false where the follow-up simply ended.

    Raises
    ------
    InputError
        As `find_cohort`; if there is no table of relapses (``no_relapse_table``) or no as-of day (``label_no_day``).
    """
    views = AsOfViews.of(records, lines=lines)
    until = views.last_known(known_by)
    seen = views.on(until)
    if not seen.known.has("relapses"):
        raise InputError("no_relapse_table")
    days = [as_of] if isinstance(as_of, str | date | AsOf) else as_of
    entered, departed = seen.relapse_entries, departures(seen)
    found = []
    for day in sorted({AsOf.of(day) for day in days}):
        at_risk = find_cohort(views.on(day), cohort=cohort).filter(population="at_risk")
        end = min(until, Horizon(months=most).end(day))
        found.append(_followed(at_risk.select("household_id", "as_of"), entered, departed, day.day, end))
    if not found:
        raise InputError("label_no_day")
    return pl.concat(found)


def _followed(
    rows: pl.DataFrame, entered: pl.DataFrame, departed: pl.DataFrame, begin: date, end: date
) -> pl.DataFrame:
    """Return the follow-up of the households of one day, up to a last day."""
    fallen = entered.filter((pl.col("happened_on") <= begin) & (pl.col("entered_on") > begin))
    rows = rows.join(fallen, on="household_id", how="anti")
    later = entered.filter(pl.col("happened_on").is_between(begin, end, closed="right"))
    first = later.group_by("household_id").agg(fell_on=pl.col("happened_on").min())
    # who was gone already, by what was learned since, is gone on the first day
    left_on = pl.col("departed_on").clip(lower_bound=begin + timedelta(days=1))
    left = departed.select("household_id", left_on=pl.when(left_on <= end).then(left_on))
    ended = rows.join(first, on="household_id", how="left").join(left, on="household_id", how="left")
    relapsed = (pl.col("fell_on") <= pl.col("left_on").fill_null(end)).fill_null(False)
    last = pl.min_horizontal("fell_on", "left_on", pl.lit(end))
    return ended.select(
        *("household_id", "as_of"),
        months=pl.max_horizontal(_months(pl.lit(begin), last), 0.0),
        relapsed=relapsed,
        competing_event=pl.col("left_on").is_not_null() & ~relapsed,
    ).sort("household_id")


def _months(begin: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Return the months between two days, counted from the days after them so that ends of months are months apart."""
    first, last = begin.dt.offset_by("1d"), end.dt.offset_by("1d")
    whole = (last.dt.year() - first.dt.year()) * 12 + last.dt.month().cast(pl.Int32) - first.dt.month().cast(pl.Int32)
    days = last.dt.day().cast(pl.Int32) - first.dt.day().cast(pl.Int32)
    return whole + days / _DAYS_A_MONTH
