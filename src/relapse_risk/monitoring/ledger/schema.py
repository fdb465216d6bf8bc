"""The ledger's tables, and the triggers that let nothing be changed or taken away."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from relapse_risk.records import AREA_COLUMNS

__all__ = [
    *("PLACES", "VERSION", "alerts", "create", "drop_guards", "entries", "ledger", "listings", "metadata", "months"),
    *("renumberings", "sign_offs", "triggers", "withdrawals"),
]

VERSION = 3
"""Of this layout of tables; a ledger of an earlier one is brought to it, one of a later one is refused."""

PLACES = tuple(AREA_COLUMNS.values())
"""Where a household lives, the largest area first."""

_REFUSAL = "the ledger is append-only"

metadata = MetaData()


def _made() -> tuple[Column[str], Column[datetime]]:
    """Return who made a row and when it was recorded, in UTC."""
    return Column("by", String, nullable=False), Column("recorded_at", DateTime, nullable=False)


ledger = Table(
    "ledger",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("recorded_at", DateTime, nullable=False),
)

# A month that was withdrawn may be run anew: one of its runs counts at most.
months = Table(
    "months",
    metadata,
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("as_of", Date, nullable=False),
    Column("digest", String, nullable=False),
    *_made(),
    Column("scores", LargeBinary, nullable=False),
    Column("inputs", LargeBinary, nullable=False),  # what the input held, empty where not told
    Column("seal", LargeBinary, nullable=False),  # of the row and its listings
)

listings = Table(
    "listings",
    metadata,
    Column("run", Integer, ForeignKey("months.run"), primary_key=True, autoincrement=False),
    Column("household_id", String, primary_key=True),
    Column("listed_for", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("rank", Integer),
    Column("probability", Float),
    Column("inclusion_probability", Float, nullable=False),
    Column("override", String),
    Column("reasons", String),
    Column("measures", String),
    *(Column(place, String) for place in PLACES),
    Index("listings_by_household", "household_id", "run"),
)

# A household has one alert for good, which is opened and closed again: so it never has two that are open.
alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Integer, primary_key=True, autoincrement=False),
    Column("household_id", String, nullable=False, unique=True),
)

entries = Table(
    "entries",
    metadata,
    Column("entry_id", Integer, primary_key=True, autoincrement=False),
    Column("alert_id", Integer, ForeignKey("alerts.alert_id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("on", Date, nullable=False),
    *_made(),
    Column("run", Integer, ForeignKey("months.run")),
    Column("tier", String),
    Column("state", String),  # what the act led to by the rules of its day
    Column("measure", String),
    Column("assignee", String),
    Column("note", String),
    Column("source", String),
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("seal", LargeBinary, nullable=False),  # of the row and the seal of the one before
)

# A household goes by another number from a month on; its alert stays its alert.
renumberings = Table(
    "renumberings",
    metadata,
    Column("run", Integer, ForeignKey("months.run"), primary_key=True, autoincrement=False),
    Column("household_id", String, primary_key=True),
    Column("became", String, nullable=False),
)

# A month's run, or one entry, that counts no longer; it stays where it is.
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("withdrawal_id", Integer, primary_key=True, autoincrement=False),
    Column("run", Integer, ForeignKey("months.run"), unique=True),
    Column("entry_id", Integer, ForeignKey("entries.entry_id"), unique=True),
    Column("on", Date, nullable=False),
    Column("note", String, nullable=False),
    *_made(),
    Column("seal", LargeBinary, nullable=False),
)

sign_offs = Table(
    "sign_offs",
    metadata,
    Column("sign_off_id", Integer, primary_key=True, autoincrement=False),
    Column("level", String, nullable=False),
    Column("area", String, nullable=False),
    Column("after_entry", Integer, ForeignKey("entries.entry_id"), nullable=False),
    Column("on", Date, nullable=False),
    *_made(),
    Column("seal", LargeBinary, nullable=False),
    UniqueConstraint("level", "area", "after_entry"),
)


def triggers(dialect: str) -> set[tuple[str, str]]:
    """Return table and name of every trigger that a database of a kind must have."""
    names = ("append_only",) if dialect == "postgresql" else ("no_update", "no_delete", "no_replace")
    tables = [table.name for table in metadata.sorted_tables]
    return {(table, name if dialect == "postgresql" else f"{table}_{name}") for table in tables for name in names}


def create(connection: Connection) -> None:
    """Make all tables and their triggers in an empty database."""
    metadata.create_all(connection, checkfirst=False)
    statements = _of_postgresql() if connection.dialect.name == "postgresql" else _of_sqlite()
    for statement in statements:
        connection.exec_driver_sql(statement)


def drop_guards(connection: Connection) -> None:
    """Drop the triggers of tables that are to be made anew; SQLite drops them with their tables."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION ledger_append_only() CASCADE")


def _of_sqlite() -> Iterator[str]:
    for table in metadata.sorted_tables:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        yield f"CREATE TRIGGER {table.name}_no_update BEFORE UPDATE ON {table.name} {refuse}"
        yield f"CREATE TRIGGER {table.name}_no_delete BEFORE DELETE ON {table.name} {refuse}"
        # INSERT OR REPLACE deletes without asking the trigger above.
        there = f"EXISTS (SELECT 1 FROM {table.name} AS old WHERE {' OR '.join(_same(table))})"
        yield f"CREATE TRIGGER {table.name}_no_replace BEFORE INSERT ON {table.name} WHEN {there} {refuse}"


def _same(table: Table) -> Iterator[str]:
    """Return a condition for each key of a table: a row that is there has that of the new one."""
    unique = [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
    for key in (list(table.primary_key.columns), *unique):
        yield "(" + " AND ".join(f'old."{column.name}" = NEW."{column.name}"' for column in key) + ")"


def _of_postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    for table in metadata.sorted_tables:
        yield (
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
        )
        # Also where a session turned ordinary triggers off (session_replication_role).
        yield f"ALTER TABLE {table.name} ENABLE ALWAYS TRIGGER append_only"
