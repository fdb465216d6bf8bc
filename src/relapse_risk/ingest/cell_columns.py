"""Columns of cells, read by their distinct values: what they say, what was lost, what was read from another form."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.ingest.cells import Cell, FaultyCell, Read, Reading, compact, is_plain, plain
from relapse_risk.ingest.masking import masked

__all__ = ["CellColumn", "Reader", "read_cells"]

_EQUALS = re.compile(r"\s*[=＝]")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:$|[T ])")
# What a spreadsheet writes for a formula that failed, and for a number that did not fit its column.
_ERROR = re.compile(r"#(?:ref!|value!|div/0!|name\?|num!|null!|n/a|#{2,})")

_NUMBERS = frozenset((bool, int, float))

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
    is_value : callable, optional
        Tells at a glance that a cell which is not blank is what `read` makes of it: most are, and need not be read.
    """

    read: Read
    dtype: pl.DataType
    blanks: frozenset[str] = frozenset()
    show: Callable[[object], str] = masked
    is_value: Callable[[Cell], bool] | None = None

    def reading_by(self, read: Read) -> "Reader":
        """Return a reader of the same column that reads every cell in another way."""
        return replace(self, read=read, is_value=None)


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
    read = {place: _reading(distinct[place], silent, reader) for place in _to_be_read(distinct, silent, reader)}
    values = list(distinct)
    for place, reading in read.items():
        values[place] = reading.value
    return CellColumn(
        values=pl.Series(values, dtype=reader.dtype)[at],
        issues=_issues(distinct, read, at, reader.show),
        changes=_changes(distinct, read, at),
    )


def _to_be_read(cells: Sequence[Cell], silent: Container[Cell], reader: Reader) -> Iterable[int]:
    """Return the places of the cells that are not already their own value."""
    if reader.is_value is None:
        return range(len(cells))
    return [place for place, cell in enumerate(cells) if not reader.is_value(cell) or cell in silent]


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


def _distinct(cells: Sequence[Cell]) -> tuple[list[Cell], NDArray[np.uint32]]:
    """Return the distinct cells, and for each cell the place of its like among them."""
    distinct, at = _placed(cells)
    if _NUMBERS.isdisjoint(map(type, distinct)) or len(_NUMBERS & set(map(type, cells))) < 2:
        return distinct, at
    # Of 1, 1.0 and True each is a cell of its own: they are equal, and do not say the same.
    typed, at = _placed(list(zip(map(type, cells), cells, strict=True)))
    return [cell for _, cell in typed], at


def _placed(cells: Sequence[Any]) -> tuple[list[Any], NDArray[np.uint32]]:
    known: defaultdict[Any, int] = defaultdict(count().__next__)  # a cell not met before has the next place
    at = np.fromiter(map(known.__getitem__, cells), dtype=np.uint32, count=len(cells))
    return list(known), at


def _issues(
    cells: Sequence[Cell], read: Mapping[int, Reading], at: NDArray[np.uint32], show: Callable[[object], str]
) -> pl.DataFrame:
    issues = {
        place: (reading.rule, _shown(cells[place], reading.rule, show), reading.value is None)
        for place, reading in read.items()
        if reading.rule is not None
    }
    if not issues:
        return _NO_ISSUES
    where = np.flatnonzero(np.isin(at, list(issues)))
    rows = [(place, *issues[of]) for place, of in zip(where.tolist(), at[where].tolist(), strict=True)]
    return pl.DataFrame(rows, schema=_NO_ISSUES.schema, orient="row")


def _shown(cell: Cell, rule: str, show: Callable[[object], str]) -> str:
    if rule == "error_value":
        return plain(cell)
    return show(plain(cell) if isinstance(cell, str) and _EQUALS.match(cell) else cell)


def _changes(cells: Sequence[Cell], read: Mapping[int, Reading], at: NDArray[np.uint32]) -> Mapping[str, int]:
    """Return how many cells were read from another form than the one they are held in, by kind of change."""
    kinds = {place: kind for place, reading in read.items() if (kind := _change(cells[place], reading.value))}
    if not kinds:
        return {}
    counts, total = np.bincount(at, minlength=len(cells)), Counter[str]()
    for place, kind in kinds.items():
        total[kind] += int(counts[place])
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
