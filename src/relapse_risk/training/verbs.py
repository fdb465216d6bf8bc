"""Train the default model, and set it beside what a county would otherwise use."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from relapse_risk.bundle import Bundle, versions_in_use
from relapse_risk.bundle.bundle import KnownLabel
from relapse_risk.errors import InputError
from relapse_risk.evaluation import Evaluation, FitPredict, Trial, compare, plan_trials
from relapse_risk.features import DEFAULT_BUILDERS, Builder, Feature, build_features
from relapse_risk.labels import label_relapse
from relapse_risk.labels.cohort import Cohort
from relapse_risk.labels.relapse import Label
from relapse_risk.models import (
    FreeTreesClassifier,
    IncomeClassifier,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
)
from relapse_risk.periods import AsOf, parse_day
from relapse_risk.policy import Policy, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import Records
from relapse_risk.training.sample import Sample, outcome_of, take_sample
from relapse_risk.training.shocks import keeping, learn_shocks

__all__ = ["train"]

Day = str | date | AsOf
Floats = npt.NDArray[np.float64]
INCOME = "income_over_line"

MOST_TESTED_DAYS = 2
"""Of the as-of days, the last ones are predicted from those before: they know most, and more would only take longer."""


def train(
    records: Records,
    *,
    as_of: Day | Sequence[Day],
    horizon: int = 12,
    label: Label = "auto",
    cohort: Cohort = "wide",
    model: Any = None,
    known_by: Day | None = None,
    builders: Sequence[Builder] = DEFAULT_BUILDERS,
    policy: Policy | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Bundle:
    """Train a model of the risk of relapse on past as-of days.

    Parameters
    ----------
    records : Records
        All versions of the records.
    as_of : day or sequence of days
        Days whose outcome is known by now. With several, the model is also tried forward in time.
    horizon : int
        Months after the day in which a relapse counts.
    label : {"auto", "recorded", "income"}
        What a relapse is, see `label_relapse`.
    cohort : {"wide", "narrow"}
        Who is at risk, see `find_cohort`.
    model : estimator, optional
        One of ``relapse_risk.models``; `ReasonAdditiveClassifier` by default. Its reasons, signs and random state are
        set here, from the features and the seed.
    known_by : day, optional
        Nothing recorded later is looked at; by default, all of the records.
    builders : sequence of Builder
        What to build features with.
    policy : Policy, optional
        Poverty lines and thresholds; ours by default.
    seed : int
        The same records, arguments and seed give the same bundle, byte by byte.
    progress : Progress
        Told the stages ``label``, ``features``, ``evaluate`` and ``fit``.

    Returns
    -------
    Bundle
        With `Bundle.evaluation`: the model beside the policy rule, income alone, a logistic model and free trees.

    Raises
    ------
    InputError
        If an as-of day is before the first record, if none of its outcomes is known yet (``train_day_open``), if nobody
        or hardly anybody relapsed (``train_no_relapse``, ``train_too_few``), if nothing varies (``train_no_features``).
    """
    policy = policy or read_policy()
    days = _days(as_of)
    until = records.known_until if known_by is None else min(parse_day(known_by), records.known_until)
    find = partial(label_relapse, records, horizon=horizon, cohort=cohort, lines=policy.lines)
    progress("label", 0.0)
    labels = find(days, label=label, known_by=until)
    table = build_features(records, days, builders=builders, lines=policy.lines, progress=progress)
    labels_then = {
        np.datetime64(day.day): find(days[:place], label=cast(Label, labels.label), known_by=day)
        for place, day in enumerate(days)
        if place and place >= len(days) - MOST_TESTED_DAYS
    }
    sample = take_sample(labels, table, until, tuple(labels_then.values()))
    assert labels.last_outcome is not None  # some outcome is known, else there were no sample
    known_then = {day: outcome_of(sample, then) for day, then in labels_then.items()}
    unfitted = clone(model or ReasonAdditiveClassifier()).set_params(**_told(sample.predictors, seed))
    risk = np.full(len(sample.household), np.nan)
    evaluation = _evaluated(unfitted, sample, known_then, policy, seed, progress, risk)
    shocks = learn_shocks(records, sample, risk, evaluation.scheme)
    progress("fit", 0.0)
    sample = sample.known()
    X = sample.matrix(sample.predictors)
    fitted = unfitted.fit(X, sample.relapsed, time=sample.day, household=sample.household)
    progress("fit", 1.0)
    return Bundle(
        model=fitted,
        columns=tuple(feature.name for feature in sample.predictors),
        features=(*sample.predictors, *sample.figures),
        means=sample.means(),
        label=cast(KnownLabel, labels.label),
        cohort=cohort,
        horizon=horizon,
        as_of=tuple(day.day for day in days),
        known_by=until,
        trained_through=labels.last_outcome,
        rows=len(sample.relapsed),
        households=len(np.unique(sample.household)),
        relapses=int(sample.relapsed.sum()),
        share_to_come=labels.share_to_come,
        borrowed_line=labels.counts.get("borrowed_line", 0),
        lines=policy.lines,
        thresholds=policy.thresholds,
        evaluation=evaluation,
        versions=versions_in_use(),
        shocks=shocks,
    )


def _days(as_of: Day | Sequence[Day]) -> list[AsOf]:
    days = sorted({AsOf.of(day) for day in ([as_of] if isinstance(as_of, Day) else as_of)})
    if not days:
        raise InputError("train_no_day")
    return days


def _evaluated(
    model: Any,
    sample: Sample,
    known_then: Mapping[Any, Floats],
    policy: Policy,
    seed: int,
    progress: Progress,
    risk: Floats,
) -> Evaluation:
    """Return how the model stands beside what a county would otherwise use; its own predictions go into `risk`."""
    name = "reason_additive" if isinstance(model, ReasonAdditiveClassifier) else type(model).__name__
    ours = keeping(_fit_predict(model, sample, sample.predictors), risk)
    candidates = {name: ours, **_baselines(sample, policy, seed)}
    trials = plan_trials(sample.household, sample.day, sample.relapsed, known_then, seed=seed)
    return compare(sample.relapsed, sample.household, sample.day, trials, candidates, seed=seed, progress=progress)


def _baselines(sample: Sample, policy: Policy, seed: int) -> Mapping[str, FitPredict]:
    """Return what a county would otherwise use. Rule and income read plain figures, which no other model is given."""
    figures = (*sample.predictors, *sample.figures)
    rule = PolicyRuleClassifier(conditions=policy.thresholds.get("rule"))
    income = IncomeClassifier(column=INCOME)
    found = {"policy_rule": _fit_predict(rule.set_params(**_told(figures, seed)), sample, figures)}
    if INCOME in {feature.name for feature in figures}:
        found["income"] = _fit_predict(income.set_params(**_told(figures, seed)), sample, figures)
    # Free trees take as long as all else together: with fewer folds behind their calibration they take half of it.
    for name, model in (("logistic", LogisticClassifier()), ("free_trees", FreeTreesClassifier(n_folds=3))):
        found[name] = _fit_predict(model.set_params(**_told(sample.predictors, seed)), sample, sample.predictors)
    return found


def _told(features: Sequence[Feature], seed: int) -> dict[str, Any]:
    return {
        "reasons": {feature.name: feature.reason for feature in features},
        "signs": {feature.name: feature.sign for feature in features},
        "random_state": seed,
    }


def _fit_predict(model: Any, sample: Sample, features: Sequence[Feature]) -> FitPredict:
    X = sample.matrix(features)

    def fit_predict(trial: Trial) -> Floats:
        fitted = clone(model).fit(
            X[trial.train], trial.outcome, time=sample.day[trial.train], household=sample.household[trial.train]
        )
        risk: Floats = fitted.predict_proba(X[trial.test])[:, 1]
        return risk

    return fit_predict
