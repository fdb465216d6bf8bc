"""How many relapses of past days are still to be entered, from how late others were."""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["share_still_to_come"]

Floats = npt.NDArray[np.float64]


def share_still_to_come(relapses: pl.DataFrame, counted: pl.Series, until: date) -> float | None:
    """Return the share of relapses on the counted days that is still to be entered.

    An entry is seen only if its lag (days from relapse to recording) is at most its age (days from relapse to `until`),
    so short lags are seen too often. The lag's distribution F is estimated for data truncated in this way by the
    product limit in reverse time (Lagakos, Barraj and De Gruttola, 1988, Biometrika 75, 515-523); each counted relapse
    of age a then stands for 1 / F(a).

    Parameters
    ----------
    relapses : pl.DataFrame
        ``relapsed_on`` and ``recorded_on`` of every entry known by `until`.
    counted : pl.Series
        The days of the relapses that were counted.
    until : date
        The last day looked at.

    Returns
    -------
    float or None
        From 0 to below 1; None where no entry has both days, or none was counted.

    Examples
    --------
    >>> from datetime import date
    >>> entered = pl.DataFrame(
    ...     {"relapsed_on": [date(2019, 1, 1), date(2019, 1, 1)], "recorded_on": [date(2019, 1, 11), date(2019, 2, 10)]}
    ... )
    >>> share_still_to_come(entered, entered["relapsed_on"], date(2019, 12, 31))
    0.0
    """
    dated = relapses.filter(pl.col("recorded_on") >= pl.col("relapsed_on"))
    if dated.is_empty() or counted.is_empty():
        return None
    lag = _days(dated["recorded_on"], dated["relapsed_on"])
    age = _days(until, dated["relapsed_on"])
    seen = _share_entered(lag, age, _days(until, counted))
    return float(1 - len(seen) / (1 / seen).sum())


def _share_entered(lag: Floats, age: Floats, asked: Floats) -> Floats:
    """Return F(a), the share of entries made within `a` days, for each age asked."""
    steps, made = np.unique(lag, return_counts=True)
    ages, lags = np.sort(age), np.sort(lag)
    # In view at a lag l: entries made within l days and old enough to have been. Those with age < l have lag < l too.
    in_view = np.searchsorted(lags, steps, side="right") - np.searchsorted(ages, steps, side="left")
    kept = 1 - made / in_view
    kept[kept <= 0] = 1.0  # the shortest lag, or the only entry in view: nothing is known below it
    beyond = np.append(np.cumprod(kept[::-1])[::-1], 1.0)
    return np.asarray(beyond[np.searchsorted(steps, asked, side="right")])


def _days(later: pl.Series | date, earlier: pl.Series) -> Floats:
    return np.asarray((later - earlier).dt.total_days().to_numpy(), dtype=np.float64)
