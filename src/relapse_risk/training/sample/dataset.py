"""The common start of training and evaluation: outcomes, features, and the outcomes known on each day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.errors import require_kind
from relapse_risk.features import Feature, FeatureTable, build_features, conditions_on, without_protected
from relapse_risk.labels import Labels, label_relapse
from relapse_risk.labels.relapse import Label
from relapse_risk.periods import AsOf
from relapse_risk.records import AsOfViews, Records
from relapse_risk.training.sample.chosen_days import choose_days, deal_households
from relapse_risk.training.sample.household_groups import describe_households
from relapse_risk.training.sample.past import first_known
from relapse_risk.training.sample.places import places_of
from relapse_risk.training.sample.sample import TrainingSample, outcome_of, require_relapses, sample_of, take_sample
from relapse_risk.training.train_request import SampleRequest

__all__ = [
    "LabelledDays",
    "SamplePlan",
    "TrainingData",
    "TrainingRows",
    "describe_rows",
    "gather",
    "label_days",
    "shares_to_come",
]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingRows:
    """What a model is fitted on and tried with.

    Attributes
    ----------
    labels : Labels
        As known in the end; of rows of several counties, without their frame.
    protected : tuple of Feature
        Features of the records that no model is given, as no household is ranked by them.
    sample : TrainingSample
    until : date
        The last day that was looked at.
    known_then : Mapping of datetime64 to ndarray of shape (n,)
        For each tested day, the outcome of each row of the sample as it was known that day; see `plan_scheme`.
    places : ndarray of shape (n, 2)
        From `places_of`.
    who : pl.DataFrame
        Who each row's household is, as known on its day (`describe_households`).
    """

    labels: Labels
    protected: tuple[Feature, ...]
    sample: TrainingSample
    until: date
    known_then: Mapping[Any, Floats]
    places: npt.NDArray[Any]
    who: pl.DataFrame

    def thinned(self, controls: float) -> Self:
        """Return all relapses and a share of the other rows, drawn by a hash of household and day.

        Raises
        ------
        InputError
            If too few of the others are left (``train_too_few``).
        """
        if controls == 1:
            return self
        sample = replace(self.sample, controls=controls)
        kept = sample.is_kept(self.known_then)
        frame = sample.frame.filter(kept)
        require_relapses(frame.filter(pl.col("relapsed").is_not_null()))
        varying = sample_of(frame, (*sample.predictors, *sample.figures))
        return replace(
            self,
            sample=replace(sample, frame=frame, predictors=varying.predictors, figures=varying.figures),
            known_then={day: outcome[kept] for day, outcome in self.known_then.items()},
            places=self.places[kept],
            who=self.who.filter(kept),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingData(TrainingRows):
    """The data to fit and test a model with, and what it was made of.

    Attributes
    ----------
    views : AsOfViews
        The records on every day that was looked at.
    table : FeatureTable
    """

    views: AsOfViews
    table: FeatureTable


@dataclass(frozen=True, kw_only=True)
class SamplePlan:
    """Which days are learned from.

    Attributes
    ----------
    days : tuple of AsOf
        In their order.
    year_of : Mapping of AsOf to date
        Of days that a training chose, the first day of the year each belongs to (`choose_days`); else none.
    until : date
        The last day that is looked at.
    label : Label
        What a relapse is, as asked for or as decided.
    """

    days: tuple[AsOf, ...]
    year_of: Mapping[AsOf, date]
    until: date
    label: Label

    @classmethod
    def of(cls, views: AsOfViews, request: SampleRequest) -> Self:
        """Return the days that are asked for, else those the records allow."""
        until = views.last_known(request.known_by)
        year_of = {} if request.days else _chosen(views, request, until)
        return cls(days=request.days or tuple(year_of), year_of=year_of, until=until, label=request.label)

    @property
    def learned_with(self) -> dict[np.datetime64, np.datetime64]:
        """Of days that stand together for a year, the first (`TrainingSample.year_of`)."""
        return {np.datetime64(day.day): np.datetime64(first) for day, first in self.year_of.items()}

    @property
    def tested(self) -> tuple[AsOf, ...]:
        """Days that may be predicted by what was known on them: all but the first, of a year its first."""
        return tuple(day for day in self.days[1:] if self.year_of.get(day, day.day) == day.day)


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledDays:
    """Outcomes and features of everybody on the days of a plan.

    Attributes
    ----------
    labels : Labels
        As known in the end.
    then : Mapping of datetime64 to Labels
        As known on each tested day.
    table : FeatureTable
    protected : tuple of Feature
        Features of the table that no model is given.
    """

    labels: Labels
    then: Mapping[Any, Labels]
    table: FeatureTable
    protected: tuple[Feature, ...]


def gather(records: Records | AsOfViews, request: SampleRequest, *, forward: bool = True) -> TrainingData:
    """Label, build features, and look up what was known of outcomes on each as-of day, unless not `forward`.

    Raises
    ------
    InputError
        See `conditions_on` and `take_sample`; if an as-of day is before the first record; if the records are something
        else (``argument_kind``).
    """
    if not isinstance(records, AsOfViews):
        require_kind("records", records, Records)
    # Refused before hours of work, not after.
    conditions_on(request.rules.thresholds.rule, request.builders, file=request.rules.file("thresholds"))
    views = AsOfViews.of(records, lines=request.rules.lines)
    plan = SamplePlan.of(views, request)
    found = label_days(views, request, plan, forward=forward)
    by_trial: dict[Any, Labels] = {None: found.labels, **found.then}
    sample = replace(
        take_sample(found.labels, found.table, plan.until, tuple(found.then.values()), every_day=not plan.year_of),
        year_of=plan.learned_with,
        to_come={day: shares_to_come(then) for day, then in by_trial.items()},
    )
    return TrainingData(
        views=views,
        labels=found.labels,
        table=found.table,
        protected=found.protected,
        sample=sample,
        until=plan.until,
        known_then={day: outcome_of(sample, then) for day, then in found.then.items()},
        places=places_of(views, sample),
        who=describe_rows(views, found.labels, sample),
    )


def label_days(views: AsOfViews, request: SampleRequest, plan: SamplePlan, *, forward: bool = True) -> LabelledDays:
    """Label who relapsed, as known in the end and, if `forward`, on each tested day, and build features."""
    days, progress = plan.days, request.progress
    progress("label", 0.0)
    keep = partial(deal_households, year_of=plan.year_of) if plan.year_of else None
    find = partial(label_relapse, views, horizon=request.horizon, cohort=request.cohort, keep=keep)
    labels = find(days, label=plan.label, known_by=plan.until)
    built = build_features(views, days, builders=request.builders, progress=progress)
    table = without_protected(built, request.rules.mechanism.protected)
    then = {
        np.datetime64(day.day): find([one for one in days if one < day], label=cast(Label, labels.label), known_by=day)
        for day in plan.tested
        if forward
    }
    return LabelledDays(
        labels=labels,
        then=then,
        table=table,
        protected=tuple(one for one in built.predictors if one not in table.predictors),
    )


def describe_rows(views: AsOfViews, labels: Labels, sample: TrainingSample) -> pl.DataFrame:
    """Return who each row's household is, as known on its day."""
    keys = sample.frame.select("as_of", "household_id")
    described = describe_households(views, [AsOf(day) for day in labels.days["as_of"]])
    return keys.join(described, on=keys.columns, how="left", validate="1:1", maintain_order="left")


def shares_to_come(labels: Labels) -> dict[np.datetime64, tuple[float, float]]:
    """Return the share of relapses still to come, and its error, by as-of day."""
    days = labels.days.select("as_of", "unreported_share", "unreported_error").iter_rows()
    return {np.datetime64(day): (share, error) for day, share, error in days}


def _chosen(views: AsOfViews, request: SampleRequest, until: date) -> Mapping[AsOf, date]:
    recorded = request.label in ("auto", "recorded") and views.records.has("relapses")
    first = views.on(until).relapse_entries["happened_on"].min() if recorded else None
    return choose_days(first_known(views.records), request.horizon, until, first_relapse=cast("date | None", first))
