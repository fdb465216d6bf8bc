"""Risk counted by prefecture, county, town, village or group: no household in it."""

from collections.abc import Sequence

import polars as pl

from relapse_risk.policy import REASONS

__all__ = ["AT_RISK", "LISTED", "WAITING", "count_rows", "roll_up"]

AT_RISK = pl.col("population") == "at_risk"
LISTED = pl.col("listed_for").is_not_null()
WAITING = pl.col("waiting_for").is_not_null()


def roll_up(risk: pl.DataFrame, places: pl.DataFrame, by: Sequence[str], least: int = 0) -> pl.DataFrame:
    """Count households and risk by area.

    Parameters
    ----------
    risk : pl.DataFrame
        household_id, population, probability, tier, listed_for, waiting_for and reason_1.
    places : pl.DataFrame
        household_id and the columns of `by`.
    by : sequence of str
        Columns that together name an area, as `records.area_path` returns.
    least : int, default 0
        Areas with fewer households at risk are counted together, so that no figure points at a household; with the
        next larger ones if they are fewer even together.

    Returns
    -------
    pl.DataFrame
        In the order of area names, unnamed ones late and the small ones last: the columns of `by` (null for the small
        ones), small (whether this is the row of the small ones), households, at_risk, listed, by_rule (listed only by a
        hard rule), waiting, red (of the listed), expected (relapses: the sum of probabilities), mean_risk (null where
        nobody is at risk) and leading_reason (the most frequent first reason of the listed; null where there are none).

    Examples
    --------
    >>> risk = pl.DataFrame({"household_id": ["a", "b"], "population": ["at_risk", "rule_only"],
    ...     "probability": [0.25, None], "tier": ["red", None], "listed_for": ["model", None],
    ...     "waiting_for": [None, "rule"], "reason_1": ["illness", None]})
    >>> roll_up(risk, pl.DataFrame({"household_id": ["a", "b"], "town": ["T", "T"]}), ["town"]).row(0)
    ('T', False, 2, 1, 1, 0, 1, 1, 0.25, 0.25, 'illness')
    """
    placed = risk.join(places.select("household_id", *by), on="household_id", how="left")
    return (
        _without_small(placed, by, least)
        .group_by([*by, "small"])
        .agg(
            pl.len().cast(pl.Int64).alias("households"),
            count_rows(AT_RISK).alias("at_risk"),
            count_rows(LISTED).alias("listed"),
            count_rows(pl.col("listed_for") == "rule").alias("by_rule"),
            count_rows(WAITING).alias("waiting"),
            count_rows(LISTED & (pl.col("tier") == "red")).alias("red"),
            pl.col("probability").sum().alias("expected"),
            pl.col("probability").mean().alias("mean_risk"),
            _leading_reason().alias("leading_reason"),
        )
        .sort("small", *by, nulls_last=True)
    )


def _without_small(placed: pl.DataFrame, by: Sequence[str], least: int) -> pl.DataFrame:
    """Mark the households of small areas and take the names of their areas away."""
    sizes = placed.group_by(by).agg(count_rows(AT_RISK).alias("size")).sort("size", *by)
    too_small = pl.col("size") < least
    gathered = pl.col("size").cum_sum().shift(1, fill_value=0)
    small = too_small | (too_small.any() & (gathered < least))
    marked = placed.join(sizes.select(*by, small.alias("small")), on=by, how="left", nulls_equal=True)
    names = [pl.when("small").then(None).otherwise(pl.col(name)).alias(name) for name in by]
    return marked.with_columns(names)


def count_rows(condition: pl.Expr) -> pl.Expr:
    """Return how many rows of a group meet a condition."""
    return condition.sum().cast(pl.Int64)


def _leading_reason() -> pl.Expr:
    """Return the most frequent first reason of the listed; of equal ones, the reason that is shown first."""
    first = pl.col("reason_1").filter(LISTED)
    counts = pl.concat_list((first == code).sum() for code in REASONS)
    codes = pl.lit(pl.Series([*REASONS]))
    return pl.when(first.is_not_null().any()).then(codes.gather(counts.list.arg_max()).first())
