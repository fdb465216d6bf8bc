"""How many relapses are to be found by how many visits: what a capacity is worth."""

from collections.abc import Sequence
from math import ceil

import polars as pl
from scipy.special import logit

from relapse_risk.alerts.areas.rollup import AT_RISK
from relapse_risk.area_effects import ClusterEffects, count_areas
from relapse_risk.records import VISIT_LEVELS, area_path

__all__ = ["visit_curve"]

_NAMES = VISIT_LEVELS[:-1]
_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("level", *_NAMES), pl.String()),
        "share": pl.Float64(),
        **dict.fromkeys(("at_risk", "visits"), pl.Int64()),
        **dict.fromkeys(("expected", "found"), pl.Float64()),
        **dict.fromkeys(("lower", "upper"), pl.Int64()),
        "found_share": pl.Float64(),
    }
)


def visit_curve(
    risk: pl.DataFrame,
    places: pl.DataFrame,
    shocks: ClusterEffects | None,
    *,
    shares: Sequence[float],
    capacity: int,
    level: float = 0.9,
) -> pl.DataFrame:
    """Return how many relapses are expected among the highest risks, by the number of visits, in all and by town.

    Visits go to the highest risks alone: what rules, re-visits and the random visits take is not in it. The figures
    are sums of probabilities, so that they are worth what their calibration is.

    Parameters
    ----------
    risk : pl.DataFrame
        household_id, population, probability and rank.
    places : pl.DataFrame
        household_id and, as far as known, county, town and village.
    shocks : ClusterEffects or None
        What villages and years have in common; without it there are no bounds.
    shares : sequence of float
        Of the households at risk, that are visited.
    capacity : int
        The capacity given; in a town, those of its households that are within it.
    level : float
        Of the intervals.

    Returns
    -------
    pl.DataFrame
        In the order of areas and visits: level (``all``, ``town``), county, town, share (null for the capacity given),
        at_risk, visits, expected (relapses in the area), found (of these among the visited), lower and upper (bounds of
        the prediction interval of found, both included), found_share (found over expected).

    Examples
    --------
    >>> risk = pl.DataFrame({"household_id": list("abcd"), "population": "at_risk", "rank": [1, 2, 3, 4],
    ...     "probability": [0.5, 0.25, 0.125, 0.125]})
    >>> found = visit_curve(risk, risk.select("household_id"), None, shares=[0.25], capacity=2)
    >>> found.select("share", "visits", "found", "found_share").rows()
    [(0.25, 1, 0.5, 0.5), (None, 2, 0.75, 0.75)]
    """
    names = [name for name in VISIT_LEVELS if name in places.columns]
    path = area_path(places.columns, "town")
    placed = (
        risk.filter(AT_RISK)
        .select("household_id", "probability", "rank")
        .join(places.select("household_id", *dict.fromkeys((*path, *names))), on="household_id", how="left")
        .with_columns(
            within=pl.col("rank") <= capacity,
            in_village=pl.concat_str([*names, pl.lit("")], separator="/", ignore_nulls=True),
        )
        .sort("rank")
    )
    points = _points(placed, {"level": "all"}, shares)
    for key, town in placed.sort(*path, "rank", nulls_last=True).group_by(path, maintain_order=True) if path else ():
        points += _points(town, {"level": "town", **dict(zip(path, key, strict=True))}, shares)
    bounds = _bounds([visited for _, visited in points], shocks, level)
    return pl.DataFrame([row | both for (row, _), both in zip(points, bounds, strict=True)], schema=_SCHEMA)


def _points(
    ranked: pl.DataFrame, area: dict[str, object], shares: Sequence[float]
) -> list[tuple[dict[str, object], pl.DataFrame]]:
    """Return the points of an area's curve, by visits, each with whom is visited."""
    expected = float(ranked["probability"].sum())
    # Rounded first: 0.1 * 30 is a little more than 3 in floating point.
    wanted: list[tuple[float | None, int]] = [(share, ceil(round(share * ranked.height, 9))) for share in shares]
    wanted.append((None, int(ranked["within"].sum())))
    found = []
    for share, visits in sorted(wanted, key=lambda one: (one[1], one[0] is None)):
        visited = ranked.head(visits)
        relapses = float(visited["probability"].sum())
        row = {**area, "share": share, "at_risk": ranked.height, "visits": visits, "expected": expected}
        found.append((row | {"found": relapses, "found_share": relapses / expected if expected else None}, visited))
    return found


def _bounds(
    visited: Sequence[pl.DataFrame], shocks: ClusterEffects | None, level: float
) -> list[dict[str, int | None]]:
    """Return lower and upper bounds of the relapses among the visited of each point; none where nobody is."""
    columns = ("probability", "in_village")
    rows = pl.concat(one.select(columns).with_columns(point=pl.lit(place)) for place, one in enumerate(visited))
    if shocks is None or rows.is_empty():
        return [{"lower": None, "upper": None}] * len(visited)
    villages = rows["in_village"].rank("dense")
    counts = count_areas(logit(rows["probability"].to_numpy()), villages, rows["point"], shocks)
    intervals = [counts[place].interval(level) if place in counts else (None, None) for place in range(len(visited))]
    return [{"lower": lower, "upper": upper} for lower, upper in intervals]
