"""The columns of a sample, one by one: how well each predicts alone, and how far tests lie outside training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.evaluation.evaluation_folds import EvaluationFold
from relapse_risk.metrics import auc, hash_ids

__all__ = ["ColumnLevel", "TrainingReach", "extreme_ratio", "halves", "reach_beyond", "separating_levels", "single_auc"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BINS = 20
_PRIOR_ROWS = 5
_MOST_LEVELS = 64


@dataclass(frozen=True, kw_only=True)
class ColumnLevel:
    """One value of a column: how many rows have it, and how many of them relapsed."""

    value: str
    rows: int
    events: int


@dataclass(frozen=True, kw_only=True)
class TrainingReach:
    """How far the tested rows go beyond what was learned from, as shares of them.

    Attributes
    ----------
    outside, unseen, missing : Mapping of str to float
        By column: numbers outside the range learned from, codes not there in training, missing where never missing.
    rows : float
        Rows that have any column outside.
    """

    outside: dict[str, float]
    unseen: dict[str, float]
    missing: dict[str, float]
    rows: float


def halves(household: Any) -> npt.NDArray[np.bool_]:
    """Return for each row whether its household is in the first of two halves, dealt by a hash."""
    return (hash_ids(household) % np.uint64(2)).astype(bool)


def single_auc(values: pl.Series, outcome: Floats, half: npt.NDArray[np.bool_]) -> float:
    """Return the AUC of one column alone, in whichever direction it predicts the outcome.

    Values are put into at most 20 bins of equal size (codes and few values each their own, missing one of its own);
    the rate of each bin is learned on one half of the households (`halves`) and tried on the other, and the two AUC
    are averaged.
    A column without information thus has about 0.5, whatever its number of codes. Not a number where one of the
    outcomes does not occur in a half.

    Examples
    --------
    >>> y = np.tile([0.0, 1.0], 50)
    >>> half = halves(np.arange(100))
    >>> single_auc(pl.Series(y), y, half), single_auc(pl.Series([1.0] * 100), y, half)
    (1.0, 0.5)
    """
    bins = _binned(values)
    return float(np.mean([_tried(bins, outcome, half), _tried(bins, outcome, ~half)]))


def _binned(values: pl.Series) -> Ints:
    if values.dtype == pl.String:
        return values.fill_null("").rank("dense").cast(pl.Int64).to_numpy()
    numbers = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    known = numbers[np.isfinite(numbers)]
    distinct = np.unique(known)
    edges = distinct if len(distinct) <= _BINS else np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS))
    return np.where(np.isfinite(numbers), np.searchsorted(edges, numbers, side="left") + 1, 0)


def _tried(bins: Ints, y: Floats, learned: npt.NDArray[np.bool_]) -> float:
    if not learned.any() or learned.all():
        return float("nan")
    n = int(bins.max(initial=0)) + 1
    rows, events = np.bincount(bins[learned], minlength=n), np.bincount(bins[learned], y[learned], minlength=n)
    rates = (events + _PRIOR_ROWS * y[learned].mean()) / (rows + _PRIOR_ROWS)
    return auc(y[~learned], np.clip(rates[bins[~learned]], 0, 1))


def separating_levels(values: pl.Series, outcome: Floats) -> tuple[ColumnLevel, ...]:
    """Return the values of a column with few values of which all rows or none relapsed.

    Examples
    --------
    >>> separating_levels(pl.Series(["a", "a", "b", "b"]), np.array([0.0, 1.0, 1.0, 1.0]))
    (ColumnLevel(value='b', rows=2, events=2),)
    """
    if values.n_unique() > _MOST_LEVELS:
        return ()
    counted = pl.DataFrame({"value": values, "y": outcome}).group_by("value").agg(pl.len(), pl.col("y").sum())
    pure = counted.drop_nulls("value").filter((pl.col("y") == 0) | (pl.col("y") == pl.col("len"))).sort("value")
    return tuple(ColumnLevel(value=_named(value), rows=rows, events=int(events)) for value, rows, events in pure.rows())


def _named(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def extreme_ratio(values: pl.Series) -> float:
    """Return the largest absolute value over the 99th percentile of those that are not zero; 1 where there is none.

    Examples
    --------
    >>> extreme_ratio(pl.Series([1.0] * 200 + [1e6]))
    1000000.0
    """
    size = values.cast(pl.Float64).abs()
    size = size.filter(size.is_finite() & (size > 0))
    if size.is_empty():
        return 1.0
    top: Any = size.max()
    usual: Any = size.quantile(0.99)
    return float(top / usual)


def reach_beyond(X: pl.DataFrame, trials: Sequence[EvaluationFold]) -> TrainingReach:
    """Return how far the tested rows of some folds lie outside the range of their training rows."""
    marks = [_beyond(X[trial.train], X[trial.test]) for trial in trials if len(trial.test)]
    tested = sum(mark.height for mark in marks) or 1
    any_outside = sum(_any_row(mark.select(pl.col("^out:.*$"))) for mark in marks)

    def shares(kind: str) -> dict[str, float]:
        found = {name: sum(_count(mark, f"{kind}:{name}") for mark in marks) / tested for name in X.columns}
        return {name: share for name, share in found.items() if share > 0}

    return TrainingReach(outside=shares("out"), unseen=shares("new"), missing=shares("null"), rows=any_outside / tested)


def _beyond(train: pl.DataFrame, test: pl.DataFrame) -> pl.DataFrame:
    marks = {}
    for name in train.columns:
        learned, tried = train[name], test[name]
        if learned.null_count() == 0:
            marks[f"null:{name}"] = tried.is_null()
        if tried.dtype == pl.String:
            marks[f"new:{name}"] = tried.is_not_null() & ~tried.is_in(learned.unique().drop_nulls().implode())
        elif learned.null_count() < len(learned):
            marks[f"out:{name}"] = ((tried < learned.min()) | (tried > learned.max())).fill_null(False)
    return pl.DataFrame(marks)


def _count(mark: pl.DataFrame, column: str) -> int:
    return int(mark[column].fill_null(False).sum()) if column in mark.columns else 0


def _any_row(mark: pl.DataFrame) -> int:
    return int(mark.select(pl.any_horizontal(pl.all())).to_series().sum()) if mark.width else 0
