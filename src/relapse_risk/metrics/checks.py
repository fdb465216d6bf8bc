"""What every measure asks of its arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_consistent_length

__all__ = ["Floats", "Ints", "checked", "checked_level", "numbered"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
    _require(bool((np.isfinite(w) & (w >= 0)).all()), "weights must be finite and not negative")
    _require(w.sum() > 0, "some weight must be positive")
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
        raise ValueError(f"{what} must be a vector of ids of one kind, none of them missing")
    return distinct, of_row.astype(np.int64)


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(problem)
