"""Who is at risk on a day: households out of poverty in the register, or above the line."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, get_args

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.labels.attrition import departures
from relapse_risk.periods import AsOf
from relapse_risk.policy import Lines
from relapse_risk.records import AsOfView, Records, is_of_types

__all__ = ["EXCLUSION_REASONS", "Cohort", "find_cohort", "first_of"]

Cohort = Literal["wide", "narrow"]

_COLUMNS = (
    *("household_id", "as_of", "population", "exclusion_reason", "stale", "period_end", "income", "line", "ratio"),
    "line_is_own",
)


def find_cohort(
    records: Records | AsOfView,
    as_of: str | date | AsOf | None = None,
    *,
    cohort: Cohort = "wide",
    lines: Lines | None = None,
    max_age: int | None = None,
    after_fixed_expenditure: bool = False,
) -> pl.DataFrame:
    """Return who is at risk of a relapse on a day, and who is not, and why.

    It reads the state of each household (`AsOfView.states`). At risk is who is out of poverty: exited, exited again,
    near-poor or never poor, or monitored where the register says no more. Who has relapsed is not, until the register
    says that it left poverty again. Where the register keeps no types at all, at risk is of the others whose current
    income is above the line. ``narrow`` keeps of these who was poor in an earlier known period, or is exited.

    Parameters
    ----------
    records : Records or AsOfView
        All versions of the records, or a view of the day.
    as_of : str, date or AsOf, optional
        The as-of day, which a view has already: only what was known at its end counts.
    cohort : {"wide", "narrow"}, default "wide"
        Who may be at risk.
    lines : Lines, optional
        Poverty lines by year; by default those of the view, else the built-in ones.
    max_age : int, optional
        How many of its own lengths before the day a period may end and still be current; by default that of the view,
        else 1.
    after_fixed_expenditure : bool, default False
        Take rigid expenditure off every income first, as `yearly_incomes` does. It decides who is at risk only where
        incomes do.

    Returns
    -------
    pl.DataFrame
        One row per household known on the day, in order: household_id, as_of, population (``at_risk``; ``rule_only``:
        still poor or relapsed, so hard rules apply; ``not_scored``), exclusion_reason (null at risk, else the first
        that holds of ``departed``, ``relapsed``, ``type_missing``, ``poor``, ``income_missing``, ``line_missing``,
        ``below_line`` and ``never_poor``), stale (whether the current income is too old for training, or there is
        none), and the current income: period_end, income and line (yuan per person-year), ratio (income over line),
        line_is_own.

    Raises
    ------
    InputError
        As ``AsOfView.of`` and, with `after_fixed_expenditure`, `yearly_incomes`; if there is no such cohort
        (``cohort_unknown``), or neither households nor incomes are there (``nobody_known``).

    Examples
    --------
    >>> households = pl.DataFrame(
    ...     {
    ...         "household_id": ["h1", "h2"],
    ...         "recorded_on": [date(2018, 12, 1), date(2018, 12, 1)],
    ...         "household_type": ["exited", "poor"],
    ...     }
    ... )
    >>> find_cohort(Records({"households": households}), "2019-12-31")["population"].to_list()
    ['at_risk', 'rule_only']
    """
    if cohort not in get_args(Cohort):
        raise InputError("cohort_unknown", cohort=cohort, known=", ".join(get_args(Cohort)))
    view = AsOfView.of(records, as_of, lines=lines, max_age=max_age)
    if after_fixed_expenditure:
        yearly, current = view.yearly_incomes_after_fixed_expenditure, view.current_incomes_after_fixed_expenditure
    else:
        yearly, current = view.yearly_incomes, view.current_incomes
    rows = view.states.select("household_id", "state", "monitored")
    for of_household in (current, _poor_before(yearly), departures(view)):
        rows = rows.join(of_household, on="household_id", how="left")
    return (
        rows.with_columns(
            as_of=pl.lit(view.as_of.day),
            stale=pl.col("stale").fill_null(True),
            exclusion_reason=_why(view.keeps_types, cohort),
        )
        .with_columns(population=_population())
        .select(_COLUMNS)
        .sort("household_id")
    )


def first_of(reasons: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the first reason that holds in each row, null if none does (null counts as not holding)."""
    return pl.coalesce(pl.when(holds).then(pl.lit(reason)) for reason, holds in reasons.items())


def _poor_before(yearly: pl.DataFrame) -> pl.DataFrame:
    """Return the first known period each household was below the line in: household_id, poor_since."""
    poor = yearly.filter(pl.col("ratio") < 1)
    return poor.group_by("household_id").agg(pl.col("period_end").min().alias("poor_since"))


def _why(typed: bool, cohort: Cohort) -> pl.Expr:
    """Return why a household is not at risk, null where it is; the first that holds."""
    gone, relapsed = pl.col("departed_on").is_not_null(), pl.col("state") == "relapsed"
    reasons = {"departed": gone, "relapsed": relapsed, **(_TYPED if typed else _UNTYPED)}
    if cohort == "narrow":
        was_poor = (pl.col("poor_since") < pl.col("period_end")).fill_null(False)
        reasons["never_poor"] = ~(was_poor | is_of_types(["exited"]).fill_null(False))
    return first_of(reasons)


_TYPED = {
    # Whom the register watches is out of poverty, whatever else it does not say.
    "type_missing": pl.col("state").is_null() & ~pl.col("monitored").fill_null(False),
    "poor": pl.col("state") == "poor",
}
_UNTYPED = {
    "income_missing": pl.col("income").is_null(),
    "line_missing": pl.col("ratio").is_null(),
    "below_line": pl.col("ratio") <= 1,
}
EXCLUSION_REASONS = ("departed", "relapsed", *_TYPED, *_UNTYPED, "never_poor")
"""Why a household may not be at risk."""

_HARD_RULES = ("poor", "relapsed", "below_line")


def _population() -> pl.Expr:
    return (
        pl.when(pl.col("exclusion_reason").is_null())
        .then(pl.lit("at_risk"))
        .when(pl.col("exclusion_reason").is_in(_HARD_RULES))
        .then(pl.lit("rule_only"))
        .otherwise(pl.lit("not_scored"))
    )
