"""Penalised complementary log-log regression, with statsmodels' binomial family and its link."""

from typing import Any

import numpy as np
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import CLogLog

from relapse_risk.metrics import Floats
from relapse_risk.models.linear import PENALTIES

__all__ = ["best_penalty", "fit_cloglog", "inverse_information", "ridge_of", "working"]

_FAMILY = Binomial(link=CLogLog())
_STEPS = 100
_HALVINGS = 30
_FLAT = 1e-13
# Beyond these log-rates a probability is 0 or 1 to the last digit.
_LEAST, _MOST = -30.0, 5.0


def fit_cloglog(
    design: Floats, struck: Floats, weight: Floats, *, offset: Floats, ridge: Floats, start: Floats | None = None
) -> Floats:
    """Return the coefficients b that minimise weighted log loss + sum(ridge * b**2) / 2.

    Fisher scoring, as statsmodels' GLM does it; a step that does not lower the sum is halved, so that neither
    separation nor a column without variation stops it (statsmodels' own `fit` has no penalty, its `fit_regularized`
    no second derivatives).

    Parameters
    ----------
    design : ndarray of shape (n, columns)
        The first column is one.
    struck, weight, offset : ndarray of shape (n,)
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
    at = _crude(design, struck, weight, offset) if start is None else start
    loss = _loss(design, struck, weight, offset, ridge, at)
    for _ in range(_STEPS):
        step = _step(design, struck, weight, offset, ridge, at)
        tried = (at + step * 0.5**halving for halving in range(_HALVINGS))
        lower = (
            (there, found) for there in tried if (found := _loss(design, struck, weight, offset, ridge, there)) < loss
        )
        there, found = next(lower, (at, loss))
        gain, at, loss = loss - found, there, found
        if gain <= _FLAT * (1 + abs(loss)):
            break
    return at


def ridge_of(penalty: float, columns: int) -> Floats:
    """Return the penalty of every column but the first, which is free."""
    ridge = np.full(columns, penalty)
    ridge[0] = 0.0
    return ridge


def best_penalty(design: Floats, struck: Floats, weight: Floats, offset: Floats, household: Any) -> float:
    """Return the penalty of the smallest leave-one-household-out log loss among six from 3 to 1,000.

    Rates by a fit without a household are one Newton step away (Rad and Maleki 2020), its rows taken together by their
    sum of leverages. Rows of one household stand together.
    """
    first = np.concatenate([[True], household[1:] != household[:-1]])
    begins, home = np.flatnonzero(first), np.cumsum(first) - 1
    start, losses = None, []
    for penalty in PENALTIES:
        ridge = ridge_of(penalty, design.shape[1])
        start = fit_cloglog(design, struck, weight, offset=offset, ridge=ridge, start=start)
        rate = design @ start + offset
        pull, mass = working(rate, struck, weight)
        turned = design @ inverse_information(design, mass, ridge)
        hold = np.add.reduceat(mass * np.einsum("ij,ij->i", turned, design), begins)
        pulls = np.add.reduceat(pull[:, None] * design, begins, axis=0) / (1 - np.minimum(hold, 0.99))[:, None]
        without = rate - np.einsum("ij,ij->i", turned, pulls[home])
        losses.append(_loss_of(without, struck, weight))
    return PENALTIES[int(np.argmin(losses))]


def inverse_information(design: Floats, mass: Floats, ridge: Floats) -> Floats:
    """Return the inverse of the expected Hessian, shape (columns, columns)."""
    hessian = (design * mass[:, None]).T @ design + np.diag(ridge + 1e-12)
    return np.asarray(np.linalg.inv(hessian), dtype=np.float64)


def _crude(design: Floats, struck: Floats, weight: Floats, offset: Floats) -> Floats:
    at = np.zeros(design.shape[1])
    # half an event keeps the crude rate above nought
    at[0] = np.log((weight @ struck + 0.5 * weight.mean()) / (weight @ np.exp(offset)))
    return at


def _step(design: Floats, struck: Floats, weight: Floats, offset: Floats, ridge: Floats, at: Floats) -> Floats:
    pull, mass = working(design @ at + offset, struck, weight)
    hessian = (design * mass[:, None]).T @ design + np.diag(ridge + 1e-12)
    return np.asarray(np.linalg.solve(hessian, design.T @ pull - ridge * at))


def working(rate: Floats, struck: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return each row's gradient and expected second derivative by its log-rate, both of shape (n,)."""
    held = np.clip(rate, _LEAST, _MOST)
    mean = _FAMILY.link.inverse(held)
    rise = _FAMILY.link.inverse_deriv(held) / _FAMILY.variance(mean)
    return weight * (struck - mean) * rise, weight * rise * _FAMILY.link.inverse_deriv(held)


def _loss(design: Floats, struck: Floats, weight: Floats, offset: Floats, ridge: Floats, at: Floats) -> float:
    return _loss_of(design @ at + offset, struck, weight) + float(ridge @ at**2 / 2)


def _loss_of(rate: Floats, struck: Floats, weight: Floats) -> float:
    mean = _FAMILY.link.inverse(np.clip(rate, _LEAST, _MOST))
    return -float(_FAMILY.loglike(struck, mean, freq_weights=weight))
