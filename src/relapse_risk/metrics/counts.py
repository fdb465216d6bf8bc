"""Whether predictive distributions of counts are right: PIT and coverage, plain and randomised."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import kstest
from sklearn.utils import check_consistent_length

from relapse_risk.metrics.array_checks import Floats

__all__ = ["Uniformity", "pit_uniformity", "plain_coverage", "randomised_coverage", "randomised_pit"]


@dataclass(frozen=True, kw_only=True)
class Uniformity:
    """Whether a randomised PIT is uniform.

    Attributes
    ----------
    distance : float
        Kolmogorov-Smirnov distance to the uniform distribution, median over randomisations.
    p_value : float
    """

    distance: float
    p_value: float


def randomised_pit(cdf_below: Any, cdf_at: Any, seed: int = 0) -> Floats:
    """Return F(k - 1) + v (F(k) - F(k - 1)) with v uniform: uniform on [0, 1] if the distributions F are right.

    Smith (1985); Brockwell (2007); Czado, Gneiting and Held (2009).

    Parameters
    ----------
    cdf_below, cdf_at : array-like of shape (n,)
        F(k - 1) and F(k) at the count k that was observed in each unit.
    seed : int

    Raises
    ------
    ValueError
        Unless 0 <= F(k - 1) <= F(k) <= 1.

    Examples
    --------
    >>> pit = randomised_pit([0.2, 0.0], [0.6, 0.1])
    >>> bool(0.2 <= pit[0] <= 0.6), bool(0 <= pit[1] <= 0.1)
    (True, True)
    """
    below, at = _steps(cdf_below, cdf_at)
    between = np.random.default_rng(seed).random(len(below))
    return below + between * (at - below)


def pit_uniformity(cdf_below: Any, cdf_at: Any, *, n_randomisations: int = 25, seed: int = 0) -> Uniformity:
    """Test whether the randomised PIT is uniform, whatever the randomisation.

    The Kolmogorov-Smirnov test for several randomisations; twice the median of their p values is a p value, however
    they depend on each other (Meinshausen, Meier and Bühlmann 2009). Units are taken as independent.

    Parameters
    ----------
    cdf_below, cdf_at : array-like of shape (n,)
        As for `randomised_pit`.

    Examples
    --------
    >>> import numpy as np
    >>> steps = np.arange(100) / 100
    >>> pit_uniformity(steps, steps + 0.01).p_value
    1.0
    """
    found = [kstest(randomised_pit(cdf_below, cdf_at, seed + i), "uniform") for i in range(n_randomisations)]
    return Uniformity(
        distance=float(np.median([one.statistic for one in found])),
        p_value=min(1.0, 2 * float(np.median([one.pvalue for one in found]))),
    )


def randomised_coverage(cdf_below: Any, cdf_at: Any, level: float, weight: Any = None) -> float:
    """Return how often central intervals with randomised end points cover the counts, in expectation.

    An interval of level 1 - a covers a count with the probability that its randomised PIT falls into
    [a / 2, 1 - a / 2]: the overlap of [F(k - 1), F(k)] with it over F(k) - F(k - 1). If the distributions are right,
    the expectation is the level itself, which plain intervals of counts exceed.

    Parameters
    ----------
    cdf_below, cdf_at : array-like of shape (n,)
        As for `randomised_pit`.
    level : float
        Between 0 and 1.
    weight : array-like of shape (n,), optional

    Examples
    --------
    >>> round(randomised_coverage([0.0, 0.9], [0.1, 1.0], 0.9), 6)
    0.5
    """
    below, at = _steps(cdf_below, cdf_at)
    low, high = (1 - level) / 2, (1 + level) / 2
    overlap = np.minimum(at, high) - np.maximum(below, low)
    within = ((at >= low) & (at <= high)).astype(float)  # where a count has no probability, its PIT is one point
    np.divide(np.maximum(overlap, 0), at - below, out=within, where=at > below)
    return float(np.average(within, weights=weight))


def plain_coverage(count: Any, lower: Any, upper: Any, weight: Any = None) -> float:
    """Return the share of counts that lie within their intervals, end points included.

    Parameters
    ----------
    count, lower, upper : array-like of shape (n,)
    weight : array-like of shape (n,), optional

    Examples
    --------
    >>> plain_coverage([0, 3, 9], [0, 1, 2], [2, 3, 8])
    0.6666666666666666
    """
    check_consistent_length(count, lower, upper, weight)
    k = np.asarray(count, dtype=float)
    return float(np.average((k >= np.asarray(lower)) & (k <= np.asarray(upper)), weights=weight))


def _steps(cdf_below: Any, cdf_at: Any) -> tuple[Floats, Floats]:
    check_consistent_length(cdf_below, cdf_at)
    below, at = np.asarray(cdf_below, dtype=float), np.asarray(cdf_at, dtype=float)
    if not ((below >= 0) & (below <= at) & (at <= 1)).all():
        raise ValueError("cdf_below and cdf_at must satisfy 0 <= F(k - 1) <= F(k) <= 1 (distribution functions)")
    return below, at
