"""Copies of a ledger that is a file, beside it, and back."""

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.engine import Store, open_store

__all__ = ["back_up", "backups_of", "restore"]

_STAMP = "%Y-%m-%d-%H%M%S-%f"
_WAIT = 60


def backups_of(store: Store) -> list[Path]:
    """Return the copies beside a ledger, the newest last; none of one on a server."""
    path = store.file
    if path is None:
        return []
    named = re.compile(re.escape(path.stem) + r"\.backup-\d{4}-\d\d-\d\d-\d{6}-\d{6}" + re.escape(path.suffix))
    return sorted(one for one in path.parent.iterdir() if named.fullmatch(one.name))


def back_up(store: Store, keep: int) -> Path | None:
    """Copy a ledger that is a file beside it, and keep the newest copies; None of one on a server, or of no file."""
    path = store.file
    if path is None or not path.exists():
        return None
    target = path.with_name(f"{path.stem}.backup-{datetime.now().strftime(_STAMP)}{path.suffix}")
    part = target.with_name(f"{target.name}.part")
    try:
        _copy(path, part)
    except sqlite3.DatabaseError:
        shutil.copyfile(path, part)  # what is damaged is kept as it lies there
    part.replace(target)
    for old in backups_of(store)[:-keep]:
        old.unlink()
    return target


def restore(url: str | Path, copy: Path, *, keep: int, overwrite: bool = False) -> Path | None:
    """Put a copy in the place of a ledger, see `restore_ledger`; return the backup of what was there."""
    store = open_store(url, connect=False)
    if store.file is None:
        raise InputError("ledger_restore_server", place=store.place)
    source = open_store(copy, make=False)
    there = store.file.exists()
    if there and not overwrite:
        raise InputError("ledger_restore_taken", place=store.place)
    if source.file is not None and there and source.file.samefile(store.file):
        raise InputError("ledger_restore_itself", place=store.place)
    saved = back_up(store, keep + 1)
    if there and not _is_database(store.file):
        store.file.unlink()
    _copy(copy, store.file)
    return saved


def _copy(path: Path, target: Path) -> None:
    """Copy a database while others may use it, whole or not at all."""
    with (
        closing(sqlite3.connect(path, timeout=_WAIT)) as source,
        closing(sqlite3.connect(target, timeout=_WAIT)) as other,
    ):
        source.backup(other)


def _is_database(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.DatabaseError:
            return False
    return True
