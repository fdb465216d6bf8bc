"""Train the default model, and compare it with the alternatives a county has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from relapse_risk.area_effects import ClusterEffects
from relapse_risk.bundle import Bundle, versions_in_use
from relapse_risk.bundle.bundle import KnownLabel
from relapse_risk.calibration import YearEffects
from relapse_risk.evaluation import Evaluation, FitPredict, ModelChoice, Predictions, compare, predict_tested
from relapse_risk.labels.cohort import Cohort
from relapse_risk.metrics import cluster_ids, score_all
from relapse_risk.models import LogisticClassifier, TrainingReference
from relapse_risk.records import Records
from relapse_risk.requests import takes
from relapse_risk.training.sample import TrainingRows, TrainingSample, gather
from relapse_risk.training.train_request import TrainRequest
from relapse_risk.training.trials import (
    LOGISTIC,
    HeldOut,
    baselines,
    fit_known,
    fit_predict,
    learn_shocks,
    model_name,
    past_years,
    prepared,
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
        With `Bundle.evaluation`: the model compared with `baselines`, by default the policy rule, income alone, a
        logistic model and vulnerability as expected poverty. Where no model is asked for and several days allow tests
        forward in time, the one of default and logistic model whose log loss is lower there is returned
        (`Bundle.choice`).

    Raises
    ------
    InputError
        If an as-of day is before the first record, if none of its outcomes is known yet (``train_day_open``), if nobody
        or hardly anybody relapsed (``train_no_relapse``, ``train_too_few``), if nothing varies (``train_no_features``);
        as `TrainRequest` and `plan_scheme`.
    """
    return train_on(gather(records, request).thinned(request.controls), request)


def train_on(
    material: TrainingRows,
    request: TrainRequest,
    *,
    rivals: Mapping[str, FitPredict] = MappingProxyType({}),
) -> Bundle:
    """Train a model on the sample, and compare it with the baselines and other candidates.

    Parameters
    ----------
    material : TrainingRows
    request : TrainRequest
        What `material` was gathered for.
    rivals : Mapping of str to callable, optional
        Other candidates by name, over the rows of ``material.sample``.
    """
    labels, sample, progress = material.labels, material.sample, request.progress
    assert labels.last_outcome is not None  # some outcome is known, else there were no sample
    tried = _try(material, request, rivals)
    progress("fit", 0.0)
    fitted = fit_known(tried.unfitted, sample, tried.places)
    known = np.isfinite(sample.relapsed)
    sample = sample.known()
    progress("fit", 1.0)
    return Bundle(
        model=fitted,
        columns=tuple(feature.name for feature in sample.predictors),
        features=(*sample.predictors, *sample.figures),
        protected=material.protected,
        means=sample.as_drawn().means(),
        label=cast(KnownLabel, labels.label),
        cohort=cast(Cohort, labels.cohort),
        horizon=labels.horizon,
        as_of=tuple(labels.days["as_of"]),
        known_by=material.until,
        trained_through=labels.last_outcome,
        rows=len(sample.relapsed),
        households=len(np.unique(sample.household)),
        relapses=int(sample.relapsed.sum()),
        unreported_share=labels.unreported_share,
        carried_forward_line=labels.counts.get("carried_forward_line", 0),
        lines=request.rules.lines,
        thresholds=request.rules.thresholds,
        evaluation=tried.evaluation,
        versions=versions_in_use(),
        shocks=tried.shocks,
        past_years=tried.past_years,
        reference=_reference(fitted, sample, material.places[known]),
        controls=sample.controls,
        choice=tried.choice,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tried:
    """What the trials say.

    Attributes
    ----------
    unfitted : estimator
        The model that is returned, not fitted yet.
    places : ndarray of shape (n, 2) or None
        What it is told of areas.
    choice : ModelChoice or None
    evaluation : Evaluation
    shocks : ClusterEffects or None
    past_years : YearEffects or None
    """

    unfitted: Any
    places: npt.NDArray[Any] | None
    choice: ModelChoice | None
    evaluation: Evaluation
    shocks: ClusterEffects | None
    past_years: YearEffects | None


def _try(material: TrainingRows, request: TrainRequest, rivals: Mapping[str, FitPredict]) -> _Tried:
    """Try the model, the baselines and other candidates on rows none of them was fitted on."""
    policy, seed, sample, horizon = request.rules, request.seed, material.sample, material.labels.horizon
    places = material.places
    unfitted = prepared(request.model, sample.predictors, horizon, seed)
    name, areas = model_name(unfitted), cast("npt.NDArray[Any] | None", places)
    own = fit_predict(unfitted, sample, sample.predictors, places)
    compared = {*request.baselines, *((LOGISTIC,) if request.model is None else ())}
    others = {key: one for key, one in baselines(sample, policy, horizon, seed).items() if key in compared}
    candidates = {name: own, **rivals, **others}
    held = HeldOut.of(material, seed=seed)
    risks = dict(predict_tested(held.folds, candidates, len(sample.household), request.progress))
    chooses = held.folds.forward and request.model is None and LOGISTIC in risks
    choice = _choice(held.predictions(risks), name) if chooses else None
    if choice is not None and choice.returned == LOGISTIC:
        name, areas = LOGISTIC, None  # as it was tried: it knows of none
        unfitted = prepared(LogisticClassifier(), sample.predictors, horizon, seed)
    predictions = held.predictions({name: risks[name], **risks})
    share, scheme = policy.thresholds.capacity.share, held.folds.scheme
    shocks = learn_shocks(sample, risks[name], places, scheme, horizon)
    return _Tried(
        unfitted=unfitted,
        places=areas,
        choice=choice,
        evaluation=compare(predictions, scheme=scheme, capacity_share=share, seed=seed),
        shocks=shocks and replace(shocks, level=float(np.hypot(shocks.level, _level_error(sample)))),
        past_years=past_years(sample, risks[name], horizon) if held.folds.forward else None,
    )


def _choice(predictions: Predictions, default: str) -> ModelChoice:
    """Return which to return, the default or the logistic regression: what is worse on later days is not."""
    losses = {
        name: score_all(predictions.outcome, predictions.risks[name], predictions.weight).log_loss
        for name in (default, LOGISTIC)
    }
    returned, other = sorted(losses, key=losses.__getitem__)
    return ModelChoice(returned=returned, other=other, log_loss=losses[returned], other_log_loss=losses[other])


def _level_error(sample: TrainingSample) -> float:
    """Return the error of the level from not knowing how many relapses are still to come."""
    return float(sample.unreported()["unreported_error"][sample.relapsed == 1].mean())


def _reference(fitted: Any, sample: TrainingSample, places: npt.NDArray[Any]) -> TrainingReference:
    """Return what the rows the model was fitted on were like, with its scores of them; those there whatever became."""
    drawn = sample.drawn
    sample, places = sample.as_drawn(), places[drawn]
    rows = sample.matrix(sample.predictors)
    risk, cluster = fitted.predict_proba(rows, places)[:, 1], cluster_ids(places[:, 1], sample.household)
    return TrainingReference.of(rows, risk, cluster)
