"""Penalised complementary log-log regression, with statsmodels' binomial family and its link."""

import numpy as np
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import CLogLog

from relapse_risk.models.columns import Floats

__all__ = ["fit_cloglog", "working"]

_FAMILY = Binomial(link=CLogLog())
_STEPS = 100
_HALVINGS = 30
_FLAT = 1e-13
# Beyond these log-rates a probability is 0 or 1 to the last digit.
_LEAST, _MOST = -30.0, 5.0


def fit_cloglog(design: Floats, struck: Floats, weight: Floats, *, offset: Floats, ridge: Floats) -> Floats:
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

    Examples
    --------
    >>> ones, y = np.ones((4, 1)), np.array([0.0, 0.0, 0.0, 1.0])
    >>> found = fit_cloglog(ones, y, np.ones(4), offset=np.zeros(4), ridge=np.full(1, 1e-9))
    >>> round(1 - float(np.exp(-np.exp(found[0]))), 6)
    0.25
    """
    at = np.zeros(design.shape[1])
    # half an event keeps the crude rate above nought
    at[0] = np.log((weight @ struck + 0.5 * weight.mean()) / (weight @ np.exp(offset)))
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
    mean = _FAMILY.link.inverse(np.clip(design @ at + offset, _LEAST, _MOST))
    return float(-_FAMILY.loglike(struck, mean, freq_weights=weight) + ridge @ at**2 / 2)
