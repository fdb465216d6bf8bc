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
from relapse_risk.records import AsOfViews, Records
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
    days, until = request.days, views.last_known(request.known_by)
    find = partial(label_relapse, views, horizon=request.horizon, cohort=request.cohort)
    request.progress("label", 0.0)
    labels = find(days, label=request.label, known_by=until)
    built = build_features(views, days, builders=request.builders, progress=request.progress)
    table = without_protected(built, request.rules.mechanism.protected)
    labels_then = {
        np.datetime64(day.day): find(days[:place], label=cast(Label, labels.label), known_by=day)
        for place, day in enumerate(days)
        if forward and place > 0
    }
    by_trial: dict[Any, Labels] = {None: labels, **labels_then}
    sample = replace(
        take_sample(labels, table, until, tuple(labels_then.values())),
        to_come={day: _unreported_share(then) for day, then in by_trial.items()},
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


def _unreported_share(labels: Labels) -> dict[np.datetime64, float]:
    """Return the share of relapses still to come by as-of day."""
    shares = labels.days.select("as_of", "unreported_share").iter_rows()
    return {np.datetime64(day): share for day, share in shares}
