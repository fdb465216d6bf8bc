"""What the cells under an unknown header say for or against a column."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl

from relapse_risk.ingest.cell_columns import Reader
from relapse_risk.ingest.cells import Cell, compact
from relapse_risk.ingest.sheet_schema import IDENTIFYING, NUMBERS
from relapse_risk.policy import Code
from relapse_risk.records import Column

__all__ = ["CellEvidence"]

_LOOKED_AT = 500  # different cells, the commonest
_ENOUGH = 0.8  # the share of cells that a column must be able to read
_SURE = 0.9  # the share of cells that must be words of a dictionary to speak for it by themselves
_SEVERAL = 2  # different words
_IDENTITY = re.compile(r"\d{17}[\dXx]|\d{15}|\d{18}[\dXx]\d{1,3}")
_NEARER = 0.5  # of what is lacking to certainty is gained where the cells are of the column and could be others


@dataclass(frozen=True)
class CellEvidence:
    """The different cells of a column that are not blank, as far as they are looked at.

    Attributes
    ----------
    counts : Mapping of Cell to int
        How many cells say so: a few that are wrong say little against many that are right.
    """

    counts: Mapping[Cell, int]

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Self:
        """Take the cells of a column."""
        return cls(dict(Counter(cell for cell in cells if compact(cell)).most_common(_LOOKED_AT)))

    @property
    def example(self) -> Cell:
        """The commonest cell; None where there is none."""
        return next(iter(self.counts), None)

    def _share(self, fits: Callable[[Cell], bool]) -> float:
        return sum(count for cell, count in self.counts.items() if fits(cell)) / sum(self.counts.values())

    def weigh(self, confidence: float, name: str, column: Column, reader: Reader) -> float | None:
        """Return how sure a proposal is once the cells are seen; None where they are none of the column's.

        Parameters
        ----------
        confidence : float
            By the words of the header alone.
        name : str
        column : Column
        reader : Reader
            What reads the column.
        """
        if not self.counts:
            return confidence
        identities = self._share(lambda cell: bool(_IDENTITY.fullmatch(compact(cell))))
        if name in NUMBERS:
            return None if identities < _ENOUGH else _nearer(confidence)
        if name in IDENTIFYING:
            return confidence if identities < _ENOUGH else None
        if column.dtype == pl.String() and not column.codes:
            return confidence if identities < _ENOUGH else None
        return None if self._share(lambda cell: _is_read(cell, reader)) < _ENOUGH else _nearer(confidence)

    def is_of(self, column: Column, wordings: Mapping[str, Code]) -> bool:
        """Return whether nearly all cells are words of a dictionary, several of them, and no mere yes and no."""
        if column.dtype == pl.Boolean() or not wordings:
            return False
        known = {cell for cell in self.counts if compact(cell).lower() in wordings and not compact(cell).isascii()}
        return len(known) >= _SEVERAL and self._share(known.__contains__) >= _SURE


def _is_read(cell: Cell, reader: Reader) -> bool:
    return compact(cell).lower() in reader.blanks or reader.read(cell).value is not None


def _nearer(confidence: float) -> float:
    return confidence + (1 - confidence) * _NEARER
