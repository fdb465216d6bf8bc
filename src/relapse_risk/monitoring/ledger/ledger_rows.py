"""Rows of the ledger: between the database and frames, the keys that make one the same as another, and the moment."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

import polars as pl
from sqlalchemy import Boolean, Connection, Date, DateTime, Float, Integer, LargeBinary, Select, Table, insert

__all__ = ["insert_frame", "key_of", "now", "read_frame"]

_KEY_BYTES = 16

_TYPES: dict[type, pl.DataType] = {
    Integer: pl.Int64(),
    Float: pl.Float64(),
    Date: pl.Date(),
    DateTime: pl.Datetime("us"),
    LargeBinary: pl.Binary(),
    Boolean: pl.Boolean(),
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


def key_of(parts: Iterable[str | int | date | None]) -> bytes:
    """Return the key of what happened, 16 bytes; other parts, or parts divided otherwise, give another one.

    Examples
    --------
    >>> key_of(["a", "bc"]) == key_of(["ab", "c"]), key_of(["a", None]) == key_of(["a", ""])
    (False, False)
    """
    text = "".join("-," if part is None else f"{len(str(part))}:{part}," for part in parts)
    return blake2b(text.encode(), digest_size=_KEY_BYTES).digest()


def now() -> datetime:
    """Return the time in UTC, as the ledger's columns hold it: without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
