"""Judge a model on days and places it was not fitted on, beside what a county would otherwise use."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.evaluation import EvaluationFolds, Predictions, Scheme, plan_scheme, predict_tested, report_models
from relapse_risk.evaluation.checks import CheckContext, run_checks
from relapse_risk.features import DEFAULT_BUILDERS, Builder
from relapse_risk.labels.cohort import Cohort
from relapse_risk.labels.entries import entries
from relapse_risk.labels.relapse import Label
from relapse_risk.metrics import cluster_ids
from relapse_risk.monitoring import visit_weights
from relapse_risk.periods import AsOf, Horizon
from relapse_risk.policy import Policy, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import Records
from relapse_risk.training.candidates import baselines, fit_predict, model_name, prepared
from relapse_risk.training.dataset import Day, TrainingData, as_of_days, gather, last_known, refuse_other
from relapse_risk.training.groups import GROUPS, describe_households
from relapse_risk.training.places import places_of
from relapse_risk.training.report import Report
from relapse_risk.training.sample import TrainingSample
from relapse_risk.training.sample_facts import sample_facts

__all__ = ["LEAST_HOUSEHOLDS", "evaluate", "planned", "who_they_are"]

Floats = npt.NDArray[np.float64]

LEAST_HOUSEHOLDS = 5
"""Groups of fewer households are not told of, so that no figure points at a household."""

_DAYS_A_MONTH = 365.25 / 12


def evaluate(
    records: Records,
    *,
    as_of: Day | Sequence[Day],
    horizon: int = 12,
    scheme: Scheme = "auto",
    label: Label = "auto",
    cohort: Cohort = "wide",
    model: Any = None,
    known_by: Day | None = None,
    visits: pl.DataFrame | None = None,
    builders: Sequence[Builder] = DEFAULT_BUILDERS,
    policy: Policy | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Report:
    """Try a model, and what a county would otherwise use, on rows none of them was fitted on, and judge all.

    Parameters
    ----------
    records : Records
        All versions of the records. A column ``weight`` of ``households`` (a survey's) weights every figure; no model
        is fitted with it. A household whose weight is not known or no weight counts with the mean of the others.
    as_of : day or sequence of days
        Days whose outcome is known by now. With several, models are tried forward in time.
    horizon : int
        Months after the day in which a relapse counts.
    scheme : {"auto", "time", "county", "village", "household"}
        What is held out, see `plan_scheme`.
    label : {"auto", "recorded", "income", "after_fixed_expenditure"}
        What a relapse is, see `label_relapse`.
    cohort : {"wide", "narrow"}
        Who is at risk, see `find_cohort`.
    model : estimator, optional
        As for `train`; `ReasonAdditiveClassifier` by default.
    known_by, builders, policy, seed
        As for `train`.
    visits : pl.DataFrame, optional
        household_id, as_of and inclusion_probability (1 for the listed, n / N for those drawn at random) of everybody
        who was visited after a list, as the ledger keeps them. Whoever is visited is found out more often; of days
        with visits, only the visited are then judged, each standing for 1 / inclusion_probability households
        (`visit_weights`).
    progress : Progress
        Told the stages ``label``, ``features``, ``evaluate`` and ``report_models``.

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
    policy = read_policy() if policy is None else policy
    refuse_other(records, policy, seed)
    days, until = as_of_days(as_of), last_known(records, known_by)
    material = gather(
        records,
        days,
        horizon=horizon,
        label=label,
        cohort=cohort,
        until=until,
        builders=builders,
        policy=policy,
        tested_days=None,
        progress=progress,
    )
    sample = material.sample
    who = who_they_are(sample, records, days)
    trials = planned(scheme, material, who, seed)
    unfitted = prepared(model, sample.predictors, horizon, seed)
    candidates = {
        model_name(unfitted): fit_predict(unfitted, sample, sample.predictors, places_of(records, sample)),
        **baselines(sample, policy, horizon, seed),
    }
    risks = dict(predict_tested(trials, candidates, len(sample.relapsed), progress))
    fell_after = _fell_after(sample, records, until, material.labels.label, horizon)
    stands_for = None if visits is None else visit_weights(sample.frame, visits).to_numpy()
    predictions = _predictions(sample, trials, who, risks, fell_after, stands_for)
    judgement = report_models(
        predictions, capacity_share=policy.thresholds["capacity"]["share"], seed=seed, progress=progress
    )
    context = CheckContext(predictions=predictions, judgement=judgement, facts=sample_facts(material, trials, records))
    return Report(
        scheme=trials.scheme,
        forward=trials.forward,
        label=material.labels.label,
        cohort=cohort,
        horizon=horizon,
        as_of=tuple(day.day for day in days),
        known_by=until,
        unreported_share=material.labels.unreported_share,
        trials=len(trials.trials),
        untested=len(sample.known().relapsed) - len(predictions.outcome),
        weighted=visits is not None or bool(who["weight"].is_not_null().any()),
        clusters="village" if (who["village"] != "").any() else "household",
        judgement=judgement,
        findings=run_checks(context),
    )


def who_they_are(sample: TrainingSample, records: Records, days: Sequence[AsOf]) -> pl.DataFrame:
    """Return who each row's household is, as known on its day."""
    keys = ["as_of", "household_id"]
    described = describe_households(records, days)
    return sample.frame.select(keys).join(described, on=keys, how="left", validate="1:1", maintain_order="left")


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


def _fell_after(sample: TrainingSample, records: Records, until: Any, label: str, horizon: int) -> Floats:
    """Return the months from each row's day to its first relapse within the horizon, where its day is recorded."""
    if label != "recorded":
        return np.full(len(sample.relapsed), np.nan)
    span = Horizon(months=horizon)
    rows = sample.frame.select("household_id", "as_of")
    ends = {day: span.end(AsOf.of(day)) for day in rows["as_of"].unique()}
    entered = entries(records, records.known_by(until)).select("household_id", "happened_on")
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
