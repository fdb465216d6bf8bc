"""The common start of training and evaluation: outcomes, features, and the outcomes known on each day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from relapse_risk.errors import require_kind
from relapse_risk.features import Feature, FeatureTable, build_features, conditions_on, without_protected
from relapse_risk.labels import Labels, label_relapse
from relapse_risk.labels.relapse import Label
from relapse_risk.periods import AsOf
from relapse_risk.records import AsOfViews, Records
from relapse_risk.training.sample.chosen_days import choose_days, deal_households
from relapse_risk.training.sample.sample import TrainingSample, outcome_of, take_sample
from relapse_risk.training.train_request import TrainRequest

__all__ = ["TrainingData", "gather"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingData:
    """The data to fit and test a model with.

    Attributes
    ----------
    views : AsOfViews
        The records on every day that was looked at.
    labels : Labels
        As known in the end.
    table : FeatureTable
    protected : tuple of Feature
        Features of the table that no model is given, as no household is ranked by them.
    sample : TrainingSample
    until : date
        The last day that was looked at.
    known_then : Mapping of datetime64 to ndarray of shape (n,)
        For each tested day, the outcome of each row of the sample as it was known that day; see `plan_scheme`.
    """

    views: AsOfViews
    labels: Labels
    table: FeatureTable
    protected: tuple[Feature, ...]
    sample: TrainingSample
    until: date
    known_then: Mapping[Any, Floats]


def gather(records: Records | AsOfViews, request: TrainRequest, *, forward: bool = True) -> TrainingData:
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
    until = views.last_known(request.known_by)
    year_of = {} if request.days else _chosen(views, request, until)
    days = request.days or tuple(year_of)
    request.progress("label", 0.0)

    keep = partial(deal_households, year_of=year_of) if year_of else None
    find = partial(label_relapse, views, horizon=request.horizon, cohort=request.cohort, keep=keep)
    labels = find(days, label=request.label, known_by=until)
    built = build_features(views, days, builders=request.builders, progress=request.progress)
    table = without_protected(built, request.rules.mechanism.protected)
    labels_then = {
        np.datetime64(day.day): find(days[:place], label=cast(Label, labels.label), known_by=day)
        for place, day in enumerate(days)
        if forward and place > 0 and year_of.get(day, day.day) == day.day
    }
    by_trial: dict[Any, Labels] = {None: labels, **labels_then}
    sample = replace(
        take_sample(labels, table, until, tuple(labels_then.values()), every_day=not year_of),
        year_of={np.datetime64(day.day): np.datetime64(first) for day, first in year_of.items()},
        to_come={day: _unreported(then) for day, then in by_trial.items()},
    )
    return TrainingData(
        views=views,
        labels=labels,
        table=table,
        protected=tuple(one for one in built.predictors if one not in table.predictors),
        sample=sample,
        until=until,
        known_then={day: outcome_of(sample, then) for day, then in labels_then.items()},
    )


def _chosen(views: AsOfViews, request: TrainRequest, until: date) -> Mapping[AsOf, date]:
    recorded = request.label in ("auto", "recorded") and views.records.has("relapses")
    return choose_days(views, request.horizon, until, recorded=recorded)


def _unreported(labels: Labels) -> dict[np.datetime64, tuple[float, float]]:
    """Return the share of relapses still to come, and its error, by as-of day."""
    days = labels.days.select("as_of", "unreported_share", "unreported_error").iter_rows()
    return {np.datetime64(day): (share, error) for day, share, error in days}
