"""Train the default model, and set it beside what a county would otherwise use."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from relapse_risk.bundle import Bundle, versions_in_use
from relapse_risk.bundle.bundle import KnownLabel
from relapse_risk.calibration import YearEffects
from relapse_risk.evaluation import FitPredict, compare, plan_trials
from relapse_risk.features import DEFAULT_BUILDERS, Builder
from relapse_risk.labels.cohort import Cohort
from relapse_risk.labels.relapse import Label
from relapse_risk.metrics import cluster_ids
from relapse_risk.models import TrainingReference
from relapse_risk.policy import Policy, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import Records
from relapse_risk.training.candidates import baselines, fit_known, fit_predict, model_name, prepared
from relapse_risk.training.dataset import Day, TrainingData, as_of_days, gather, last_known, refuse_other
from relapse_risk.training.places import places_of
from relapse_risk.training.sample import TrainingSample
from relapse_risk.training.shocks import learn_shocks, record_out_of_fold

__all__ = ["MOST_TESTED_DAYS", "train", "train_on"]

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
    label : {"auto", "recorded", "income", "after_fixed_expenditure"}
        What a relapse is, see `label_relapse`.
    cohort : {"wide", "narrow"}
        Who is at risk, see `find_cohort`.
    model : estimator, optional
        One of ``relapse_risk.models``; `ReasonAdditiveClassifier` by default. Its reasons, signs, random state and
        horizon, where it has one, are set here.
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
        With `Bundle.evaluation`: the model beside the policy rule, income alone, a logistic model, vulnerability
        as expected poverty and free trees.

    Raises
    ------
    InputError
        If an as-of day is before the first record, if none of its outcomes is known yet (``train_day_open``), if nobody
        or hardly anybody relapsed (``train_no_relapse``, ``train_too_few``), if nothing varies (``train_no_features``).
    """
    policy = read_policy() if policy is None else policy
    refuse_other(records, policy, seed)
    days = as_of_days(as_of)
    material = gather(
        records,
        days,
        horizon=horizon,
        label=label,
        cohort=cohort,
        until=last_known(records, known_by),
        builders=builders,
        policy=policy,
        tested_days=MOST_TESTED_DAYS,
        progress=progress,
    )
    return train_on(material, records, model=model, policy=policy, seed=seed, progress=progress)


def train_on(
    material: TrainingData,
    records: Records,
    *,
    model: Any = None,
    policy: Policy,
    seed: int,
    beside: Mapping[str, FitPredict] = MappingProxyType({}),
    progress: Progress = silent,
) -> Bundle:
    """Train a model on what was gathered from the records, and try it beside the baselines and other candidates.

    Parameters
    ----------
    material : TrainingData
    records : Records
    beside : Mapping of str to callable, optional
        Other candidates by name, over the rows of ``material.sample``.
    model, policy, seed, progress
        As for `train`.
    """
    labels, sample, horizon = material.labels, material.sample, material.labels.horizon
    assert labels.last_outcome is not None  # some outcome is known, else there were no sample
    unfitted = prepared(model, sample.predictors, horizon, seed)
    risk, places = np.full(len(sample.household), np.nan), places_of(records, sample)
    ours = record_out_of_fold(fit_predict(unfitted, sample, sample.predictors, places), risk)
    candidates = {model_name(unfitted): ours, **beside, **baselines(sample, policy, horizon, seed)}
    trials = plan_trials(sample.household, sample.day, sample.relapsed, material.known_then, seed=seed)
    evaluation = compare(
        sample.relapsed, sample.household, sample.day, trials, candidates, seed=seed, progress=progress
    )
    shocks = learn_shocks(sample, risk, places, evaluation.scheme)
    progress("fit", 0.0)
    fitted = fit_known(unfitted, sample, places)
    known = np.isfinite(sample.relapsed)
    sample = sample.known()
    progress("fit", 1.0)
    return Bundle(
        model=fitted,
        columns=tuple(feature.name for feature in sample.predictors),
        features=(*sample.predictors, *sample.figures),
        means=sample.means(),
        label=cast(KnownLabel, labels.label),
        cohort=cast(Cohort, labels.cohort),
        horizon=horizon,
        as_of=tuple(labels.days["as_of"]),
        known_by=material.until,
        trained_through=labels.last_outcome,
        rows=len(sample.relapsed),
        households=len(np.unique(sample.household)),
        relapses=int(sample.relapsed.sum()),
        unreported_share=labels.unreported_share,
        carried_forward_line=labels.counts.get("carried_forward_line", 0),
        lines=policy.lines,
        thresholds=policy.thresholds,
        evaluation=evaluation,
        versions=versions_in_use(),
        shocks=shocks,
        past_years=_past_years(fitted, sample, places[known]),
        reference=_reference(fitted, sample, places[known]),
    )


def _past_years(fitted: Any, sample: TrainingSample, places: npt.NDArray[Any]) -> YearEffects:
    """Return how far each day's level lies from the model's, which is that of the newest of them."""
    score = fitted.decision_function(sample.matrix(sample.predictors), places)
    return YearEffects.of(score, sample.relapsed, np.ones(len(score)), sample.day)


def _reference(fitted: Any, sample: TrainingSample, places: npt.NDArray[Any]) -> TrainingReference:
    """Return what the rows the model was fitted on were like, with its scores of them."""
    rows = sample.matrix(sample.predictors)
    risk, cluster = fitted.predict_proba(rows, places)[:, 1], cluster_ids(places[:, 1], sample.household)
    return TrainingReference.of(rows, risk, cluster)
