"""A bundle from elsewhere made fit for a county with little or no history, and left behind once that is long enough."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import norm

from relapse_risk.bundle import Adaptation, Bundle
from relapse_risk.calibration import LEVEL_MOVES
from relapse_risk.errors import InputError, require_kind
from relapse_risk.evaluation import EvaluationFold, FitPredict
from relapse_risk.features import DEFAULT_BUILDERS, Builder, FeatureTable, build_features
from relapse_risk.labels import find_cohort
from relapse_risk.metrics import Interval
from relapse_risk.models import recalibrated, with_prevalence_of
from relapse_risk.periods import AsOf
from relapse_risk.policy import Policy, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import AsOfView, AsOfViews, Records
from relapse_risk.training.sample import LEAST_RELAPSES, TrainingData, gather, look_back
from relapse_risk.training.train import train_on
from relapse_risk.training.train_request import Day, TrainRequest

__all__ = ["ELSEWHERE", "LEAST_TO_TRAIN", "adapt"]

Floats = npt.NDArray[np.float64]

ELSEWHERE = "elsewhere"
"""What the moved model is called among those it is compared with."""

LEAST_TO_TRAIN = 50
"""Relapses known here from which a model of the county's own is tried: the mean risk is then known to a quarter of
itself (1.96 / sqrt(50)), and two thirds of them, which a trial is fitted on, are more than trials ask for."""


PREVALENCE_MOVES = 0.25
"""Log-odds that prevalence alone is expected to move the level by. Half of what outcomes may: how households look also
changes with the times and with who lives there, which the likeliest prevalence takes for relapses and overdoes
(docs/experiments/transfer.md)."""


def adapt(
    bundle: Bundle,
    records: Records,
    *,
    as_of: Day,
    known_by: Day | None = None,
    policy: Policy | None = None,
    builders: Sequence[Builder] = DEFAULT_BUILDERS,
    seed: int = 0,
    progress: Progress = silent,
) -> Bundle:
    """Make a bundle from elsewhere fit for a county with little or no history, as of a day.

    Looked at are the as-of days one, two, three and four horizons before `as_of`, as far back as the records reach and
    relapses were entered, and of their outcomes those known by the end of `as_of`. By how many relapses they hold:

    - fewer than 10: the level is moved by prevalence alone (`with_prevalence_of`), from the households at risk on the
      day, strongly shrunken towards no change. That assumes that households that fall look alike in both places, and
      so do those that do not; the error that is stated allows for levels differing for other reasons.
    - 10 to 49: level and slope are learned from the outcomes (`recalibrated`), those still to come among them, shrunken
      towards no change if few.
    - from 50: a model of the county's own is trained as well (`train`) and compared with the recalibrated one on the
      same held-out rows, forward in time where enough was known by the later day, else on other households. The own
      one is returned if its log loss is lower by more than a standard error, the recalibrated one otherwise.

    Parameters
    ----------
    bundle : Bundle
        Trained elsewhere: a bundle does not know the households it was trained on, so that none of them may be among
        these records.
    records : Records
        All versions of the county's records.
    as_of : day
        Nothing that was known later is looked at.
    known_by : day, optional
        An earlier day after which nothing is looked at: who is at risk is then as known that day.
    policy : Policy, optional
        Poverty lines and thresholds; those of the bundle by default.
    builders : sequence of Builder
        Those the bundle was trained with.
    seed : int
        The same records, arguments and seed give the same bundle, byte by byte.
    progress : Progress
        Told the stages ``label`` and ``features``, and those of `train` where a model is trained.

    Returns
    -------
    Bundle
        `Bundle.origin` and `Bundle.moved` say what was done. An own model has the one it was compared with as
        ``elsewhere`` in its evaluation; a moved bundle keeps the evaluation of where it was trained.

    Raises
    ------
    InputError
        If the bundle is the rule alone (``adapt_rule``), if nobody with a fresh income is at risk on the day
        (``adapt_nobody``), if the day is before the first record.
    BundleError
        If the records do not give features that the bundle needs (``bundle_other_features``,
        ``bundle_feature_changed``).
    """
    require_kind("bundle", bundle, Bundle)
    require_kind("records", records, Records)
    if bundle.origin == "rule":
        raise InputError("adapt_rule")
    request = TrainRequest(
        as_of=as_of,
        horizon=bundle.horizon,
        label=bundle.label,
        cohort=bundle.cohort,
        known_by=known_by,
        builders=builders,
        policy=policy or replace(read_policy(), lines=bundle.lines, thresholds=bundle.thresholds),
        seed=seed,
        progress=progress,
    )
    (day,) = request.days
    views = AsOfViews.of(records, lines=request.rules.lines)
    until = min(day.day, views.last_known(known_by))
    progress("label", 0.0)
    # Who is at risk is what was known by then too: no later entry may move the level.
    present = _present(bundle, views.on(day if known_by is None else until), builders, progress)
    days, relapses = look_back(views, day, bundle.horizon, label=bundle.label, cohort=bundle.cohort, until=until)
    if relapses < LEAST_RELAPSES:
        return _by_prevalence(bundle, present, until, relapses)
    request = replace(request, as_of=days, known_by=until)
    material = gather(views, request, forward=relapses >= LEAST_TO_TRAIN)
    moved = _by_outcomes(bundle, present, material)
    if relapses < LEAST_TO_TRAIN:
        return moved
    rivals = {ELSEWHERE: _recalibrating(bundle, material)}
    own = train_on(material, request, rivals=rivals)
    return _better(own, moved)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Present:
    """The households at risk on the day: the model's columns, and county and village of each."""

    day: AsOf
    X: pl.DataFrame
    places: npt.NDArray[Any]


