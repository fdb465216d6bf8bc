"""Who is at risk on an as-of day, who is under hard rules only, and who cannot be scored."""

from datetime import date

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.periods import AsOf
from relapse_risk.policy import Lines, read_policy
from relapse_risk.records import Records, current_incomes, yearly_incomes

__all__ = ["COHORTS", "find_cohort"]

COHORTS = ("wide", "narrow")
_AT_RISK_TYPES = ("exited", "near_poor", "general")


def find_cohort(
    records: Records,
    as_of: str | date | AsOf,
    *,
    cohort: str = "wide",
    lines: Lines | None = None,
    max_age: int = 1,
) -> pl.DataFrame:
    """Return every household known on a day, and whether it is at risk of relapse.

    At risk (``wide``): the register calls it exited, near-poor or general and has not since entered a relapse for it;
    where the register keeps no types, its current income is not below the line. ``narrow``: and it was poor in an
    earlier known period, or is exited.

    Parameters
    ----------
    records : Records
    as_of : str, date or AsOf
    cohort : {"wide", "narrow"}
    lines : Lines, optional
        Poverty lines by year; ours by default.
    max_age : int
        How many of its own lengths before the day a period may end and still be current.

    Returns
    -------
    pl.DataFrame
        One row per household, in order: household_id, as_of, population (``at_risk``, ``rule_only``, ``not_scored``),
        why (for the last two: ``poor``, ``below_line``, ``relapsed``; ``gone``, ``type_unknown``, ``no_income``,
        ``never_poor``), stale (no income, or an old one), period_start, period_end, income and line (yuan per
        person-year), ratio, line_is_own.

    Raises
    ------
    InputError
        If the cohort has another name (``cohort_unknown``), or as `Records.known_by` says.

    Examples
    --------
    >>> from datetime import date
    >>> households = pl.DataFrame(
    ...     {
    ...         "household_id": ["h1", "h2"],
    ...         "recorded_on": [date(2018, 12, 1)] * 2,
    ...         "household_type": ["exited", "poor"],
    ...     }
    ... )
    >>> find_cohort(Records({"households": households}), "2018-12-31")["population"].to_list()
    ['at_risk', 'rule_only']
    """
    if cohort not in COHORTS:
        raise InputError("cohort_unknown", cohort=cohort, known=", ".join(COHORTS))
    day = AsOf.of(as_of)
    known = records.known_by(day)
    lines = lines or read_policy().lines
    current = current_incomes(known, day, lines, max_age).drop("months", "household_size")
    standing = (
        _everyone(known)
        .join(current, on="household_id", how="left")
        .join(_types(known, day), on="household_id", how="left")
        .join(_entered(known), on="household_id", how="left")
        .join(_once_poor(known, lines), on="household_id", how="left")
        .join(_gone(known), on="household_id", how="left")
    )
    typed = known.has("households", "household_type") and standing["household_type"].is_not_null().any()
    why = _why(typed=typed, narrow=cohort == "narrow")
    return standing.with_columns(why=why, as_of=pl.lit(day.day), stale=pl.col("stale").fill_null(value=True)).select(
        "household_id",
        "as_of",
        _population().alias("population"),
        "why",
        "stale",
        *("period_start", "period_end", "income", "line", "ratio", "line_is_own"),
    )


def _everyone(known: Records) -> pl.DataFrame:
    ids = [
        frame.select("household_id") for name in ("households", "incomes") if (frame := known.table(name)) is not None
    ]
    if not ids:
        raise InputError("nobody_known", lacking="households, incomes")
    return pl.concat(ids).unique().sort("household_id")


def _types(known: Records, day: AsOf) -> pl.DataFrame:
    """Return what the register calls each household, and since when that is its word."""
    households = known.table("households")
    if households is None:
        return pl.DataFrame(schema={"household_id": pl.String, "household_type": pl.String, "typed_on": pl.Date})
    kind = pl.col("household_type") if "household_type" in households.columns else pl.lit(None, dtype=pl.String)
    said = pl.col("recorded_on") if "recorded_on" in households.columns else pl.lit(None, dtype=pl.Date)
    return households.select("household_id", kind.alias("household_type"), said.fill_null(day.day).alias("typed_on"))


def _entered(known: Records) -> pl.DataFrame:
    """Return the day the register last entered a relapse for each household."""
    relapses = known.table("relapses")
    if relapses is None:
        return pl.DataFrame(schema={"household_id": pl.String, "entered_on": pl.Date})
    days = [name for name in ("recorded_on", "relapsed_on") if name in relapses.columns]
    return relapses.group_by("household_id").agg(pl.coalesce(days).max().alias("entered_on"))


def _once_poor(known: Records, lines: Lines) -> pl.DataFrame:
    """Return the households that were below the line in a period before their last one."""
    incomes = yearly_incomes(known, lines)
    earlier = pl.col("period_end") < pl.col("period_end").max().over("household_id")
    return incomes.filter(earlier & (pl.col("ratio") < 1)).select("household_id", once_poor=pl.lit(value=True)).unique()


def _gone(known: Records) -> pl.DataFrame:
    """Return the households all of whose members have died or left."""
    members = known.table("members")
    if members is None or "left_on" not in members.columns:
        return pl.DataFrame(schema={"household_id": pl.String, "gone": pl.Boolean})
    return members.group_by("household_id").agg(pl.col("left_on").is_not_null().all().alias("gone"))


def _why(*, typed: bool, narrow: bool) -> pl.Expr:
    """Return why a household is not at risk; null if it is. The first of several reasons counts."""
    kind = pl.col("household_type")
    # A relapse entered on the day of the type counts as entered since: the type could not know better.
    since = pl.col("typed_on") if typed else pl.col("period_end")
    relapsed = (pl.col("entered_on") >= since).fill_null(value=False)
    checks: list[tuple[str, pl.Expr]] = [("gone", pl.col("gone"))]
    if typed:
        checks += [
            ("relapsed", relapsed & kind.is_in(_AT_RISK_TYPES)),
            ("poor", kind == "poor"),
            ("type_unknown", kind.is_null()),
        ]
    else:
        checks += [
            ("no_income", pl.col("ratio").is_null()),
            ("below_line", pl.col("ratio") < 1),
            ("relapsed", relapsed),
        ]
    if narrow:
        once_poor = pl.col("once_poor").fill_null(value=False)
        checks.append(("never_poor", ~(once_poor | (kind == "exited").fill_null(value=False))))
    return pl.coalesce(pl.when(holds).then(pl.lit(why)) for why, holds in checks)


def _population() -> pl.Expr:
    why = pl.col("why")
    return (
        pl.when(why.is_null())
        .then(pl.lit("at_risk"))
        .when(why.is_in(("poor", "below_line", "relapsed")))
        .then(pl.lit("rule_only"))
        .otherwise(pl.lit("not_scored"))
    )
