"""What training and evaluating both begin with: outcomes, features, and what was known of outcomes on each day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from numbers import Integral
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from relapse_risk.errors import InputError, require_kind
from relapse_risk.features import Builder, FeatureTable, build_features
from relapse_risk.labels import Labels, label_relapse
from relapse_risk.labels.cohort import Cohort
from relapse_risk.labels.relapse import Label
from relapse_risk.periods import AsOf, parse_day
from relapse_risk.policy import Policy
from relapse_risk.progress import Progress
from relapse_risk.records import Records
from relapse_risk.training.sample import TrainingSample, outcome_of, take_sample

__all__ = ["Day", "TrainingData", "as_of_days", "gather", "last_known", "refuse_other"]

Day = str | date | AsOf
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingData:
    """What a model is fitted on and tried with.

    Attributes
    ----------
    labels : Labels
        As known in the end.
    table : FeatureTable
    sample : TrainingSample
    until : date
        The last day that was looked at.
    known_then : Mapping of datetime64 to ndarray of shape (n,)
        For each tested day, the outcome of each row of the sample as it was known that day; see `plan_trials`.
    """

    labels: Labels
    table: FeatureTable
    sample: TrainingSample
    until: date
    known_then: Mapping[Any, Floats]


def as_of_days(as_of: Day | Sequence[Day]) -> list[AsOf]:
    """Return as-of days in order, each once.

    Raises
    ------
    InputError
        If there is none (``train_no_day``), or one that is no day (``day_unreadable``, ``day_out_of_range``).
    """
    given = as_of if isinstance(as_of, Iterable) and not isinstance(as_of, str) else [as_of]
    days = sorted({AsOf.of(day) for day in given})
    if not days:
        raise InputError("train_no_day")
    return days


def refuse_other(records: object, policy: object, seed: object) -> None:
    """Raise where records, policy or seed are something else.

    Raises
    ------
    InputError
        ``argument_kind``, ``seed_number``.
    """
    require_kind("records", records, Records)
    require_kind("policy", policy, Policy)
    if not isinstance(seed, Integral) or not 0 <= int(seed) < 2**63:
        raise InputError("seed_number", seed=seed)


def last_known(records: Records, known_by: Day | None) -> date:
    """Return the last day that is looked at."""
    return records.known_until if known_by is None else min(parse_day(known_by), records.known_until)


def gather(
    records: Records,
    days: Sequence[AsOf],
    *,
    horizon: int,
    label: Label,
    cohort: Cohort,
    until: date,
    builders: Sequence[Builder],
    policy: Policy,
    tested_days: int | None,
    progress: Progress,
) -> TrainingData:
    """Label, build features, and look up what was known of outcomes on the last so many as-of days, or on all.

    Raises
    ------
    InputError
        See `take_sample`; if an as-of day is before the first record.
    """
    find = partial(label_relapse, records, horizon=horizon, cohort=cohort, lines=policy.lines)
    progress("label", 0.0)
    labels = find(days, label=label, known_by=until)
    table = build_features(records, days, builders=builders, lines=policy.lines, progress=progress)
    first_tested = 1 if tested_days is None else max(1, len(days) - tested_days)
    labels_then = {
        np.datetime64(day.day): find(days[:place], label=cast(Label, labels.label), known_by=day)
        for place, day in enumerate(days)
        if place >= first_tested
    }
    told: dict[Any, Labels] = {None: labels, **labels_then}
    sample = replace(
        take_sample(labels, table, until, tuple(labels_then.values())),
        to_come={day: _unreported_share(then) for day, then in told.items()},
    )
    return TrainingData(
        labels=labels,
        table=table,
        sample=sample,
        until=until,
        known_then={day: outcome_of(sample, then) for day, then in labels_then.items()},
    )


def _unreported_share(labels: Labels) -> dict[np.datetime64, float]:
    """Return the share of relapses still to come by as-of day."""
    shares = labels.days.select("as_of", "unreported_share").iter_rows()
    return {np.datetime64(day): share for day, share in shares}
