"""Estimators of relapse risk over arrays and frames: calibrated, explained by reason, with an interval."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.models.additive import ReasonAdditiveClassifier
    from relapse_risk.models.base import RiskClassifier
    from relapse_risk.models.causes import CauseClassifier
    from relapse_risk.models.contributions import Contributions
    from relapse_risk.models.hazard.hazard_classifier import HazardClassifier
    from relapse_risk.models.lightgbm import LightGBMBaseline
    from relapse_risk.models.logistic import IncomeOnlyClassifier, LogisticClassifier
    from relapse_risk.models.model_updating import recalibrated, with_prevalence_of, with_random_intercepts
    from relapse_risk.models.policy_rule import PolicyRuleClassifier
    from relapse_risk.models.reference import MISSING, SCORE, UNSEEN, ColumnReference, TrainingReference
    from relapse_risk.models.scorecard import ScorecardClassifier
    from relapse_risk.models.stack import StackedClassifier
    from relapse_risk.models.state import EstimatorState, from_state, to_state
    from relapse_risk.models.vulnerability.fgls import Fgls, fit_fgls, fit_fgls_panel, next_period
    from relapse_risk.models.vulnerability.vulnerability_classifier import VulnerabilityClassifier
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "MISSING",
    "SCORE",
    "UNSEEN",
    "CauseClassifier",
    "ColumnReference",
    "Contributions",
    "EstimatorState",
    "Fgls",
    "HazardClassifier",
    "IncomeOnlyClassifier",
    "LightGBMBaseline",
    "LogisticClassifier",
    "PolicyRuleClassifier",
    "ReasonAdditiveClassifier",
    "RiskClassifier",
    "ScorecardClassifier",
    "StackedClassifier",
    "TrainingReference",
    "VulnerabilityClassifier",
    "fit_fgls",
    "fit_fgls_panel",
    "from_state",
    "next_period",
    "recalibrated",
    "to_state",
    "with_prevalence_of",
    "with_random_intercepts",
]
