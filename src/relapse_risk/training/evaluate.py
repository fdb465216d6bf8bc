"""Evaluate a model on days and places it was not fitted on, with the alternatives a county has."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.evaluation import (
    ColumnDrift,
    EvaluationFold,
    Predictions,
    column_drifts,
    predict_tested,
    report_models,
)
from relapse_risk.evaluation.checks import CheckContext, run_checks
from relapse_risk.monitoring import visit_weights
from relapse_risk.periods import AsOf, Horizon
from relapse_risk.records import Records, line_remarks, sheet_remarks
from relapse_risk.requests import takes
from relapse_risk.training.evaluation_report import Report
from relapse_risk.training.sample import TrainingData, TrainingSample, gather, sample_facts
from relapse_risk.training.train_request import EvaluateRequest
from relapse_risk.training.trials import HeldOut, Watch, baselines, fit_predict, model_name, prepared

__all__ = ["evaluate"]

Floats = npt.NDArray[np.float64]

_DAYS_A_MONTH = 365.25 / 12


@takes(EvaluateRequest)
def evaluate(records: Records, request: EvaluateRequest) -> Report:
    """Try a model, and what a county would otherwise use, on rows none of them was fitted on, and judge all.

    Parameters
    ----------
    records : Records
        All versions of the records. A column ``weight`` of ``households`` (a survey's) weights every figure; no model
        is fitted with it. A household with an unknown or invalid weight counts with the mean of the others.
    %(options)s

    Returns
    -------
    Report
        With every measure of `report_models`, by day and group, and what the numbered checks found.

    Raises
    ------
    InputError
        As `train`, and as `plan_scheme`; ``weights_none`` if no tested household has a positive weight;
        as `visit_weights`.
    """
    material = gather(records, request)
    held = HeldOut.of(material, scheme=request.scheme, seed=request.seed)
    drifts: dict[Any, Mapping[str, ColumnDrift]] = {}
    predictions = _predict(material, held, request, _drift_watch(material.sample, drifts))
    judgement = report_models(
        predictions,
        capacity_share=request.rules.thresholds.capacity.share,
        seed=request.seed,
        progress=request.progress,
    )
    facts = sample_facts(material, held.folds, drifts[max(drifts)] if drifts else {})
    return Report(
        scheme=held.folds.scheme,
        forward=held.folds.forward,
        label=material.labels.label,
        cohort=request.cohort,
        horizon=request.horizon,
        as_of=tuple(material.labels.days["as_of"]),
        known_by=material.until,
        unreported_share=material.labels.unreported_share,
        trials=len(held.folds.trials),
        untested=len(material.sample.known().relapsed) - len(predictions.outcome),
        weighted=request.visits is not None or held.weighted,
        clusters=held.clusters,
        as_trained=request.scheme == "auto" and request.visits is None,
        protected=tuple({"zh": one.zh, "en": one.en} for one in material.protected),
        judgement=judgement,
        findings=run_checks(CheckContext(predictions=predictions, judgement=judgement, facts=facts)),
        remarks=(
            *sheet_remarks(records.sheets),
            *line_remarks(material.views.on(material.until).known.table("incomes"), request.rules.lines),
        ),
    )


def _drift_watch(sample: TrainingSample, drifts: dict[Any, Mapping[str, ColumnDrift]]) -> Watch:
    """Return what notes, of every fit that a later day is predicted by, how far each column moves until that day."""

    def watch(trial: EvaluationFold, fitted: Any, X: pl.DataFrame) -> None:
        if trial.known_by is not None:
            learned, tested = X[trial.train], X[trial.test]
            terms = fitted.feature_terms(learned), fitted.feature_terms(tested)
            drifts[trial.known_by] = column_drifts(learned, sample.day[trial.train], terms[0], tested, terms[1])

    return watch


def _predict(material: TrainingData, held: HeldOut, request: EvaluateRequest, watch: Watch) -> Predictions:
    """Return what the model and the baselines predict of the rows that are held out, and what became of these."""
    sample = material.sample
    unfitted = prepared(request.model, sample.predictors, request.horizon, request.seed)
    others = baselines(sample, request.rules, request.horizon, request.seed)
    candidates = {
        model_name(unfitted): fit_predict(unfitted, sample, sample.predictors, material.places, watch),
        **{name: one for name, one in others.items() if name in request.baselines},
    }
    risks = dict(predict_tested(held.folds, candidates, len(sample.relapsed), request.progress))
    stands_for = None if request.visits is None else _stands_for(material, request.visits)
    return held.predictions(risks, _fell_after(material, request.horizon), stands_for)


def _stands_for(material: TrainingData, visits: pl.DataFrame) -> Floats:
    return visit_weights(material.sample.frame, visits, material.labels.days).to_numpy()


def _fell_after(material: TrainingData, horizon: int) -> Floats:
    """Return the months from each row's day to its first relapse within the horizon, where its day is recorded."""
    sample = material.sample
    if material.labels.label != "recorded":
        return np.full(len(sample.relapsed), np.nan)
    span = Horizon(months=horizon)
    rows = sample.frame.select("household_id", "as_of")
    ends = {day: span.end(AsOf.of(day)) for day in rows["as_of"].unique()}
    entered = material.views.on(material.until).relapse_entries.select("household_id", "happened_on")
    inside = (
        rows.join(entered, on="household_id")
        .filter(pl.col("happened_on") > pl.col("as_of"))
        .filter(pl.col("happened_on") <= pl.col("as_of").replace_strict(ends, return_dtype=pl.Date))
        .group_by("household_id", "as_of")
        .agg(first=pl.col("happened_on").min())
    )
    found = rows.join(inside, on=["household_id", "as_of"], how="left", maintain_order="left")
    days = (found["first"] - found["as_of"]).dt.total_days()
    return days.cast(pl.Float64).fill_null(float("nan")).to_numpy() / _DAYS_A_MONTH
