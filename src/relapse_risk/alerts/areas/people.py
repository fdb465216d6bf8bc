"""The basis for counting areas: the size of each household, whether it is poor, and its income."""

import polars as pl

from relapse_risk.alerts.persons import count_persons
from relapse_risk.records import POOR_STATES, AsOfView

__all__ = ["find_people"]


def find_people(view: AsOfView, cohort: pl.DataFrame) -> pl.DataFrame:
    """Return every household that somebody is left of.

    Parameters
    ----------
    view : AsOfView
    cohort : pl.DataFrame
        From `find_cohort`: household_id and exclusion_reason.

    Returns
    -------
    pl.DataFrame
        household_id; persons (null if not known); poor (by the register: its state is poor or relapsed; null where it
        says nothing); income and line (yuan per person-year; of an income that is current, else null).
    """
    current = view.current_incomes.filter(~pl.col("stale") & pl.col("line").is_not_null())
    return (
        view.states.select("household_id", poor=pl.col("state").is_in(POOR_STATES))
        .join(cohort.select("household_id", "exclusion_reason"), on="household_id")
        .filter(pl.col("exclusion_reason").ne_missing("departed"))
        .join(count_persons(view), on="household_id")
        .join(current.select("household_id", "income", "line"), on="household_id", how="left")
        .select("household_id", "persons", "poor", "income", "line")
        .sort("household_id")
    )
