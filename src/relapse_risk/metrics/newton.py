"""Penalised weighted logistic regression: the one solver behind recalibration lines and the logistic models."""

import numpy as np
from scipy.special import expit

from relapse_risk.metrics.checks import Floats

__all__ = ["fit_logistic"]

_STEPS = 100
_HALVINGS = 30
_FLAT = 1e-10
# Near the best, a step lowers the sum by less than rounding can show: it is taken all the same, or the last digits
# of the coefficients would hang on the order of the rows.
_ROUNDING = 1e-12


def fit_logistic(
    design: Floats, outcome: Floats, weight: Floats, *, ridge: Floats, toward: Floats, start: Floats | None = None
) -> Floats:
    """Return the coefficients b that minimise weighted log loss + sum(ridge * (b - toward)**2) / 2.

    Newton's method; a step that raises the sum by more than rounding does is halved.

    Parameters
    ----------
    design : ndarray of shape (n, columns)
    outcome, weight : ndarray of shape (n,)
    ridge, toward : ndarray of shape (columns,)
        A tiny ridge on every column keeps the steps defined.
    start : ndarray of shape (columns,), optional
        Where to begin; `toward` if not given.

    Examples
    --------
    >>> ones, y = np.ones((4, 1)), np.array([0.0, 0.0, 0.0, 1.0])
    >>> found = fit_logistic(ones, y, np.ones(4), ridge=np.array([1e-9]), toward=np.zeros(1))
    >>> round(float(expit(found[0])), 6)
    0.25
    """
    at = toward if start is None else start
    loss = _loss(design, outcome, weight, ridge, toward, at)
    for _ in range(_STEPS):
        there, found = _step(design, outcome, weight, ridge, toward, at, loss)
        gain, at, loss = loss - found, there, found
        if gain <= _FLAT * (1 + abs(loss)):
            break
    return at


def _step(
    design: Floats, outcome: Floats, weight: Floats, ridge: Floats, toward: Floats, at: Floats, loss: float
) -> tuple[Floats, float]:
    risk = expit(design @ at)
    gradient = design.T @ (weight * (risk - outcome)) + ridge * (at - toward)
    hessian = (design * (weight * risk * (1 - risk))[:, None]).T @ design + np.diag(ridge + 1e-12)
    step = np.linalg.solve(hessian, gradient)
    for halving in range(_HALVINGS):
        there = at - step * 0.5**halving
        found = _loss(design, outcome, weight, ridge, toward, there)
        if found <= loss + _ROUNDING * (1 + abs(loss)):
            return there, found
    return at, loss


def _loss(design: Floats, outcome: Floats, weight: Floats, ridge: Floats, toward: Floats, at: Floats) -> float:
    score = design @ at
    return float(weight @ (np.logaddexp(0, score) - outcome * score) + ridge @ (at - toward) ** 2 / 2)
