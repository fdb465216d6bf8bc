"""How many relapses to expect in each village, town and county, and between which bounds."""

from collections.abc import Mapping

import polars as pl
from scipy.special import logit

from relapse_risk.alerts import area_path
from relapse_risk.models import Counts, Shocks, count_villages

__all__ = ["count_areas"]

_NAMES = ("county", "town", "village")
_SCHEMA = {
    **dict.fromkeys(("level", *_NAMES), pl.String),
    "at_risk": pl.Int64,
    "expected": pl.Float64,
    "lower": pl.Int64,
    "upper": pl.Int64,
}


def count_areas(risk: pl.DataFrame, places: pl.DataFrame, shocks: Shocks | None, level: float = 0.9) -> pl.DataFrame:
    """Return the expected number of relapses of every area with its prediction interval.

    Parameters
    ----------
    risk : pl.DataFrame
        household_id, population and probability.
    places : pl.DataFrame
        household_id and, as far as known, county, town and village.
    shocks : Shocks or None
        What villages and years have in common; without it there are no bounds. Households whose village is not stated
        count as one village.
    level : float
        Of the intervals.

    Returns
    -------
    pl.DataFrame
        level (``all``, ``county``, ``town``, ``village``), county, town and village (null below the level, and where
        not stated), at_risk, expected, lower and upper, both included; a row for every area with households at risk.
    """
    names = [name for name in _NAMES if name in places.columns]
    households = risk.filter(pl.col("population") == "at_risk").select("household_id", "probability")
    placed = (
        households.join(places.select("household_id", *names), on="household_id", how="left")
        .sort(*names, "household_id", nulls_last=True)
        .with_columns(finest=pl.struct(names).rle_id() if names else pl.lit(0))
    )
    counts: Mapping[int, Counts] = {}
    if shocks is not None:
        counts = count_villages(logit(placed["probability"].to_numpy()), placed["finest"].to_numpy(), shocks)
    paths = {"all": (), **{name: area_path(places, name) for name in names}}
    found = [_of_level(placed, name, path, counts, level) for name, path in paths.items()]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *found], how="diagonal")


def _of_level(
    placed: pl.DataFrame, name: str, path: tuple[str, ...], counts: Mapping[int, Counts], level: float
) -> pl.DataFrame:
    areas = (
        placed.with_columns(level=pl.lit(name))
        .group_by("level", *path, maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("at_risk"),
            pl.col("probability").sum().alias("expected"),
            pl.col("finest").unique(maintain_order=True),
        )
    )
    if not counts:
        return areas.drop("finest")
    bounds = [Counts.sum(counts[one] for one in finest).interval(level) for finest in areas["finest"]]
    return areas.drop("finest").with_columns(
        pl.Series("lower", [lower for lower, _ in bounds], dtype=pl.Int64),
        pl.Series("upper", [upper for _, upper in bounds], dtype=pl.Int64),
    )
