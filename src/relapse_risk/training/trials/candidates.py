"""The model that is trained and what a county would otherwise use, each as a function that fits and predicts."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.base import clone

from relapse_risk.errors import InputError, RelapseRiskWarning, require_kind
from relapse_risk.evaluation import EvaluationFold, FitPredict
from relapse_risk.features import Feature
from relapse_risk.models import (
    IncomeOnlyClassifier,
    LightGBMBaseline,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
    RiskClassifier,
    VulnerabilityClassifier,
)
from relapse_risk.policy import Policy
from relapse_risk.training.sample import TrainingSample

__all__ = ["INCOME", "LOGISTIC", "Watch", "baselines", "fit_known", "fit_predict", "model_name", "prepared"]

Floats = npt.NDArray[np.float64]

INCOME = "income_over_line"
LOGISTIC = "logistic"


def prepared(model: Any, features: Sequence[Feature], horizon: int, seed: int) -> Any:
    """Return an unfitted model that knows the horizon, and reasons and signs of the features; the default one if none.

    Parameters
    ----------
    horizon : int
        Months.

    Raises
    ------
    InputError
        If it is not one of the library's (``argument_kind``), or has parameters out of range (``model_parameters``).
    """
    given = ReasonAdditiveClassifier() if model is None else model
    require_kind("model", given, RiskClassifier)
    unfitted = clone(given)
    try:
        unfitted.check_parameters()
    except ValueError as error:
        raise InputError("model_parameters", model=type(given).__name__, problem=error) from error
    own = {
        "reasons": {feature.name: feature.reason for feature in features},
        "signs": {feature.name: feature.sign for feature in features},
        "horizon": horizon,
        "random_state": seed,
    }
    return unfitted.set_params(**{name: own[name] for name in own.keys() & unfitted.get_params(deep=False).keys()})


def model_name(model: Any) -> str:
    """Return what a model is called among the others."""
    return "reason_additive" if isinstance(model, ReasonAdditiveClassifier) else type(model).__name__


def baselines(sample: TrainingSample, policy: Policy, horizon: int, seed: int) -> Mapping[str, FitPredict]:
    """Return the models a county would otherwise use. Rule and income read plain figures, which no other model gets."""
    figures = (*sample.predictors, *sample.figures)
    income = [feature for feature in figures if feature.name == INCOME]
    # LightGBM takes as long as all else together, and of vulnerability only the calibration takes folds: three do.
    models: dict[str, tuple[Any, Sequence[Feature]]] = {
        "policy_rule": (PolicyRuleClassifier(conditions=policy.thresholds.rule), figures),
        "income": (IncomeOnlyClassifier(column=INCOME), income),
        "vulnerability": (VulnerabilityClassifier(column=INCOME, n_folds=3), _once((*sample.predictors, *income))),
        LOGISTIC: (LogisticClassifier(), sample.predictors),
        "lightgbm": (LightGBMBaseline(n_folds=3), sample.predictors),
    }
    without_income = () if income else ("income", "vulnerability")
    return {
        name: fit_predict(prepared(model, features, horizon, seed), sample, features)
        for name, (model, features) in models.items()
        if name not in without_income
    }


def _once(features: Sequence[Feature]) -> tuple[Feature, ...]:
    return tuple({feature.name: feature for feature in features}.values())


Watch = Callable[[EvaluationFold, Any, pl.DataFrame], None]
"""Told of a trial, the model fitted in it, and the columns of all rows that it was fitted on."""


def fit_predict(
    model: Any,
    sample: TrainingSample,
    features: Sequence[Feature],
    places: npt.NDArray[Any] | None = None,
    watch: Watch | None = None,
) -> FitPredict:
    """Return the function that fits a model on a trial's training rows and predicts its tested rows.

    A column that does not vary among the training rows is left out: whether it varies later is not known then. Level
    and slope are those of the newest outcomes of the training rows and of what is still to come of them.

    Parameters
    ----------
    places : ndarray of shape (n, 2), optional
        As `places_of` returns; without it, the model knows of no areas.
    watch : callable, optional
        Called with every fit.
    """
    X = sample.matrix(features)

    def called(trial: EvaluationFold) -> Floats:
        worth = sample.worth(trial.outcome, trial.train)
        there = slice(None) if worth is None else worth > 0
        train, weight = trial.train[there], None if worth is None else worth[there]
        learned = _varying(X[train])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RelapseRiskWarning)  # said of a model that is only tried
            fit_params = _fit_params(model, sample, train, places, trial.known_by)
            fitted = clone(model).fit(learned, trial.outcome[there], sample_weight=weight, **fit_params)
        if watch is not None:
            watch(trial, fitted, X.select(learned.columns))
        tested = X[trial.test].select(learned.columns)
        where = () if places is None else (places[trial.test],)
        risk: Floats = fitted.predict_proba(tested, *where)[:, 1]
        return risk

    return called


def fit_known(model: Any, sample: TrainingSample, places: npt.NDArray[Any] | None) -> Any:
    """Return the model fitted on all rows with a known outcome; without places, it knows of no areas."""
    known = np.flatnonzero(np.isfinite(sample.relapsed))
    X, outcome = sample.matrix(sample.predictors)[known], sample.relapsed[known]
    weight = sample.worth(outcome, known)
    return clone(model).fit(X, outcome, sample_weight=weight, **_fit_params(model, sample, known, places))


def _fit_params(
    model: Any,
    sample: TrainingSample,
    rows: npt.NDArray[np.int64],
    places: npt.NDArray[Any] | None,
    known_by: np.datetime64 | None = None,
) -> dict[str, Any]:
    """Return what a model is fitted with besides columns and outcome, as known on a tested day or in the end."""
    fit_params: dict[str, Any] = {
        "time": sample.time[rows],
        "household": sample.household[rows],
        "recalibrate_latest": True,
    }
    fit_params |= {name: values[rows] for name, values in sample.unreported(known_by).items()}
    if places is not None:
        fit_params["place"] = places[rows]
    if isinstance(model, VulnerabilityClassifier) and sample.income_later is not None:
        fit_params["income_later"] = sample.income_later[rows]
    return fit_params


def _varying(learned: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in learned.columns if learned[name].n_unique() > 1]
    return learned.select(names or learned.columns)
