"""How far back a county's own outcomes are known."""

from datetime import date

import polars as pl

from relapse_risk.labels import label_relapse
from relapse_risk.labels.cohort import Cohort
from relapse_risk.labels.relapse import Label
from relapse_risk.periods import AsOf, add_months
from relapse_risk.records import AsOfViews, Records
from relapse_risk.training.sample.sample import usable

__all__ = ["MOST_DAYS", "first_days", "first_known", "look_back"]

MOST_DAYS = 4
"""Earlier as-of days that are looked at: what lies further back tells of other times."""


def look_back(
    views: AsOfViews, day: AsOf, horizon: int, *, label: Label, cohort: Cohort, until: date
) -> tuple[list[AsOf], int]:
    """Return the as-of days before a day whose outcomes were known by then, and how many relapses these are.

    The days are one, two, three and four horizons before it, so that no relapse counts twice. With label ``recorded``
    they begin with the first that holds a relapse: before, it seems, nobody entered them.

    Parameters
    ----------
    views : AsOfViews
    day : AsOf
    horizon : int
        Months.
    label, cohort
        As in `label_relapse`.
    until : date
        Nothing recorded later is looked at.
    """
    records = views.records
    days = _days_before(records, day, horizon)
    if not days or (label == "recorded" and not records.has("relapses")):
        return [], 0
    labels = label_relapse(views, days, horizon, label=label, cohort=cohort, known_by=until)
    known = usable(labels).group_by("as_of").agg(pl.col("relapsed").sum()).sort("as_of")
    if label == "recorded":
        known = known.filter(pl.col("relapsed").cum_sum() > 0)
    return [AsOf(one) for one in known["as_of"]], int(known["relapsed"].sum())


def first_known(records: Records) -> date:
    """Return the first day that anything is said of households and of persons, where these are recorded."""
    return max(first_days(records).values())


def first_days(records: Records) -> dict[str, date]:
    """Return the first day that anything is said of households, and of persons, each where it is recorded."""
    return {name: _first_day(records, name) for name in ("households", "members") if records.has(name)}


def _days_before(records: Records, day: AsOf, horizon: int) -> list[AsOf]:
    begins = first_known(records)
    days = [AsOf(add_months(day.day, -horizon * times)) for times in range(MOST_DAYS, 0, -1)]
    return [one for one in days if one.day >= begins]


def _first_day(records: Records, name: str) -> date:
    """Return the first day that anything is said of households or persons; without dates, the day of the export."""
    return Records({name: records.require(name)}, exported_on=records.known_until).first_day
