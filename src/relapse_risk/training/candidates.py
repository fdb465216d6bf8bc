"""The model that is trained and what a county would otherwise use, each as a function that fits and predicts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.base import clone

from relapse_risk.evaluation import FitPredict, Trial
from relapse_risk.features import Feature
from relapse_risk.models import (
    FreeTreesClassifier,
    IncomeClassifier,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
)
from relapse_risk.policy import Policy
from relapse_risk.training.sample import Sample

__all__ = ["INCOME", "baselines", "fit_predict", "model_name", "prepared"]

Floats = npt.NDArray[np.float64]

INCOME = "income_over_line"


def prepared(model: Any, features: Sequence[Feature], seed: int) -> Any:
    """Return an unfitted model that knows the reasons and signs of the features; the default one if given none."""
    return clone(model or ReasonAdditiveClassifier()).set_params(**_told(features, seed))


def model_name(model: Any) -> str:
    """Return what a model is called among the others."""
    return "reason_additive" if isinstance(model, ReasonAdditiveClassifier) else type(model).__name__


def baselines(sample: Sample, policy: Policy, seed: int) -> Mapping[str, FitPredict]:
    """Return what a county would otherwise use. Rule and income read plain figures, which no other model is given."""
    figures = (*sample.predictors, *sample.figures)
    rule = PolicyRuleClassifier(conditions=policy.thresholds.get("rule"))
    found = {"policy_rule": fit_predict(prepared(rule, figures, seed), sample, figures)}
    income = [feature for feature in figures if feature.name == INCOME]
    if income:
        found["income"] = fit_predict(prepared(IncomeClassifier(column=INCOME), income, seed), sample, income)
    # Free trees take as long as all else together: with fewer folds behind their calibration they take half of it.
    for name, model in (("logistic", LogisticClassifier()), ("free_trees", FreeTreesClassifier(n_folds=3))):
        found[name] = fit_predict(prepared(model, sample.predictors, seed), sample, sample.predictors)
    return found


def fit_predict(model: Any, sample: Sample, features: Sequence[Feature]) -> FitPredict:
    """Return the function that fits a model on a trial's training rows and predicts its tested rows.

    A column that does not vary among the training rows is left out: whether it varies later is not known then.
    """
    X = sample.matrix(features)

    def called(trial: Trial) -> Floats:
        learned = _varying(X[trial.train])
        fitted = clone(model).fit(
            learned, trial.outcome, time=sample.day[trial.train], household=sample.household[trial.train]
        )
        risk: Floats = fitted.predict_proba(X[trial.test].select(learned.columns))[:, 1]
        return risk

    return called


def _varying(learned: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in learned.columns if learned[name].n_unique() > 1]
    return learned.select(names or learned.columns)


def _told(features: Sequence[Feature], seed: int) -> dict[str, Any]:
    return {
        "reasons": {feature.name: feature.reason for feature in features},
        "signs": {feature.name: feature.sign for feature in features},
        "random_state": seed,
    }
