"""Who is at risk on a day: households out of poverty in the register, or above the line."""

from datetime import date
from typing import Literal, get_args

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.labels.attrition import departures
from relapse_risk.labels.entries import entries
from relapse_risk.labels.first_reason import first_of
from relapse_risk.periods import AsOf
from relapse_risk.policy import Lines
from relapse_risk.records import AsOfView, Records

__all__ = ["Cohort", "find_cohort"]

Cohort = Literal["wide", "narrow"]

_COLUMNS = (
    *("household_id", "as_of", "population", "exclusion_reason", "stale", "period_end", "income", "line", "ratio"),
    "line_is_own",
)
_OUT_OF_POVERTY = ("exited", "near_poor", "general")


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

    At risk is whom the register calls ``exited``, ``near_poor`` or ``general``, unless it entered a relapse of the
    household on or after the day it last said so. Where the register keeps no types at all, at risk is whose current
    income is above the line, unless a relapse is dated after that income's period. ``narrow`` keeps of these who was
    poor in an earlier known period, or is ``exited``.

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
        still poor or already entered as relapsed, so hard rules apply; ``not_scored``), exclusion_reason (null at
        risk, else ``poor``, ``relapsed``, ``below_line``, ``departed``, ``type_missing``, ``income_missing``,
        ``line_missing`` or ``never_poor``), stale (whether the current income is too old for training, or there is
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
    rows = _households(view)
    for of_household in (current, _poor_before(yearly), _entered(view), departures(view)):
        rows = rows.join(of_household, on="household_id", how="left")
    return (
        rows.with_columns(
            as_of=pl.lit(view.as_of.day),
            stale=pl.col("stale").fill_null(True),
            exclusion_reason=_why(_keeps_types(view.known), cohort),
        )
        .with_columns(population=_population())
        .select(_COLUMNS)
        .sort("household_id")
    )


def _households(view: AsOfView) -> pl.DataFrame:
    """Return every household known: household_id, household_type, and the day the register last said so."""
    known, table = view.known, view.known.table("households")
    # A row without a day of its own says what the export says: all there was by then.
    undated_on = known.known_until if table is None else view.known_until
    if table is None:
        table = known.table("incomes")
        if table is None:
            raise InputError("nobody_known", missing="households, incomes")
        table = table.select(pl.col("household_id").unique())
    kept = [name for name in ("household_type", "recorded_on") if name in table.columns]
    nothing = {"household_type": pl.String(), "recorded_on": pl.Date()}
    return table.select(
        "household_id", *kept, *(pl.lit(None, dtype=nothing[name]).alias(name) for name in nothing if name not in kept)
    ).select(
        "household_id",
        "household_type",
        stated_on=pl.col("recorded_on").fill_null(undated_on),
    )


def _keeps_types(known: Records) -> bool:
    """Return whether the register had called any household anything by then."""
    households = known.table("households")
    if households is None or "household_type" not in households.columns:
        return False
    return not households["household_type"].is_null().all()


def _poor_before(yearly: pl.DataFrame) -> pl.DataFrame:
    """Return the first known period each household was below the line in: household_id, poor_since."""
    poor = yearly.filter(pl.col("ratio") < 1)
    return poor.group_by("household_id").agg(pl.col("period_end").min().alias("poor_since"))


def _entered(view: AsOfView) -> pl.DataFrame:
    """Return each household's last relapse entered: household_id, entered_on, relapsed_on."""
    return (
        entries(view)
        .group_by("household_id")
        .agg(pl.col("entered_on").max(), pl.col("happened_on").max().alias("relapsed_on"))
    )


def _why(typed: bool, cohort: Cohort) -> pl.Expr:
    """Return why a household is not at risk, null where it is; the first that holds."""
    reasons = {"departed": pl.col("departed_on").is_not_null(), **(_TYPED if typed else _UNTYPED)}
    if cohort == "narrow":
        was_poor = (pl.col("poor_since") < pl.col("period_end")).fill_null(False)
        exited = (pl.col("household_type") == "exited").fill_null(False)
        reasons["never_poor"] = ~(was_poor | exited)
    return first_of(reasons)


_TYPED = {
    "type_missing": pl.col("household_type").is_null(),
    "poor": ~pl.col("household_type").is_in(_OUT_OF_POVERTY),
    # On one day the entry counts: a relapse just entered outweighs a type carried over from the year before.
    "relapsed": pl.col("entered_on") >= pl.col("stated_on"),
}
_UNTYPED = {
    "income_missing": pl.col("income").is_null(),
    "line_missing": pl.col("ratio").is_null(),
    "below_line": pl.col("ratio") <= 1,
    "relapsed": pl.col("relapsed_on") > pl.col("period_end"),
}
_HARD_RULES = ("poor", "relapsed", "below_line")


def _population() -> pl.Expr:
    return (
        pl.when(pl.col("exclusion_reason").is_null())
        .then(pl.lit("at_risk"))
        .when(pl.col("exclusion_reason").is_in(_HARD_RULES))
        .then(pl.lit("rule_only"))
        .otherwise(pl.lit("not_scored"))
    )
