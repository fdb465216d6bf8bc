"""Estimates for households outside the list from random visits, since a visit makes outcomes better known."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.metrics import Interval, weighted_share
from relapse_risk.monitoring.frame_keys import CERTAIN, DRAWN, KEYS, LISTED, checked, over, schema, with_bounds

__all__ = ["WEIGHTED", "visit_weights", "weighted_figures"]

WEIGHTED = {
    "as_of": pl.Date,
    **schema(("outside", "drawn", "listed", "listed_visited"), ("outside_rate", "outside_rate_lower")),
    **schema((), ("outside_rate_upper", "naive_outside_rate", "missed", "missed_lower", "missed_upper")),
    **schema(("naive_missed",), ("recall", "recall_lower", "recall_upper", "naive_recall")),
}


def visit_weights(rows: pl.DataFrame, visits: pl.DataFrame) -> pl.Series:
    """Return weights by which visited households stand for all: 1 over their inclusion probability, 0 if not visited.

    Days on which nobody was listed keep the weight 1: nothing had yet made some outcomes better known than others.
    Where visits did not take place, the chance to give is that of being visited: as it is, the listed or the drawn
    of whom fewer were visited count for too little.

    Parameters
    ----------
    rows : pl.DataFrame
        household_id and as_of.
    visits : pl.DataFrame
        household_id, as_of and inclusion_probability (1 for the listed, n / N for the drawn) of those who were visited.

    Raises
    ------
    InputError
        If a column is missing (``frame_columns``), a household has two rows in a month (``frame_twice``), a
        chance is none (``visits_chance``), or no day of the rows has any visit (``visits_no_day``).

    Examples
    --------
    >>> from datetime import date
    >>> day, earlier = date(2020, 1, 31), date(2019, 1, 31)
    >>> rows = pl.DataFrame({"household_id": ["a", "b", "c", "a"], "as_of": [day, day, day, earlier]})
    >>> visits = pl.DataFrame({"household_id": ["a", "b"], "as_of": [day, day], "inclusion_probability": [1.0, 0.25]})
    >>> visit_weights(rows, visits).to_list()
    [1.0, 4.0, 0.0, 1.0]
    """
    visits = checked("visits", visits, ("inclusion_probability",)).with_columns(
        pl.col("inclusion_probability").cast(pl.Float64)
    )
    if not visits["inclusion_probability"].is_between(0, 1, closed="right").fill_null(False).all():
        raise InputError("visits_chance")
    if rows.join(visits, on="as_of", how="semi").is_empty():
        raise InputError("visits_no_day")
    days = visits.select("as_of").unique().with_columns(listed_then=pl.lit(True))
    joined = (
        rows.select(KEYS)
        .join(days, on="as_of", how="left", maintain_order="left")
        .join(visits, on=KEYS, how="left", maintain_order="left")
    )
    unvisited = pl.when("listed_then").then(0.0).otherwise(1.0)
    return joined.select(pl.coalesce(1 / pl.col("inclusion_probability"), unvisited).alias("weight")).to_series()


def weighted_figures(by_month: list[pl.DataFrame], level: float) -> Iterator[dict[str, Any]]:
    """Yield the estimates for each month with random visits, and for all months together.

    Parameters
    ----------
    by_month : list of pl.DataFrame
        The rows of each month, see `Realised.rows`.
    level : float
    """
    drawn = [part for part in by_month if part["over"][0] and part.select(DRAWN.any()).item()]
    for part in drawn:
        yield {"as_of": part["as_of"][0], **_by_draw(part, level)}
    if drawn:
        yield {"as_of": None, **_by_draw(pl.concat(drawn), level)}


def _by_draw(rows: pl.DataFrame, level: float) -> dict[str, Any]:
    judged = rows.filter(pl.col("relapsed").is_not_null())
    listed, outside = judged.filter(CERTAIN), judged.filter(~CERTAIN)
    seen, drawn = listed.filter("visited"), outside.filter(DRAWN | LISTED, "visited")
    counts = {"outside": outside.height, "drawn": drawn.height, "listed": listed.height, "listed_visited": seen.height}
    naive_missed, naive_caught = (part.filter("relapsed").height for part in (outside, listed))
    naive = {
        "naive_outside_rate": over(naive_missed, outside.height),
        "naive_missed": naive_missed,
        "naive_recall": over(naive_caught, naive_missed + naive_caught),
    }
    if drawn.is_empty() or (seen.is_empty() and not listed.is_empty()):
        return counts | naive
    # Both parts at a higher level, so that they hold together (Bonferroni); of all visited nothing is left to chance.
    each = level if seen.height == listed.height else (1 + level) / 2
    rate, caught = _share(drawn, outside, each), _share(seen, listed, each)
    missed = _times(rate, outside.height)
    recall = _recall(_times(caught, listed.height) if listed.height else _times(rate, 0), missed)
    return {
        **counts,
        **naive,
        **with_bounds("outside_rate", rate),
        **with_bounds("missed", missed),
        **with_bounds("recall", recall),
    }


def _share(seen: pl.DataFrame, of: pl.DataFrame, level: float) -> Interval:
    """Return the share that relapsed of some households, by those of them that were seen.

    Each stands for 1 over its inclusion probability, month by month scaled to who is there: where fewer of the visits
    took place, those that did stand for more.
    """
    there = of.group_by("as_of").len("there")
    chance = pl.col("inclusion_probability").cast(pl.Float64)
    part = seen.join(there, on="as_of", how="left", maintain_order="left").select(
        chance * (1 / chance).sum().over("as_of") / pl.col("there")
    )
    return weighted_share(seen["relapsed"], part.to_series(), of.height, level)


def _times(share: Interval, rows: int) -> Interval:
    return Interval(estimate=share.estimate * rows, lower=share.lower * rows, upper=share.upper * rows)


def _recall(caught: Interval, missed: Interval) -> Interval:
    """Return the share of the relapses that was listed; it rises with those caught and falls with those missed."""
    ends = ((caught.estimate, missed.estimate), (caught.lower, missed.upper), (caught.upper, missed.lower))
    estimate, lower, upper = (hit / (hit + miss) if hit + miss > 0 else float("nan") for hit, miss in ends)
    return Interval(estimate=estimate, lower=lower, upper=upper)
