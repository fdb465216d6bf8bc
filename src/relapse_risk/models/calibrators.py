"""Monotone maps of log-odds to log-odds: from scores to calibrated scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.special import logit
from sklearn.isotonic import IsotonicRegression

from relapse_risk.metrics import fit_line
from relapse_risk.models.columns import Floats
from relapse_risk.models.state import damaged, read_choice, read_number, read_vector

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

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return np.clip(self.shift + self.stretch * score, -HELD, HELD)

    def slope(self, score: Floats) -> Floats:
        """Return the derivative of g at each score."""
        return np.where(np.abs(self.shift + self.stretch * score) < HELD, self.stretch, 0.0)

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"kind": "sigmoid", "shift": self.shift, "stretch": self.stretch}


@dataclass(frozen=True, kw_only=True)
class Isotonic:
    """g through `knots`, linear in between and level outside, rising at every knot.

    Examples
    --------
    >>> g = Isotonic(knots=np.array([0.0, 2.0]), heights=np.array([-1.0, 3.0]))
    >>> g.value(np.array([-5.0, 1.0, 9.0])).tolist(), g.slope(np.array([-5.0, 1.0, 9.0])).tolist()
    ([-1.0, 1.0, 3.0], [0.0, 2.0, 0.0])
    """

    knots: Floats
    heights: Floats

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return np.interp(score, self.knots, self.heights)

    def slope(self, score: Floats) -> Floats:
        """Return the derivative of g at each score, the right-hand one at a knot."""
        slopes = np.concatenate([[0.0], np.diff(self.heights) / np.diff(self.knots), [0.0]])
        found: Floats = slopes[np.searchsorted(self.knots, score, side="right")]
        return found

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"kind": "isotonic", "knots": self.knots.tolist(), "heights": self.heights.tolist()}


def fit_calibrator(kind: str | None, score: Floats, outcome: Floats, weight: Floats) -> Calibrator:
    """Fit a calibrator on scores of rows that their model did not see.

    Parameters
    ----------
    kind : {"sigmoid", "isotonic"} or None
        None leaves scores as they are.
    score : ndarray of shape (n,)
        Log-odds, out of fold; empty where no fold could be made, which also leaves scores as they are.
    outcome, weight : ndarray of shape (n,)

    Examples
    --------
    >>> fit_calibrator(None, np.zeros(0), np.zeros(0), np.zeros(0))
    Sigmoid(shift=0.0, stretch=1.0)
    """
    if kind is None or len(score) == 0 or np.ptp(score) == 0:
        return Sigmoid()
    return _sigmoid(score, outcome, weight) if kind == "sigmoid" else _isotonic(score, outcome, weight)


def _sigmoid(score: Floats, outcome: Floats, weight: Floats) -> Sigmoid:
    line = fit_line(score, outcome, weight, pull=_PULL)
    if line.slope >= _LEAST_STRETCH:
        return Sigmoid(shift=line.intercept, stretch=line.slope)
    # scores that rank backwards out of fold say nothing: nearly everyone gets the mean risk
    centre = float(np.average(score, weights=weight))
    mean = float(logit(np.average(outcome, weights=weight)))
    return Sigmoid(shift=mean - _LEAST_STRETCH * centre, stretch=_LEAST_STRETCH)


def _isotonic(score: Floats, outcome: Floats, weight: Floats) -> Isotonic:
    """Return isotonic regression made continuous: its steps joined at their mean scores (Oron and Flournoy 2017)."""
    fitted = IsotonicRegression().fit(score, outcome, sample_weight=weight).predict(score)
    # half an event in all rows: the furthest a rate may be from what was seen nowhere
    least = 0.5 / (weight.sum() + 1)
    _, step = np.unique(np.clip(fitted, least, 1 - least), return_inverse=True)
    mass = np.bincount(step, weight)
    rates = np.clip(np.bincount(step, weight * outcome) / mass, least, 1 - least)
    return Isotonic(
        knots=np.bincount(step, weight * score) / mass, heights=np.clip(np.asarray(logit(rates)), -HELD, HELD)
    )


def calibrator_from(values: Mapping[str, Any]) -> Calibrator:
    """Return the calibrator that `to_values` described.

    Raises
    ------
    BundleError
        ``model_damaged`` where it describes none: a wrong kind, a falling map, a number that is none.
    """
    if read_choice(values, "kind", ("sigmoid", "isotonic")) == "sigmoid":
        found = Sigmoid(shift=read_number(values, "shift"), stretch=read_number(values, "stretch"))
        return found if found.stretch > 0 else damaged("stretch", "a calibrator that falls")
    knots = read_vector(values, "knots")
    heights = read_vector(values, "heights", length=len(knots))
    if len(knots) == 0 or (np.diff(knots) <= 0).any() or (np.diff(heights) < 0).any() or np.abs(heights).max() > HELD:
        damaged("knots", "a calibrator that falls or has no knots")
    return Isotonic(knots=knots, heights=heights)
