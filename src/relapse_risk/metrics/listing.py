"""What a list of those at highest risk misses, whom it lists in vain, and how early it comes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length

from relapse_risk.metrics.array_checks import Floats, Ints, checked
from relapse_risk.metrics.ranked import Ranked

__all__ = ["Listing", "RelapsedRows", "listing"]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How a list of limited length does.

    Attributes
    ----------
    exclusion_error : float
        Share of those who fell that were not listed (漏评); not a number where nobody fell.
    inclusion_error : float
        Share of those listed that did not fall (误报).
    lead_time_months, lead_time_months_median : float
        Months from listing to relapse, over the listed rows that relapsed on a known day: mean
        and median. A household listed on several days before its fall counts on each of them.
    """

    exclusion_error: float
    inclusion_error: float
    lead_time_months: float
    lead_time_months_median: float


def listing(
    outcome: Any, probability: Any, share: float, weight: Any = None, *, day: Any = None, fell_after: Any = None
) -> Listing:
    """Return how a list does that takes, on each day, a share of the rows by highest risk.

    Rows that tie at the cut are listed in part, as many as there is room for on average, so that no order of rows
    matters; room for a part of a row lists that part. Names and definitions of the two errors as in targeting (Cornia
    and Stewart 1993; Brown, Ravallion and van de Walle 2018).

    Parameters
    ----------
    outcome, probability, weight : array-like of shape (n,)
    share : float
        Of each day's weight, above 0 and up to 1.
    day : array-like of shape (n,), optional
        Anything that sorts; all rows are of one day if not given.
    fell_after : array-like of shape (n,), optional
        Months to the fall, not a number where not known.

    Raises
    ------
    ValueError
        As `checked` says, and where the share is not above 0 and up to 1.

    Examples
    --------
    >>> found = listing([1, 0, 0, 1], [0.9, 0.5, 0.5, 0.1], 0.5, fell_after=[3, None, None, 8])
    >>> found.exclusion_error, found.inclusion_error, found.lead_time_months
    (0.5, 0.5, 3.0)
    """
    y, p, w = checked(outcome, probability, weight)
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, not {share!r}")
    check_consistent_length(y, day, fell_after)
    after = np.full(len(y), np.nan) if fell_after is None else np.asarray(fell_after, dtype=float)
    days, of_row = np.unique(np.zeros(len(y)) if day is None else np.asarray(day), return_inverse=True)
    ranked = Ranked.of(y, p, of_row, len(days))
    fallen = RelapsedRows.of(y, after)
    return fallen.listing(w, ranked.listed(w, share, fallen.rows), share)


@dataclass(frozen=True, kw_only=True, eq=False)
class RelapsedRows:
    """The rows that fell: all that the measures of a list look at.

    Attributes
    ----------
    rows : ndarray of int, shape (n_fallen,)
        Row numbers, soonest fall first, unknown days last.
    after : ndarray of shape (n_dated,)
        Months to the fall of the first of them.
    """

    rows: Ints
    after: Floats

    @classmethod
    def of(cls, outcome: Floats, fell_after: Floats) -> "RelapsedRows":
        """Return the rows whose outcome is 1."""
        rows = np.flatnonzero(outcome == 1)
        rows = rows[np.argsort(fell_after[rows], kind="stable")]
        after = fell_after[rows]
        return cls(rows=rows, after=after[np.isfinite(after)])

    def listing(self, weight: Floats, listed: Floats, share: float) -> Listing:
        """Return the measures of a list.

        Parameters
        ----------
        weight : ndarray of shape (n,)
        listed : ndarray of shape (n_fallen,)
            How much of each fallen row is listed.
        share : float
            Of all weight that is listed.
        """
        fell = weight[self.rows]
        hits, fallen, room = fell @ listed, fell.sum(), share * weight.sum()
        timely = (fell * listed)[: len(self.after)]
        return Listing(
            exclusion_error=float(1 - hits / fallen) if fallen > 0 else float("nan"),
            inclusion_error=float(1 - hits / room) if room > 0 else float("nan"),
            lead_time_months=float(timely @ self.after / timely.sum()) if timely.sum() > 0 else float("nan"),
            lead_time_months_median=_median(self.after, timely),
        )


def _median(rising: Floats, weight: Floats) -> float:
    """Return the smallest value at which half of the weight is reached."""
    running = np.cumsum(weight)
    if not len(running) or not running[-1] > 0:
        return float("nan")
    return float(rising[np.searchsorted(running, running[-1] / 2)])
