"""Evaluate a model on days and places it was not fitted on, with the alternatives a county has."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.evaluation import EvaluationFolds, Predictions, Scheme, plan_scheme, predict_tested, report_models
from relapse_risk.evaluation.checks import CheckContext, run_checks
from relapse_risk.metrics import cluster_ids
from relapse_risk.monitoring import visit_weights
from relapse_risk.periods import AsOf, Horizon
from relapse_risk.records import Records
from relapse_risk.requests import takes
from relapse_risk.training.candidates import baselines, fit_predict, model_name, prepared
from relapse_risk.training.dataset import TrainingData, gather
from relapse_risk.training.evaluation_report import Report
from relapse_risk.training.household_groups import GROUPS, describe_households
from relapse_risk.training.places import places_of
from relapse_risk.training.sample import TrainingSample
from relapse_risk.training.sample_facts import sample_facts
from relapse_risk.training.train_request import EvaluateRequest

__all__ = ["LEAST_HOUSEHOLDS", "evaluate", "planned", "who_they_are"]

Floats = npt.NDArray[np.float64]

LEAST_HOUSEHOLDS = 5
"""Groups of fewer households are not told of, so that no figure points at a household."""

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
    material = gather(records, request, tested_days=None)
    who = who_they_are(material)
    trials = planned(request.scheme, material, who, request.seed)
    predictions = _predict(material, request, who, trials)
    judgement = report_models(
        predictions,
        capacity_share=request.rules.thresholds.capacity.share,
        seed=request.seed,
        progress=request.progress,
    )
    context = CheckContext(predictions=predictions, judgement=judgement, facts=sample_facts(material, trials))
    return Report(
        scheme=trials.scheme,
        forward=trials.forward,
        label=material.labels.label,
        cohort=request.cohort,
        horizon=request.horizon,
        as_of=tuple(day.day for day in request.days),
        known_by=material.until,
        unreported_share=material.labels.unreported_share,
        trials=len(trials.trials),
        untested=len(material.sample.known().relapsed) - len(predictions.outcome),
        weighted=request.visits is not None or bool(who["weight"].is_not_null().any()),
        clusters="village" if (who["village"] != "").any() else "household",
        judgement=judgement,
        findings=run_checks(context),
    )


def _predict(
    material: TrainingData, request: EvaluateRequest, who: pl.DataFrame, trials: EvaluationFolds
) -> Predictions:
    """Return what the model and the baselines predict of the rows that are held out, and what became of these."""
    sample = material.sample
    unfitted = prepared(request.model, sample.predictors, request.horizon, request.seed)
    candidates = {
        model_name(unfitted): fit_predict(unfitted, sample, sample.predictors, places_of(material.views, sample)),
        **baselines(sample, request.rules, request.horizon, request.seed),
    }
    risks = dict(predict_tested(trials, candidates, len(sample.relapsed), request.progress))
    fell_after = _fell_after(material, request.horizon)
    stands_for = None if request.visits is None else visit_weights(sample.frame, request.visits).to_numpy()
    return _predictions(sample, trials, who, risks, fell_after, stands_for)


def who_they_are(material: TrainingData) -> pl.DataFrame:
    """Return who each row's household is, as known on its day."""
    days = [AsOf(day) for day in material.labels.days["as_of"]]
    rows = material.sample.frame.select("as_of", "household_id")
    described = describe_households(material.views, days)
    return rows.join(described, on=rows.columns, how="left", validate="1:1", maintain_order="left")


def planned(scheme: Scheme, material: TrainingData, who: pl.DataFrame, seed: int) -> EvaluationFolds:
    """Return the trials of a scheme over a sample."""
    sample = material.sample
    return plan_scheme(
        scheme,
        household=sample.household,
        time=sample.day,
        outcome=sample.relapsed,
        known_then=material.known_then,
        county=_texts(who, "county"),
        village=_texts(who, "village"),
        seed=seed,
    )


def _texts(who: pl.DataFrame, name: str) -> npt.NDArray[np.str_]:
    return who[name].to_numpy().astype(np.str_)


def _predictions(
    sample: TrainingSample,
    trials: EvaluationFolds,
    who: pl.DataFrame,
    risks: dict[str, Floats],
    fell_after: Floats,
    stands_for: Floats | None,
) -> Predictions:
    tested, weight = np.sort(np.concatenate([trial.test for trial in trials.trials])), _weights(who)
    if stands_for is not None:
        tested, weight = tested[stands_for[tested] > 0], weight * stands_for
    if not weight[tested].sum() > 0:
        raise InputError("weights_none")
    homes = sample.household[tested]
    return Predictions(
        outcome=sample.relapsed[tested],
        weight=weight[tested],
        household=homes,
        day=sample.day[tested],
        cluster=cluster_ids(_texts(who, "village"), sample.household)[tested],
        risks={name: risk[tested] for name, risk in risks.items()},
        groups={name: _told(_texts(who, name)[tested], homes) for name in GROUPS},
        fell_after=fell_after[tested],
    )


def _weights(who: pl.DataFrame) -> Floats:
    """Return each row's weight; the mean of the others where it is not known, 1 where none is."""
    mean = who["weight"].mean()
    return who["weight"].fill_null(1.0 if mean is None else mean).to_numpy()


def _told(group: npt.NDArray[np.str_], household: Any) -> npt.NDArray[np.str_]:
    """Return groups without those of so few households that a figure would point at one."""
    counts = pl.DataFrame({"group": group, "home": household}).group_by("group").agg(pl.col("home").n_unique())
    small = counts.filter(pl.col("home") < LEAST_HOUSEHOLDS)["group"].to_list()
    return np.where(np.isin(group, small), "", group)


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
