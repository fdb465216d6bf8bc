"""Copies of a ledger that is a file, in its folder, and how to restore them."""

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.engine import Store, open_store
from relapse_risk.monitoring.ledger.schema import entries, months, sign_offs, withdrawals

__all__ = ["back_up", "own_backups", "restore"]

_STAMP = "%Y-%m-%d-%H%M%S-%f"
_DAY = len("2020-01-31")
_WAIT = 60
_SEALED = tuple((table.name, next(iter(table.columns)).name) for table in (months, entries, withdrawals, sign_offs))


def backups_of(store: Store) -> list[Path]:
    """Return the copies in a ledger's folder, the newest last; none of one on a server."""
    path = store.file
    if path is None:
        return []
    named = re.compile(re.escape(path.stem) + r"\.backup-\d{4}-\d\d-\d\d-\d{6}-\d{6}" + re.escape(path.suffix))
    return sorted(one for one in path.parent.iterdir() if named.fullmatch(one.name))


def own_backups(store: Store) -> list[Path]:
    """Return the copies of which a ledger still holds everything, the newest last.

    A ledger that was restored does not hold what was recorded after its copy was made: copies of that are of another
    course of things.
    """
    if store.file is None:
        return []
    return [one for one in backups_of(store) if _is_held(_newest_seals(one), store.file)]


def _newest_seals(path: Path) -> list[tuple[str, str, int, bytes]] | None:
    """Return table, name of its number, number and seal of the newest row of each sealed table; None of no ledger.

    A seal covers what came before it.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=_WAIT)) as copy:
            newest = [
                (table, number, *row)
                for table, number in _SEALED
                for row in copy.execute(f"SELECT {number}, seal FROM {table} ORDER BY {number} DESC LIMIT 1")
            ]
    except sqlite3.DatabaseError:
        return None
    return newest


def _is_held(seals: list[tuple[str, str, int, bytes]] | None, path: Path) -> bool:
    if seals is None:
        return False
    with closing(sqlite3.connect(path, timeout=_WAIT)) as ledger:
        return all(
            ledger.execute(f"SELECT seal FROM {table} WHERE {name} = ?", (number,)).fetchone() == (seal,)
            for table, name, number, seal in seals
        )


def back_up(store: Store, keep: int) -> Path | None:
    """Copy a ledger file into its own folder; None of one on a server, or of no file.

    Kept are the newest copies, and of as many days the first: acts on one day, each with a copy, push none of another
    day out, such as that before a month was recorded.
    """
    path = store.file
    if path is None or not path.exists():
        return None
    target = path.with_name(f"{path.stem}.backup-{datetime.now().strftime(_STAMP)}{path.suffix}")
    part = target.with_name(f"{target.name}.part")
    try:
        _copy(path, part)
    except sqlite3.DatabaseError:
        try:
            shutil.copyfile(path, part)  # what is damaged is kept as it lies there
        except PermissionError:
            raise InputError("ledger_no_backup", path=target.parent) from None
    part.replace(target)
    copies = backups_of(store)
    first = {_day_of(copy): copy for copy in reversed(copies)}
    for old in {*copies} - {*copies[-keep:], *sorted(first.values())[-keep:]}:
        old.unlink()
    return target


def _day_of(copy: Path) -> str:
    return copy.stem.rpartition(".backup-")[2][:_DAY]


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
