"""Monotone maps of log-odds to log-odds: from scores to calibrated scores."""

from collections.abc import Mapping
from typing import Any

from relapse_risk.models.calibrators.beta import Beta
from relapse_risk.models.calibrators.chain import Chain
from relapse_risk.models.calibrators.choose import KINDS, fit_calibrator
from relapse_risk.models.calibrators.protocol import HELD, Calibrator
from relapse_risk.models.calibrators.sigmoid import LEVEL_MOVES, Sigmoid
from relapse_risk.models.calibrators.steps import PiecewiseLinear
from relapse_risk.models.state import read_choice

__all__ = [
    "HELD",
    "KINDS",
    "LEVEL_MOVES",
    "Beta",
    "Calibrator",
    "Chain",
    "PiecewiseLinear",
    "Sigmoid",
    "calibrator_from",
    "fit_calibrator",
]

_READ: Mapping[str, Any] = {"sigmoid": Sigmoid, "beta": Beta, "steps": PiecewiseLinear}


def calibrator_from(values: Mapping[str, Any]) -> Calibrator:
    """Return the calibrator that `to_values` described.

    Raises
    ------
    BundleError
        ``model_damaged`` where it describes none: a wrong kind, a falling map, a number that is none.
    """
    kind = read_choice(values, "kind", (*_READ, "chain"))
    if kind == "chain":
        return Chain.from_values(values, calibrator_from)
    found: Calibrator = _READ[kind].from_values(values)
    return found
