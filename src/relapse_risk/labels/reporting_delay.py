"""How many entries of a span are still to come, from how late entries came so far, and how sure that is."""

from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.periods import add_months

__all__ = [
    "overall_unreported",
    "reporting_delay_cdf",
    "unreported_error",
    "unreported_share",
    "with_unreported",
]

_NOWCASTS = 8
_MONTHS_APART = 3
_MOST = 0.95
_SETTLED = 0.5
"""Of what was said to be to come: if more of it still is, nothing is known yet of how good that was."""


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


def unreported_error(entries: pl.DataFrame, begin: date, end: date, today: date) -> float:
    """Return the standard error of the logarithm of 1 - `unreported_share`: by how much past nowcasts were off.

    On each of up to eight earlier days, three months apart, the number of events of a span as long and as recent is
    estimated from what was known that day, and compared with the number known today (with what is still to come of
    it). Their mean square is taken together with one nowcast that is off by all that is to come: where there are no
    past ones, nothing but this is known.

    Parameters
    ----------
    entries, begin, end, today
        As for `unreported_share`.

    Examples
    --------
    Of a register that began this year nobody knows how late its entries come:

    >>> entries = pl.DataFrame({"happened_on": [date(2020, 3, 1), date(2020, 6, 1)],
    ...                         "entered_on": [date(2020, 3, 1), date(2020, 9, 1)]})
    >>> share = unreported_share(entries, date(2019, 12, 31), date(2020, 12, 31), date(2020, 12, 31))
    >>> error = unreported_error(entries, date(2019, 12, 31), date(2020, 12, 31), date(2020, 12, 31))
    >>> bool(np.isclose(error, -np.log(1 - share)))
    True
    """
    share = min(unreported_share(entries, begin, end, today), _MOST)
    if share <= 0:
        return 0.0
    first = entries["happened_on"].min()
    found = [float(np.log1p(-share))]
    for back in range(1, _NOWCASTS + 1):
        ago = today - add_months(today, -_MONTHS_APART * back)
        if first is None or begin - ago < first:  # type: ignore[operator]
            break
        if (off := _nowcast_error(entries, begin - ago, end - ago, today - ago, today)) is not None:
            found.append(off)
    return float(np.sqrt(np.mean(np.square(found))))


def _nowcast_error(entries: pl.DataFrame, begin: date, end: date, then: date, today: date) -> float | None:
    """Return the logarithm of the number estimated then over the one of today; None where neither is known."""
    inside = entries.filter(pl.col("happened_on").is_between(begin, end, closed="right"))
    known_then = inside.filter((pl.col("entered_on") <= then) & (pl.col("happened_on") <= then)).height
    known_now = inside.filter(pl.col("entered_on") <= today).height
    share_then, share_now = (unreported_share(entries, begin, end, day) for day in (then, today))
    if not known_then or share_then >= 1 or share_now > _SETTLED * share_then:
        return None
    return float(np.log(known_then / (1 - share_then)) - np.log(known_now / (1 - share_now)))


def with_unreported(days: pl.DataFrame, entries: pl.DataFrame | None, today: date) -> pl.DataFrame:
    """Add unreported_share and unreported_error to days with their as_of and horizon_end.

    Parameters
    ----------
    days : pl.DataFrame
    entries : pl.DataFrame or None
        As for `unreported_share`; None where outcomes are no entries: then nothing is to come.
    today : date
    """
    if entries is None:
        return days.with_columns(unreported_share=pl.lit(0.0), unreported_error=pl.lit(0.0))
    spans = days.select("as_of", "horizon_end").rows()
    return days.with_columns(
        pl.Series(name, [of_span(entries, begin, end, today) for begin, end in spans], pl.Float64)
        for name, of_span in (("unreported_share", unreported_share), ("unreported_error", unreported_error))
    )


def overall_unreported(days: pl.DataFrame) -> float:
    """Return the share still to come over days together, by their known outcomes."""
    weighted = (pl.col("unreported_share") * pl.col("known")).sum() / pl.col("known").sum()
    return float(days.select(weighted.fill_nan(0.0)).item())
