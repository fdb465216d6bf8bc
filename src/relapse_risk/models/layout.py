"""Which term belongs to which column, reason and sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from relapse_risk.metrics import Floats, Ints
from relapse_risk.models.columns import Columns
from relapse_risk.models.state import damaged, read_list, read_mapping, read_vector

__all__ = ["OTHER", "PLACE", "FeatureLayout"]

OTHER = "other"
"""The reason of columns that `reasons` does not name."""

PLACE = "place"
"""The reason that what areas add is counted under."""


@dataclass(frozen=True, kw_only=True)
class FeatureLayout:
    """The columns a model was fitted on, and the reason and sign of each.

    Attributes
    ----------
    columns : Columns
    reasons : tuple of str
        In the order in which the columns first name them.
    of_column : ndarray of shape (columns,)
        Position of each column's reason.
    column_signs : ndarray of shape (columns,)
        1, -1 or 0.
    """

    columns: Columns
    reasons: tuple[str, ...]
    of_column: Ints
    column_signs: Ints

    @classmethod
    def of(cls, columns: Columns, reasons: Mapping[str, str] | None, signs: Mapping[str, int] | None) -> Self:
        """Lay out columns; without `reasons`, every column is a reason of its own."""
        named = [name if reasons is None else reasons.get(name, OTHER) for name in columns.names]
        order = tuple(dict.fromkeys(named))
        return cls(
            columns=columns,
            reasons=order,
            of_column=np.array([order.index(reason) for reason in named], dtype=np.int64),
            column_signs=np.array([int((signs or {}).get(name, 0)) for name in columns.names], dtype=np.int64),
        )

    @cached_property
    def group(self) -> Ints:
        """Position of each term's reason."""
        return self.of_column[self.columns.of_term]

    @cached_property
    def signs(self) -> Ints:
        """Sign of each term; codes have none."""
        coded = np.isin(self.columns.of_term, list(self.columns.levels))
        return np.where(coded, 0, self.column_signs[self.columns.of_term])

    @property
    def n_terms(self) -> int:
        """Number of terms."""
        return len(self.group)

    def by_column(self, by_term: Floats) -> Floats:
        """Return figures of terms summed over the terms of each column, shape (n, columns)."""
        found = np.zeros((len(by_term), len(self.columns.names)), order="F")
        for term, column in enumerate(self.columns.of_term):
            found[:, column] += by_term[:, term]
        return found

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "names": list(self.columns.names),
            "levels": {str(column): list(codes) for column, codes in self.columns.levels.items()},
            "reasons": list(self.reasons),
            "of_column": self.of_column.tolist(),
            "signs": self.column_signs.tolist(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_values` described, checked."""
        names, reasons = _texts(values, "names"), _texts(values, "reasons")
        levels = read_mapping(values, "levels")
        if not all(column in map(str, range(len(names))) for column in levels):
            damaged("levels", "codes of columns that there are none of")
        of_column = read_vector(values, "of_column", length=len(names))
        signs = read_vector(values, "signs", length=len(names))
        if not np.isin(of_column, np.arange(len(reasons))).all() or not np.isin(signs, (-1, 0, 1)).all():
            damaged("of_column", "reasons or signs that there are none of")
        return cls(
            columns=Columns(names=names, levels={int(column): _texts(levels, column) for column in levels}),
            reasons=reasons,
            of_column=of_column.astype(np.int64),
            column_signs=signs.astype(np.int64),
        )


def _texts(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = read_list(values, key)
    if not all(isinstance(text, str) for text in found) or len(set(found)) != len(found):
        damaged(key, "something else than distinct texts")
    return tuple(found)
