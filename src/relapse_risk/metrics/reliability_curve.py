"""What happened at each probability, without bins, and how far chance alone takes right probabilities from it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import isotonic_regression

from relapse_risk.metrics.array_checks import Floats, checked, checked_level

__all__ = ["CurvePoint", "reliability_curve"]


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """A point of the curve.

    Attributes
    ----------
    probability : float
    observed : float
        The share that relapsed at this probability.
    lower, upper : float
        Between which the curve stays here, if probabilities are right.
    """

    probability: float
    observed: float
    lower: float
    upper: float


def reliability_curve(
    outcome: Any,
    probability: Any,
    weight: Any = None,
    *,
    entered: Any = 1.0,
    n_points: int = 60,
    n_draws: int = 100,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[CurvePoint, ...]:
    """Return the CORP reliability curve with a consistency band (Dimitriadis, Gneiting and Jordan 2021).

    The curve is the isotonic regression of the outcome on the probability. The band comes from outcomes drawn anew from
    the probabilities themselves (resampling under calibration), point by point; rows are taken as independent.

    Parameters
    ----------
    outcome, probability, weight : array-like of shape (n,)
    entered : array-like of shape (n,) or float
        Share of the relapses of each row's day that are entered: the curve is that of all.
    n_points : int
        At most; they are spread evenly over the rows.
    n_draws : int
    level : float
        Of the band.
    seed : int

    Raises
    ------
    ValueError
        As `checked` says.

    Examples
    --------
    >>> risk = np.linspace(0.01, 0.3, 2000)
    >>> fell = np.random.default_rng(0).random(2000) < risk
    >>> curve = reliability_curve(fell, risk)
    >>> len(curve), sum(one.lower <= one.observed <= one.upper for one in curve) > 50
    (60, True)
    """
    y, p, w = checked(outcome, probability, weight)
    checked_level(level)
    share = np.broadcast_to(np.asarray(entered, dtype=np.float64), y.shape)[w > 0]
    y, p, w = y[w > 0], p[w > 0], w[w > 0]
    order = np.argsort(p, kind="stable")
    y, p, w, share = y[order], p[order], w[order], share[order]
    risks, first = np.unique(p, return_index=True)
    mass = np.add.reduceat(w, first)
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    at = np.unique(np.searchsorted(middle, np.linspace(middle[0], middle[-1], n_points)))

    def curve(fell: Floats) -> Floats:
        shares = np.add.reduceat(w * fell / share, first) / mass
        found: Floats = isotonic_regression(shares, weights=mass).x[at]
        return found

    random = np.random.default_rng(seed)
    drawn = np.array([curve((random.random(len(p)) < p * share).astype(np.float64)) for _ in range(n_draws)])
    lower, upper = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0, method="weibull")
    columns = zip(risks[at].tolist(), curve(y).tolist(), lower.tolist(), upper.tolist(), strict=True)
    return tuple(CurvePoint(probability=a, observed=b, lower=c, upper=d) for a, b, c, d in columns)
