"""A fitted estimator as data: its parameters and its fitted parts, each of a declared type."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import numpy as np
from sklearn.utils.validation import check_is_fitted

from relapse_risk.area_effects import AreaOffset
from relapse_risk.calibration import Calibrator
from relapse_risk.errors import BundleError
from relapse_risk.metrics import Vector
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.stack import AnyPredictor
from relapse_risk.policy import ColumnCondition

__all__ = ["EstimatorState", "from_state", "to_state"]

# The closed set of kinds, by the kind of what each has learned.
_KINDS: Mapping[str, str] = {
    "HazardClassifier": "hazard",
    "IncomeOnlyClassifier": "income_only",
    "LightGBMBaseline": "trees",
    "LogisticClassifier": "logistic",
    "PolicyRuleClassifier": "rule",
    "ReasonAdditiveClassifier": "additive",
    "ScorecardClassifier": "scorecard",
    "StackedClassifier": "stack",
    "VulnerabilityClassifier": "vulnerability",
}
# How many fits run at a time is a matter of the machine, and changes no figure.
_NOT_SAVED = "n_jobs"


@dataclass(frozen=True, kw_only=True)
class EstimatorState:
    """A fitted estimator as data.

    Attributes
    ----------
    estimator : str
        Its class.
    parameters : Mapping of str to object
        JSON data only.
    named : bool
        Whether it was fitted on columns with names.
    classes : tuple of two bool, int, float or str
    core : AnyPredictor
        What it has learned before calibration, with the columns it was fitted on.
    centre, column_centre : ndarray
        Mean contributions of reasons and of columns.
    calibrator : Calibrator
    local : AreaOffset
    prevalence : float
    """

    estimator: str
    parameters: Mapping[str, Any]
    named: bool
    classes: tuple[bool, bool] | tuple[int, int] | tuple[float, float] | tuple[str, str]
    core: AnyPredictor
    centre: Vector
    column_centre: Vector
    calibrator: Calibrator
    local: AreaOffset
    prevalence: float

    def __post_init__(self) -> None:
        if _KINDS.get(self.estimator) != self.core.kind:
            raise ValueError("expected a known estimator with the fitted parts of its kind")
        layout = self.core.layout
        if len(self.centre) != len(layout.reasons) or len(self.column_centre) != len(layout.columns.names):
            raise ValueError("expected one mean for each reason and each column")
        if not 0 < self.prevalence < 1 or self.classes[0] == self.classes[1]:
            raise ValueError("expected two classes, and a prevalence between 0 and 1")


def to_state(model: RiskClassifier) -> EstimatorState:
    """Return a fitted model as data, which `from_state` makes the same model of."""
    check_is_fitted(model)
    return EstimatorState(
        estimator=type(model).__name__,
        parameters=_parameters(model),
        named=hasattr(model, "feature_names_in_"),
        classes=tuple(model.classes_.tolist()),
        core=cast(AnyPredictor, model.core_),
        centre=model.centre_,
        column_centre=model.column_centre_,
        calibrator=model.calibrator_,
        local=model.local_,
        prevalence=model.prevalence_,
    )


def from_state(state: EstimatorState) -> RiskClassifier:
    """Return the estimator that `to_state` described; it predicts the same, bit by bit.

    Raises
    ------
    BundleError
        ``model_damaged`` where its parameters are not those of such an estimator.

    Examples
    --------
    >>> from relapse_risk.models import LogisticClassifier
    >>> model = LogisticClassifier().fit([[0.0], [1.0], [2.0], [3.0]] * 9, [0, 0, 1, 1] * 9)
    >>> bool((from_state(to_state(model)).predict_proba([[1.5]]) == model.predict_proba([[1.5]])).all())
    True
    """
    try:
        model = _made(state.estimator, state.parameters)
        model.check_parameters()
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise BundleError("model_damaged", part="parameters", problem=str(error)) from error
    layout = state.core.layout
    model.core_, model.layout_, model.classes_ = state.core, layout, np.array(state.classes)
    model.centre_, model.column_centre_ = state.centre, state.column_centre
    model.calibrator_, model.local_, model.prevalence_ = state.calibrator, state.local, state.prevalence
    model.n_features_in_ = len(layout.columns.names)
    if state.named:
        model.feature_names_in_ = np.array(layout.columns.names, dtype=object)
    return model


def _parameters(model: RiskClassifier) -> dict[str, Any]:
    parameters = model.get_params(deep=False)
    return {name: _plain(value) for name, value in parameters.items() if name != _NOT_SAVED}


def _plain(value: Any) -> Any:
    """Return a parameter as JSON data; a random generator has none."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, ColumnCondition):
        return value.model_dump(by_alias=True, exclude_none=True)
    if isinstance(value, RiskClassifier):
        return {"estimator": type(value).__name__, "parameters": _parameters(value)}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, int | float | str | None) else None


def _made(name: str, parameters: Mapping[str, Any]) -> RiskClassifier:
    """Return the estimator of a class with its parameters, not fitted; so too those that are its members."""
    if name not in _KINDS:
        raise ValueError("there is no such estimator")
    kind: type[RiskClassifier] = getattr(import_module("relapse_risk.models"), name)
    if set(parameters) != set(kind().get_params(deep=False)) - {_NOT_SAVED}:
        raise ValueError("expected the parameters of the model")
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in parameters.items()
    }
    if given.get("conditions") is not None:
        asked = given["conditions"].items()
        given["conditions"] = {name: ColumnCondition.model_validate(condition) for name, condition in asked}
    if given.get("members") is not None:
        given["members"] = [_made(one["estimator"], one["parameters"]) for one in given["members"]]
    return kind(**given)
