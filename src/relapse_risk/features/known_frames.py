"""What several builders share: the current income, and small expressions."""

from collections.abc import Iterable, Mapping

import polars as pl

from relapse_risk.features.declare import Feature
from relapse_risk.periods import AsOf
from relapse_risk.policy import REASONS, EducationFile, read_model
from relapse_risk.records import AsOfView

__all__ = [
    "ADULT",
    "DAYS_A_MONTH",
    "ELDERLY",
    "cause_code",
    "change",
    "current",
    "is_last",
    "known_count",
    "known_share",
    "known_sum",
    "months_since",
    "recency",
    "share_of_income",
    "signed_log",
    "wanted",
    "years_of_schooling",
]

ADULT, ELDERLY = 16, 60
"""Working age: from the end of compulsory schooling to the age a rural pension is paid from."""

DAYS_A_MONTH = 365.25 / 12


def current(view: AsOfView) -> pl.DataFrame:
    """Return each household's last known income: household_id, size, line, per_person and household (yuan a year)."""
    if not view.known.has("incomes"):
        return pl.DataFrame(
            schema={
                "household_id": pl.String,
                "size": pl.Float64,
                "line": pl.Float64,
                "per_person": pl.Float64,
                "household": pl.Float64,
            }
        )
    size = pl.col("household_size").cast(pl.Float64)
    return view.current_incomes.select(
        "household_id",
        size.alias("size"),
        "line",
        pl.col("income").alias("per_person"),
        (pl.col("income") * size).alias("household"),
    )


def years_of_schooling() -> pl.Expr:
    """Return the years of schooling each member's step of education stands for."""
    years = read_model(EducationFile, "education").years
    return pl.col("education").replace_strict(years, default=None, return_dtype=pl.Float64)


def wanted(view: AsOfView, features: Iterable[Feature], expressions: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    """Return the expressions of those features for which the records have what they need."""
    return {f.name: expressions[f.name] for f in features if f.lack(view.known) is None}


def known_sum(amount: pl.Expr) -> pl.Expr:
    """Return the sum of the known amounts of a group: 0 if it has none, null if all of them are unknown."""
    return pl.when((amount.count() > 0) | (amount.len() == 0)).then(amount.sum())


def known_count(of_person: pl.Expr) -> pl.Expr:
    """Return how many rows something holds for; unknown where it is known to hold for none but not known of all."""
    return pl.when(of_person.any(ignore_nulls=True) | of_person.is_not_null().all()).then(of_person.sum())


def known_share(of_person: pl.Expr) -> pl.Expr:
    """Return what `known_count` says over all rows: no share of those known alone, which would guess of the others."""
    return pl.when(of_person.len() > 0).then(known_count(of_person) / of_person.len())


def change(value: pl.Expr) -> pl.Expr:
    """Return each row's value less that of the household's row before; rows are ordered by household."""
    same = pl.col("household_id") == pl.col("household_id").shift(1)
    return pl.when(same).then(value - value.shift(1))


def is_last() -> pl.Expr:
    """Return whether a row is the last of its household; rows are ordered by household."""
    return (pl.col("household_id") != pl.col("household_id").shift(-1)).fill_null(True)


def share_of_income(amount: pl.Expr, income: pl.Expr) -> pl.Expr:
    """Return an amount over an income for people to read: 0 of nothing, unknown from ten times the income on.

    Where income is next to nothing, a share of it is only a large number.
    """
    return pl.when(amount == 0).then(0.0).when(amount < 10 * income).then(amount / income)


def signed_log(value: pl.Expr) -> pl.Expr:
    """Return sign(x) log(1 + |x|): near x for small values, a log for large ones, finite everywhere."""
    return value.sign() * value.abs().log1p()


def cause_code(cause: pl.Expr) -> pl.Expr:
    """Return the reason that a register's wording of a cause belongs to; ``other`` for wordings of no reason."""
    codes = {wording: code for code, reason in REASONS.items() for wording in (code, *reason.cause)}
    return cause.replace_strict(
        codes, default=pl.when(cause.is_not_null()).then(pl.lit("other")), return_dtype=pl.String
    )


def months_since(day: pl.Expr, as_of: AsOf) -> pl.Expr:
    """Return the full months from a day to the as-of day."""
    return ((pl.lit(as_of.day) - day).dt.total_days() / DAYS_A_MONTH).floor()


def recency(day: pl.Expr, as_of: AsOf) -> pl.Expr:
    """Return 1 for today, 1/2 for a year ago, 1/3 for two: a time since that has a natural value, 0, for never.

    Source: hyperbolic decay; bounded, so that a linear model can use it as it is.
    """
    return 1 / (1 + (pl.lit(as_of.day) - day).dt.total_days() / 365.25)
