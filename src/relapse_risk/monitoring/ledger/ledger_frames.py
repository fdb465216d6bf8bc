"""Rows of the database as frames, and back."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, Date, DateTime, Float, Integer, LargeBinary, Select, Table, insert

__all__ = ["insert_frame", "read_frame"]

_TYPES: dict[type, pl.DataType] = {
    Integer: pl.Int64(),
    Float: pl.Float64(),
    Date: pl.Date(),
    DateTime: pl.Datetime("us"),
    LargeBinary: pl.Binary(),
}


def read_frame(connection: Connection, statement: Select[Any]) -> pl.DataFrame:
    """Return what a statement selects, typed as its columns are."""
    schema = {column.name: _TYPES.get(type(column.type), pl.String()) for column in statement.selected_columns}
    columns = list(zip(*connection.execute(statement).all(), strict=True)) or [() for _ in schema]
    return pl.DataFrame(
        [pl.Series(name, values, dtype=kind) for (name, kind), values in zip(schema.items(), columns, strict=True)]
    )


def insert_frame(connection: Connection, table: Table, frame: pl.DataFrame, **constants: Any) -> None:
    """Insert the rows of a frame, with the same values of some columns for all."""
    names: Sequence[str] = [column.name for column in table.columns if column.name in frame.columns]
    rows = [row | constants for row in frame.select(names).to_dicts()]
    if rows:
        connection.execute(insert(table), rows)
