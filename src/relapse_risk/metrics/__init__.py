"""Scores, calibration measures, comparisons and splits over arrays."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names
from relapse_risk.metrics.listing import listing
from relapse_risk.metrics.outcome_in_the_end import outcome_in_the_end
from relapse_risk.metrics.reliability_curve import reliability_curve
from relapse_risk.metrics.spiegelhalter import spiegelhalter
from relapse_risk.metrics.stability import stability

if TYPE_CHECKING:
    from relapse_risk.metrics.array_checks import (
        Floats,
        Ints,
        checked_finite,
        checked_level,
        checked_scores,
        checked_weight,
        numbered,
    )
    from relapse_risk.metrics.benefit import NetBenefit, net_benefit, visits
    from relapse_risk.metrics.calibration import (
        MAX_LOG_ODDS,
        RecalibrationLine,
        ReliabilityBin,
        calibration_in_the_large,
        clip_log_odds,
        fit_line,
        line_draws,
        log_odds,
        recalibration_line,
        reliability_bands,
    )
    from relapse_risk.metrics.clusters import (
        ClusterDraws,
        Interval,
        bayesian_covariance,
        bias_corrected_interval,
        cluster_bootstrap,
        cluster_ids,
        interval_of,
        one_step_redraws,
        sandwich_covariance,
    )
    from relapse_risk.metrics.counts import (
        Uniformity,
        pit_uniformity,
        plain_coverage,
        randomised_coverage,
        randomised_pit,
    )
    from relapse_risk.metrics.decomposition import (
        ScoreDecomposition,
        ScoreDecompositions,
        corp_splits,
        optimism,
        split_scores,
    )
    from relapse_risk.metrics.fields import Figure, IntVector, Matrix, Vector
    from relapse_risk.metrics.folds import Fold, hash_ids, time_household_folds
    from relapse_risk.metrics.groups import GroupError, GroupErrors, LargestError, group_errors
    from relapse_risk.metrics.listing import Listing, RelapsedRows
    from relapse_risk.metrics.newton import fit_logistic, inverse_information, minimise_convex, penalised_information
    from relapse_risk.metrics.paired import household_bootstrap
    from relapse_risk.metrics.poverty import Poverty, fgt
    from relapse_risk.metrics.proportions import weighted_share, wilson
    from relapse_risk.metrics.ranked import Ranked
    from relapse_risk.metrics.reliability_curve import CurvePoint
    from relapse_risk.metrics.scores import (
        Scores,
        auc,
        average_precision,
        brier,
        expected_observed_ratio,
        log_loss,
        log_losses,
        score_all,
    )
    from relapse_risk.metrics.spiegelhalter import Spiegelhalter
    from relapse_risk.metrics.stability import EffectiveSize, Stability, share_p_value, unseen_p_value, worth_of
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "MAX_LOG_ODDS",
    "ClusterDraws",
    "CurvePoint",
    "EffectiveSize",
    "Figure",
    "Floats",
    "Fold",
    "GroupError",
    "GroupErrors",
    "IntVector",
    "Interval",
    "Ints",
    "LargestError",
    "Listing",
    "Matrix",
    "NetBenefit",
    "Poverty",
    "Ranked",
    "RecalibrationLine",
    "RelapsedRows",
    "ReliabilityBin",
    "ScoreDecomposition",
    "ScoreDecompositions",
    "Scores",
    "Spiegelhalter",
    "Stability",
    "Uniformity",
    "Vector",
    "auc",
    "average_precision",
    "bayesian_covariance",
    "bias_corrected_interval",
    "brier",
    "calibration_in_the_large",
    "checked_finite",
    "checked_level",
    "checked_scores",
    "checked_weight",
    "clip_log_odds",
    "cluster_bootstrap",
    "cluster_ids",
    "corp_splits",
    "expected_observed_ratio",
    "fgt",
    "fit_line",
    "fit_logistic",
    "group_errors",
    "hash_ids",
    "household_bootstrap",
    "interval_of",
    "inverse_information",
    "line_draws",
    "listing",
    "log_loss",
    "log_losses",
    "log_odds",
    "minimise_convex",
    "net_benefit",
    "numbered",
    "one_step_redraws",
    "optimism",
    "outcome_in_the_end",
    "penalised_information",
    "pit_uniformity",
    "plain_coverage",
    "randomised_coverage",
    "randomised_pit",
    "recalibration_line",
    "reliability_bands",
    "reliability_curve",
    "sandwich_covariance",
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
