"""Tables in DuckDB files and on PostgreSQL, read and written as frames over ADBC.

Both drivers speak Arrow: no row passes through Python, and one road serves both. What a database says in an error may
quote a row or a password: only its kind is passed on, and the place without the password.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import polars as pl

from relapse_risk.databases.urls import Database
from relapse_risk.errors import InputError

__all__ = ["append_run", "read_tables", "write_tables"]

_NAME = re.compile(r"[A-Za-z_]\w{0,62}", re.ASCII)
_STORED: dict[type[pl.DataType], type[pl.DataType]] = {
    **{pl.UInt8: pl.Int16, pl.UInt16: pl.Int32, pl.UInt32: pl.Int64, pl.UInt64: pl.Int64},
    **{pl.Enum: pl.String, pl.Categorical: pl.String, pl.Null: pl.String},
}
"""What is stored as another type, since not both databases have its own."""
_THERE = (
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = current_schema() AND table_catalog = current_database()"
)


def read_tables(url: str, names: Collection[str]) -> dict[str, pl.DataFrame]:
    """Return those of the named tables and views that a database has, all as of one moment.

    Raises
    ------
    InputError
        If the URL is none (``database_url``), the driver is missing (``database_driver``), no file is there
        (``database_missing``), the database cannot be opened (``database_unreachable``) or refuses
        (``database_failed``).
    """
    database = Database.of(url)
    if database.file is not None and not database.file.is_file():
        raise InputError("database_missing", place=database.place)
    with _transaction(database, writes=False) as connection:
        there = _tables(connection)
        return {name: _frame(connection, name) for name in names if name in there}


def write_tables(url: str, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write tables that are not there yet, all of them or none.

    Raises
    ------
    InputError
        As `read_tables`, and if one of them is there (``database_not_empty``).
    """
    database = Database.of(url)
    with _transaction(database, writes=True) as connection:
        if taken := sorted(_tables(connection) & tables.keys()):
            raise InputError("database_not_empty", place=database.place, tables=", ".join(taken))
        for name, frame in tables.items():
            _ingest(connection, name, _storable(frame), mode="create")


def append_run(url: str, table: str, frame: pl.DataFrame, run_id: str) -> None:
    """Append the rows of a run to a table, which is made where there is none: all of them, and once.

    Parameters
    ----------
    url, table : str
    frame : pl.DataFrame
        With ``household_id``, once for each household; `run_id` is put before its columns.
    run_id : str

    Raises
    ------
    InputError
        As `read_tables`; if the table's name is none (``database_table_name``), it has other columns
        (``database_other_columns``), or the run is in it (``database_run_there``).
    """
    if not _NAME.fullmatch(table):
        raise InputError("database_table_name", found=table)
    database = Database.of(url)
    rows = _storable(frame.select(pl.lit(run_id).alias("run_id"), pl.all()))
    with _transaction(database, writes=True) as connection:
        if table not in _tables(connection):
            _ingest(connection, table, rows.clear(), mode="create")
            # Of two who write the same run at the same time, one is refused.
            _execute(connection, f'CREATE UNIQUE INDEX "{table}_once" ON "{table}" (run_id, household_id)')
        _refuse_other_columns(connection, table, rows.columns, database.place)
        if _rows(connection, f'SELECT 1 FROM "{table}" WHERE run_id = $1 LIMIT 1', run_id):
            raise InputError("database_run_there", place=database.place, table=table, run=run_id)
        _ingest(connection, table, rows, mode="append")


def _refuse_other_columns(connection: Any, table: str, columns: list[str], place: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
        found = [column[0] for column in cursor.description]
    if sorted(found) != sorted(columns):
        other = ", ".join(sorted({*found} ^ {*columns}))
        raise InputError("database_other_columns", place=place, table=table, columns=other)


def _tables(connection: Any) -> set[str]:
    return {name for (name,) in _rows(connection, _THERE)}


def _frame(connection: Any, name: str) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{name}"')
        return pl.DataFrame(cursor.fetch_arrow())


def _rows(connection: Any, query: str, *values: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _execute(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _ingest(connection: Any, table: str, frame: pl.DataFrame, *, mode: str) -> None:
    with connection.cursor() as cursor:  # of its own: what a cursor has ingested into, it may ingest into again
        cursor.adbc_ingest(table, frame, mode=mode)


def _storable(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame in types that both databases have."""
    return frame.with_columns(
        pl.col(name).cast(_STORED[kind.base_type()])
        for name, kind in frame.schema.items()
        if kind.base_type() in _STORED
    )


@contextmanager
def _transaction(database: Database, *, writes: bool) -> Iterator[Any]:
    """Give a connection in one transaction, committed at the end where it writes, or rolled back whole."""
    _require_driver(database)
    driver_error = import_module("adbc_driver_manager.dbapi").Error
    try:
        connection = _connection(database, writes=writes)
    except driver_error as error:
        raise InputError("database_unreachable", place=database.place) from error
    try:
        with connection:
            if database.file is None:
                access = "READ WRITE" if writes else "READ ONLY"
                _execute(connection, f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, {access}")
            yield connection
            if writes:
                connection.commit()
    except driver_error as error:
        found = getattr(error, "sqlstate", None) or type(error).__name__
        raise InputError("database_failed", place=database.place, found=found) from error


def _require_driver(database: Database) -> None:
    package = "adbc_driver_postgresql" if database.file is None else "adbc_driver_duckdb"
    if find_spec("adbc_driver_manager") is None or find_spec(package) is None:
        raise InputError("database_driver", place=database.place)


def _connection(database: Database, *, writes: bool) -> Any:
    if database.file is None:
        return import_module("adbc_driver_postgresql.dbapi").connect(database.uri)
    access = "READ_WRITE" if writes else "READ_ONLY"
    return import_module("adbc_driver_manager.dbapi").connect(
        driver=import_module("adbc_driver_duckdb").driver_path(),
        entrypoint="duckdb_adbc_init",
        db_kwargs={"path": str(database.file), "access_mode": access},
    )
