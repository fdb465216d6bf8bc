"""How many entries of a span are still to come, from how late entries came so far."""

from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["reporting_delay_cdf", "unreported_share"]


def reporting_delay_cdf(lag: NDArray[np.int64], age: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of events that is entered by each age: product-limit estimate in reverse time.

    An event is only seen if it was entered by today, so short lags are over-represented among the recent ones. Going
    back from the longest lag, the share entered within ``u - 1`` days is that within ``u`` times one minus the part of
    the events with a lag of at most ``u``, and old enough for one of ``u``, whose lag is ``u`` (Lagakos, Barraj and De
    Gruttola 1988, Biometrika 75, 515-523). It is relative to the longest lag that could have been seen.

    Parameters
    ----------
    lag : array of int, shape (n,)
        Days from each event to its entry.
    age : array of int, shape (n,)
        Days from each event to today; no less than its lag.

    Returns
    -------
    array, shape (max(age) + 1,)
        Element u is the share entered within u days; ones beyond the longest lag.

    Examples
    --------
    Half of the events a week ago were entered at once, as were all of today's that we know of:

    >>> reporting_delay_cdf(np.array([0, 2, 0]), np.array([7, 7, 0])).round(2).tolist()
    [0.5, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    days = int(age.max()) + 1
    entered = np.bincount(lag, minlength=days)
    # At u: those with a lag of u or less that are u days old or older.
    at_risk = np.cumsum(entered) - np.append(0, np.cumsum(np.bincount(age, minlength=days))[:-1])
    kept = 1.0 - np.divide(entered, at_risk, out=np.zeros(days), where=at_risk > 0)
    return np.append(np.cumprod(kept[:0:-1])[::-1], 1.0)


def unreported_share(entries: pl.DataFrame, begin: date, end: date, today: date) -> float:
    """Return the unreported share of the events dated in (begin, end], if they are distributed evenly over it.

    Parameters
    ----------
    entries : pl.DataFrame
        happened_on and entered_on of every entry known today.
    begin, end : date
        The span.
    today : date
        The last day entries are known from.
    """
    known = entries.filter((pl.col("happened_on") <= today) & (pl.col("entered_on") <= today))
    ages = np.array([(today - begin - timedelta(days=i)).days for i in range(1, (end - begin).days + 1)])
    if not known.height:
        return float(np.mean(ages < 0))
    age = known.select((pl.lit(today) - pl.col("happened_on")).dt.total_days())["literal"].to_numpy()
    late = known.select((pl.col("entered_on") - pl.col("happened_on")).dt.total_days().clip(0))["entered_on"].to_numpy()
    share = reporting_delay_cdf(late, age)
    seen = np.where(ages < 0, 0.0, share[np.clip(ages, 0, share.size - 1)])
    return float(1.0 - seen.mean())
