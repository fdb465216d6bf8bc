"""Scores, calibration measures, comparisons and splits over arrays."""

from relapse_risk.metrics.calibration import Band, Line, fit_line, recalibration_line, reliability_bands
from relapse_risk.metrics.folds import Fold, hash_ids, time_household_folds
from relapse_risk.metrics.groups import LargestError
from relapse_risk.metrics.newton import fit_logistic
from relapse_risk.metrics.paired import Interval, household_bootstrap
from relapse_risk.metrics.scores import (
    Scores,
    auc,
    average_precision,
    brier,
    log_loss,
    log_losses,
    predicted_over_observed,
    score_all,
)
from relapse_risk.metrics.spiegelhalter import Spiegelhalter, spiegelhalter

__all__ = [
    "Band",
    "Fold",
    "Interval",
    "LargestError",
    "Line",
    "Scores",
    "Spiegelhalter",
    "auc",
    "average_precision",
    "brier",
    "fit_line",
    "fit_logistic",
    "hash_ids",
    "household_bootstrap",
    "log_loss",
    "log_losses",
    "predicted_over_observed",
    "recalibration_line",
    "reliability_bands",
    "score_all",
    "spiegelhalter",
    "time_household_folds",
]
