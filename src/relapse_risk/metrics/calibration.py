"""How far probabilities are from frequencies."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, logit

from relapse_risk.metrics.checks import Floats, checked

__all__ = ["Band", "Line", "fit_line", "recalibration_line", "reliability_bands"]

_HELD = 1e-6


@dataclass(frozen=True, kw_only=True)
class Line:
    """The line ``intercept + slope * logit(p)`` that best gives the log-odds of the outcome. Perfect: 0 and 1."""

    intercept: float
    slope: float


@dataclass(frozen=True, kw_only=True)
class Band:
    """Rows of about equal probability: what was predicted for them and what happened.

    Attributes
    ----------
    low, high : float
        Smallest and largest probability among them.
    predicted, observed : float
        Weighted means.
    rows, events : int
    """

    low: float
    high: float
    predicted: float
    observed: float
    rows: int
    events: int


def recalibration_line(outcome: Any, probability: Any, weight: Any = None) -> Line:
    """Return calibration intercept and slope by logistic recalibration (Cox 1958).

    A slope under 1 says that high risks are put too high and low ones too low; probabilities are held within
    [1e-6, 1 - 1e-6]. Not a number where only one outcome occurs or all probabilities are equal.

    Examples
    --------
    >>> line = recalibration_line([0, 0, 0, 1, 0, 1, 1, 1], [0.25] * 4 + [0.75] * 4)
    >>> round(line.intercept, 6) + 0.0, round(line.slope, 6)
    (0.0, 1.0)
    """
    y, p, w = checked(outcome, probability, weight)
    s = logit(np.clip(p, _HELD, 1 - _HELD))
    used = w > 0
    if np.ptp(y[used]) == 0 or np.ptp(s[used]) == 0:
        return Line(intercept=float("nan"), slope=float("nan"))
    return fit_line(s, y, w)


def fit_line(score: Floats, y: Floats, w: Floats, *, pull: float = 0.0) -> Line:
    """Return the line in log-odds that fits the outcome best, by Newton steps with halving.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Log-odds.
    y, w : ndarray of shape (n,)
        Outcomes 0 or 1, and weights.
    pull : float
        Weight of the penalty ``pull / 2 * (slope - 1)**2``.
    """
    centre = float(np.average(score, weights=w))
    design = np.column_stack([np.ones_like(score), score - centre])
    at = np.array([centre, 1.0])
    loss = _line_loss(design, y, w, at, pull)
    for _ in range(100):
        step = _line_step(design, y, w, at, pull)
        loss_before = loss
        at, loss = _halved(design, y, w, at, step, loss, pull)
        if loss_before - loss <= 1e-13 * (1 + abs(loss)):
            break
    return Line(intercept=float(at[0] - at[1] * centre), slope=float(at[1]))


def _line_loss(design: Floats, y: Floats, w: Floats, at: Floats, pull: float) -> float:
    s = design @ at
    return float(w @ (np.logaddexp(0, s) - y * s) + pull / 2 * (at[1] - 1) ** 2)


def _line_step(design: Floats, y: Floats, w: Floats, at: Floats, pull: float) -> Floats:
    p = expit(design @ at)
    gradient = design.T @ (w * (p - y)) + [0.0, pull * (at[1] - 1)]
    hessian = (design * (w * p * (1 - p))[:, None]).T @ design + np.diag([1e-12, pull + 1e-12])
    return np.asarray(np.linalg.solve(hessian, gradient))


def _halved(
    design: Floats, y: Floats, w: Floats, at: Floats, step: Floats, loss: float, pull: float
) -> tuple[Floats, float]:
    for halving in range(40):
        there = at - step * 0.5**halving
        found = _line_loss(design, y, w, there, pull)
        if found <= loss:
            return there, found
    return at, loss


def reliability_bands(outcome: Any, probability: Any, weight: Any = None, *, n_bands: int = 10) -> tuple[Band, ...]:
    """Return bands of about equal weight in rising order of probability; equal probabilities stay together.

    Examples
    --------
    >>> low, high = reliability_bands([0, 0, 1, 1], [0.1, 0.1, 0.7, 0.9], n_bands=2)
    >>> low.observed, high.predicted, high.events
    (0.0, 0.8, 2)
    """
    y, p, w = checked(outcome, probability, weight)
    y, p, w = y[w > 0], p[w > 0], w[w > 0]
    edges = np.quantile(p, np.arange(1, n_bands) / n_bands, weights=w, method="inverted_cdf")
    band = np.searchsorted(edges, p, side="left")
    return tuple(_band(y[band == b], p[band == b], w[band == b]) for b in np.unique(band))


def _band(y: Floats, p: Floats, w: Floats) -> Band:
    return Band(
        low=float(p.min()),
        high=float(p.max()),
        predicted=float(np.average(p, weights=w)),
        observed=float(np.average(y, weights=w)),
        rows=len(y),
        events=int(y.sum()),
    )
