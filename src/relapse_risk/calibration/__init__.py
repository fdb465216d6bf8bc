"""Monotone maps of scores to risks, their recalibration, and the levels of years. Arrays only."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.calibration.beta import Beta
    from relapse_risk.calibration.calibrator import Calibrator, Chain
    from relapse_risk.calibration.piecewise_linear import PiecewiseLinear
    from relapse_risk.calibration.recalibration import (
        level_moves,
        prevalence_shift,
        recalibrate_halfway,
        recalibrate_level,
    )
    from relapse_risk.calibration.selection import KINDS, fit_calibrator
    from relapse_risk.calibration.sigmoid import LEVEL_MOVES, Sigmoid
    from relapse_risk.calibration.year_effects import YearEffects
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "KINDS",
    "LEVEL_MOVES",
    "Beta",
    "Calibrator",
    "Chain",
    "PiecewiseLinear",
    "Sigmoid",
    "YearEffects",
    "fit_calibrator",
    "level_moves",
    "prevalence_shift",
    "recalibrate_halfway",
    "recalibrate_level",
]
