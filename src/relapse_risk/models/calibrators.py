"""Monotone maps of log-odds to log-odds: from scores to calibrated scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from relapse_risk.metrics import fit_line
from relapse_risk.models.columns import Floats
from relapse_risk.models.rows import household_sandwich
from relapse_risk.models.state import damaged, read_choice, read_matrix, read_number, read_vector

__all__ = ["HELD", "Calibrator", "Isotonic", "Sigmoid", "calibrator_from", "fit_calibrator"]

HELD = float(logit(1 - 1e-6))
"""Calibrated log-odds are held within plus and minus this: probabilities of [1e-6, 1 - 1e-6]."""

# What 16 rows at even odds and one unit from the mean would say: with few events the slope stays near one.
_PULL = 4.0
_LEAST_STRETCH = 0.05


class Calibrator(Protocol):
    """A monotone map g of log-odds, held within `HELD`."""

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""

    def slope(self, score: Floats) -> Floats:
        """Return the derivative of g at each score, the right-hand one at a knot."""

    def error(self, score: Floats) -> Floats:
        """Return the standard error of g at each score."""

    def to_values(self) -> dict[str, Any]:
        """Return, as JSON data, what `calibrator_from` makes the same map of."""


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

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return np.clip(self.shift + self.stretch * score, -HELD, HELD)

    def slope(self, score: Floats) -> Floats:
        """Return the derivative of g at each score."""
        return np.where(np.abs(self.shift + self.stretch * score) < HELD, self.stretch, 0.0)

    def error(self, score: Floats) -> Floats:
        """Return the standard error of g at each score, from `covariance`, that of shift and stretch."""
        (of_shift, both), (_, of_stretch) = self.covariance
        return np.sqrt(np.maximum(of_shift + 2 * both * score + of_stretch * score**2, 0.0))

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        covariance = [list(row) for row in self.covariance]
        return {"kind": "sigmoid", "shift": self.shift, "stretch": self.stretch, "covariance": covariance}


@dataclass(frozen=True, kw_only=True)
class Isotonic:
    """g through `knots`, linear in between and level outside, rising at every knot.

    Examples
    --------
    >>> g = Isotonic(knots=np.array([0.0, 2.0]), heights=np.array([-1.0, 3.0]), errors=np.array([0.5, 0.5]))
    >>> g.value(np.array([-5.0, 1.0, 9.0])).tolist(), g.slope(np.array([-5.0, 1.0, 9.0])).tolist()
    ([-1.0, 1.0, 3.0], [0.0, 2.0, 0.0])
    """

    knots: Floats
    heights: Floats
    errors: Floats

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return np.interp(score, self.knots, self.heights)

    def slope(self, score: Floats) -> Floats:
        """Return the derivative of g at each score, the right-hand one at a knot."""
        slopes = np.concatenate([[0.0], np.diff(self.heights) / np.diff(self.knots), [0.0]])
        found: Floats = slopes[np.searchsorted(self.knots, score, side="right")]
        return found

    def error(self, score: Floats) -> Floats:
        """Return the standard error of g at each score: that of the rates behind the knots, `errors`, in between."""
        return np.interp(score, self.knots, self.errors)

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"kind": "isotonic"} | {name: getattr(self, name).tolist() for name in ("knots", "heights", "errors")}


def fit_calibrator(kind: str | None, score: Floats, outcome: Floats, weight: Floats, household: Any) -> Calibrator:
    """Fit a calibrator on scores of rows that their model did not see.

    Parameters
    ----------
    kind : {"sigmoid", "isotonic"} or None
        None leaves scores as they are.
    score : ndarray of shape (n,)
        Log-odds, out of fold; empty where no fold could be made, which also leaves scores as they are.
    outcome, weight, household : ndarray of shape (n,)
        Rows of one household stand together.

    Examples
    --------
    >>> fit_calibrator(None, *[np.zeros(0)] * 4).value(np.array([0.3])).tolist()
    [0.3]
    """
    if kind is None or len(score) == 0 or np.ptp(score) == 0:
        return Sigmoid()
    if kind == "isotonic":
        return _isotonic(score, outcome, weight)
    return _sigmoid(score, outcome, weight, household)


def _sigmoid(score: Floats, outcome: Floats, weight: Floats, household: Any) -> Sigmoid:
    line = fit_line(score, outcome, weight, pull=_PULL)
    shift, stretch = line.intercept, line.slope
    if stretch < _LEAST_STRETCH:
        # scores that rank backwards out of fold say nothing: nearly everyone gets the mean risk
        stretch = _LEAST_STRETCH
        shift = float(logit(np.average(outcome, weights=weight)) - stretch * np.average(score, weights=weight))
    design, risk = np.column_stack([np.ones_like(score), score]), expit(shift + stretch * score)
    hessian = (design * (weight * risk * (1 - risk))[:, None]).T @ design + np.diag([1e-9, _PULL])
    (a, b), (_, d) = household_sandwich(
        np.linalg.inv(hessian), (weight * (outcome - risk))[:, None] * design, household
    )
    return Sigmoid(shift=shift, stretch=stretch, covariance=((float(a), float(b)), (float(b), float(d))))


def _isotonic(score: Floats, outcome: Floats, weight: Floats) -> Isotonic:
    """Return isotonic regression made continuous: its steps joined at their mean scores (Oron and Flournoy 2017)."""
    fitted = IsotonicRegression().fit(score, outcome, sample_weight=weight).predict(score)
    # half an event in all rows: the furthest a rate may be from what was seen nowhere
    least = 0.5 / (weight.sum() + 1)
    _, step = np.unique(np.clip(fitted, least, 1 - least), return_inverse=True)
    mass = np.bincount(step, weight)
    rates = np.clip(np.bincount(step, weight * outcome) / mass, least, 1 - least)
    return Isotonic(
        knots=np.bincount(step, weight * score) / mass,
        heights=np.clip(np.asarray(logit(rates)), -HELD, HELD),
        errors=1 / np.sqrt((mass + 1) * rates * (1 - rates)),
    )


def calibrator_from(values: Mapping[str, Any]) -> Calibrator:
    """Return the calibrator that `to_values` described.

    Raises
    ------
    BundleError
        ``model_damaged`` where it describes none: a wrong kind, a falling map, a number that is none.
    """
    if read_choice(values, "kind", ("sigmoid", "isotonic")) == "sigmoid":
        (a, b), (_, d) = read_matrix(values, "covariance", shape=(2, 2)).tolist()
        shift, stretch = read_number(values, "shift"), read_number(values, "stretch")
        return (
            Sigmoid(shift=shift, stretch=stretch, covariance=((a, b), (b, d)))
            if stretch > 0
            else damaged("stretch", "a calibrator that falls")
        )
    knots = read_vector(values, "knots")
    heights = read_vector(values, "heights", length=len(knots))
    errors = read_vector(values, "errors", length=len(knots))
    if len(knots) == 0 or (np.diff(knots) <= 0).any() or (np.diff(heights) < 0).any() or np.abs(heights).max() > HELD:
        damaged("knots", "a calibrator that falls or has no knots")
    return Isotonic(knots=knots, heights=heights, errors=errors)
