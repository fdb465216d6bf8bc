"""Follow-up cut into intervals: one row for each interval in which a household was still there."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_array, column_or_1d

from relapse_risk.metrics import Floats, Ints
from relapse_risk.models.linear import Rows

__all__ = ["PersonPeriods", "cut_bounds", "cut_rows", "read_followed", "settled_rows", "spans"]


@dataclass(frozen=True, kw_only=True)
class PersonPeriods:
    """Rows of households by intervals, in the order of the rows.

    Attributes
    ----------
    row, interval : ndarray of int, shape (spells,)
        Which row, in which interval.
    exposure : ndarray of shape (spells,)
        Months for which it was seen in the interval; the whole interval where the event is in it.
    event : ndarray of shape (spells,)
        1.0 where the event is in it.
    """

    row: Ints
    interval: Ints
    exposure: Floats
    event: Floats


def read_followed(months: Any, competing_event: Any) -> Floats | None:
    """Return months and departures as one array, shape (n, 2), checked; None where no months are given.

    Raises
    ------
    ValueError
        For months that are missing, infinite or negative, and for departures without months.
    """
    if months is None:
        if competing_event is not None:
            raise ValueError("competing_event needs months, the time of each event; give months too")
        return None
    followed = check_array(column_or_1d(months), ensure_2d=False, dtype=np.float64, input_name="months")
    if (followed < 0).any():
        raise ValueError("months must not be negative; count them from the as-of day on")
    left = np.zeros(len(followed)) if competing_event is None else column_or_1d(competing_event).astype(np.float64)
    if len(left) != len(followed) or not np.isin(left, (0.0, 1.0)).all():
        raise ValueError("competing_event must be one truth value for each row")
    return np.column_stack([followed, left])


def cut_bounds(intervals: tuple[float, ...], horizon: int, followed: Floats | None) -> Floats:
    """Return the ends of the intervals, in months, up to the last one that follow-up reaches.

    Where only the outcome at the horizon is known, not the month of it, there is one interval: up to the horizon.

    Examples
    --------
    >>> cut_bounds((3, 6, 12, 24), 12, np.array([[2.0, 0.0], [18.0, 0.0]])).tolist()
    [3.0, 6.0, 12.0, 18.0]
    >>> cut_bounds((3, 6, 12, 24), 12, None).tolist()
    [12.0]
    """
    if followed is None:
        return np.array([float(horizon)])
    cuts = np.unique(np.array([*intervals, horizon], dtype=np.float64))
    reach = min(float(followed[:, 0].max()), float(cuts[-1]))
    return np.append(cuts[cuts < reach], reach) if reach > 0 else cuts[:1]


def spans(bounds: Floats, horizon: float) -> Floats:
    """Return the months of each interval that lie before the horizon; the last interval goes on as long as asked.

    Examples
    --------
    >>> spans(np.array([3.0, 6.0, 12.0]), 4).tolist(), spans(np.array([3.0, 6.0, 12.0]), 24).tolist()
    ([3.0, 1.0, 0.0], [3.0, 3.0, 18.0])
    """
    ends = np.append(bounds[:-1], np.inf)
    starts = np.append(0.0, bounds[:-1])
    return np.asarray(np.maximum(np.minimum(ends, horizon) - starts, 0.0))


def cut_rows(rows: Rows, bounds: Floats, *, event: str) -> PersonPeriods:
    """Return the rows by intervals, up to the one in which each relapse, departure or end of follow-up lies.

    Parameters
    ----------
    event : {"relapse", "competing"}
        Which of the two falls; the other one ends the follow-up like its end.
    """
    n = len(rows.outcome)
    followed = np.tile([bounds[-1], 0.0], (n, 1)) if rows.followed is None else rows.followed
    end = np.minimum(followed[:, 0], bounds[-1])
    falls = (rows.fell if event == "relapse" else followed[:, 1]) * (followed[:, 0] <= bounds[-1])
    last = np.minimum(np.searchsorted(bounds, end, side="left"), len(bounds) - 1)
    row = np.repeat(np.arange(n), last + 1)
    interval = np.arange(len(row)) - np.repeat(np.cumsum(last + 1) - last - 1, last + 1)
    happened = falls[row] * (interval == last[row])
    starts = np.append(0.0, bounds[:-1])
    seen = np.where(happened > 0, bounds[interval], np.minimum(end[row], bounds[interval])) - starts[interval]
    kept = seen > 0
    return PersonPeriods(row=row[kept], interval=interval[kept], exposure=seen[kept], event=happened[kept])


def settled_rows(rows: Rows, horizon: float) -> tuple[Ints, Floats, Floats]:
    """Return the rows with a known outcome at the horizon, the outcomes, and weights that make up for the other rows.

    A row is weighed by the inverse of the share that would have been followed as long (Kaplan and Meier of the ends of
    follow-up; Graf et al. 1999, Statistics in Medicine 18).
    """
    if rows.followed is None:
        return np.arange(len(rows.outcome)), rows.outcome, rows.weight
    months, event = rows.followed[:, 0], np.maximum(rows.outcome, rows.followed[:, 1]) > 0
    known = np.flatnonzero((months >= horizon) | event)
    share = _followed_share(months, event, rows.weight, np.minimum(months, horizon)[known])
    outcome = (rows.outcome * (months <= horizon))[known]
    return known, outcome, rows.weight[known] / share


def _followed_share(months: Floats, event: Any, weight: Floats, at: Floats) -> Floats:
    """Return the share of rows still followed just before each of some months."""
    times, place = np.unique(months, return_inverse=True)
    leaving = np.bincount(place, weight, len(times))
    ended = np.bincount(place, weight * ~event, len(times))
    # in a month with both, relapses and departures come before the ends of follow-up
    there = np.cumsum(leaving[::-1])[::-1] - (leaving - ended)
    kept = np.cumprod(1.0 - np.divide(ended, there, out=np.zeros(len(times)), where=there > 0))
    found: Floats = np.append(1.0, kept)[np.searchsorted(times, at, side="left")]
    return found
