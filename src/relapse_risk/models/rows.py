"""Training rows in an order that does not depend on how they came."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.validation import _check_sample_weight

from relapse_risk.errors import warn
from relapse_risk.metrics import hash_ids, numbered, time_household_folds
from relapse_risk.models.columns import Floats, Ints

__all__ = [
    "Rows",
    "first_rows",
    "household_sandwich",
    "mean_log_odds",
    "missing_level",
    "ordered",
    "read_finite",
    "read_scored",
    "read_shares",
    "read_weight",
    "without_one",
]

# Beyond these sums of weights, what is learned is rounding.
_LEAST_WEIGHT, _MOST_WEIGHT = 1e-3, 1e15
# How far a mean weight may be from one before it is said that weights count rows.
_USUAL = 100.0
# However many are still to come, not all fall.
_MOST_FALL = 0.95


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What a model learns from.

    Attributes
    ----------
    terms : ndarray of shape (n, terms)
    outcome : ndarray of shape (n,)
        0.0 or 1.0.
    weight : ndarray of shape (n,)
        All positive.
    household : ndarray of shape (n,)
        A hash of the household; of the row's content where no households are known.
    time : ndarray of shape (n,) or None
        Rank of the row's time.
    beside : Mapping of str to ndarray of shape (n, …)
        What only some models learn from: ``later`` (income over line a period later), ``followed`` (months a row was
        followed, and 1.0 where it was then gone to something else than a relapse), ``place`` (areas, widest first),
        ``to_come`` (share of the relapses of the row's time that are not entered yet).
    """

    terms: Floats
    outcome: Floats
    weight: Floats
    household: npt.NDArray[np.uint64]
    time: Ints | None
    beside: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    @property
    def later(self) -> Floats | None:
        """Income over line a period later, shape (n,), where given."""
        return self.beside.get("later")

    @property
    def followed(self) -> Floats | None:
        """Months followed and whether then gone, shape (n, 2), where given."""
        return self.beside.get("followed")

    @property
    def outcome_in_the_end(self) -> Floats:
        """What has the mean that outcomes will have when those still to come are entered, shape (n,)."""
        if "to_come" not in self.beside or not self.beside["to_come"].any():
            return self.outcome
        whole = self.outcome / (1 - self.beside["to_come"])
        return np.asarray(whole * min(1.0, _MOST_FALL / max(np.average(whole, weights=self.weight), 1e-12)))

    def take(self, chosen: Ints) -> Self:
        """Return some of the rows."""
        time = None if self.time is None else self.time[chosen]
        return replace(
            self,
            terms=np.asfortranarray(self.terms[chosen]),
            outcome=self.outcome[chosen],
            weight=self.weight[chosen],
            household=self.household[chosen],
            time=time,
            beside={name: values[chosen] for name, values in self.beside.items()},
        )


def read_weight(sample_weight: Any, X: Any) -> Floats:
    """Return the weights of the rows of X, checked; one each where none are given.

    Raises
    ------
    ValueError
        For weights that are missing, infinite, negative, not one for each row, or of a sum near zero or beyond 1e15.

    Warns
    -----
    RelapseRiskWarning
        ``weights_scale``, if their mean is far from one: a weight of 2 is a row given twice.
    """
    weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    total, n = float(weight.sum()), np.count_nonzero(weight)
    if n and not _LEAST_WEIGHT <= total <= _MOST_WEIGHT:
        least, most = f"{_LEAST_WEIGHT:g}", f"{_MOST_WEIGHT:g}"
        raise ValueError(f"sample_weight must add up to {least} to {most}, as a weight of 1 is a row, not to {total:g}")
    if n and not 1 / _USUAL <= total / n <= _USUAL:
        warn("weights_scale", mean=f"{total / n:.3g}")
    return np.asarray(weight, dtype=np.float64)


def read_scored(score: Any, outcome: Any, weight: Any) -> tuple[Floats, Floats, Floats]:
    """Return scores of rows, what became of them and their weights, each of shape (n,) and checked.

    Raises
    ------
    ValueError
        For scores that are missing or infinite, outcomes other than 0 and 1, weights that are missing, infinite or
        negative, and lengths that differ.
    """
    s, y, w = read_finite(score, "score"), read_finite(outcome, "outcome"), read_finite(weight, "weight")
    check_consistent_length(s, y, w)
    if not np.isin(y, (0.0, 1.0)).all() or (w < 0).any() or w.sum() > _MOST_WEIGHT:
        raise ValueError(f"outcomes must be 0 or 1, and weights not negative and {_MOST_WEIGHT:g} at most in all")
    return s, y, w


