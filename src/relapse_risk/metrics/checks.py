"""What every measure asks of its arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_consistent_length

__all__ = ["Floats", "Ints", "checked"]

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


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(problem)
