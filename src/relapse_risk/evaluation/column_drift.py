"""How far the columns of a sample move from the days that were learned from to the day that is tested."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.metrics import numbered

__all__ = ["ColumnDrift", "column_drifts"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ColumnDrift:
    """How far a column's mean moved from training to the tested rows.

    Attributes
    ----------
    shift : float
        In standard deviations between the training rows of one day.
    log_odds : float
        What it adds to the mean log-odds of the tested rows beyond what it adds in training.
    """

    shift: float
    log_odds: float


def column_drifts(
    learned: pl.DataFrame, day: Any, learned_terms: Floats, tested: pl.DataFrame, tested_terms: Floats
) -> Mapping[str, ColumnDrift]:
    """Return the drift of each column of numbers that varies within the days of training.

    Parameters
    ----------
    learned, tested : pl.DataFrame
        The same columns; missing figures count nowhere.
    day : array-like
        The as-of day of each row of `learned`.
    learned_terms, tested_terms : ndarray of shape (rows, columns)
        What each column adds to a row's log-odds.

    Examples
    --------
    A column that is two higher each year, with a standard deviation of one within a year:

    >>> learned, day = pl.DataFrame({"clock": [0.0, 2.0, 2.0, 4.0]}), [2017, 2017, 2018, 2018]
    >>> tested = pl.DataFrame({"clock": [4.0, 6.0]})
    >>> found = column_drifts(learned, day, 0.1 * learned.to_numpy(), tested, 0.1 * tested.to_numpy())["clock"]
    >>> found.shift, round(found.log_odds, 6)
    (3.0, 0.3)
    """
    moved = tested_terms.mean(axis=0) - learned_terms.mean(axis=0)
    _, of_day = numbered(day, "day")
    found = {}
    for name, log_odds in zip(learned.columns, moved.tolist(), strict=True):
        if not learned[name].dtype.is_numeric():
            continue
        values = pl.DataFrame({"day": of_day, "value": learned[name]}).drop_nulls()
        within = values.select(value=(pl.col("value") - pl.col("value").mean().over("day")) ** 2)["value"].mean()
        after = tested[name].drop_nulls()
        if isinstance(within, float) and within > 0 and len(after):
            moved_by = float(after.to_numpy().mean() - values["value"].to_numpy().mean())
            found[name] = ColumnDrift(shift=moved_by / within**0.5, log_odds=log_odds)
    return found
