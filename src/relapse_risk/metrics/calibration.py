"""How far probabilities are from frequencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from relapse_risk.metrics.array_checks import Floats, Ints, checked
from relapse_risk.metrics.clusters import ClusterDraws
from relapse_risk.metrics.newton import fit_logistic

__all__ = [
    "MAX_LOG_ODDS",
    "RecalibrationLine",
    "ReliabilityBin",
    "calibration_in_the_large",
    "clip_log_odds",
    "fit_line",
    "line_draws",
    "log_odds",
    "recalibration_line",
    "reliability_bands",
]

MAX_LOG_ODDS = float(logit(1 - 1e-6))
"""Log-odds are held within plus and minus this: probabilities of [1e-6, 1 - 1e-6]."""

_HELD = 1e-6


@dataclass(frozen=True, kw_only=True)
class RecalibrationLine:
    """The line ``intercept + slope * logit(p)`` that best gives the log-odds of the outcome. Perfect: 0 and 1."""

    intercept: float
    slope: float


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
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


def recalibration_line(outcome: Any, probability: Any, weight: Any = None) -> RecalibrationLine:
    """Return calibration intercept and slope by logistic recalibration (Cox 1958).

    A slope under 1 says that high risks are put too high and low ones too low; probabilities are clipped to
    [1e-6, 1 - 1e-6]. Not a number where only one outcome occurs, or where no line is best: all probabilities are equal,
    or they part the outcomes (each row with the outcome stands at or above each one without, or at or below).

    Examples
    --------
    >>> line = recalibration_line([0, 0, 0, 1, 0, 1, 1, 1], [0.25] * 4 + [0.75] * 4)
    >>> round(line.intercept, 6) + 0.0, round(line.slope, 6)
    (0.0, 1.0)
    """
    y, p, w = checked(outcome, probability, weight)
    s = log_odds(p)
    if _parted(s[(w > 0) & (y == 1)], s[(w > 0) & (y == 0)]):
        return RecalibrationLine(intercept=float("nan"), slope=float("nan"))
    return fit_line(s, y, w)


def _parted(with_outcome: Floats, without: Floats) -> bool:
    if not len(with_outcome) or not len(without):
        return True
    return bool(with_outcome.min() >= without.max() or with_outcome.max() <= without.min())


def calibration_in_the_large(score: Floats, outcome: Floats, weight: Floats) -> float:
    """Return the shift of all scores with which they predict as many events as there were.

    Scores lie within some tens of zero, and both outcomes occur.
    """
    events, most = weight @ outcome, 100.0 + float(np.abs(score).max())
    return float(brentq(lambda level: weight @ expit(score + level) - events, -most, most))


def clip_log_odds(score: Floats) -> Floats:
    """Return log-odds clipped to `MAX_LOG_ODDS`."""
    return np.clip(score, -MAX_LOG_ODDS, MAX_LOG_ODDS)


def log_odds(probability: Floats) -> Floats:
    """Return log-odds of probabilities clipped to [1e-6, 1 - 1e-6].

    Examples
    --------
    >>> import numpy as np
    >>> log_odds(np.array([0.5, 1.0])).round(4).tolist()
    [0.0, 13.8155]
    """
    found: Floats = logit(np.clip(probability, _HELD, 1 - _HELD))
    return found


def line_draws(
    score: Floats, outcome: Floats, weight: Floats, lines: Sequence[RecalibrationLine], draws: ClusterDraws, part: Ints
) -> Floats:
    """Return calibration intercept and slope of each part of the rows in each draw of clusters.

    One Newton step from the line of the part, with the gradient and the curvature of the draw: to first order what
    fitting each draw anew gives (Shao and Tu 1995, section 8.2), and no draw with few events runs away.

    Parameters
    ----------
    score, outcome, weight : ndarray of shape (n,)
        Log-odds, outcomes and weights.
    lines : sequence of RecalibrationLine
        The line of each part.
    draws : ClusterDraws
    part : ndarray of int, shape (n,)
        The part of each row, from 0.

    Returns
    -------
    ndarray of shape (n_draws, n_parts, 2)
        Not a number where the line of the part is not, or the draw has nothing to estimate it from.
    """
    intercept, slope = np.array([[line.intercept, line.slope] for line in lines]).T
    centre = np.bincount(part, weight * score) / np.bincount(part, weight)
    x, risk = score - centre[part], expit(intercept[part] + slope[part] * score)
    miss, bend = weight * (outcome - risk), weight * risk * (1 - risk)
    columns = np.column_stack([miss, miss * x, bend, bend * x, bend * x**2])
    up, along, flat, mixed, steep = np.moveaxis(draws.sums(columns, part, len(lines)), 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = flat * steep - mixed**2
        height = intercept + slope * centre + (steep * up - mixed * along) / scale
        steepness = slope + (flat * along - mixed * up) / scale
    found: Floats = np.stack([height - steepness * centre, steepness], axis=2)
    return found


def fit_line(score: Floats, outcome: Floats, weight: Floats, *, l2: float = 0.0) -> RecalibrationLine:
    """Return the line in log-odds that fits the outcome best, recalibrating them.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Log-odds.
    outcome, weight : ndarray of shape (n,)
        Outcomes 0 or 1.
    l2 : float
        Weight of the penalty ``l2 / 2 * (slope - 1)**2``.
    """
    centre = float(np.average(score, weights=weight))
    design = np.column_stack([np.ones_like(score), score - centre])
    ridge, toward = np.array([0.0, l2]), np.array([centre, 1.0])
    height, slope = fit_logistic(design, outcome, weight, ridge=ridge, toward=toward)
    return RecalibrationLine(intercept=float(height - slope * centre), slope=float(slope))


def reliability_bands(
    outcome: Any, probability: Any, weight: Any = None, *, n_bands: int = 10
) -> tuple[ReliabilityBin, ...]:
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


def _band(y: Floats, p: Floats, w: Floats) -> ReliabilityBin:
    return ReliabilityBin(
        low=float(p.min()),
        high=float(p.max()),
        predicted=float(np.average(p, weights=w)),
        observed=float(np.average(y, weights=w)),
        rows=len(y),
        events=int(y.sum()),
    )
