"""The checks of the arrays of every measure."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.validation import _check_sample_weight

from relapse_risk.errors import warn

__all__ = [
    "Floats",
    "Ints",
    "checked",
    "checked_finite",
    "checked_level",
    "checked_scores",
    "checked_weight",
    "numbered",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Beyond these sums of weights, what is learned is rounding.
_LEAST_WEIGHT, _MOST_WEIGHT = 1e-3, 1e15
# How far a mean weight may be from one before it is said that weights count rows.
_USUAL = 100.0


def checked(outcome: Any, probability: Any, weight: Any = None) -> tuple[Floats, Floats, Floats]:
    """Return outcome, probability and weight as float arrays of one length, or say what is wrong with them.

    Raises
    ------
    ValueError
        Where lengths differ, an outcome is not 0 or 1, a probability lies outside [0, 1], a weight is negative or
        missing, or all weights are zero.
    """
    y, p = np.asarray(outcome, dtype=float), np.asarray(probability, dtype=float)
    w = np.ones(y.shape) if weight is None else np.asarray(weight, dtype=float)
    check_consistent_length(y, p, w)
    _require(y.ndim == p.ndim == w.ndim == 1, "outcome, probability and weight must be vectors")
    _require(bool(np.isin(y, (0.0, 1.0)).all()), "outcomes must be 0 or 1")
    _require(bool(((p >= 0) & (p <= 1)).all()), "probabilities must lie in [0, 1]")
    _require(bool((np.isfinite(w) & (w >= 0)).all()), "weights must be finite and at least 0")
    _require(w.sum() > 0, "at least one weight must be above 0")
    return y, p, w


def checked_level(level: float) -> float:
    """Return the level of an interval, if it is one.

    Raises
    ------
    ValueError
        Unless it lies above 0 and below 1.
    """
    _require(bool(0 < level < 1), "the level of an interval must lie between 0 and 1")
    return level


def checked_scores(score: Any, outcome: Any, weight: Any) -> tuple[Floats, Floats, Floats]:
    """Return scores of rows, what became of them and their weights, each of shape (n,) and checked.

    Raises
    ------
    ValueError
        For scores that are missing or infinite, outcomes other than 0 and 1, weights that are missing, infinite or
        negative, and lengths that differ.
    """
    s, y, w = checked_finite(score, "score"), checked_finite(outcome, "outcome"), checked_finite(weight, "weight")
    check_consistent_length(s, y, w)
    if not np.isin(y, (0.0, 1.0)).all() or (w < 0).any() or w.sum() > _MOST_WEIGHT:
        raise ValueError(f"outcomes must be 0 or 1, and weights at least 0 with a sum of at most {_MOST_WEIGHT:g}")
    return s, y, w


def checked_finite(values: Any, name: str) -> Floats:
    """Return numbers, none of them missing or infinite, as an array of shape (n,)."""
    found = check_array(column_or_1d(values), ensure_2d=False, dtype=np.float64, input_name=name, ensure_min_samples=0)
    return np.asarray(found, dtype=np.float64)


def checked_weight(sample_weight: Any, X: Any) -> Floats:
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
        raise ValueError(f"sample_weight must add up to {least} to {most} (a weight of 1 is one row), not to {total:g}")
    if n and not 1 / _USUAL <= total / n <= _USUAL:
        warn("weights_scale", mean=f"{total / n:.3g}")
    return np.asarray(weight, dtype=np.float64)


def numbered(ids: Any, what: str) -> tuple[npt.NDArray[Any], Ints]:
    """Return the distinct ids in their order, and the place of each row's own among them.

    Parameters
    ----------
    ids : array-like of shape (n,)
        Of any kind that sorts.
    what : str
        What they are, for the message.

    Raises
    ------
    ValueError
        Where some are missing or of another kind than others.

    Examples
    --------
    >>> [part.tolist() for part in numbered(["b", "a", "b"], "household")]
    [['a', 'b'], [1, 0, 1]]
    """
    values = np.asarray(ids)
    try:
        distinct, of_row = np.unique(values, return_inverse=True)
    except TypeError:
        distinct = np.array([np.nan])
    if values.ndim != 1 or (distinct != distinct).any():
        raise ValueError(f"{what} must be a vector of ids of one type without missing values")
    return distinct, of_row.astype(np.int64)


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(problem)
