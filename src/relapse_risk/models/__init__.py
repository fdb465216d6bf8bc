"""Estimators of relapse risk over arrays and frames: calibrated, explained by reason, with an interval."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from relapse_risk.models.additive import ReasonAdditiveClassifier
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.causes import CauseClassifier
from relapse_risk.models.contributions import Contributions
from relapse_risk.models.free import FreeTreesClassifier
from relapse_risk.models.logistic import IncomeClassifier, LogisticClassifier
from relapse_risk.models.rule import PolicyRuleClassifier
from relapse_risk.models.saved import from_state
from relapse_risk.models.state import State

if TYPE_CHECKING:
    from relapse_risk.models.hazard import HazardClassifier

__all__ = [
    "CauseClassifier",
    "Contributions",
    "FreeTreesClassifier",
    "HazardClassifier",
    "IncomeClassifier",
    "LogisticClassifier",
    "PolicyRuleClassifier",
    "ReasonAdditiveClassifier",
    "RiskClassifier",
    "State",
    "from_state",
]

# These rest on statsmodels, which takes seconds to import: fetched when first used.
_LATE = {"HazardClassifier": "hazard"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
