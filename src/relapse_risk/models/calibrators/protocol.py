"""What a calibrator offers."""

from typing import Any, Protocol

from scipy.special import logit

from relapse_risk.models.columns import Floats

__all__ = ["HELD", "Calibrator"]

HELD = float(logit(1 - 1e-6))
"""Calibrated log-odds are held within plus and minus this: probabilities of [1e-6, 1 - 1e-6]."""


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
