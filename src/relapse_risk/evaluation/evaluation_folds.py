"""Which rows a model is fitted on and which it is then tried on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from relapse_risk.metrics import Fold
from relapse_risk.progress import Progress, silent

__all__ = [
    "LEAST_EVENTS",
    "EvaluationFold",
    "EvaluationFolds",
    "FitPredict",
    "apart",
    "enough",
    "predict_tested",
    "rolling_origin",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_EVENTS = 25
"""Fewer relapses than this in training say nothing of how a model does with enough of them."""


@dataclass(frozen=True, kw_only=True)
class EvaluationFold:
    """One fit and the rows it is tried on.

    Attributes
    ----------
    train, test : ndarray of int
        Row numbers.
    outcome : ndarray of float
        The outcome of each training row, 0 or 1, as it was known when the tested day came.
    known_by : time or None
        The tested day; None where outcomes are those known in the end.
    """

    train: Ints
    test: Ints
    outcome: Floats
    known_by: Any = None


FitPredict = Callable[[EvaluationFold], Floats]
"""Fits on a trial's training rows and their outcome; returns the probability of each tested row."""


@dataclass(frozen=True, kw_only=True)
class EvaluationFolds:
    """All trials of a comparison.

    Attributes
    ----------
    scheme : str
        ``time`` if each day is predicted from outcomes known by that day; ``county``, ``village`` or ``household`` if
        the rows of some counties, villages or households are predicted from those of the others.
    trials : tuple of EvaluationFold
        Together they test no row twice.
    forward : bool
        Whether every trial learns only from outcomes known by the day it tests. Otherwise nothing is learned of how a
        model fares when times change.
    """

    scheme: Literal["time", "county", "village", "household"]
    trials: tuple[EvaluationFold, ...]
    forward: bool


def rolling_origin(
    folds: Sequence[Fold], time: Any, known_then: Mapping[Any, Any], *, excluded_groups: Any = None
) -> tuple[EvaluationFold, ...]:
    """Return a trial for each fold and each day before which enough outcomes were known to train every fold.

    Parameters
    ----------
    folds : sequence of Fold
        Rows that may train and rows to test, whatever their days: of both, what a day allows is taken.
    time : array-like of shape (n,)
        The as-of day of each row.
    known_then : Mapping of time to array-like of shape (n,)
        For each as-of day, the outcomes known by the end of that day: 0, 1, or not a number where it was open. What was
        entered late is thus wrong there in the way it was wrong then.
    excluded_groups : array-like of shape (n,), optional
        The household of each row: households that are tested on a day are then not learned from for it.
    """
    times = np.asarray(time)
    return tuple(
        trial
        for day, known in sorted(known_then.items())
        for trial in _of_day(folds, times, day, known, excluded_groups)
    )


def apart(folds: Sequence[Fold], outcome: Floats, *, excluded_groups: Any = None) -> tuple[EvaluationFold, ...]:
    """Return a trial for each fold over the outcomes known in the end, whatever the day."""
    known = np.isfinite(outcome)
    return tuple(
        _trial(fold.train[known[fold.train]], fold.test[known[fold.test]], outcome, excluded_groups) for fold in folds
    )


def _of_day(folds: Sequence[Fold], times: Any, day: Any, known: Any, excluded_groups: Any) -> Iterator[EvaluationFold]:
    outcome = np.asarray(known, dtype=float)
    seen, of_day = np.isfinite(outcome) & (times < day), times == day
    chosen = [(fold.train[seen[fold.train]], fold.test[of_day[fold.test]]) for fold in folds]
    trials = [_trial(train, test, outcome, excluded_groups, known_by=day) for train, test in chosen]
    if all(enough(trial) for trial in trials):
        yield from (trial for trial in trials if len(trial.test))


def _trial(train: Ints, test: Ints, outcome: Floats, excluded_groups: Any, known_by: Any = None) -> EvaluationFold:
    if excluded_groups is not None:
        train = train[~np.isin(excluded_groups[train], excluded_groups[test])]
    return EvaluationFold(train=train, test=test, outcome=outcome[train], known_by=known_by)


def enough(trial: EvaluationFold, least: int | None = None) -> bool:
    """Return whether a trial has enough relapses, and enough others, to learn from; `LEAST_EVENTS` by default."""
    events = trial.outcome.sum()
    return bool(min(events, len(trial.outcome) - events) >= (LEAST_EVENTS if least is None else least))


def predict_tested(
    trials: EvaluationFolds, candidates: Mapping[str, FitPredict], n: int, progress: Progress = silent
) -> Iterator[tuple[str, Floats]]:
    """Yield each candidate's name and its probability for each of `n` rows, not a number where it was not tried."""
    done, fits = 0, len(trials.trials) * len(candidates)
    for name, fit_predict in candidates.items():
        p = np.full(n, np.nan)
        for trial in trials.trials:
            p[trial.test] = fit_predict(trial)
            done += 1
            progress("evaluate", done / fits)
        yield name, p
