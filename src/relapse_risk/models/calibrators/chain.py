"""One calibrator after another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from relapse_risk.models.calibrators.protocol import Calibrator
from relapse_risk.models.columns import Floats
from relapse_risk.models.state import read_mapping

__all__ = ["Chain"]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """g(s) = then(first(s)): a calibrator, and what was learned later on top of it.

    Examples
    --------
    >>> from relapse_risk.models.calibrators import Sigmoid
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

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"kind": "chain", "first": self.first.to_values(), "then": self.then.to_values()}

    @classmethod
    def from_values(cls, values: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Calibrator]) -> "Chain":
        """Return what `to_values` described, its parts as `read` reads them."""
        return cls(first=read(read_mapping(values, "first")), then=read(read_mapping(values, "then")))
