"""Estimators of relapse risk over arrays and frames: calibrated, explained by reason, with an interval."""

from relapse_risk.models.additive import ReasonAdditiveClassifier
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.contributions import Contributions
from relapse_risk.models.counts import Counts, count_distribution, count_interval, count_villages
from relapse_risk.models.free import FreeTreesClassifier
from relapse_risk.models.logistic import IncomeClassifier, LogisticClassifier
from relapse_risk.models.rule import PolicyRuleClassifier
from relapse_risk.models.saved import from_state
from relapse_risk.models.shocks import Shocks, fit_shocks
from relapse_risk.models.state import State
from relapse_risk.models.years import PastYears

__all__ = [
    "Contributions",
    "Counts",
    "FreeTreesClassifier",
    "IncomeClassifier",
    "LogisticClassifier",
    "PastYears",
    "PolicyRuleClassifier",
    "ReasonAdditiveClassifier",
    "RiskClassifier",
    "Shocks",
    "State",
    "count_distribution",
    "count_interval",
    "count_villages",
    "fit_shocks",
    "from_state",
]
