"""Ledgers as earlier layouts had them, made from one of today's: what a layout did not have is dropped."""

import shutil
import sqlite3
from contextlib import closing

_MADE = '"by" VARCHAR NOT NULL, recorded_at DATETIME NOT NULL'
_PLACES = "prefecture VARCHAR, county VARCHAR, town VARCHAR, village VARCHAR, group_name VARCHAR"
_LISTED = (
    "household_id VARCHAR NOT NULL, listed_for VARCHAR NOT NULL, tier VARCHAR NOT NULL, rank INTEGER, "
    "probability FLOAT, {chance} FLOAT NOT NULL, override VARCHAR, reasons VARCHAR, measures VARCHAR, " + _PLACES
)
_ENTRY = "entry_id INTEGER PRIMARY KEY, alert_id INTEGER NOT NULL REFERENCES alerts, kind VARCHAR NOT NULL, "
_ENTRY += f'"on" DATE NOT NULL, {_MADE}, '
_SAID = 'measure VARCHAR, note VARCHAR, source VARCHAR, "key" BLOB NOT NULL UNIQUE'
_ALERTS = "alert_id INTEGER PRIMARY KEY, household_id VARCHAR NOT NULL UNIQUE"
_SIGNED = f'level VARCHAR, area VARCHAR, after_entry INTEGER REFERENCES entries, "on" DATE NOT NULL, {_MADE}'

_DAY = "(SELECT as_of FROM new.months AS m WHERE m.run = {table}.run)"
_FIRST = {
    "months": (f"as_of DATE PRIMARY KEY, digest VARCHAR NOT NULL, {_MADE}, scores BLOB NOT NULL", {}),
    "alerts": (_ALERTS, {}),
    "listings": (
        "as_of DATE NOT NULL REFERENCES months, "
        + _LISTED.format(chance="chance")
        + ", PRIMARY KEY (as_of, household_id)",
        {"as_of": _DAY.format(table="listings"), "chance": "inclusion_probability"},
    ),
    "entries": (
        f"{_ENTRY} month DATE REFERENCES months, tier VARCHAR, {_SAID}",
        {"month": _DAY.format(table="entries")},
    ),
    "sign_offs": (_SIGNED, {}),
}
_SECOND = {
    "months": (
        f"run INTEGER PRIMARY KEY, as_of DATE NOT NULL, digest VARCHAR NOT NULL, {_MADE}, scores BLOB NOT NULL",
        {},
    ),
    "alerts": (_ALERTS, {}),
    "listings": (
        "run INTEGER NOT NULL REFERENCES months, "
        + _LISTED.format(chance="inclusion_probability")
        + ", PRIMARY KEY (run, household_id)",
        {},
    ),
    "entries": (f"{_ENTRY} run INTEGER REFERENCES months, tier VARCHAR, state VARCHAR, {_SAID}", {}),
    "renumberings": (
        "run INTEGER NOT NULL REFERENCES months, household_id VARCHAR NOT NULL, became VARCHAR NOT NULL, "
        "PRIMARY KEY (run, household_id)",
        {},
    ),
    "withdrawals": (
        "withdrawal_id INTEGER PRIMARY KEY, run INTEGER UNIQUE REFERENCES months, "
        f'entry_id INTEGER UNIQUE REFERENCES entries, "on" DATE NOT NULL, note VARCHAR NOT NULL, {_MADE}',
        {},
    ),
    "sign_offs": (_SIGNED, {}),
}
TABLES = {1: _FIRST, 2: _SECOND}


def as_of_layout(version, path, target):
    """Write a ledger of today as a layout had it, and return where it is."""
    shutil.copyfile(path, target)
    with closing(sqlite3.connect(":memory:")) as source:
        source.execute("ATTACH ? AS new", (str(path),))
        target.unlink()
        source.execute("ATTACH ? AS old", (str(target),))
        source.execute("CREATE TABLE old.ledger (version INTEGER PRIMARY KEY, recorded_at DATETIME NOT NULL)")
        source.execute("INSERT INTO old.ledger VALUES (?, '2020-01-01 00:00:00.000000')", (version,))
        for table, (columns, otherwise) in TABLES[version].items():
            source.execute(f"CREATE TABLE old.{table} ({columns})")
            names = [row[1] for row in source.execute(f"PRAGMA old.table_info({table})")]
            read = ", ".join(otherwise.get(name, f'"{name}"') for name in names)
            source.execute(f"INSERT INTO old.{table} SELECT {read} FROM new.{table}")
        source.commit()
    return target


def changed(path, *statements):
    """Change a ledger by other means."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path
