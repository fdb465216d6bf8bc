"""Penalised complementary log-log regression, with statsmodels' binomial family and its link."""

from typing import Any

import numpy as np
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import CLogLog

from relapse_risk.metrics import Floats, inverse_information, minimise_convex, penalised_information
from relapse_risk.models.linear import PENALTIES, leave_household_out

__all__ = ["best_penalty", "fit_cloglog", "ridge_of", "working"]

_FAMILY = Binomial(link=CLogLog())
# Fisher scoring nears the minimum more slowly than Newton's method does: it stops later.
_FLAT = 1e-13
# Beyond these log-rates a probability is 0 or 1 to the last digit.
_LEAST, _MOST = -30.0, 5.0


def fit_cloglog(
    design: Floats, event: Floats, weight: Floats, *, offset: Floats, ridge: Floats, start: Floats | None = None
) -> Floats:
    """Return the coefficients b that minimise weighted log loss + sum(ridge * b**2) / 2.

    Fisher scoring, as statsmodels' GLM does it (whose own `fit` has no penalty, and `fit_regularized` no second
    derivatives).

    Parameters
    ----------
    design : ndarray of shape (n, columns)
        The first column is one.
    event, weight, offset : ndarray of shape (n,)
        Outcomes 0 or 1; the offset is the logarithm of exposure.
    ridge : ndarray of shape (columns,)
    start : ndarray of shape (columns,), optional
        Where to begin.

    Examples
    --------
    >>> ones, y = np.ones((4, 1)), np.array([0.0, 0.0, 0.0, 1.0])
    >>> found = fit_cloglog(ones, y, np.ones(4), offset=np.zeros(4), ridge=np.full(1, 1e-9))
    >>> round(1 - float(np.exp(-np.exp(found[0]))), 6)
    0.25
    """

    def loss(at: Floats) -> float:
        return _loss_of(design @ at + offset, event, weight) + float(ridge @ at**2 / 2)

    def step(at: Floats) -> Floats:
        gradient, mass = working(design @ at + offset, event, weight)
        return np.asarray(np.linalg.solve(penalised_information(design, mass, ridge), design.T @ gradient - ridge * at))

    begin = _crude(design, event, weight, offset) if start is None else start
    return minimise_convex(loss, step, begin, flat=_FLAT)


def ridge_of(penalty: float, columns: int) -> Floats:
    """Return the penalty of every column but the first, which is free."""
    ridge = np.full(columns, penalty)
    ridge[0] = 0.0
    return ridge


def best_penalty(design: Floats, event: Floats, weight: Floats, offset: Floats, household: Any) -> float:
    """Return the penalty of the smallest leave-one-household-out log loss among seven from 3 to 3,000.

    Rates by a fit without a household are one Newton step away (`leave_household_out`). Rows of one household are
    adjacent.
    """
    start, losses = None, []
    for penalty in PENALTIES:
        ridge = ridge_of(penalty, design.shape[1])
        start = fit_cloglog(design, event, weight, offset=offset, ridge=ridge, start=start)
        rate = design @ start + offset
        gradient, mass = working(rate, event, weight)
        inverse = inverse_information(design, mass, ridge)
        change = leave_household_out(design, inverse, mass, gradient, household)
        losses.append(_loss_of(rate - change, event, weight))
    return PENALTIES[int(np.argmin(losses))]


def _crude(design: Floats, event: Floats, weight: Floats, offset: Floats) -> Floats:
    at = np.zeros(design.shape[1])
    # half an event keeps the crude rate above nought
    at[0] = np.log((weight @ event + 0.5 * weight.mean()) / (weight @ np.exp(offset)))
    return at


def working(rate: Floats, event: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return each row's gradient and expected second derivative by its log-rate, both of shape (n,)."""
    clipped = np.clip(rate, _LEAST, _MOST)
    mean = _FAMILY.link.inverse(clipped)
    ratio = _FAMILY.link.inverse_deriv(clipped) / _FAMILY.variance(mean)
    return weight * (event - mean) * ratio, weight * ratio * _FAMILY.link.inverse_deriv(clipped)


def _loss_of(rate: Floats, event: Floats, weight: Floats) -> float:
    mean = _FAMILY.link.inverse(np.clip(rate, _LEAST, _MOST))
    return -float(_FAMILY.loglike(event, mean, freq_weights=weight))
