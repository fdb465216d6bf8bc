"""Any frame or array as one matrix of numbers, its codes as indicators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.utils.validation import check_array, validate_data

from relapse_risk.metrics import Floats, Ints

__all__ = ["Columns", "FeatureMatrix", "read_table", "split"]

# Codes beyond these are so rare that no figure could be learned for them.
_MOST_LEVELS = 64
_MISSING = ""
# No figure of a household lies beyond; squares of what is held within stay finite.
_FARTHEST = 1e100


@dataclass(frozen=True, kw_only=True)
class FeatureMatrix:
    """Rows as they came, split into numbers and codes.

    Attributes
    ----------
    names : tuple of str
        Column names; ``x0``, ``x1``, … where the rows came without.
    numbers : ndarray of shape (n, columns)
        Missing is NaN, as is all of a code column.
    codes : Mapping of int to ndarray of str
        The texts of each code column, by position; missing is the empty text.
    """

    names: tuple[str, ...]
    numbers: Floats
    codes: Mapping[int, npt.NDArray[np.str_]]


def read_table(estimator: Any, X: Any, *, fitting: bool) -> FeatureMatrix:
    """Check rows as scikit-learn does (names, number of columns, finite or missing) and split them.

    Frames that speak the Arrow PyCapsule protocol may hold texts, categories and truth values; arrays hold numbers.

    Raises
    ------
    ValueError
        For infinite numbers, for other columns than were fitted, for columns of another kind (dates, lists).
    """
    with np.errstate(over="ignore", invalid="ignore"):  # scikit-learn looks at sums first
        if not _is_frame(X):
            numbers = validate_data(estimator, X, reset=fitting, dtype=np.float64, ensure_all_finite="allow-nan")
            return FeatureMatrix(names=tuple(f"x{j}" for j in range(numbers.shape[1])), numbers=numbers, codes={})
        validate_data(estimator, X, reset=fitting, skip_check_array=True)
        table = split(pl.DataFrame(X).select(_names(X)))
        check_array(table.numbers, ensure_all_finite="allow-nan", estimator=estimator, input_name="X")
        return table


def _is_frame(X: Any) -> bool:
    return hasattr(X, "__arrow_c_stream__") and len(_names(X)) > 0 and all(isinstance(n, str) for n in _names(X))


def _names(X: Any) -> list[Any]:
    # pyarrow's `columns` are the columns themselves
    return list(X.column_names) if hasattr(X, "column_names") else list(getattr(X, "columns", ()))


def split(frame: pl.DataFrame) -> FeatureMatrix:
    """Split a frame into numbers and codes.

    Raises
    ------
    ValueError
        For columns of another kind (dates, lists).
    """
    numbers = np.full(frame.shape, np.nan)
    codes = {}
    for j, column in enumerate(frame.iter_columns()):
        if column.dtype in (pl.String, pl.Categorical, pl.Enum):
            codes[j] = column.cast(pl.String).fill_null(_MISSING).to_numpy().astype(np.str_)
        elif column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null):
            numbers[:, j] = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
        else:
            raise ValueError(f"column {column.name!r} holds {column.dtype}; give numbers, truth values or codes")
    return FeatureMatrix(names=tuple(frame.columns), numbers=numbers, codes=codes)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What was fitted: column names, the codes seen in each code column, and the terms made of them.

    Every number column is one term. Every code column is one 0/1 term for each of its (at most 64 commonest) codes,
    a missing code being one of its own; a code not seen in training has none.

    Attributes
    ----------
    names : tuple of str
    levels : Mapping of int to tuple of str
        Codes by position of the code column, in the order of its terms.

    Examples
    --------
    >>> table = FeatureMatrix(names=("a", "b"), numbers=np.array([[1.0, np.nan]] * 2), codes={1: np.array(["x", "y"])})
    >>> Columns.of(table).terms(table).tolist()
    [[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """

    names: tuple[str, ...]
    levels: Mapping[int, tuple[str, ...]]

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names) or any(len(set(one)) != len(one) for one in self.levels.values()):
            raise ValueError("expected distinct names of columns, and distinct codes in each")
        if not self.levels.keys() <= set(range(len(self.names))):
            raise ValueError("expected codes of existing columns only")

    @classmethod
    def of(cls, table: FeatureMatrix) -> Self:
        """Learn the codes of a training table."""
        return cls(names=table.names, levels={j: _commonest(texts) for j, texts in table.codes.items()})

    @property
    def of_term(self) -> Ints:
        """The position of the column each term comes from."""
        columns = [[j] * (len(self.levels[j]) if j in self.levels else 1) for j in range(len(self.names))]
        return np.array([j for column in columns for j in column], dtype=np.int64)

    def term(self, name: str, level: str | None = None) -> int | None:
        """Return the position of a column's term, or of one code's; None where there is none."""
        if name not in self.names:
            return None
        column = self.names.index(name)
        start = int(np.searchsorted(self.of_term, column))
        if level is None:
            return None if column in self.levels else start
        codes = self.levels.get(column, ())
        return start + codes.index(level) if level in codes else None

    def terms(self, table: FeatureMatrix) -> Floats:
        """Return the rows' terms, shape (n, terms), in column-major order.

        Raises
        ------
        ValueError
            If a column that held numbers in training now holds texts.
        """
        terms = np.empty((len(table.numbers), len(self.of_term)), order="F")
        at = 0
        for j in range(len(self.names)):
            for values in self._of_column(j, table):
                terms[:, at] = np.clip(values, -_FARTHEST, _FARTHEST)
                at += 1
        return terms

    def _of_column(self, j: int, table: FeatureMatrix) -> list[npt.NDArray[Any]]:
        if j not in self.levels:
            if j in table.codes:
                raise ValueError(f"column {self.names[j]!r} held numbers in training and holds texts now; give numbers")
            return [table.numbers[:, j]]
        texts = table.codes[j] if j in table.codes else _as_texts(table.numbers[:, j], self.names[j])
        return [texts == level for level in self.levels[j]]


def _commonest(texts: npt.NDArray[np.str_]) -> tuple[str, ...]:
    codes, counts = np.unique(texts, return_counts=True)
    kept = np.sort(np.lexsort([np.arange(len(codes)), -counts])[:_MOST_LEVELS])
    return tuple(codes[kept].tolist())


def _as_texts(numbers: Floats, name: str) -> npt.NDArray[np.str_]:
    if not np.isnan(numbers).all():
        raise ValueError(f"column {name!r} held texts in training and holds numbers now; give texts")
    return np.full(len(numbers), _MISSING, dtype=np.str_)
