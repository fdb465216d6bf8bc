"""The database under a ledger: SQLite by default, PostgreSQL by URL; one writer at a time, whole or not at all.

SQLite keeps a rollback journal, not a write-ahead log: the ledger is then one file, which can be copied as it lies
there, also on a network drive, where a log's shared memory does not work; there is one short writer a month, so that
a log's readers during a write would gain nothing. PostgreSQL's writers take one advisory lock, then read what is
committed: nothing fails to serialise, so nothing is to be tried again.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.ledger_rows import now
from relapse_risk.monitoring.ledger.schema import VERSION, create, ledger, metadata

__all__ = ["Store", "open_store"]

_WAIT = 60
"""Seconds that a writer waits for another."""

_CACHE = 65_536
"""KiB of a file that SQLite keeps in memory, at most."""

_LOCK = 0x72656C61707365  # any number, the same for all who write ledgers
_LOCK_TAKEN = "55P03"
_NO_PRIVILEGE = "42501"
_NO_FILES = ("", ":memory:")
"""What SQLite takes for a database that is gone at the end."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """A database that holds a ledger.

    Attributes
    ----------
    engine : Engine
    """

    engine: Engine

    @property
    def place(self) -> str:
        """Where it is, without the password."""
        return _place(self.engine.url)

    @property
    def file(self) -> Path | None:
        """The file it is; None where a server holds it."""
        return Path(str(self.engine.url.database)) if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state, whatever is written meanwhile."""
        options: dict[str, Any] = {}
        if self.engine.dialect.name == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _translated(self.place), self.engine.connect() as connection:
            connection = connection.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the only connection that writes; what is done with it is committed whole, or not at all."""
        with _translated(self.place), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT}s'")
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield connection


def open_store(url: str | Path, *, make: bool = True, connect: bool = True) -> Store:
    """Open the database of a ledger; with `make`, make its tables where there are none at all.

    Without `connect`, only say where it is: whatever is there is not looked at.

    Raises
    ------
    InputError
        If the URL is none of a file or of PostgreSQL (``ledger_url``), the driver is missing (``ledger_driver``), the
        database cannot be opened (``ledger_unreachable``), is busy for too long (``ledger_busy``) or fails otherwise
        (``ledger_failed``), holds tables of something else (``ledger_foreign``) or of a later release
        (``ledger_newer``), or nothing where none is to be made (``ledger_missing``).
    """
    parsed = _parsed(url)
    store = Store(engine=_engine(parsed))
    if not connect:
        return store
    # To connect to a file that is not there would make it.
    if not make and parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise InputError("ledger_missing", place=store.place)
    with store.reading() as connection:
        ready = _is_ready(connection, store.place)
    if not ready:
        if not make:
            raise InputError("ledger_missing", place=store.place)
        with store.writing() as connection:
            if not _is_ready(connection, store.place):
                create(connection)
                connection.execute(ledger.insert().values(version=VERSION, recorded_at=now()))
    return store


def _parsed(url: str | Path) -> URL:
    if isinstance(url, Path) or "://" not in url:
        if str(url) in _NO_FILES:
            raise InputError("ledger_url", found=f'"{url}"')
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise InputError("ledger_url", found=url.partition("://")[0]) from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or parsed.database in (None, *_NO_FILES):
        raise InputError("ledger_url", found=parsed.drivername)
    return parsed.set(drivername="sqlite")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        if find_spec("psycopg") is None:
            raise InputError("ledger_driver")
        return create_engine(url, poolclass=NullPool, isolation_level="READ COMMITTED")
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _WAIT})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver would begin transactions at its own time
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "journal_mode = DELETE", f"cache_size = -{_CACHE}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _is_ready(connection: Connection, place: str) -> bool:
    """Return whether a ledger's tables are there, of this layout or an earlier one, False where no table is.

    Raise where others are.
    """
    there = set(inspect(connection).get_table_names())
    if not there:
        return False
    if ledger.name not in there or not {table.name for table in metadata.sorted_tables} & there - {ledger.name}:
        raise InputError("ledger_foreign", place=place)
    version = connection.execute(select(func.max(ledger.c.version))).scalar()
    if version is None or version > VERSION:
        raise InputError("ledger_newer", place=place, found=version, known=VERSION)
    return True


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return re.sub(r":[^:@/]*@", ":***@", str(url.database))  # a server's URL, mistyped, is taken for a file
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def _translated(place: str) -> Iterator[None]:
    """Raise what a database refuses as an error of ours; its own text may hold values, so only its kind is told."""
    try:
        yield
    except DBAPIError as error:
        code = _code(error)
        details = {"found": type(error.orig).__name__} if code == "ledger_failed" else {}
        raise InputError(code, place=place, **details) from error


def _code(error: DBAPIError) -> str:
    text, state = str(error.orig), getattr(error.orig, "sqlstate", None)
    if "readonly database" in text or state == _NO_PRIVILEGE:
        return "ledger_readonly"
    if "is locked" in text or state == _LOCK_TAKEN:
        return "ledger_busy"
    if "not a database" in text:
        return "ledger_foreign"
    if "unable to open" in text or (type(error.orig).__name__ == "OperationalError" and _is_unconnected(error)):
        return "ledger_unreachable"
    return "ledger_failed"


def _is_unconnected(error: DBAPIError) -> bool:
    """Return whether PostgreSQL was not even reached: nothing was asked of it."""
    return error.statement is None and hasattr(error.orig, "sqlstate")
