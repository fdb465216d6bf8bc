"""How many households can be visited, and how urgent each visit is."""

from collections.abc import Mapping
from math import ceil
from numbers import Integral
from typing import Any

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.policy import URGENT_FIRST

__all__ = ["given_capacity", "usual_capacity", "with_tiers"]


def usual_capacity(at_risk: int, thresholds: Mapping[str, Any]) -> int:
    """Return the capacity where none is given: a share of the cohort (``capacity.share``), rounded up.

    Examples
    --------
    >>> usual_capacity(1001, {"capacity": {"share": 0.05}})
    51
    """
    return _whole(thresholds["capacity"]["share"], at_risk)


def given_capacity(capacity: Any) -> int:
    """Return a capacity that somebody asked for.

    Raises
    ------
    InputError
        If it is not a whole number from 1 (``capacity_number``).
    """
    if isinstance(capacity, bool) or not isinstance(capacity, Integral) or capacity < 1:
        raise InputError("capacity_number", found=capacity)
    return int(capacity)


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

    Examples
    --------
    >>> thresholds = {"tiers": {"red": 0.25, "orange": 0.5, "yellow": 1.0}}
    >>> with_tiers(pl.DataFrame({"rank": [1, 2, 3, 4, None]}), 3, thresholds)["tier"].to_list()
    ['red', 'orange', 'yellow', 'none', None]
    """
    tier: pl.Expr = pl.when(pl.col("rank").is_not_null()).then(pl.lit("none"))
    for name in reversed(URGENT_FIRST):
        tier = pl.when(pl.col("rank") <= _whole(thresholds["tiers"][name], capacity)).then(pl.lit(name)).otherwise(tier)
    return frame.with_columns(tier.alias("tier"))


def _whole(share: float, households: int) -> int:
    # Rounded first: 0.1 * 30 is a little more than 3 in floating point.
    return ceil(round(share * households, 9))
