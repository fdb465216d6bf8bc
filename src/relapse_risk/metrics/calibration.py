"""How far probabilities are from frequencies."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit

from relapse_risk.metrics.checks import Floats, checked
from relapse_risk.metrics.newton import fit_logistic

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


def fit_line(score: Floats, outcome: Floats, weight: Floats, *, pull: float = 0.0) -> Line:
    """Return the line in log-odds that fits the outcome best, recalibrating them.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Log-odds.
    outcome, weight : ndarray of shape (n,)
        Outcomes 0 or 1.
    pull : float
        Weight of the penalty ``pull / 2 * (slope - 1)**2``.
    """
    centre = float(np.average(score, weights=weight))
    design = np.column_stack([np.ones_like(score), score - centre])
    ridge, toward = np.array([0.0, pull]), np.array([centre, 1.0])
    height, slope = fit_logistic(design, outcome, weight, ridge=ridge, toward=toward)
    return Line(intercept=float(height - slope * centre), slope=float(slope))


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
