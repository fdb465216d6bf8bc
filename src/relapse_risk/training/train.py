"""Train the default model, and compare it with the alternatives a county has."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from relapse_risk.bundle import Bundle, versions_in_use
from relapse_risk.bundle.bundle import KnownLabel
from relapse_risk.calibration import YearEffects
from relapse_risk.evaluation import FitPredict, compare, predict_tested
from relapse_risk.labels.cohort import Cohort
from relapse_risk.metrics import cluster_ids
from relapse_risk.models import TrainingReference
from relapse_risk.records import Records
from relapse_risk.requests import takes
from relapse_risk.training.sample import TrainingData, TrainingSample, gather, places_of
from relapse_risk.training.train_request import TrainRequest
from relapse_risk.training.trials import (
    HeldOut,
    baselines,
    fit_known,
    fit_predict,
    learn_shocks,
    model_name,
    prepared,
    who_they_are,
)

__all__ = ["train", "train_on"]

Floats = npt.NDArray[np.float64]


@takes(TrainRequest)
def train(records: Records, request: TrainRequest) -> Bundle:
    """Train a model of the risk of relapse on past as-of days.

    Parameters
    ----------
    records : Records
        All versions of the records.
    %(options)s

    Returns
    -------
    Bundle
        With `Bundle.evaluation`: the model compared with the policy rule, income alone, a logistic model, vulnerability
        as expected poverty and LightGBM.

    Raises
    ------
    InputError
        If an as-of day is before the first record, if none of its outcomes is known yet (``train_day_open``), if nobody
        or hardly anybody relapsed (``train_no_relapse``, ``train_too_few``), if nothing varies (``train_no_features``);
        as `TrainRequest` and `plan_scheme`.
    """
    material = gather(records, request)
    return train_on(material, request)


def train_on(
    material: TrainingData,
    request: TrainRequest,
    *,
    rivals: Mapping[str, FitPredict] = MappingProxyType({}),
) -> Bundle:
    """Train a model on the sample, and compare it with the baselines and other candidates.

    Parameters
    ----------
    material : TrainingData
    request : TrainRequest
        What `material` was gathered for.
    rivals : Mapping of str to callable, optional
        Other candidates by name, over the rows of ``material.sample``.
    """
    policy, seed, progress = request.rules, request.seed, request.progress
    labels, sample, horizon = material.labels, material.sample, material.labels.horizon
    assert labels.last_outcome is not None  # some outcome is known, else there were no sample
    unfitted = prepared(request.model, sample.predictors, horizon, seed)
    places, name = places_of(material.views, sample), model_name(unfitted)
    own = fit_predict(unfitted, sample, sample.predictors, places)
    candidates = {name: own, **rivals, **baselines(sample, policy, horizon, seed)}
    held = HeldOut.of(material, who_they_are(material), seed=seed)
    risks = dict(predict_tested(held.folds, candidates, len(sample.household), progress))
    share = policy.thresholds.capacity.share
    evaluation = compare(held.predictions(risks), scheme=held.folds.scheme, capacity_share=share, seed=seed)
    shocks = learn_shocks(sample, risks[name], places, evaluation.scheme)
    progress("fit", 0.0)
    fitted = fit_known(unfitted, sample, places)
    known = np.isfinite(sample.relapsed)
    sample = sample.known()
    progress("fit", 1.0)
    return Bundle(
        model=fitted,
        columns=tuple(feature.name for feature in sample.predictors),
        features=(*sample.predictors, *sample.figures),
        protected=material.protected,
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
