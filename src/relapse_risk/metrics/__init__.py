"""Scores, calibration measures, comparisons and splits over arrays."""

from relapse_risk.metrics.calibration import Band, Line, fit_line, recalibration_line, reliability_bands
from relapse_risk.metrics.clusters import ClusterDraws, Interval, cluster_bootstrap, interval_of
from relapse_risk.metrics.decomposition import Split, Splits, corp_splits, split_scores
from relapse_risk.metrics.folds import Fold, hash_ids, time_household_folds
from relapse_risk.metrics.groups import LargestError
from relapse_risk.metrics.newton import fit_logistic
from relapse_risk.metrics.paired import household_bootstrap
from relapse_risk.metrics.ranked import Ranked
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
    "ClusterDraws",
    "Fold",
    "Interval",
    "LargestError",
    "Line",
    "Ranked",
    "Scores",
    "Spiegelhalter",
    "Split",
    "Splits",
    "auc",
    "average_precision",
    "brier",
    "cluster_bootstrap",
    "corp_splits",
    "fit_line",
    "fit_logistic",
    "hash_ids",
    "household_bootstrap",
    "interval_of",
    "log_loss",
    "log_losses",
    "predicted_over_observed",
    "recalibration_line",
    "reliability_bands",
    "score_all",
    "spiegelhalter",
    "split_scores",
    "time_household_folds",
]
