"""Seals: each row that is added seals itself and the row before, so that a change by other means does not go unseen."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Table, insert, select

__all__ = ["add_rows", "seal_of"]

_SEAL_BYTES = 16


def seal_of(before: bytes, values: Iterable[Any]) -> bytes:
    """Return the seal of some values and of what came before.

    Examples
    --------
    >>> seal_of(b"", ["a", None]) == seal_of(b"", [None, "a"]), len(seal_of(b"", ["a"]))
    (False, 16)
    """
    digest = blake2b(before, digest_size=_SEAL_BYTES)
    for value in values:
        part = value if isinstance(value, bytes) else repr(value).encode()
        digest.update(f"{len(part)}:".encode())
        digest.update(part)
    return digest.digest()


def add_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a table whose first column numbers them, each with the next number and its seal."""
    number = next(iter(table.columns))
    newest = connection.execute(select(number, table.c.seal).order_by(number.desc()).limit(1)).one_or_none()
    last, seal = newest or (0, b"")
    names = [column.name for column in table.columns if column.name not in (number.name, "seal")]
    made = []
    for place, row in enumerate(rows, last + 1):
        whole = {number.name: place, **{name: row.get(name) for name in names}}
        seal = seal_of(seal, whole.values())
        made.append(whole | {"seal": seal})
    if made:
        connection.execute(insert(table), made)
