"""How probable a count is that is at least as large, by the functions that `scipy.stats` takes it from.

That module takes longer to import than a county's export takes to audit.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, pdtrc

__all__ = ["binomial_upper_tail", "poisson_upper_tail"]

Array = NDArray[np.float64]


def poisson_upper_tail(count: Array, mean: Array) -> Array:
    """Return the probability that a Poisson count of a mean is at least so large.

    Examples
    --------
    >>> poisson_upper_tail(np.array([0.0, 1.0, 3.0]), np.array([0.5, 0.5, 0.0])).round(3).tolist()
    [1.0, 0.393, 0.0]
    """
    return np.where(count > 0, pdtrc(np.maximum(count - 1.0, 0.0), mean), 1.0)


def binomial_upper_tail(count: Array, n: Array, share: Array) -> Array:
    """Return the probability that of ``n`` at least ``count`` are drawn, each with the probability ``share``.

    Examples
    --------
    >>> binomial_upper_tail(np.array([0.0, 1.0, 2.0]), np.array([2.0, 2.0, 2.0]), np.array([0.5, 0.5, 0.5])).tolist()
    [1.0, 0.75, 0.25]
    """
    return np.where(count > 0, betainc(np.maximum(count, 1.0), n - count + 1.0, share), 1.0)
