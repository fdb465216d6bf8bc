"""How far a unit's share exceeds that of all, beyond the usual variation between units."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

__all__ = ["differing", "excess"]

_CHI2_MIDDLE = 0.4549364  # the middle of a squared standard normal
_EFFICIENCY = 0.37  # of the middle of squares, beside the mean of squares of normal ones
_UPPER = 1.645  # the upper end of a one-sided interval of 95 in 100
_TAIL = 6.0  # degrees of freedom: habits are not spread normally

Array = NDArray[np.float64]


def excess(n: Array, count: Array, at_least: float, between: float = 0.0) -> tuple[Array, Array]:
    """Return what share is expected of each unit, and the probability of so high a one by chance.

    The null: on the scale of angles (arcsine of the root, where the variance of a share is 1 / (4 n); Anscombe 1948,
    Biometrika 35, 246-254) units lie around their middle as Student's t does, by chance and as their habits differ.

    Parameters
    ----------
    n, count : arrays, shape (units,)
        Trials, and how many of them stand out.
    at_least : float
        Share that is expected in any case.
    between : float
        Least variance between units (squared angles) that is assumed in any case.

    Returns
    -------
    expected : float array
        Share of each unit under the null.
    p_value : float array

    Examples
    --------
    >>> n, count = np.full(20, 100.0), np.array([20.0] * 19 + [60.0])
    >>> share, p_value = excess(n, count, 0.1)
    >>> bool(p_value[-1] < 0.001), bool(p_value[0] > 0.3)
    (True, True)
    """
    angle = _angle(n, count)
    middle = max(float(np.median(angle)), float(np.arcsin(np.sqrt(at_least))))
    variance = 0.25 / n + max(between, differing(n, count, at_least))
    return np.full(len(n), np.sin(middle) ** 2), stdtr(_TAIL, (middle - angle) / np.sqrt(variance))


def differing(n: Array, count: Array, at_least: float) -> float:
    """Return the variance of the units' habits in addition to chance, in squared angles.

    It is estimated from the median of their squared distances, which a few odd units do not move: of all or of those
    above the median, whichever is more, at the upper confidence bound for so many units.
    """
    angle = _angle(n, count)
    away = angle - max(float(np.median(angle)), float(np.arcsin(np.sqrt(at_least))))
    squares = 4.0 * n * away**2
    above = squares[away >= 0.0]
    middle = max(float(np.median(squares)), float(np.median(above)) if len(above) else 0.0) / _CHI2_MIDDLE
    margin = 1.0 + _UPPER * np.sqrt(2.0 / (_EFFICIENCY * len(n)))
    return float(max(margin * middle - 1.0, 0.0) * np.median(0.25 / n))


def _angle(n: Array, count: Array) -> Array:
    angle: Array = np.arcsin(np.sqrt((count + 0.375) / (n + 0.75)))
    return angle
