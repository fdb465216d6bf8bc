"""As-of days that a training chooses itself: month ends of the last years, each household on one of them a year."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.metrics import hash_ids
from relapse_risk.periods import AsOf, add_months

__all__ = ["choose_days", "deal_households"]

YEARS = 3
"""What lies further back tells of other times."""

_STEP = 3
"""Months between the days of a year; the next year's days are a month off, so that three years hold every month."""


def choose_days(begins: date, horizon: int, until: date, *, first_relapse: date | None) -> Mapping[AsOf, date]:
    """Return the as-of days to train on, each with the first day of its year.

    Four month ends a year over the last three years whose outcomes are known, every month of the calendar among them.
    They cost four times what one day a year does; all month ends would cost twelve times.

    Parameters
    ----------
    begins : date
        The first day anything is said of households and of persons.
    horizon : int
        Months.
    until : date
        The last day that is looked at: of the newest day the horizon is over by then.
    first_relapse : date or None
        The first that is entered, where relapses may be those that are: days whose horizons are over before it are left
        out, since it seems that nobody entered them.

    Raises
    ------
    InputError
        If no month end lies a horizon before the end of the records, and behind their beginning
        (``train_no_month_end``).
    """
    newest = _month_end(until, -horizon)
    if add_months(newest, horizon) > until:
        newest = _month_end(newest, -1)
    if first_relapse is not None:
        begins = max(begins, add_months(first_relapse, -horizon))
    years = [
        [day for back in range(0, 12, _STEP) if (day := _month_end(newest, -(12 + 1) * year - back)) >= begins]
        for year in range(YEARS)
    ]
    days = {AsOf(day): min(year) for year in years for day in year}
    if not days:
        raise InputError("train_no_month_end", horizon=horizon, begins=begins, until=until)
    return dict(sorted(days.items(), key=lambda pair: pair[0].day))


def deal_households(rows: pl.DataFrame, year_of: Mapping[AsOf, date]) -> pl.DataFrame:
    """Return the rows of cohorts on the one day of a year that each household is dealt, by a hash of its id.

    Whether it is at risk that day, or on the others, has no part in it: who falls in spring is at risk in winter alone,
    and would be dealt winter for certain where others are for one in four.

    Parameters
    ----------
    rows : pl.DataFrame
        As `find_cohort` returns, of several days.
    year_of : Mapping of AsOf to date
        As `choose_days` returns.
    """
    homes = rows["household_id"].unique()
    ranks = pl.concat(
        pl.DataFrame({"household_id": homes, "rank": hash_ids(homes.to_numpy(), day.day.toordinal())}).with_columns(
            as_of=pl.lit(day.day), year=pl.lit(first)
        )
        for day, first in year_of.items()
    )
    dealt = ranks.filter(pl.col("rank") == pl.col("rank").min().over("household_id", "year"))
    return rows.join(dealt, on=["household_id", "as_of"], how="semi", maintain_order="left")


def _month_end(day: date, months: int) -> date:
    """Return the end of the month so many months from that of a day."""
    first = add_months(day.replace(day=1), months + 1)
    return date.fromordinal(first.toordinal() - 1)
