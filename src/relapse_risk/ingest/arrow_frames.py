"""Frames of other libraries, taken in: their indexes, and columns that hold cells of several types."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.masking import shown_header
from relapse_risk.ingest.sources import TableFrame, without_index
from relapse_risk.records import TABLES

__all__ = ["ArrowFrame", "open_frames"]

_FAILS = (pl.exceptions.PolarsError, ArithmeticError, ImportError, LookupError, OSError, RuntimeError, TypeError)
_TEXTS = (str, bool, int, float, date, Decimal)  # a datetime is a date


class ArrowFrame(Protocol):
    """A frame of any library that speaks the Arrow PyCapsule protocol."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the frame as a stream."""


def open_frames(frames: Mapping[str, Any]) -> Iterator[TableFrame]:
    """Take frames in, whatever library they are of.

    Columns of an index that have a name are columns like others. Where cells of a column are of several types (1 and
    "1"), each is taken as its text.

    Raises
    ------
    InputError
        If one is named for no table (``table_unknown``), is no frame (``frame_unreadable``) or one that cannot be
        taken in (``frame_fails``), or has a column twice (``columns_twice``) or columns of several levels
        (``columns_nested``).
    """
    for table, frame in frames.items():
        if table not in TABLES:
            raise InputError("table_unknown", table=table, known=", ".join(TABLES))
        yield TableFrame(source=table, table=table, frame=_polars(table, frame))


def _polars(table: str, frame: Any) -> pl.DataFrame:
    if isinstance(frame, pl.DataFrame):
        return frame
    if not _is_frame(frame):
        raise InputError("frame_unreadable", table=table, found=type(frame).__name__)
    try:
        return without_index(_taken(table, frame))
    except InputError:
        raise
    # What a library says may quote what it could not take: it is not passed on.
    except (*_FAILS, ValueError) as error:
        raise InputError("frame_fails", table=table, found=type(frame).__name__, why=type(error).__name__) from error


def _is_frame(frame: Any) -> bool:
    if isinstance(frame, pl.LazyFrame):
        return True
    a_column = isinstance(frame, pl.Series) or (hasattr(frame, "index") and not hasattr(frame, "columns"))
    return hasattr(frame, "__arrow_c_stream__") and not a_column


def _taken(table: str, frame: Any) -> pl.DataFrame:
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if hasattr(frame, "reset_index"):
        return _of_pandas(table, frame)
    _refuse_twice(table, getattr(frame, "column_names", None) or getattr(frame, "columns", ()))
    return pl.DataFrame(frame)


def _of_pandas(table: str, frame: Any) -> pl.DataFrame:
    if frame.columns.nlevels > 1:
        raise InputError("columns_nested", table=table, levels=frame.columns.nlevels)
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    whole = frame.reset_index(level=named) if named else frame
    _refuse_twice(table, whole.columns)
    whole = whole.assign(**{name: _period_texts(whole[name]) for name in whole.columns if _of_periods(whole[name])})
    try:
        return pl.DataFrame(whole)
    except (*_FAILS, ValueError):
        return pl.DataFrame([_series(str(name), column) for name, column in whole.items()])


def _of_periods(column: Any) -> bool:
    return str(column.dtype).startswith("period")


def _period_texts(column: Any) -> Any:
    """Return periods as their texts: some versions hand on the number of the period instead, which means nothing."""
    return column.astype(object).map(str, na_action="ignore")


def _refuse_twice(table: str, names: Any) -> None:
    if twice := [name for name, count in Counter(map(str, names)).items() if count > 1]:
        raise InputError("columns_twice", source=table, columns=", ".join(map(shown_header, twice)))


def _series(name: str, column: Any) -> pl.Series:
    """Return a column of pandas: as it is, else every cell as its text, else as objects that nobody can read."""
    try:
        return pl.Series(name, column)
    except (*_FAILS, ValueError):
        cells = [None if blank else _plain(cell) for cell, blank in zip(column, column.isna(), strict=True)]
    if all(cell is None or isinstance(cell, _TEXTS) for cell in cells):
        return pl.Series(name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)
    return pl.Series(name, cells, dtype=pl.Object)


def _plain(cell: Any) -> Any:
    """Return a number or flag of numpy as one of Python, and a time of numpy as its text."""
    if isinstance(cell, np.datetime64):
        return str(cell)
    return cell.item() if isinstance(cell, np.generic) else cell
