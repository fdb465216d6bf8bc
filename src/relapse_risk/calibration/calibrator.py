"""The interface of calibrators, their kinds, and chains of them."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from relapse_risk.calibration.beta import Beta
from relapse_risk.calibration.piecewise_linear import PiecewiseLinear
from relapse_risk.calibration.sigmoid import Sigmoid
from relapse_risk.metrics import Floats

__all__ = ["Calibrator", "Chain"]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """g(s) = then(first(s)): a calibrator, and what was learned later on top of it.

    Examples
    --------
    >>> from relapse_risk.calibration import Sigmoid
    >>> g = Chain(first=Sigmoid(intercept=1.0), then=Sigmoid(slope=0.5))
    >>> g.value(np.array([3.0])).tolist(), g.derivative(np.array([3.0])).tolist()
    ([2.0], [0.5])
    """

    first: "Calibrator"
    then: "Calibrator"
    kind: Literal["chain"] = "chain"

    def value(self, score: Floats) -> Floats:
        """Return g of each score."""
        return self.then.value(self.first.value(score))

    def derivative(self, score: Floats) -> Floats:
        """Return the derivative of g at each score."""
        return self.then.derivative(self.first.value(score)) * self.first.derivative(score)

    def std_error(self, score: Floats) -> Floats:
        """Return the standard error of g: of the first, through the second, and of the second, in quadrature."""
        between = self.first.value(score)
        return np.hypot(self.then.derivative(between) * self.first.std_error(score), self.then.std_error(between))


Calibrator = Annotated[Sigmoid | Beta | PiecewiseLinear | Chain, Field(discriminator="kind")]
"""A monotone map g of log-odds, held within `MAX_LOG_ODDS`, by its value, its derivative and its standard error."""
