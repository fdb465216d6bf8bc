"""How many relapses to expect in each area, and between which bounds."""

from collections.abc import Mapping, Sequence

import polars as pl
from scipy.special import logit

from relapse_risk.area_effects import ClusterEffects, Counts, count_villages

__all__ = ["relapse_bounds"]


def relapse_bounds(
    placed: pl.DataFrame, paths: Mapping[str, Sequence[str]], shocks: ClusterEffects, level: float
) -> pl.DataFrame:
    """Return the bounds of the prediction interval of the number of relapses, by level and area.

    A village's shock is shared by all its households. Areas that are made of villages are sums of these; the households
    of a group share the shock of their village, so that groups are counted anew, each by itself.

    Parameters
    ----------
    placed : pl.DataFrame
        household_id and probability of households at risk, with the columns of all paths.
    paths : Mapping of str to sequence of str
        The columns that name an area of each level.
    shocks : ClusterEffects
        What villages and years have in common. Households whose village is not stated count as one village.
    level : float
        Of the intervals.

    Returns
    -------
    pl.DataFrame
        level, the columns of the paths (null below the level), lower and upper, both included; a row for every area
        with households at risk.
    """
    smallest = {name: paths[name] for name in paths if name == "group"}
    smallest["village"] = max((path for name, path in paths.items() if name != "group"), key=len)
    counted = {name: _counts(placed, path, shocks) for name, path in smallest.items()}
    found = [
        _bounds(*counted["group" if name == "group" else "village"], name, path, level) for name, path in paths.items()
    ]
    return pl.concat(found, how="diagonal")


def _counts(
    placed: pl.DataFrame, path: Sequence[str], shocks: ClusterEffects
) -> tuple[pl.DataFrame, Mapping[int, Counts]]:
    """Return the households with the part each belongs to, in the order of areas, and the distribution of each part."""
    ordered = placed.sort(*path, "household_id", nulls_last=True)
    ordered = ordered.with_columns(part=pl.struct(path).rle_id() if path else pl.lit(0))
    return ordered, count_villages(logit(ordered["probability"].to_numpy()), ordered["part"].to_numpy(), shocks)


def _bounds(
    ordered: pl.DataFrame, counts: Mapping[int, Counts], name: str, path: Sequence[str], level: float
) -> pl.DataFrame:
    areas = (
        ordered.with_columns(level=pl.lit(name))
        .group_by("level", *path, maintain_order=True)
        .agg(pl.col("part").unique(maintain_order=True))
    )
    found = [Counts.sum(counts[part] for part in parts).interval(level) for parts in areas["part"]]
    return areas.drop("part").with_columns(
        pl.Series("lower", [lower for lower, _ in found], dtype=pl.Int64),
        pl.Series("upper", [upper for _, upper in found], dtype=pl.Int64),
    )
