"""The record tables: names, keys, columns, codes. One declaration, read by every other room."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

__all__ = ["TABLES", "Column", "Table"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a record table.

    Attributes
    ----------
    dtype : pl.DataType
        The type it is held in.
    required : bool
        Whether every row needs a value in it.
    codes : tuple of str
        The codes it may hold; empty if any value is allowed.
    many : bool
        Whether it holds a set of codes joined by ``+``.
    """

    dtype: pl.DataType
    required: bool = False
    codes: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A record table.

    Attributes
    ----------
    name : str
    key : tuple of str
        What its versions share. Empty for events, which are versions of each other by ``event_id`` only.
    columns : Mapping of str to Column
        Declared columns; a source may carry more, which are kept as they are.
    begins : str or None
        The column whose day a row is known from where it has no ``recorded_on``.
    endings : Mapping of str to tuple of str
        Columns that hold a later day, each with the columns that hang on it.
    event : bool
        Whether rows are events.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    begins: str | None = None
    endings: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    event: bool = False
