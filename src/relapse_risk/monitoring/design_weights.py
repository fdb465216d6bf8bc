"""Estimates for households outside the list from random visits, since a visit makes outcomes better known."""

from collections.abc import Iterator
from math import exp, hypot, log
from typing import Any

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.metrics import Interval, weighted_share
from relapse_risk.monitoring.frame_keys import CERTAIN, DRAWN, KEYS, LISTED, checked, over, schema, with_bounds

__all__ = ["WEIGHTED", "refuse_early", "visit_weights", "weighted_figures"]

WEIGHTED = {
    "as_of": pl.Date,
    "refused": pl.String,
    **schema(("months", "outside", "drawn", "drawn_relapses", "listed", "listed_visited"), ()),
    **schema((), ("outside_rate", "outside_rate_lower", "outside_rate_upper", "naive_outside_rate")),
    **schema((), ("found_rate", "found_rate_lower", "found_rate_upper", "missed", "missed_lower", "missed_upper")),
    **schema(("naive_missed",), ("recall", "recall_lower", "recall_upper", "naive_recall")),
}


def visit_weights(rows: pl.DataFrame, visits: pl.DataFrame, ends: pl.DataFrame) -> pl.Series:
    """Return weights by which visited households stand for all: 1 over their inclusion probability, 0 if not visited.

    A visit during the horizon tells who has fallen by then: only visits after its end say what became of a household.
    Days on which nobody was listed keep the weight 1: nothing had yet made some outcomes better known than others.
    Where visits did not take place, the chance to give is that of being visited: as it is, the listed or the drawn
    of whom fewer were visited count for too little.

    Parameters
    ----------
    rows : pl.DataFrame
        household_id and as_of.
    visits : pl.DataFrame
        household_id, as_of, visited_on and inclusion_probability (1 for the listed, n / N for the drawn) of those who
        were visited when the horizon was over.
    ends : pl.DataFrame
        as_of and horizon_end of the days.

    Raises
    ------
    InputError
        If a column is missing (``frame_columns``), a household has two rows in a month (``frame_twice``), a
        chance is none (``visits_chance``), a visit was before the horizon's end (``visits_early``), or no day of the
        rows has any visit (``visits_no_day``).

    Examples
    --------
    >>> from datetime import date
    >>> day, earlier = date(2020, 1, 31), date(2019, 1, 31)
    >>> rows = pl.DataFrame({"household_id": ["a", "b", "c", "a"], "as_of": [day, day, day, earlier]})
    >>> visits = pl.DataFrame({"household_id": ["a", "b"], "as_of": [day, day], "visited_on": date(2021, 2, 9),
    ...     "inclusion_probability": [1.0, 0.25]})
    >>> ends = pl.DataFrame({"as_of": [earlier, day], "horizon_end": [day, date(2021, 1, 31)]})
    >>> visit_weights(rows, visits, ends).to_list()
    [1.0, 4.0, 0.0, 1.0]
    """
    visits = checked("visits", visits, ("inclusion_probability", "visited_on")).with_columns(
        pl.col("inclusion_probability").cast(pl.Float64)
    )
    if not visits["inclusion_probability"].is_between(0, 1, closed="right").fill_null(False).all():
        raise InputError("visits_chance")
    if rows.join(visits, on="as_of", how="semi").is_empty():
        raise InputError("visits_no_day")
    refuse_early(visits, ends)
    days = visits.select("as_of").unique().with_columns(listed_then=pl.lit(True))
    joined = (
        rows.select(KEYS)
        .join(days, on="as_of", how="left", maintain_order="left")
        .join(visits, on=KEYS, how="left", maintain_order="left")
    )
    unvisited = pl.when("listed_then").then(0.0).otherwise(1.0)
    return joined.select(pl.coalesce(1 / pl.col("inclusion_probability"), unvisited).alias("weight")).to_series()


def refuse_early(visits: pl.DataFrame, ends: pl.DataFrame) -> None:
    """Raise where visits that are to tell what became of households were before the end of the horizon.

    Raises
    ------
    InputError
        ``visits_early``; also for a visit without a day.
    """
    dated = visits.join(ends.select("as_of", "horizon_end"), on="as_of")
    early = dated.filter((pl.col("visited_on").cast(pl.Date) < pl.col("horizon_end")).fill_null(True))
    if early.height:
        first = early.sort("as_of").row(0, named=True)
        raise InputError("visits_early", count=early.height, as_of=first["as_of"], end=first["horizon_end"])


