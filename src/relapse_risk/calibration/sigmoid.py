"""A line in log-odds."""

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit, logit

from relapse_risk.metrics import (
    MAX_LOG_ODDS,
    Floats,
    calibration_in_the_large,
    clip_log_odds,
    fit_line,
    fit_logistic,
    sandwich_covariance,
)

__all__ = ["LEVEL_MOVES", "Sigmoid"]

# What 16 rows at even odds and one unit from the mean would say: with few events the slope stays near one.
_L2 = 4.0
_LEAST_SLOPE = 0.05
# How far level and slope move from one time or place to another, in log-odds, where nothing is known of it.
LEVEL_MOVES, _SLOPE_MOVES = 0.5, 0.1
_FURTHEST = 10.0
_LEAST_PRIOR = 1e-9  # so that there is an inverse where all scores are equal


@dataclass(frozen=True, kw_only=True)
class Sigmoid:
    """g(s) = intercept + slope * s, slope > 0 (logistic recalibration; Platt 1999 on log-odds).

    Examples
    --------
    >>> g = Sigmoid(intercept=0.5, slope=2.0)
    >>> g.value(np.array([1.0, 100.0])).round(4).tolist(), g.derivative(np.array([1.0, 100.0])).tolist()
    ([2.5, 13.8155], [2.0, 0.0])
    """

    intercept: float = 0.0
    slope: float = 1.0
    covariance: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))
    kind: Literal["sigmoid"] = "sigmoid"

    def __post_init__(self) -> None:
        if not self.slope > 0:
            raise ValueError(f"expected a slope above 0, found {self.slope:g}")

    @classmethod
    def fit(
        cls, score: Floats, outcome: Floats, weight: Floats, household: npt.NDArray[np.uint64], *, l2: float = _L2
    ) -> Self:
        """Fit the line on scores of rows that their model did not see; see `fit_calibrator`.

        Parameters
        ----------
        l2 : float
            How strongly the slope shrinks towards one: `l2` / 2 times its squared distance is added to the log loss.
        """
        line = fit_line(score, outcome, weight, l2=l2)
        intercept, slope = line.intercept, line.slope
        if slope < _LEAST_SLOPE:
            # scores that rank backwards out of fold say nothing: nearly everyone gets the mean risk
            slope = _LEAST_SLOPE
            intercept = float(logit(np.average(outcome, weights=weight)) - slope * np.average(score, weights=weight))
        found = cls(intercept=intercept, slope=slope)
        prior = np.diag([_LEAST_PRIOR, l2])
        return replace(found, covariance=_covariance(found, score, outcome, weight, household, prior))

    @classmethod
    def fit_shrunken(
        cls,
        score: Floats,
        outcome: Floats,
        weight: Floats,
        household: npt.NDArray[np.uint64],
        *,
        level: Any = None,
        moves: float = LEVEL_MOVES,
    ) -> Self:
        """Fit the line with level and slope shrunken towards leaving scores unchanged.

        The level is expected to move by `moves` in log-odds (a normal prior on the intercept at the mean score), the
        slope by about a tenth.

        Parameters
        ----------
        level : ndarray of shape (n,), optional
            Scores of the same rows that the level is taken from; those that the slope is taken from if not given.
        moves : float
        """
        centre = float(np.average(score, weights=weight))
        design = np.column_stack([np.ones_like(score), score - centre])
        ridge, toward = np.array([moves**-2, _SLOPE_MOVES**-2]), np.array([centre, 1.0])
        height, slope = fit_logistic(design, outcome, weight, ridge=ridge, toward=toward).tolist()
        slope = max(slope, _LEAST_SLOPE)
        if level is not None:
            centre = float(np.average(level, weights=weight))
            # turned about its mean score, a line expects another number of events: what moves is counted from there
            turned = centre + slope * (level - centre)
            height = centre + calibration_in_the_large(turned, expit(level), weight)
            height += _level_missing(height - centre + turned, outcome, weight, moves)
        found = cls(intercept=height - slope * centre, slope=slope)
        at_mean = np.array([[1.0, 0.0], [centre, 1.0]])  # from intercept and slope to the height there, and slope
        prior = at_mean @ np.diag([LEVEL_MOVES**-2, _SLOPE_MOVES**-2]) @ at_mean.T
        return replace(found, covariance=_covariance(found, score, outcome, weight, household, prior))

    def halfway(self) -> Self:
        """Return the line half way between this one and leaving scores as they are.

        If years come and go around a level, the newest predicts the next no better than any other; if levels drift, it
        is the best predictor. Half way is near the better of the two in either case.
        """
        (a, b), (_, d) = self.covariance
        quarter = ((a / 4, b / 4), (b / 4, d / 4))
        return replace(self, intercept=self.intercept / 2, slope=(1 + self.slope) / 2, covariance=quarter)

    def with_level_error(self, error: float) -> Self:
        """Return the line with a further standard error of its intercept."""
        (a, b), (_, d) = self.covariance
        return replace(self, covariance=((a + error**2, b), (b, d)))

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return clip_log_odds(self.intercept + self.slope * score)

    def derivative(self, score: Floats) -> Floats:
        """Return the derivative of g at each score."""
        return np.where(np.abs(self.intercept + self.slope * score) < MAX_LOG_ODDS, self.slope, 0.0)

    def std_error(self, score: Floats) -> Floats:
        """Return the standard error of g at each score, from `covariance`, that of intercept and slope."""
        (of_intercept, both), (_, of_slope) = self.covariance
        return np.sqrt(np.maximum(of_intercept + 2 * both * score + of_slope * score**2, 0.0))


def _level_missing(score: Floats, outcome: Floats, weight: Floats, moves: float) -> float:
    """Return what, added to all scores, fits the outcomes best, drawn to nothing."""

    def slope(move: float) -> float:
        return float(weight @ (expit(score + move) - outcome)) + move / moves**2

    # a root is found to the last digits, a minimum to half of them
    if slope(-_FURTHEST) >= 0 or slope(_FURTHEST) <= 0:
        return -_FURTHEST if slope(-_FURTHEST) >= 0 else _FURTHEST
    return float(brentq(slope, -_FURTHEST, _FURTHEST))


def _covariance(
    line: Sigmoid, score: Floats, outcome: Floats, weight: Floats, household: npt.NDArray[np.uint64], prior: Floats
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the household-robust covariance of intercept and slope, of which the precision `prior` is known before."""
    design, risk = np.column_stack([np.ones_like(score), score]), expit(line.intercept + line.slope * score)
    hessian = (design * (weight * risk * (1 - risk))[:, None]).T @ design + prior
    gradients = (weight * (outcome - risk))[:, None] * design
    (a, b), (_, d) = sandwich_covariance(np.linalg.inv(hessian), gradients, household).tolist()
    return ((a, b), (b, d))
