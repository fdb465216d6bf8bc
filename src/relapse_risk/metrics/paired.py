"""Whether one set of losses differs from another by more than chance."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length

__all__ = ["Interval", "household_bootstrap"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its interval."""

    estimate: float
    lower: float
    upper: float


def household_bootstrap(
    losses: Any,
    other: Any,
    household: Any,
    weight: Any = None,
    *,
    level: float = 0.95,
    n_draws: int = 2000,
    seed: int = 0,
) -> Interval:
    """Return the weighted mean difference ``losses - other`` with its paired household-bootstrap interval.

    Whole households are drawn with replacement, so that rows of one household on several days count as one
    (percentile interval; Efron and Tibshirani 1993, chapter 13).

    Parameters
    ----------
    losses, other : array-like of shape (n,)
        Two losses of the same rows.
    household : array-like of shape (n,)
        The household of each row.
    weight : array-like of shape (n,), optional

    Examples
    --------
    >>> found = household_bootstrap([0.2, 0.3, 0.2], [0.1, 0.2, 0.1], ["a", "b", "b"])
    >>> round(found.lower, 6), round(found.upper, 6)
    (0.1, 0.1)
    """
    check_consistent_length(losses, other, household, weight)
    difference = np.asarray(losses, dtype=float) - np.asarray(other, dtype=float)
    w = np.ones_like(difference) if weight is None else np.asarray(weight, dtype=float)
    _, of_row = np.unique(np.asarray(household), return_inverse=True)
    sums, weights = np.bincount(of_row, w * difference), np.bincount(of_row, w)
    draws = _ratios(sums, weights, n_draws, np.random.default_rng(seed))
    lower, upper = np.nanquantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate=float(sums.sum() / weights.sum()), lower=float(lower), upper=float(upper))


def _ratios(sums: Any, weights: Any, n_draws: int, random: np.random.Generator) -> Any:
    n = len(sums)
    found = np.full(n_draws, np.nan)
    for draw in range(n_draws):
        counts = np.bincount(random.integers(n, size=n), minlength=n)
        total = counts @ weights
        if total > 0:
            found[draw] = (counts @ sums) / total
    return found
