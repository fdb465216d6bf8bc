"""Estimators from their saved states."""

from importlib import import_module
from typing import Any

from relapse_risk.models.additive import ReasonAdditiveClassifier
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.lightgbm import LightGBMBaseline
from relapse_risk.models.logistic import IncomeOnlyClassifier, LogisticClassifier
from relapse_risk.models.rule import PolicyRuleClassifier
from relapse_risk.models.scorecard import ScorecardClassifier
from relapse_risk.models.stack import StackedClassifier
from relapse_risk.models.state import EstimatorState, damaged, read_list, read_mapping, read_text

__all__ = ["from_state"]

_KINDS: dict[str, type[RiskClassifier]] = {
    kind.__name__: kind
    for kind in (
        LightGBMBaseline,
        IncomeOnlyClassifier,
        LogisticClassifier,
        PolicyRuleClassifier,
        ReasonAdditiveClassifier,
        ScorecardClassifier,
        StackedClassifier,
    )
}
# Fetched when asked for: they need statsmodels, which takes long to import.
_SELDOM = {
    "HazardClassifier": "relapse_risk.models.hazard",
    "VulnerabilityClassifier": "relapse_risk.models.vulnerability",
}


def from_state(state: EstimatorState) -> RiskClassifier:
    """Return the estimator that `to_state` described; it predicts the same, bit by bit.

    Kinds, shapes, types and finiteness are checked before anything is built, LightGBM's texts before LightGBM reads
    them.

    Raises
    ------
    BundleError
        ``model_damaged``, with the part that is not as it was saved.

    Examples
    --------
    >>> from relapse_risk.models import LogisticClassifier
    >>> model = LogisticClassifier().fit([[0.0], [1.0], [2.0], [3.0]] * 9, [0, 0, 1, 1] * 9)
    >>> bool((from_state(model.to_state()).predict_proba([[1.5]]) == model.predict_proba([[1.5]])).all())
    True
    """
    return _made(state.kind, read_mapping(state.values, "parameters")).restore(state)


def _made(name: str, parameters: dict[str, Any]) -> RiskClassifier:
    """Return the estimator of a kind with its parameters, not fitted; so too those that are its members."""
    kind = _kind(name)
    if set(parameters) != set(kind().get_params(deep=False)):
        damaged("parameters", "other parameters than the model has")
    if parameters.get("members") is None:
        return kind(**parameters)
    members = [read_mapping({"members": one}, "members") for one in read_list(parameters, "members")]
    made = [_made(read_text(one, "kind"), read_mapping(one, "parameters")) for one in members]
    return kind(**{**parameters, "members": made})


def _kind(name: str) -> type[RiskClassifier]:
    if name in _SELDOM:
        kind: type[RiskClassifier] = getattr(import_module(_SELDOM[name]), name)
        return kind
    return _KINDS[name] if name in _KINDS else damaged("kind", "a kind of model that there is none of")
