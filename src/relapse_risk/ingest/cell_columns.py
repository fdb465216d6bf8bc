"""Columns of cells, read by their distinct values: what they say, what was lost, what was read from another form."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

import numpy as np
import polars as pl

from relapse_risk.ingest.cells import Cell, FaultyCell, Read, Reading, compact, is_plain, plain
from relapse_risk.ingest.masking import masked

__all__ = ["CellColumn", "Reader", "read_cells"]

_EQUALS = re.compile(r"\s*[=＝]")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:$|[T ])")
# What a spreadsheet writes for a formula that failed, and for a number that did not fit its column.
_ERROR = re.compile(r"#(?:ref!|value!|div/0!|name\?|num!|null!|n/a|#{2,})")

_NO_ISSUES = pl.DataFrame(schema={"at": pl.UInt32, "rule": pl.String, "value_masked": pl.String, "lost": pl.Boolean})


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What reads a column.

    Attributes
    ----------
    read : Read
        Reads a cell that is not blank.
    dtype : pl.DataType
        The type of what it gives.
    blanks : frozenset of str
        Wordings, in lower case, that say nothing.
    show : callable
        What of a cell that was not understood may be shown.
    """

    read: Read
    dtype: pl.DataType
    blanks: frozenset[str] = frozenset()
    show: Callable[[object], str] = masked


@dataclass(frozen=True, kw_only=True)
class CellColumn:
    """A column of cells, read.

    Attributes
    ----------
    values : pl.Series
        What each cell says; null where it says nothing.
    issues : pl.DataFrame
        at (position), rule, value_masked and lost of every cell that needs a word: what could not be read is lost, the
        rest was read with a remark.
    changes : Mapping of str to int
        How many cells say what they say in another form: ``signs`` (full-width forms, stray spaces, apostrophes),
        ``date_form``, ``serial_day``, ``number_form`` (separators, numbers as text), ``unit``, ``equals_quoted``
        (``="5323"``, by which a spreadsheet keeps digits as they are).
    """

    values: pl.Series
    issues: pl.DataFrame
    changes: Mapping[str, int]


def read_cells(cells: Sequence[Cell], reader: Reader) -> CellColumn:
    """Read a column of cells, each distinct cell once.

    Examples
    --------
    >>> from relapse_risk.ingest.cells import read_number, whole
    >>> reader = Reader(read=whole(read_number({})), dtype=pl.Int64(), blanks=frozenset("-"))
    >>> column = read_cells(["4", "-", "约5"], reader)
    >>> column.values.to_list()
    [4, None, None]
    >>> column.issues.rows()
    [(2, 'unreadable', '汉9', True)]
    """
    distinct, at = _distinct(cells)
    silent = {"", *reader.blanks}
    readings = [_reading(cell, silent, reader) for cell in distinct]
    values = pl.Series([reading.value for reading in readings], dtype=reader.dtype).gather(at)
    return CellColumn(
        values=values, issues=_issues(distinct, readings, at, reader.show), changes=_changes(distinct, readings, at)
    )


def _reading(cell: Cell, silent: Container[str], reader: Reader) -> Reading:
    if isinstance(cell, float):
        return Reading() if math.isnan(cell) else reader.read(cell)
    text = compact(cell).lower()
    if text in silent:
        return Reading()
    lost = _lost(cell, text) if text[0] in "#=" else None
    return reader.read(cell) if lost is None else Reading(rule=lost)


def _lost(cell: Cell, text: str) -> str | None:
    """Return why a cell has lost its value, if it has; a text may be what a spreadsheet wrote for it."""
    if isinstance(cell, FaultyCell):
        return cell.rule
    return "error_value" if _ERROR.fullmatch(text) else None


def _distinct(cells: Sequence[Cell]) -> tuple[list[Cell], pl.Series]:
    """Return the distinct cells, and for each cell the place of its like among them."""
    types = set(map(type, cells))
    if len(types & {bool, int, float}) > 1:
        # Of 1, 1.0 and True each is a cell of its own: they are equal, and do not say the same.
        typed, at = _placed(list(zip(map(type, cells), cells, strict=True)))
        return [cell for _, cell in typed], at
    return _placed(cells)


def _placed(cells: Sequence[Any]) -> tuple[list[Any], pl.Series]:
    known: defaultdict[Any, int] = defaultdict(count().__next__)  # a cell not met before has the next place
    at = np.fromiter(map(known.__getitem__, cells), dtype=np.uint32, count=len(cells))
    return list(known), pl.Series(at)


def _issues(
    cells: Sequence[Cell], readings: Sequence[Reading], at: pl.Series, show: Callable[[object], str]
) -> pl.DataFrame:
    issues = [
        (place, reading.rule, _shown(cell, reading.rule, show), reading.value is None)
        for place, (cell, reading) in enumerate(zip(cells, readings, strict=True))
        if reading.rule is not None
    ]
    if not issues:
        return _NO_ISSUES
    schema = {"place": pl.UInt32, "rule": pl.String, "value_masked": pl.String, "lost": pl.Boolean}
    placed = pl.DataFrame({"at": pl.int_range(at.len(), dtype=pl.UInt32, eager=True), "place": at})
    words = pl.DataFrame(issues, schema=schema, orient="row")
    return placed.join(words, on="place", how="inner", maintain_order="left").drop("place")


def _shown(cell: Cell, rule: str, show: Callable[[object], str]) -> str:
    if rule == "error_value":
        return plain(cell)
    return show(plain(cell) if isinstance(cell, str) and _EQUALS.match(cell) else cell)


def _changes(distinct: Sequence[Cell], readings: Sequence[Reading], at: pl.Series) -> Mapping[str, int]:
    """Return how many cells were read from another form than the one they are held in, by kind of change."""
    kinds = [_change(cell, reading.value) for cell, reading in zip(distinct, readings, strict=True)]
    if not any(kinds):
        return {}
    counts, total = np.bincount(at.to_numpy(), minlength=len(distinct)).tolist(), Counter[str]()
    for kind, cells in zip(kinds, counts, strict=True):
        if kind is not None:
            total[kind] += cells
    return dict(sorted(total.items()))


def _change(cell: Cell, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(cell, str):
        return "serial_day" if isinstance(value, date) and isinstance(cell, int | float) else None
    if isinstance(value, str) and is_plain(cell):
        return None
    if ("=" in cell or "＝" in cell) and _EQUALS.match(cell):
        return "equals_quoted"
    if isinstance(value, date) and not isinstance(value, datetime):
        return None if _ISO_DAY.match(cell) else "date_form"
    if isinstance(value, float | int) and not isinstance(value, bool):
        return None if cell.isascii() and cell.isdecimal() else "unit" if cell[-1:].isalpha() else "number_form"
    return "signs" if plain(cell) != cell else None
