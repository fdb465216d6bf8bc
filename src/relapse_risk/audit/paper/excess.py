"""How far a unit's share stands above that of all others, beyond the habits in which units differ anyway."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import betabinom

__all__ = ["Excess", "excess"]

_CHI2_MIDDLE = 0.4549364  # the middle of a squared standard normal

Array = NDArray[np.float64]


def excess(n: Array, count: Array, at_least: float, cluster: float = 1.0) -> tuple[Array, Array]:
    """Return what share is expected of each unit, and the probability of as many by chance.

    The null: the shares of units differ around that of all others as a beta distribution of one breadth for all does. The
    breadth is read off the middle of the units' squared distances, which a few odd units do not move.

    Parameters
    ----------
    n, count : arrays, shape (units,)
        Trials, and how many of them stand out.
    at_least : float
        Share that is expected in any case.
    cluster : float
        How many trials of a unit say one thing (those of one household); n and count are worth that much less.

    Returns
    -------
    expected : array
        Share of each unit under the null.
    p_value : array
        Upper tail of the beta-binomial distribution.

    Examples
    --------
    >>> n, count = np.full(20, 100.0), np.array([20.0] * 19 + [60.0])
    >>> share, p_value = excess(n, count, 0.1)
    >>> bool(p_value[-1] < 1e-8), bool(p_value[0] > 0.3)
    (True, True)
    """
    others = (count.sum() - count + at_least) / np.maximum(n.sum() - n + 1.0, 1.0)
    share = np.clip(np.maximum(others, at_least), 1e-6, 1.0 - 1e-6)
    trials, hits = np.ceil(n / cluster), np.ceil(count / cluster)
    alike = _alikeness(trials, hits, share)
    mass = (1.0 - alike) / alike
    return share, betabinom.sf(hits - 1.0, trials, share * mass, (1.0 - share) * mass)


def _alikeness(trials: Array, hits: Array, share: Array) -> float:
    """Return the correlation of the trials of a unit: the middle squared distance is 1 + (n - 1) times that."""
    many = trials > 1
    if many.sum() < 3:
        return 1e-6
    middle = np.median(hits[many] / trials[many]) if many.sum() > 10 else share[many]
    usual = np.clip(middle, 1e-6, 1.0 - 1e-6)
    distance = (hits[many] - trials[many] * usual) ** 2 / (trials[many] * usual * (1.0 - usual))
    over = np.median(distance) / _CHI2_MIDDLE - 1.0
    return float(np.clip(over / np.median(trials[many] - 1.0), 1e-6, 0.5))