def read_finite(values: Any, name: str) -> Floats:
    """Return numbers, none of them missing or infinite, as an array of shape (n,)."""
    found = check_array(column_or_1d(values), ensure_2d=False, dtype=np.float64, input_name=name, ensure_min_samples=0)
    return np.asarray(found, dtype=np.float64)


def ordered(
    terms: Floats, outcome: Floats, weight: Floats, time: Any, household: Any, beside: Mapping[str, Any] | None = None
) -> Rows:
    """Return the rows of positive weight, ordered by a hash of their content."""
    content = _hashed(terms)
    homes = content if household is None else hash_ids(household)
    times = None if time is None else numbered(time, "time")[1]
    given = {name: np.asarray(values) for name, values in (beside or {}).items() if values is not None}
    rows = Rows(terms=terms, outcome=outcome, weight=weight, household=homes, time=times, beside=given)
    last = [column for values in given.values() for column in np.atleast_2d(values.T)]
    order = np.lexsort([*last, weight, outcome, content, np.zeros_like(content) if times is None else times, homes])
    return rows.take(order[weight[order] > 0])


def read_shares(to_come: Any) -> Floats | None:
    """Return the shares of relapses still to come, each from 0 to below 1, as given.

    Raises
    ------
    ValueError
        If one is not.
    """
    if to_come is None:
        return None
    shares: Floats = column_or_1d(to_come, dtype=np.float64)
    if not ((shares >= 0) & (shares < 1)).all():
        raise ValueError("shares of relapses still to come must be from 0 to below 1")
    return shares


def first_rows(rows: Rows, n: int) -> Rows:
    """Return `n` rows, or all where there are fewer: a sample at random, since rows stand in order of a hash."""
    return rows.take(np.arange(min(n, len(rows.outcome))))


def household_sandwich(inverse_information: Floats, pulls: Floats, household: npt.NDArray[np.uint64]) -> Floats:
    """Return the covariance of coefficients when rows of one household are alike (Liang and Zeger 1986).

    Parameters
    ----------
    inverse_information : ndarray of shape (columns, columns)
        Inverse Hessian.
    pulls : ndarray of shape (n, columns)
        Each row's gradient.
    household : ndarray of shape (n,)
        Rows of one household stand together.
    """
    first = np.concatenate([[True], household[1:] != household[:-1]])
    homes = np.add.reduceat(pulls, np.flatnonzero(first), axis=0)
    return np.asarray(inverse_information @ (homes.T @ homes) @ inverse_information)


def mean_log_odds(rows: Rows) -> float:
    """Return the log-odds of the weighted mean outcome."""
    return float(logit(np.average(rows.outcome, weights=rows.weight)))


def missing_level(score: Floats, outcome: Floats, weight: Floats) -> float:
    """Return what, added to all scores, makes them predict as many events as there were.

    Scores lie within some tens of zero, and both outcomes occur.
    """
    events, most = weight @ outcome, 100.0 + float(np.abs(score).max())
    return float(brentq(lambda level: weight @ expit(score + level) - events, -most, most))


def without_one(rows: Rows, n: int, seed: int) -> list[Ints]:
    """Return `n` choices of rows, each without one of `n` groups of households, events dealt evenly."""
    folds = time_household_folds(rows.household, n_folds=n, outcome=rows.outcome, seed=seed)
    return [fold.train for fold in folds] or [np.arange(len(rows.outcome))] * n


def _hashed(terms: Floats) -> npt.NDArray[np.uint64]:
    """Return a hash of each row (SplitMix64 over the bits of its numbers)."""
    found = np.full(len(terms), len(terms[0]) if len(terms) else 0, dtype=np.uint64)
    for column in terms.T:
        held = np.where(np.isnan(column), np.nan, column + 0.0)  # one NaN, one zero
        found = _mixed(found ^ held.view(np.uint64))
    return found


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