def weighted_figures(by_month: list[pl.DataFrame], level: float, least_relapses: int) -> Iterator[dict[str, Any]]:
    """Yield the estimates for each month with random visits, and for all months together.

    Parameters
    ----------
    by_month : list of pl.DataFrame
        The rows of each month, see `Realised.rows`.
    level : float
    least_relapses : int
        Of the drawn: with fewer no share of the relapses is estimated.
    """
    drawn = [part for part in by_month if part["over"][0] and part.select(DRAWN.any()).item()]
    for part in drawn:
        yield {"as_of": part["as_of"][0], **_by_draw([part], level, least_relapses)}
    if drawn:
        yield {"as_of": None, **_by_draw(drawn, level, least_relapses)}


def _by_draw(months: list[pl.DataFrame], level: float, least_relapses: int) -> dict[str, Any]:
    """Return the estimates of some months; those of the horizon rest on the months that were followed to its end."""
    followed = [part for part in months if part.select((DRAWN & pl.col("endline")).any()).item()]
    at_visit = _found_at_visit(pl.concat(months), level)
    if not followed:
        return {**at_visit, "months": 0, "refused": "not_visited_again"}
    judged = pl.concat(followed).filter(pl.col("relapsed").is_not_null())
    listed, outside = judged.filter(CERTAIN), judged.filter(~CERTAIN)
    seen, drawn = listed.filter("endline"), outside.filter(DRAWN | LISTED, "endline")
    counts = {"outside": outside.height, "drawn": drawn.height, "listed": listed.height, "listed_visited": seen.height}
    naive_missed, naive_caught = (part.filter("relapsed").height for part in (outside, listed))
    naive = {
        "naive_outside_rate": over(naive_missed, outside.height),
        "naive_missed": naive_missed,
        "naive_recall": over(naive_caught, naive_missed + naive_caught),
    }
    relapses = drawn.filter("relapsed").height
    found = {**at_visit, **counts, **naive, "months": len(followed), "drawn_relapses": relapses}
    rate = _share(drawn, outside, level)
    figures = {**with_bounds("outside_rate", rate), **with_bounds("missed", _times(rate, outside.height))}
    if relapses < least_relapses:
        return {**found, **figures, "refused": "few_relapses"}
    if seen.is_empty() and not listed.is_empty():
        return {**found, **figures, "refused": "listed_not_visited_again"}
    caught = _times(_share(seen, listed, level), listed.height) if listed.height else _times(rate, 0)
    return {**found, **figures, **with_bounds("recall", _recall(caught, _times(rate, outside.height)))}


def _found_at_visit(rows: pl.DataFrame, level: float) -> dict[str, float | None]:
    """Return the share of those outside the list that one visit finds in difficulty, whatever comes later."""
    outside = rows.filter(~CERTAIN)
    seen = outside.filter(DRAWN | LISTED, "visited", pl.col("found").is_not_null())
    return {} if seen.is_empty() else with_bounds("found_rate", _share(seen, outside, level, "found"))


def _share(seen: pl.DataFrame, of: pl.DataFrame, level: float, outcome: str = "relapsed") -> Interval:
    """Return the share of some households with an outcome, by those of them that were seen.

    Each stands for 1 over its inclusion probability, month by month scaled to who is there: where fewer of the visits
    took place, those that did stand for more.
    """
    there = of.group_by("as_of").len("there")
    chance = pl.col("inclusion_probability").cast(pl.Float64)
    part = seen.join(there, on="as_of", how="left", maintain_order="left").select(
        chance * (1 / chance).sum().over("as_of") / pl.col("there")
    )
    return weighted_share(seen[outcome], part.to_series(), of.height, level)


def _times(share: Interval, rows: int) -> Interval:
    return Interval(estimate=share.estimate * rows, lower=share.lower * rows, upper=share.upper * rows)


def _recall(caught: Interval, missed: Interval) -> Interval:
    """Return the share of the relapses that was listed.

    Its odds are those caught over those missed. The interval adds the distances to the bounds of both in squares, on
    the log scale (method of variance estimates recovery, Donner and Zou 2012): both ends at once would be too wide.
    """
    if min(caught.lower, missed.lower) <= 0:
        ends = ((caught.estimate, missed.estimate), (caught.lower, missed.upper), (caught.upper, missed.lower))
        estimate, lower, upper = (hit / (hit + miss) if hit + miss > 0 else float("nan") for hit, miss in ends)
        return Interval(estimate=estimate, lower=lower, upper=upper)
    odds = log(caught.estimate / missed.estimate)
    down = hypot(log(caught.estimate / caught.lower), log(missed.upper / missed.estimate))
    up = hypot(log(caught.upper / caught.estimate), log(missed.estimate / missed.lower))
    estimate, lower, upper = (1 / (1 + exp(-one)) for one in (odds, odds - down, odds + up))
    return Interval(estimate=estimate, lower=lower, upper=upper)
