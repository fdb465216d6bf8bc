"""Whether one set of losses differs from another by more than chance."""

from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length

from relapse_risk.metrics.clusters import ClusterDraws, Interval, interval_of

__all__ = ["household_bootstrap"]


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
    (percentile interval; Efron and Tibshirani 1993, chapter 13). One household has no interval.

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
    draws = ClusterDraws.of(household, n_draws=n_draws, seed=seed)
    sums, weights = draws.sums(np.column_stack([w * difference, w]))[:, 0].T
    found = np.divide(sums, weights, out=np.full(n_draws, np.nan), where=weights > 0)
    return interval_of(float(w @ difference / w.sum()), found, level=level, clusters=draws.clusters)
