"""What a calibrator offers, and one calibrator after another."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from relapse_risk.metrics import Floats

__all__ = ["Calibrator", "Chain"]


class Calibrator(Protocol):
    """A monotone map g of log-odds, held within `MAX_LOG_ODDS`."""

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""

    def slope(self, score: Floats) -> Floats:
        """Return the derivative of g at each score, the right-hand one at a knot."""

    def error(self, score: Floats) -> Floats:
        """Return the standard error of g at each score."""


@dataclass(frozen=True, kw_only=True)
class Chain:
    """g(s) = then(first(s)): a calibrator, and what was learned later on top of it.

    Examples
    --------
    >>> from relapse_risk.calibration import Sigmoid
    >>> g = Chain(first=Sigmoid(shift=1.0), then=Sigmoid(stretch=0.5))
    >>> g.value(np.array([3.0])).tolist(), g.slope(np.array([3.0])).tolist()
    ([2.0], [0.5])
    """

    first: Calibrator
    then: Calibrator

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return self.then.value(self.first.value(score))

    def slope(self, score: Floats) -> Floats:
        """Return the derivative of g at each score."""
        return self.then.slope(self.first.value(score)) * self.first.slope(score)

    def error(self, score: Floats) -> Floats:
        """Return the standard error of g: of the first, through the second, and of the second, in quadrature."""
        between = self.first.value(score)
        return np.hypot(self.then.slope(between) * self.first.error(score), self.then.error(between))
