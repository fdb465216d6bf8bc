"""Which rows a model is fitted on and which it is then tried on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from relapse_risk.metrics import Fold, time_household_folds

__all__ = ["FitPredict", "Trial", "Trials", "plan_trials"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Fewer relapses than this in training say nothing of how a model does with enough of them.
_LEAST_EVENTS = 25


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One fit and the rows it is tried on.

    Attributes
    ----------
    train, test : ndarray of int
        Row numbers. No household stands in both.
    outcome : ndarray of float
        The outcome of each training row, 0 or 1, as it was known when the tested day came.
    """

    train: Ints
    test: Ints
    outcome: Floats


FitPredict = Callable[[Trial], Floats]
"""Fits on a trial's training rows and their outcome; returns the probability of each tested row."""


@dataclass(frozen=True, kw_only=True)
class Trials:
    """All trials of a comparison.

    Attributes
    ----------
    scheme : str
        ``time`` if each day is predicted from outcomes known by that day, ``household`` if from other households of the
        same days: then nothing is learned of how a model fares when times change.
    trials : tuple of Trial
        Together they test no row twice.
    """

    scheme: Literal["time", "household"]
    trials: tuple[Trial, ...]


def plan_trials(
    household: Any, time: Any, outcome: Any, known_then: Mapping[Any, Any], *, n_groups: int = 3, seed: int = 0
) -> Trials:
    """Return trials that go forward in time where enough outcomes were known by then, else over households alone.

    Parameters
    ----------
    household : array-like of shape (n,)
        The household of each row.
    time : array-like of shape (n,)
        The as-of day of each row.
    outcome : array-like of shape (n,)
        0 or 1, as known today; not a number where it is not known: such a row is never tested.
    known_then : Mapping of time to array-like of shape (n,)
        For each as-of day, the outcomes known by the end of that day: 0, 1, or not a number where it was open. What was
        entered late is thus wrong there in the way it was wrong then.
    n_groups : int
        Groups of households; each is tried with a model fitted on the others.

    Examples
    --------
    >>> plan_trials(["a", "b", "c"], [2019] * 3, [0, 1, 0], {}, n_groups=2).scheme
    'household'
    """
    homes, times, y = np.asarray(household), np.asarray(time), np.asarray(outcome, dtype=float)
    told = np.isfinite(y)
    dealt = time_household_folds(homes, n_folds=n_groups, outcome=np.where(told, y, 0), seed=seed)
    folds = tuple(Fold(train=fold.train, test=fold.test[told[fold.test]]) for fold in dealt)
    forward = tuple(_forward(folds, times, known_then))
    if forward:
        return Trials(scheme="time", trials=forward)
    return Trials(
        scheme="household",
        trials=tuple(_trial(fold.train[told[fold.train]], fold.test, y) for fold in folds),
    )


def _forward(folds: tuple[Fold, ...], times: Any, known_then: Mapping[Any, Any]) -> Iterator[Trial]:
    """Yield a trial for each group of households and each day with enough outcomes known before it."""
    for day, known in sorted(known_then.items()):
        outcome = np.asarray(known, dtype=float)
        seen = np.isfinite(outcome) & (times < day)
        of_day = [_trial(fold.train[seen[fold.train]], fold.test[times[fold.test] == day], outcome) for fold in folds]
        if of_day and all(_enough(trial) for trial in of_day):
            yield from (trial for trial in of_day if len(trial.test))


def _trial(train: Ints, test: Ints, outcome: Floats) -> Trial:
    return Trial(train=train, test=test, outcome=outcome[train])


def _enough(trial: Trial) -> bool:
    events = trial.outcome.sum()
    return bool(min(events, len(trial.outcome) - events) >= _LEAST_EVENTS)
