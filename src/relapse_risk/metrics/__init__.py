"""Scores, calibration measures, comparisons and splits over arrays."""

from relapse_risk.metrics.benefit import NetBenefit, net_benefit, visits
from relapse_risk.metrics.calibration import (
    Band,
    Line,
    fit_line,
    line_draws,
    log_odds,
    recalibration_line,
    reliability_bands,
)
from relapse_risk.metrics.checks import checked_level, numbered
from relapse_risk.metrics.clusters import (
    ClusterDraws,
    Interval,
    cluster_bootstrap,
    cluster_ids,
    interval_of,
    overfitted_interval,
)
from relapse_risk.metrics.counts import Uniformity, pit_uniformity, plain_coverage, randomised_coverage, randomised_pit
from relapse_risk.metrics.decomposition import Split, Splits, corp_splits, raised_by_chance, split_scores
from relapse_risk.metrics.folds import Fold, hash_ids, time_household_folds
from relapse_risk.metrics.groups import GroupError, GroupErrors, LargestError, group_errors
from relapse_risk.metrics.listing import Fallen, Listing, listing
from relapse_risk.metrics.newton import fit_logistic
from relapse_risk.metrics.paired import household_bootstrap
from relapse_risk.metrics.poverty import Poverty, fgt
from relapse_risk.metrics.proportions import weighted_share, wilson
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
from relapse_risk.metrics.stability import Stability, Worth, share_p_value, stability, unseen_p_value, worth_of

__all__ = [
    "Band",
    "ClusterDraws",
    "Fallen",
    "Fold",
    "GroupError",
    "GroupErrors",
    "Interval",
    "LargestError",
    "Line",
    "Listing",
    "NetBenefit",
    "Poverty",
    "Ranked",
    "Scores",
    "Spiegelhalter",
    "Split",
    "Splits",
    "Stability",
    "Uniformity",
    "Worth",
    "auc",
    "average_precision",
    "brier",
    "checked_level",
    "cluster_bootstrap",
    "cluster_ids",
    "corp_splits",
    "fgt",
    "fit_line",
    "fit_logistic",
    "group_errors",
    "hash_ids",
    "household_bootstrap",
    "interval_of",
    "line_draws",
    "listing",
    "log_loss",
    "log_losses",
    "log_odds",
    "net_benefit",
    "numbered",
    "overfitted_interval",
    "pit_uniformity",
    "plain_coverage",
    "predicted_over_observed",
    "raised_by_chance",
    "randomised_coverage",
    "randomised_pit",
    "recalibration_line",
    "reliability_bands",
    "score_all",
    "share_p_value",
    "spiegelhalter",
    "split_scores",
    "stability",
    "time_household_folds",
    "unseen_p_value",
    "visits",
    "weighted_share",
    "wilson",
    "worth_of",
]
