"""How good probabilities are, over weighted rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from relapse_risk.metrics.array_checks import Floats, checked
from relapse_risk.metrics.calibration import recalibration_line
from relapse_risk.metrics.fields import Figure
from relapse_risk.metrics.ranked import Ranked

__all__ = [
    "Scores",
    "auc",
    "average_precision",
    "brier",
    "expected_observed_ratio",
    "log_loss",
    "log_losses",
    "score_all",
]

_TINY = 1e-15


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Every score of one set of probabilities.

    Attributes
    ----------
    rows, events : int
        Rows with a positive weight, and those of them with the outcome.
    auc, average_precision, log_loss, brier : float
    observed, predicted : float
        Weighted mean outcome and mean probability.
    calibration_intercept, calibration_slope : float
        See `recalibration_line`.
    """

    rows: int
    events: int
    auc: Figure
    average_precision: Figure
    log_loss: Figure
    brier: Figure
    observed: Figure
    predicted: Figure
    calibration_intercept: Figure
    calibration_slope: Figure


def score_all(outcome: Any, probability: Any, weight: Any = None) -> Scores:
    """Return every score of one set of probabilities.

    Raises
    ------
    ValueError
        As `checked` says: unequal lengths, outcomes other than 0 and 1, probabilities outside [0, 1].

    Examples
    --------
    >>> found = score_all([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8])
    >>> found.rows, found.events, found.auc, round(found.predicted, 3)
    (4, 2, 0.75, 0.475)
    """
    y, p, w = checked(outcome, probability, weight)
    line = recalibration_line(y, p, w)
    return Scores(
        rows=int((w > 0).sum()),
        events=int(((w > 0) & (y == 1)).sum()),
        auc=auc(y, p, w),
        average_precision=average_precision(y, p, w),
        log_loss=log_loss(y, p, w),
        brier=brier(y, p, w),
        observed=float(np.average(y, weights=w)),
        predicted=float(np.average(p, weights=w)),
        calibration_intercept=line.intercept,
        calibration_slope=line.slope,
    )


def log_losses(outcome: Any, probability: Any) -> Floats:
    """Return each row's log loss, -log of the probability of its outcome (at least 1e-15).

    Examples
    --------
    >>> log_losses([1, 0], [0.5, 0.0]).round(4).tolist()
    [0.6931, 0.0]
    """
    y, p, _ = checked(outcome, probability)
    return np.abs(np.log(np.maximum(np.where(y == 1, p, 1 - p), _TINY)))


def log_loss(outcome: Any, probability: Any, weight: Any = None) -> float:
    """Return the weighted mean log loss.

    Examples
    --------
    >>> round(log_loss([1, 0], [0.5, 0.5]), 4)
    0.6931
    """
    y, p, w = checked(outcome, probability, weight)
    return float(np.average(log_losses(y, p), weights=w))


def brier(outcome: Any, probability: Any, weight: Any = None) -> float:
    """Return the weighted mean squared difference of probability and outcome.

    Examples
    --------
    >>> round(brier([1, 0], [0.5, 0.0]), 4)
    0.125
    """
    y, p, w = checked(outcome, probability, weight)
    return float(np.average((p - y) ** 2, weights=w))


def auc(outcome: Any, probability: Any, weight: Any = None) -> float:
    """Return the area under the ROC curve; not a number where only one outcome occurs.

    Examples
    --------
    >>> auc([0, 1, 1], [0.1, 0.1, 0.9])
    0.75
    """
    y, p, w = checked(outcome, probability, weight)
    return float(Ranked.of(y, p).auc(w)[0])


def average_precision(outcome: Any, probability: Any, weight: Any = None) -> float:
    """Return the average precision (precision weighted by the gain in recall); not a number where nothing occurs.

    Examples
    --------
    >>> average_precision([0, 1, 1], [0.1, 0.2, 0.9])
    1.0
    """
    y, p, w = checked(outcome, probability, weight)
    return float(Ranked.of(y, p).average_precision(w)[0])


def expected_observed_ratio(outcome: Any, probability: Any, weight: Any = None) -> float:
    """Return the mean probability over the mean outcome; infinite where nothing occurs, though it was expected.

    Examples
    --------
    >>> expected_observed_ratio([1, 0, 0, 0], [0.2, 0.1, 0.1, 0.1])
    0.5
    """
    y, p, w = checked(outcome, probability, weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.float64(w @ p) / np.float64(w @ y))
