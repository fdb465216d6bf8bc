"""A calibrator whose slope may differ between low and high risks."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from relapse_risk.metrics import MAX_LOG_ODDS, Floats, clip_log_odds, fit_logistic, sandwich_covariance

__all__ = ["Beta"]

_NONE = ((0.0, 0.0, 0.0),) * 3
# As for the sigmoid: with few events both bends stay near one.
_L2 = 4.0


@dataclass(frozen=True, kw_only=True)
class Beta:
    """g(s) = intercept + low * log(p) - high * log(1 - p), p = expit(s), low and high >= 0 (Kull et al. 2017).

    `low` is the slope far down, `high` that far up; both one and no intercept leave scores as they are.

    Examples
    --------
    >>> g = Beta(intercept=0.0, low=1.0, high=1.0)
    >>> g.value(np.array([-2.0, 3.0])).round(9).tolist(), g.derivative(np.array([-2.0, 3.0])).round(9).tolist()
    ([-2.0, 3.0], [1.0, 1.0])
    """

    intercept: float
    low: float
    high: float
    covariance: tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]] = _NONE
    kind: Literal["beta"] = "beta"

    def __post_init__(self) -> None:
        if not min(self.low, self.high) >= 0:
            raise ValueError(f"expected low and high of at least 0, found {self.low:g} and {self.high:g}")

    @classmethod
    def fit(cls, score: Floats, outcome: Floats, weight: Floats, household: npt.NDArray[np.uint64]) -> Self:
        """Fit the two slopes on scores of rows that their model did not see; see `fit_calibrator`.

        A slope that would be negative is left out and the other fitted again, as its authors do.
        """
        design, toward, ridge = _design(score), np.array([0.0, 1.0, 1.0]), np.array([1e-9, _L2, _L2])
        kept = np.array([True, True, True])
        found = fit_logistic(design, outcome, weight, ridge=ridge, toward=toward)
        while found[1:].min() < 0:
            kept[1 + np.argmin(found[1:])] = False
            found = np.zeros(3)
            found[kept] = fit_logistic(design[:, kept], outcome, weight, ridge=ridge[kept], toward=toward[kept])
        risk = expit(design @ found)
        hessian = (design * (weight * risk * (1 - risk))[:, None]).T @ design + np.diag(ridge)
        gradients = (weight * (outcome - risk))[:, None] * design
        first, second, third = sandwich_covariance(np.linalg.inv(hessian), gradients, household).tolist()
        intercept, low, high = found.tolist()
        return cls(intercept=intercept, low=low, high=high, covariance=(tuple(first), tuple(second), tuple(third)))

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        coefficients = np.array([self.intercept, self.low, self.high])
        found: Floats = clip_log_odds(_design(score) @ coefficients)
        return found

    def derivative(self, score: Floats) -> Floats:
        """Return the derivative of g at each score."""
        p = expit(score)
        at_bound = np.abs(self.value(score)) >= MAX_LOG_ODDS
        found: Floats = np.where(at_bound, 0.0, self.low * (1 - p) + self.high * p)
        return found

    def std_error(self, score: Floats) -> Floats:
        """Return the standard error of g at each score, from `covariance`, that of intercept, low and high."""
        design = _design(score)
        variance = np.einsum("ij,ij->i", design @ np.array(self.covariance), design)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _design(score: Floats) -> Floats:
    """Return one, log p and -log(1 - p), shape (n, 3)."""
    return np.column_stack([np.ones_like(score), -np.logaddexp(0, -score), np.logaddexp(0, score)])
