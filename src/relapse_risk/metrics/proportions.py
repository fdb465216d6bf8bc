"""Intervals of shares, of plain and of weighted rows."""

from math import isfinite, sqrt
from typing import Any

import numpy as np
from scipy.stats import norm

from relapse_risk.metrics.array_checks import Floats, checked_level
from relapse_risk.metrics.clusters import Interval

__all__ = ["weighted_share", "wilson"]


def wilson(share: float, rows: float, level: float = 0.95) -> Interval:
    """Return a share with its score interval (Wilson 1927); as wide as can be where there are no rows.

    Parameters
    ----------
    share : float
        Of the rows; not a number where there are none.
    rows : float
        How many were looked at, or how many plain ones they are worth; infinite where the share is known exactly.
    level : float

    Examples
    --------
    >>> found = wilson(0.0, 20)
    >>> round(found.lower, 3), round(found.upper, 3)
    (0.0, 0.161)
    """
    if not rows > 0:
        return Interval(estimate=float("nan"), lower=0.0, upper=1.0)
    if not isfinite(rows):
        return Interval(estimate=share, lower=share, upper=share)
    z = float(norm.ppf((1 + checked_level(level)) / 2))
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    reach = z / (1 + z**2 / rows) * sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return Interval(estimate=share, lower=max(0.0, centre - reach), upper=min(1.0, centre + reach))


def weighted_share(outcome: Any, chance: Any, of: float, level: float = 0.95) -> Interval:
    """Return the share of a population with an outcome, from a sample with known inclusion probabilities.

    The weighted mean with weights 1 / chance (Horvitz and Thompson 1952; Hájek 1971), with the score interval of as
    many rows as the weights are worth (Kish 1965: their sum squared over their sum of squares), more where most of the
    population was drawn (finite population correction). Franco, Little, Louis and Slud (2019) find this interval to
    cover best among those for shares of complex samples, also where the share is small.

    Parameters
    ----------
    outcome : array-like of shape (n,)
        0 or 1.
    chance : array-like of shape (n,)
        Of having been drawn, above 0.
    of : float
        Rows of the population.
    level : float

    Examples
    --------
    >>> weighted_share([1, 0, 0], [1.0, 0.5, 0.5], of=5).estimate
    0.2
    >>> weighted_share([1, 0], [1.0, 1.0], of=2)
    Interval(estimate=0.5, lower=0.5, upper=0.5)
    """
    y, weight = np.asarray(outcome, dtype=float), 1 / np.asarray(chance, dtype=float)
    if not len(y):
        return wilson(float("nan"), 0, level)
    worth = float(weight.sum() ** 2 / (weight**2).sum())
    drawn = len(y) / of
    return wilson(_mean(y, weight), worth / (1 - drawn) if drawn < 1 else float("inf"), level)


def _mean(values: Floats, weight: Floats) -> float:
    return float(np.average(values, weights=weight))
