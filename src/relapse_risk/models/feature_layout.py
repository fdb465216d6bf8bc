"""Which term belongs to which column, reason and sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self

import numpy as np

from relapse_risk.metrics import Floats, Ints
from relapse_risk.models.feature_columns import Columns

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
    of_column : tuple of int
        Position of each column's reason.
    column_signs : tuple of int
        1, -1 or 0.
    """

    columns: Columns
    reasons: tuple[str, ...]
    of_column: tuple[int, ...]
    column_signs: tuple[Literal[-1, 0, 1], ...]

    def __post_init__(self) -> None:
        if not len(self.of_column) == len(self.column_signs) == len(self.columns.names):
            raise ValueError("expected one reason and one sign for each column")
        if len(set(self.reasons)) != len(self.reasons) or not set(self.of_column) <= set(range(len(self.reasons))):
            raise ValueError("expected distinct reasons, and one of them for each column")

    @classmethod
    def of(cls, columns: Columns, reasons: Mapping[str, str] | None, signs: Mapping[str, int] | None) -> Self:
        """Lay out columns; without `reasons`, every column is a reason of its own."""
        named = [name if reasons is None else reasons.get(name, OTHER) for name in columns.names]
        order = tuple(dict.fromkeys(named))
        return cls(
            columns=columns,
            reasons=order,
            of_column=tuple(order.index(reason) for reason in named),
            column_signs=tuple(_sign((signs or {}).get(name, 0)) for name in columns.names),
        )

    @cached_property
    def group(self) -> Ints:
        """Position of each term's reason."""
        return np.array(self.of_column, dtype=np.int64)[self.columns.of_term]

    @cached_property
    def signs(self) -> Ints:
        """Sign of each term; codes have none."""
        coded = np.isin(self.columns.of_term, list(self.columns.levels))
        return np.where(coded, 0, np.array(self.column_signs, dtype=np.int64)[self.columns.of_term])

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


def _sign(asked: float) -> Literal[-1, 0, 1]:
    return 1 if asked > 0 else -1 if asked < 0 else 0
