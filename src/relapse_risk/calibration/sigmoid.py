"""A line in log-odds."""

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from relapse_risk.metrics import MAX_LOG_ODDS, Floats, clip_log_odds, fit_line, fit_logistic, sandwich_covariance

__all__ = ["LEVEL_MOVES", "Sigmoid"]

# What 16 rows at even odds and one unit from the mean would say: with few events the slope stays near one.
_PULL = 4.0
_LEAST_STRETCH = 0.05
# How far level and slope move from year to year, in log-odds: see `Sigmoid.fit_shrunken`.
LEVEL_MOVES, _SLOPE_MOVES = 0.5, 0.1
_FURTHEST = 10.0


@dataclass(frozen=True, kw_only=True)
class Sigmoid:
    """g(s) = shift + stretch * s, stretch > 0 (logistic recalibration; Platt 1999 on log-odds).

    Examples
    --------
    >>> g = Sigmoid(shift=0.5, stretch=2.0)
    >>> g.value(np.array([1.0, 100.0])).round(4).tolist(), g.slope(np.array([1.0, 100.0])).tolist()
    ([2.5, 13.8155], [2.0, 0.0])
    """

    shift: float = 0.0
    stretch: float = 1.0
    covariance: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))
    kind: Literal["sigmoid"] = "sigmoid"

    def __post_init__(self) -> None:
        if not self.stretch > 0:
            raise ValueError("a calibrator rises, this one does not")

    @classmethod
    def fit(
        cls, score: Floats, outcome: Floats, weight: Floats, household: npt.NDArray[np.uint64], *, pull: float = _PULL
    ) -> Self:
        """Fit the line on scores of rows that their model did not see; see `fit_calibrator`.

        Parameters
        ----------
        pull : float
            How strongly the slope is drawn towards one: `pull` / 2 times its squared distance is added to the log loss.
        """
        line = fit_line(score, outcome, weight, pull=pull)
        shift, stretch = line.intercept, line.slope
        if stretch < _LEAST_STRETCH:
            # scores that rank backwards out of fold say nothing: nearly everyone gets the mean risk
            stretch = _LEAST_STRETCH
            shift = float(logit(np.average(outcome, weights=weight)) - stretch * np.average(score, weights=weight))
        found = cls(shift=shift, stretch=stretch)
        return replace(found, covariance=_covariance(found, score, outcome, weight, household, pull))

    @classmethod
    def fit_shrunken(
        cls, score: Floats, outcome: Floats, weight: Floats, household: npt.NDArray[np.uint64], *, level: Any = None
    ) -> Self:
        """Fit the line with level and slope drawn to leaving scores as they are: what new outcomes say on top.

        From one year to the next the level is expected to move by about 0.5 in log-odds (a normal prior on the shift
        at the mean score), the slope by about a tenth.

        Parameters
        ----------
        level : ndarray of shape (n,), optional
            Scores of the same rows that the level is taken from; those that the slope is taken from if not given.
        """
        centre = float(np.average(score, weights=weight))
        design = np.column_stack([np.ones_like(score), score - centre])
        ridge, toward = np.array([LEVEL_MOVES**-2, _SLOPE_MOVES**-2]), np.array([centre, 1.0])
        height, stretch = fit_logistic(design, outcome, weight, ridge=ridge, toward=toward).tolist()
        stretch = max(stretch, _LEAST_STRETCH)
        if level is not None:
            centre = float(np.average(level, weights=weight))
            height = centre + _level_missing(centre + stretch * (level - centre), outcome, weight)
        found = cls(shift=height - stretch * centre, stretch=stretch)
        return replace(found, covariance=_covariance(found, score, outcome, weight, household, _SLOPE_MOVES**-2))

    def halfway(self) -> Self:
        """Return the line half way between this one and leaving scores as they are.

        If years come and go around a level, the newest tells no more of the next than any other; if levels drift, it
        tells all there is to know. Half way is near the better of the two in either case.
        """
        (a, b), (_, d) = self.covariance
        quarter = ((a / 4, b / 4), (b / 4, d / 4))
        return replace(self, shift=self.shift / 2, stretch=(1 + self.stretch) / 2, covariance=quarter)

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return clip_log_odds(self.shift + self.stretch * score)

    def slope(self, score: Floats) -> Floats:
        """Return the derivative of g at each score."""
        return np.where(np.abs(self.shift + self.stretch * score) < MAX_LOG_ODDS, self.stretch, 0.0)

    def error(self, score: Floats) -> Floats:
        """Return the standard error of g at each score, from `covariance`, that of shift and stretch."""
        (of_shift, both), (_, of_stretch) = self.covariance
        return np.sqrt(np.maximum(of_shift + 2 * both * score + of_stretch * score**2, 0.0))


def _level_missing(score: Floats, outcome: Floats, weight: Floats) -> float:
    """Return what, added to all scores, fits the outcomes best, drawn to nothing."""

    def loss(move: float) -> float:
        moved = score + move
        return float(weight @ (np.logaddexp(0, moved) - outcome * moved) + (move / LEVEL_MOVES) ** 2 / 2)

    return float(minimize_scalar(loss, bounds=(-_FURTHEST, _FURTHEST), method="bounded", options={"xatol": 1e-9}).x)


def _covariance(
    line: Sigmoid, score: Floats, outcome: Floats, weight: Floats, household: npt.NDArray[np.uint64], pull: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the household-robust covariance of shift and stretch."""
    design, risk = np.column_stack([np.ones_like(score), score]), expit(line.shift + line.stretch * score)
    hessian = (design * (weight * risk * (1 - risk))[:, None]).T @ design + np.diag([1e-9, pull])
    pulls = (weight * (outcome - risk))[:, None] * design
    (a, b), (_, d) = sandwich_covariance(np.linalg.inv(hessian), pulls, household).tolist()
    return ((a, b), (b, d))
