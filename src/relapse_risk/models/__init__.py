"""Estimators of relapse risk over arrays and frames: calibrated, explained by reason, with an interval."""

from relapse_risk.models.additive import ReasonAdditiveClassifier
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.contributions import Contributions
from relapse_risk.models.free import FreeTreesClassifier
from relapse_risk.models.logistic import IncomeClassifier, LogisticClassifier
from relapse_risk.models.rule import PolicyRuleClassifier
from relapse_risk.models.saved import from_state
from relapse_risk.models.scorecard import ScorecardClassifier
from relapse_risk.models.stack import StackedClassifier
from relapse_risk.models.state import State

__all__ = [
    "Contributions",
    "FreeTreesClassifier",
    "IncomeClassifier",
    "LogisticClassifier",
    "PolicyRuleClassifier",
    "ReasonAdditiveClassifier",
    "RiskClassifier",
    "ScorecardClassifier",
    "StackedClassifier",
    "State",
    "from_state",
]
