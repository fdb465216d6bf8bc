"""Newton's method, and penalised weighted logistic regression by it: recalibration lines and logistic models."""

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from relapse_risk.metrics.array_checks import Floats

__all__ = ["fit_logistic", "inverse_information", "minimise_convex", "penalised_information"]

_STEPS = 100
_HALVINGS = 30
_FLAT = 1e-10
# Near the best, a step lowers the loss by less than rounding can show: it is taken all the same, or the last digits
# of the coefficients would hang on the order of the rows.
_ROUNDING = 1e-12
# Keeps the steps defined where a column does not vary, or is another's twin.
_JITTER = 1e-12


def minimise_convex(
    loss: Callable[[Floats], float], step: Callable[[Floats], Floats], start: Floats, *, flat: float = _FLAT
) -> Floats:
    """Return the coefficients that minimise a smooth convex loss.

    A step that raises the loss by more than rounding does is halved, so that neither separation nor a column without
    variation stops the search.

    Parameters
    ----------
    loss : callable
        The loss at some coefficients.
    step : callable
        The full step to take from some coefficients, Newton's or Fisher's.
    start : ndarray of shape (columns,)
    flat : float
        The relative gain of a step after which no other is taken.

    Examples
    --------
    >>> minimise_convex(lambda b: float(b @ b), lambda b: -b, np.array([3.0, 4.0])).tolist()
    [0.0, 0.0]
    """
    at, lowest = start, loss(start)
    for _ in range(_STEPS):
        there, found = _shortened(loss, at, step(at), lowest)
        gain, at, lowest = lowest - found, there, found
        if gain <= flat * (1 + abs(lowest)):
            break
    return at


def penalised_information(design: Floats, mass: Floats, ridge: Floats) -> Floats:
    """Return the second derivatives of a penalised loss, shape (columns, columns).

    Parameters
    ----------
    design : ndarray of shape (n, columns)
    mass : ndarray of shape (n,)
        Second derivative of each row's loss by its score.
    ridge : ndarray of shape (columns,)

    Examples
    --------
    >>> penalised_information(np.ones((4, 1)), np.full(4, 0.25), np.ones(1)).round(6).tolist()
    [[2.0]]
    """
    rooted = design * np.sqrt(mass)[:, None]  # its transpose times itself is symmetric: BLAS computes only half of it
    found: Floats = rooted.T @ rooted + np.diag(ridge + _JITTER)
    return found


def inverse_information(design: Floats, mass: Floats, ridge: Floats) -> Floats:
    """Return the inverse of `penalised_information`: the model's own covariance of the coefficients.

    Examples
    --------
    >>> inverse_information(np.ones((4, 1)), np.full(4, 0.25), np.ones(1)).round(6).tolist()
    [[0.5]]
    """
    return np.asarray(np.linalg.inv(penalised_information(design, mass, ridge)), dtype=np.float64)


def fit_logistic(
    design: Floats, outcome: Floats, weight: Floats, *, ridge: Floats, toward: Floats, start: Floats | None = None
) -> Floats:
    """Return the coefficients b that minimise weighted log loss + sum(ridge * (b - toward)**2) / 2.

    Parameters
    ----------
    design : ndarray of shape (n, columns)
    outcome, weight : ndarray of shape (n,)
    ridge, toward : ndarray of shape (columns,)
        A tiny ridge on every column keeps separated samples finite.
    start : ndarray of shape (columns,), optional
        Where to begin; `toward` if not given.

    Examples
    --------
    >>> ones, y = np.ones((4, 1)), np.array([0.0, 0.0, 0.0, 1.0])
    >>> found = fit_logistic(ones, y, np.ones(4), ridge=np.array([1e-9]), toward=np.zeros(1))
    >>> round(float(expit(found[0])), 6)
    0.25
    """

    def loss(at: Floats) -> float:
        score = design @ at
        return float(weight @ (np.logaddexp(0, score) - outcome * score) + ridge @ (at - toward) ** 2 / 2)

    def step(at: Floats) -> Floats:
        risk = expit(design @ at)
        gradient = design.T @ (weight * (risk - outcome)) + ridge * (at - toward)
        return -np.asarray(np.linalg.solve(penalised_information(design, weight * risk * (1 - risk), ridge), gradient))

    return minimise_convex(loss, step, toward if start is None else start)


def _shortened(loss: Callable[[Floats], float], at: Floats, step: Floats, lowest: float) -> tuple[Floats, float]:
    """Return where a step leads, and the loss there; the step is halved until it leads no higher."""
    for halving in range(_HALVINGS):
        there = at + step * 0.5**halving
        found = loss(there)
        if found <= lowest + _ROUNDING * (1 + abs(lowest)):
            return there, found
    return at, lowest
