"""What each reason adds to the calibrated log-odds."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from relapse_risk.metrics import Floats

__all__ = ["Contributions", "scale_through"]

# Nearer than this to the centre, the quotient would be rounding noise, and the derivative is it to 1e-9.
_NEAR = 1e-11


class SmoothMap(Protocol):
    """A smooth map of numbers to numbers, such as a calibrator."""

    def value(self, score: Floats) -> Floats:
        """Return its value at each."""

    def derivative(self, score: Floats) -> Floats:
        """Return its derivative at each."""


@dataclass(frozen=True, kw_only=True)
class Contributions:
    """A base and one contribution per row and reason, in log-odds: base + values.sum(axis=1) = logit(probability).

    Attributes
    ----------
    base : float
        Calibrated log-odds at the weighted mean score of the training cohort.
    values : ndarray of shape (n, reasons)
        Against that mean.
    reasons : tuple of str
    """

    base: float
    values: Floats
    reasons: tuple[str, ...]


def scale_through(calibrator: SmoothMap, score: Floats, centre: float) -> Floats:
    """Return the factor by which a calibrator g scales a row's contributions: (g(s) - g(s0)) / (s - s0).

    Its limit, the derivative, at the centre s0. A contribution to s - s0 times the factor is one to g(s) - g(s0).
    """
    gap = score - centre
    near = np.abs(gap) < _NEAR
    rise = calibrator.value(score) - calibrator.value(np.array([centre]))
    return np.where(near, calibrator.derivative(np.array([centre])), rise / np.where(near, 1.0, gap))
