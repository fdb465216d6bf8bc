"""Rigid expenditure (刚性支出): what a household could not avoid paying in a period."""

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.records.records import Records

__all__ = ["COSTS", "rigid_expenditure"]

COSTS = ("schooling_cost", "housing_cost")
"""Columns of incomes with expenditure of the period, beside the bills of the sick."""

_AMOUNTS = ("self_paid", "total_cost", "reimbursed")
_PERIOD = ("household_id", "period_start", "period_end")


def rigid_expenditure(known: Records) -> pl.DataFrame:
    """Return what each household paid in each income period for illness, schooling and housing repair.

    Of a bill counts what was paid by oneself, else total less reimbursed; a bill belongs to the periods in which its
    day lies. A household without a bill, and a cost that is blank, count as none; a bill without either amount leaves
    the expenditure of its period open upwards.

    Parameters
    ----------
    known : Records
        The state of a day (`Records.known_by`).

    Returns
    -------
    pl.DataFrame
        One row per household and income period: household_id, period_start, period_end, rigid (yuan in the period, of
        the household) and rigid_is_whole (whether every bill in it has an amount).

    Raises
    ------
    InputError
        If the records have no such expenditure at all (``no_rigid_expenditure``).
    """
    incomes, bills = known.table("incomes"), known.table("illness")
    costs = [] if incomes is None else [name for name in COSTS if name in incomes.columns]
    billed = bills is not None and ("self_paid" in bills.columns or {"total_cost", "reimbursed"} <= set(bills.columns))
    if incomes is None or not (costs or billed):
        raise InputError("no_rigid_expenditure")
    periods = incomes.select(
        *_PERIOD, other=pl.sum_horizontal(pl.lit(0.0), *(pl.col(name).cast(pl.Float64).clip(0.0) for name in costs))
    )
    if bills is None or not billed:
        return periods.select(*_PERIOD, rigid="other", rigid_is_whole=pl.lit(True))
    found = periods.join(_paid(periods, bills), on=_PERIOD, how="left")
    return found.select(
        *_PERIOD,
        rigid=pl.col("other") + pl.col("paid").fill_null(0.0),
        rigid_is_whole=pl.col("whole").fill_null(True),
    )


def _paid(periods: pl.DataFrame, bills: pl.DataFrame) -> pl.DataFrame:
    """Return the bills of each period summed: household_id, period_start, period_end, paid, whole."""
    missing = [pl.lit(None, dtype=pl.Float64).alias(name) for name in _AMOUNTS if name not in bills.columns]
    amount = pl.coalesce("self_paid", pl.col("total_cost") - pl.col("reimbursed")).cast(pl.Float64).clip(0.0)
    dated = bills.with_columns(missing).select("household_id", "occurred_on", amount=amount)
    inside = pl.col("occurred_on").is_between("period_start", "period_end")
    met = periods.select(_PERIOD).join(dated, on="household_id").filter(inside)
    return met.group_by(_PERIOD).agg(paid=pl.col("amount").sum(), whole=pl.col("amount").is_not_null().all())
