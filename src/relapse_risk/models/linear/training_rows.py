"""Training rows in an order that does not depend on how they came."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import logit
from sklearn.utils import column_or_1d

from relapse_risk.metrics import Floats, Ints, hash_ids, numbered, time_household_folds

__all__ = [
    "Rows",
    "first_rows",
    "mean_log_odds",
    "newest_rows",
    "ordered",
    "read_shares",
    "without_one",
]

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
    fit_params : Mapping of str to ndarray of shape (n, …)
        What only some models learn from: ``later`` (income over line a period later), ``followed`` (months a row was
        followed, and 1.0 where it had then a competing event), ``place`` (areas, widest first),
        ``unreported_share`` (share of the relapses of the row's time that are not entered yet).
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
    def outcome_in_the_end(self) -> Floats:
        """Outcomes scaled to the mean they will have once unreported ones are entered, shape (n,)."""
        if "unreported_share" not in self.fit_params or not self.fit_params["unreported_share"].any():
            return self.outcome
        whole = self.outcome / (1 - self.fit_params["unreported_share"])
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
    rows = Rows(terms=terms, outcome=outcome, weight=weight, household=homes, time=times, fit_params=given)
    last = [column for values in given.values() for column in np.atleast_2d(values.T)]
    order = np.lexsort([*last, weight, outcome, content, np.zeros_like(content) if times is None else times, homes])
    return rows.take(order[weight[order] > 0])


def read_shares(unreported_share: Any) -> Floats | None:
    """Return the shares of relapses still to come, each from 0 to below 1, as given.

    Raises
    ------
    ValueError
        If one is not.
    """
    if unreported_share is None:
        return None
    shares: Floats = column_or_1d(unreported_share, dtype=np.float64)
    if not ((shares >= 0) & (shares < 1)).all():
        raise ValueError("unreported_share must be from 0 to below 1")
    return shares


def first_rows(rows: Rows, n: int) -> Rows:
    """Return `n` rows, or all if there are fewer: a random sample, since rows are in order of a hash."""
    return rows.take(np.arange(min(n, len(rows.outcome))))


def newest_rows(rows: Rows) -> Ints | None:
    """Return the rows of the newest time; none where there is one time only, or where all or none of them fell."""
    if rows.time is None or np.ptp(rows.time) == 0:
        return None
    newest = np.flatnonzero(rows.time == rows.time.max())
    return newest if np.ptp(rows.outcome[newest]) > 0 else None


def mean_log_odds(rows: Rows) -> float:
    """Return the log-odds of the weighted mean outcome."""
    return float(logit(np.average(rows.outcome, weights=rows.weight)))


def without_one(rows: Rows, n: int, seed: int) -> list[Ints]:
    """Return `n` choices of rows, each without one of `n` groups of households, events dealt evenly."""
    folds = time_household_folds(rows.household, n_folds=n, outcome=rows.outcome, seed=seed)
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
