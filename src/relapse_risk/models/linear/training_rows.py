"""Training rows in an order that does not depend on how they came."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from sklearn.utils import column_or_1d

from relapse_risk.metrics import (
    MAX_LOG_ODDS,
    Floats,
    Ints,
    hash_ids,
    numbered,
    outcome_in_the_end,
    time_household_folds,
)

__all__ = [
    "Rows",
    "first_rows",
    "mean_log_odds",
    "newest_rows",
    "ordered",
    "read_unreported",
    "rows_of_household",
    "without_one",
]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What a model learns from.

    Attributes
    ----------
    terms : ndarray of shape (n, terms)
    outcome : ndarray of shape (n,)
        0.0, or what a relapse counts for: 1.0, and more where others of its time are not entered yet
        (`outcome_in_the_end`).
    weight : ndarray of shape (n,)
        All positive.
    household : ndarray of shape (n,)
        A hash of the household; of the row's content where no households are known.
    time : ndarray of shape (n,) or None
        Rank of the row's time.
    fit_params : Mapping of str to ndarray of shape (n, …)
        What only some models learn from: ``later`` (income over line a period later), ``followed`` (months a row was
        followed, and 1.0 where it had then a competing event), ``place`` (areas, widest first), ``unreported_share``
        (what part of the relapses of the row's time is not entered yet) and ``unreported_error`` (standard error of the
        logarithm of the part that is).
    """

    terms: Floats
    outcome: Floats
    weight: Floats
    household: npt.NDArray[np.uint64]
    time: Ints | None
    fit_params: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    @property
    def later(self) -> Floats | None:
        """Income over line a period later, shape (n,), where given."""
        return self.fit_params.get("later")

    @property
    def followed(self) -> Floats | None:
        """Months followed and whether then a competing event, shape (n, 2), where given."""
        return self.fit_params.get("followed")

    @property
    def fell(self) -> Floats:
        """1.0 where a relapse is entered, else 0.0, shape (n,)."""
        return (self.outcome > 0).astype(np.float64)

    @property
    def event_weight(self) -> Floats:
        """Weights of rows for what knows zeros and ones only: a relapse weighs what it counts for, shape (n,)."""
        return self.weight * np.where(self.outcome > 0, self.outcome, 1.0)

    def weight_near(self, score: Floats) -> Floats:
        """Return weights for what knows zeros and ones only and starts from a score, shape (n,).

        A row without a relapse then weighs by how likely it is, at its score, that none of it is still to come: else
        high risks were drawn down.
        """
        if "unreported_share" not in self.fit_params:
            return self.weight
        risk = expit(np.minimum(score, MAX_LOG_ODDS))
        entered = risk * (1 - self.fit_params["unreported_share"])
        return self.event_weight * np.where(self.outcome > 0, 1.0, (1 - risk) / (1 - entered))

    @property
    def level_error(self) -> float:
        """Standard error of the log-odds of all, from not knowing how many relapses are still to come."""
        if "unreported_error" not in self.fit_params or not self.outcome.any():
            return 0.0
        return float(np.average(self.fit_params["unreported_error"], weights=self.weight * self.outcome))

    def without_terms(self) -> Self:
        """Return the rows without what they are scored by, where that is at hand in another form."""
        return replace(self, terms=self.terms[:, :0])

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
            fit_params={name: values[chosen] for name, values in self.fit_params.items()},
        )


def ordered(
    terms: Floats,
    outcome: Floats,
    weight: Floats,
    time: Any,
    household: Any,
    fit_params: Mapping[str, Any] | None = None,
) -> Rows:
    """Return the rows of positive weight, ordered by a hash of their content."""
    content = _hashed(terms)
    homes = content if household is None else hash_ids(household)
    times = None if time is None else numbered(time, "time")[1]
    given = {name: np.asarray(values) for name, values in (fit_params or {}).items() if values is not None}
    whole = outcome_in_the_end(outcome, given.get("unreported_share"), weight)
    rows = Rows(terms=terms, outcome=whole, weight=weight, household=homes, time=times, fit_params=given)
    last = [column for values in given.values() for column in np.atleast_2d(values.T)]
    order = np.lexsort([*last, weight, outcome, content, np.zeros_like(content) if times is None else times, homes])
    return rows.take(order[weight[order] > 0])


def read_unreported(share: Any, error: Any) -> dict[str, Floats | None]:
    """Return the shares of relapses still to come, each from 0 to below 1, and their errors, at least 0, as given.

    Raises
    ------
    ValueError
        If one is not.
    """
    shares, errors = (None if one is None else column_or_1d(one, dtype=np.float64) for one in (share, error))
    if shares is not None and not ((shares >= 0) & (shares < 1)).all():
        raise ValueError("unreported_share must be from 0 to below 1")
    if errors is not None and not ((errors >= 0) & np.isfinite(errors)).all():
        raise ValueError("unreported_error must be at least 0")
    return {"unreported_share": shares, "unreported_error": errors}


def first_rows(rows: Rows, n: int) -> Rows:
    """Return `n` rows, or all if there are fewer: a random sample, since rows are in order of a hash."""
    return rows.take(np.arange(min(n, len(rows.outcome))))


def newest_rows(rows: Rows) -> Ints | None:
    """Return the rows of the newest time; none where there is one time only, or where all or none of them fell."""
    if rows.time is None or np.ptp(rows.time) == 0:
        return None
    newest = np.flatnonzero(rows.time == rows.time.max())
    return newest if np.ptp(rows.fell[newest]) > 0 else None


def rows_of_household(rows: Rows) -> Ints:
    """Return how many rows the household of each row has, shape (n,): a row given twice is one row of twice the weight.

    Examples
    --------
    >>> terms, home = np.array([[1.0], [1.0], [2.0], [1.0]]), np.array([7, 7, 7, 8])
    >>> rows_of_household(ordered(terms, np.zeros(4), np.ones(4), None, home)).tolist()
    [2, 2, 2, 1]
    """
    content, time = _hashed(rows.terms), np.zeros(len(rows.household)) if rows.time is None else rows.time
    new_home = np.append(True, rows.household[1:] != rows.household[:-1])
    new_row = new_home | np.append(True, (time[1:] != time[:-1]) | (content[1:] != content[:-1]))
    of_row = np.cumsum(new_home) - 1
    return np.asarray(np.bincount(of_row, new_row)[of_row], dtype=np.int64)


def mean_log_odds(rows: Rows) -> float:
    """Return the log-odds of the weighted mean outcome."""
    return float(logit(np.average(rows.outcome, weights=rows.weight)))


def without_one(rows: Rows, n: int, seed: int) -> list[Ints]:
    """Return `n` choices of rows, each without one of `n` groups of households, events dealt evenly."""
    folds = time_household_folds(rows.household, n_folds=n, outcome=rows.fell, seed=seed)
    return [fold.train for fold in folds] or [np.arange(len(rows.outcome))] * n


def _hashed(terms: Floats) -> npt.NDArray[np.uint64]:
    """Return a hash of each row (SplitMix64 over the bits of its numbers)."""
    found = np.full(len(terms), len(terms[0]) if len(terms) else 0, dtype=np.uint64)
    for column in terms.T:
        canonical = np.where(np.isnan(column), np.nan, column + 0.0)  # one NaN, one zero
        found = _mixed(found ^ canonical.view(np.uint64))
    return found


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