def _present(bundle: Bundle, view: AsOfView, builders: Sequence[Builder], progress: Progress) -> _Present:
    net = bundle.label == "after_fixed_expenditure"
    cohort = find_cohort(view, cohort=bundle.cohort, after_fixed_expenditure=net)
    fresh = cohort.filter((pl.col("population") == "at_risk") & ~pl.col("stale"))
    if fresh.is_empty():
        raise InputError("adapt_nobody", day=view.as_of)
    table = build_features(view, builders=builders, progress=progress)
    areas = view.areas
    placed = fresh.select("household_id").join(areas, on="household_id", how="left", maintain_order="left")
    places = placed.select("county", "village").fill_null("").to_numpy()
    return _Present(day=view.as_of, X=_columns_of(bundle, table, fresh), places=places)


def _columns_of(bundle: Bundle, table: FeatureTable, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the model's columns of some households on some days, in their order."""
    keys = ["as_of", "household_id"]
    frame = rows.select(keys).join(table.frame, on=keys, how="left", maintain_order="left", validate="1:1")
    return bundle.require(FeatureTable(frame=frame, features=table.features, missing=table.missing))


def _by_prevalence(bundle: Bundle, present: _Present, until: date, relapses: int) -> Bundle:
    model, shocks = with_prevalence_of(bundle.model, present.X, moves=PREVALENCE_MOVES), bundle.shocks
    # Levels differ between places by so much anyway, and nothing here can tell whether the premise holds.
    error = float(np.hypot(model.local_.everywhere_std_error, LEVEL_MOVES))
    model.local_ = replace(model.local_, everywhere_std_error=error)
    return replace(
        bundle,
        model=model,
        known_by=_later(bundle.known_by, until),
        shocks=shocks and replace(shocks, level=float(np.hypot(shocks.level, error))),
        origin="prevalence",
        moved=_move(bundle.model, model, present, relapses, error),
    )


def _by_outcomes(bundle: Bundle, present: _Present, material: TrainingData) -> Bundle:
    sample, labels, shocks = material.sample.known(), material.labels, bundle.shocks
    X = _columns_of(bundle, material.table, sample.frame)
    places = material.places[np.isfinite(material.sample.relapsed)]
    unreported = sample.unreported()
    model = recalibrated(bundle.model, X, sample.relapsed, household=sample.household, place=places, **unreported)
    chain = model.calibrator_  # the line learned here comes last in it
    error = float(chain.then.std_error(np.array([bundle.model.decision_function(X).mean()]))[0])
    return replace(
        bundle,
        model=model,
        known_by=_later(bundle.known_by, material.until),
        trained_through=_later(bundle.trained_through, labels.last_outcome),
        unreported_share=labels.unreported_share,
        shocks=shocks and replace(shocks, level=error),
        origin="recalibrated",
        moved=_move(bundle.model, model, present, int(sample.relapsed.sum()), error),
    )


def _later(there: date | None, here: date | None) -> date:
    return max(day for day in (there, here) if day is not None)


def _move(before: Any, after: Any, present: _Present, relapses: int, error: float) -> Adaptation:
    """Return what became of the probabilities of the households at risk on the day."""
    X, places = present.X, present.places
    return Adaptation(
        as_of=present.day.day,
        households=X.height,
        relapses=relapses,
        before=float(before.predict_proba(X, places)[:, 1].mean()),
        after=float(after.predict_proba(X, places)[:, 1].mean()),
        shift=float((after.decision_function(X, places) - before.decision_function(X, places)).mean()),
        error=error,
    )


def _recalibrating(bundle: Bundle, material: TrainingData) -> FitPredict:
    """Return the function that recalibrates the bundle on a trial's training rows and predicts its tested rows."""
    sample = material.sample
    X, places = _columns_of(bundle, material.table, sample.frame), material.places

    def called(trial: EvaluationFold) -> Floats:
        seen, homes = trial.train, sample.household[trial.train]
        unreported = {name: values[seen] for name, values in sample.unreported(trial.known_by).items()}
        moved = recalibrated(bundle.model, X[seen], trial.outcome, household=homes, place=places[seen], **unreported)
        risk: Floats = moved.predict_proba(X[trial.test], places[trial.test])[:, 1]
        return risk

    return called


def _better(own: Bundle, moved: Bundle) -> Bundle:
    """Return the own bundle if its log loss is lower by more than a standard error, else the moved one."""
    assert own.evaluation is not None and moved.moved is not None
    tried = next(one for one in own.evaluation.comparisons if one.name == ELSEWHERE)
    over = tried.log_loss_over_default
    error = (over.upper - over.lower) / (2 * norm.ppf((1 + own.evaluation.level) / 2))
    if over.estimate > error:
        return own
    own_over = Interval(estimate=-over.estimate, lower=-over.upper, upper=-over.lower)
    return replace(moved, moved=replace(moved.moved, own_over=own_over))
