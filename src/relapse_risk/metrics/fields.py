"""Types of fields that are saved: arrays of finite numbers, and figures that may be no number."""

from collections.abc import Callable
from math import isnan, nan
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, PlainSerializer, PlainValidator

from relapse_risk.metrics.array_checks import Floats, Ints

__all__ = ["Figure", "IntVector", "Matrix", "Vector"]


def _array(dtype: type, kinds: str, dimensions: int) -> Callable[[Any], npt.NDArray[Any]]:
    """Return what makes an array of lists of finite numbers, and refuses everything else."""

    def read(value: Any) -> npt.NDArray[Any]:
        rows = value if dimensions == 2 and isinstance(value, list) else [value]
        # Looked at one by one: of texts NumPy would make an array as wide as the longest.
        if not all(isinstance(row, list) and all(type(one) in (int, float) for one in row) for row in rows):
            raise ValueError("expected a list of numbers")
        found = np.array(value, dtype=None if value else dtype)  # rows of unequal length are a ValueError of NumPy's
        if found.ndim != dimensions or found.dtype.kind not in kinds or not np.isfinite(found).all():
            raise ValueError(f"expected finite numbers in {dimensions} dimensions")
        return found.astype(dtype)

    return read


_LISTED = PlainSerializer(np.ndarray.tolist)

Vector = Annotated[Floats, PlainValidator(_array(np.float64, "if", 1)), _LISTED]
"""Finite numbers, shape (n,)."""

Matrix = Annotated[Floats, PlainValidator(_array(np.float64, "if", 2)), _LISTED]
"""Finite numbers, shape (n, m)."""

IntVector = Annotated[Ints, PlainValidator(_array(np.int64, "i", 1)), _LISTED]
"""Whole numbers, shape (n,)."""

Figure = Annotated[
    float,
    BeforeValidator(lambda value: nan if value is None else value),
    PlainSerializer(lambda value: None if isnan(value) else value),
]
"""A number, or none where it is not known: JSON has no other word for what is not a number."""
