"""How many households can be visited, and how urgent each visit is."""

from collections.abc import Mapping
from math import ceil, isfinite
from numbers import Integral
from typing import Any

import polars as pl

from relapse_risk.errors import InputError

__all__ = ["usual_capacity", "with_tiers"]

_URGENT_FIRST = ("red", "orange", "yellow")


def usual_capacity(at_risk: int, thresholds: Mapping[str, Any]) -> int:
    """Return the capacity where none is given: a share of the cohort (``capacity.share``), rounded up.

    Raises
    ------
    InputError
        If the share is not a number from 0 to 1 (``capacity_share``).

    Examples
    --------
    >>> usual_capacity(1001, {"capacity": {"share": 0.05}})
    51
    """
    share = thresholds["capacity"]["share"]
    if not _is_share(share):
        raise InputError("capacity_share", found=share)
    return _whole(share, at_risk)


def with_tiers(frame: pl.DataFrame, capacity: int, thresholds: Mapping[str, Any]) -> pl.DataFrame:
    """Add the tier of every ranked household.

    Red reaches to the first quarter of the capacity, orange to one half, yellow to the whole (``tiers``, which a user
    may change), each rounded up, so that a capacity of one is one red household. The rest of the ranked are ``none``.

    Parameters
    ----------
    frame : pl.DataFrame
        With a column ``rank``; null is not ranked.
    capacity : int
        Households that can be visited.
    thresholds : Mapping
        ``thresholds.toml``.

    Raises
    ------
    InputError
        If the capacity is not a whole number from 0 (``capacity_number``), or the tiers do not follow each other up to
        1 (``tiers_order``).

    Examples
    --------
    >>> thresholds = {"tiers": {"red": 0.25, "orange": 0.5, "yellow": 1.0}}
    >>> with_tiers(pl.DataFrame({"rank": [1, 2, 3, 4, None]}), 3, thresholds)["tier"].to_list()
    ['red', 'orange', 'yellow', 'none', None]
    """
    if isinstance(capacity, bool) or not isinstance(capacity, Integral) or capacity < 0:
        raise InputError("capacity_number", found=capacity)
    tier = pl.when(pl.col("rank").is_not_null()).then(pl.lit("none"))
    for name, reach in reversed(_reaches(thresholds)):
        tier = pl.when(pl.col("rank") <= _whole(reach, int(capacity))).then(pl.lit(name)).otherwise(tier)
    return frame.with_columns(tier.alias("tier"))


def _reaches(thresholds: Mapping[str, Any]) -> list[tuple[str, float]]:
    reaches = [thresholds["tiers"][name] for name in _URGENT_FIRST]
    if not all(_is_share(reach) for reach in reaches) or sorted(reaches) != reaches or reaches[-1] != 1:
        raise InputError("tiers_order", found=", ".join(map(str, reaches)))
    return list(zip(_URGENT_FIRST, reaches, strict=True))


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and isfinite(value) and 0 <= value <= 1


def _whole(share: float, households: int) -> int:
    # Rounded first: 0.1 * 30 is a little more than 3 in floating point.
    return ceil(round(share * households, 9))
