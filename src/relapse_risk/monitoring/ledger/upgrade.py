"""A ledger of an earlier layout, brought to today's: whole or not at all, after a backup, no row lost, none invented.

What a layout did not record stays empty. Two things a row cannot do without: runs are numbered in the order of their
days (no day had two), and rows are sealed as they are found: `EarlierRecords` says which were not when recorded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, MetaData, Table, func, insert, select, type_coerce

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.alert_states import read_idle
from relapse_risk.monitoring.ledger.backup import back_up
from relapse_risk.monitoring.ledger.engine import Store
from relapse_risk.monitoring.ledger.ledger_rows import insert_frame, now, read_frame
from relapse_risk.monitoring.ledger.month_entries import month_seal
from relapse_risk.monitoring.ledger.schema import (
    VERSION,
    alerts,
    create,
    drop_guards,
    entries,
    ledger,
    listings,
    metadata,
    months,
    renumberings,
    sign_offs,
    withdrawals,
)
from relapse_risk.monitoring.ledger.seals import add_rows
from relapse_risk.monitoring.ledger.soundness import file_faults, read_faults, row_faults
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["Upgrade", "upgrade"]

_FORMERLY = {"chance": "inclusion_probability"}
"""Columns by the names they had for a while."""

_SHOWN = 3

Rows = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """What was done to a ledger of an earlier layout when it was opened.

    Attributes
    ----------
    found, became : int
        The layouts.
    backup : Path or None
        The copy of the file as it was; None of a ledger on a server.
    idle : int
        Acts of persons that were recorded after what happened later, and move nothing in the order of their days.
    """

    found: int
    became: int = VERSION
    backup: Path | None = None
    idle: int = 0


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """An earlier layout: what it lacks of today's, and what it has instead.

    Attributes
    ----------
    version : int
    lacks : Mapping of str to tuple of str
        Columns by table; of a table without columns here nothing, of one with all of them everything.
    has : Mapping of str to tuple of str
        Columns that are no more, by table.
    led_to : Mapping of str to str
        The state that a kind of act led to by the rules of its day, where the layout did not record it.
    """

    version: int
    lacks: Mapping[str, tuple[str, ...]]
    has: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    led_to: Mapping[str, str] = field(default_factory=dict)

    def columns(self, table: Table) -> set[str]:
        """Return the columns that a table of today had, by today's names; none of one that was not there."""
        today = {column.name for column in table.columns}
        return (today - {*self.lacks.get(table.name, ())}) | {*self.has.get(table.name, ())}


def _all(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


_LAYOUTS = (
    # A month went by its day, one person cleared at once, and nothing could be withdrawn.
    _Layout(
        version=1,
        lacks={
            "months": ("run", "inputs", "seal"),
            "listings": ("run",),
            "entries": ("run", "state", "assignee", "seal"),
            "sign_offs": ("sign_off_id", "seal"),
            "renumberings": _all(renumberings),
            "withdrawals": _all(withdrawals),
        },
        has={"listings": ("as_of",), "entries": ("month",)},
        led_to={"cleared": "cleared"},
    ),
    _Layout(
        version=2,
        lacks={
            "months": ("inputs", "seal"),
            "entries": ("assignee", "seal"),
            "sign_offs": ("sign_off_id", "seal"),
            "withdrawals": ("seal",),
        },
    ),
    # The same, with seals.
    _Layout(version=2, lacks={"months": ("inputs",), "entries": ("assignee",), "sign_offs": ("sign_off_id", "seal")}),
)


def upgrade(store: Store, cycle: Lifecycle) -> Upgrade | None:
    """Bring a ledger to today's layout, if it has an earlier one.

    Raises
    ------
    InputError
        If it is not what its layout was (``ledger_older``), contradicts itself (``ledger_contradicts``) or may not be
        written (``ledger_older_readonly``); nothing is changed then.
    """
    with store.reading() as connection:
        found = _version(connection)
    if found >= VERSION:
        return None
    try:
        with store.writing() as connection:
            found = _version(connection)
            if found >= VERSION:  # another did it meanwhile
                return None
            idle = _rebuild(connection, store.place, found, cycle)
            # Still uncommitted: who reads, as the copy does, sees the ledger as it was, and nobody else may write.
            return Upgrade(found=found, backup=back_up(store, cycle.backup.keep), idle=idle)
    except InputError as error:
        if error.code != "ledger_readonly":
            raise
        raise InputError("ledger_older_readonly", place=store.place, found=found, known=VERSION) from error


def _version(connection: Connection) -> int:
    return int(connection.execute(select(func.max(ledger.c.version))).scalar_one())


def _rebuild(connection: Connection, place: str, found: int, cycle: Lifecycle) -> int:
    """Take all rows into tables of today's layout; return how many acts move nothing in the order of their days."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_spill = OFF")  # readers go on until all is committed
    there = MetaData()
    there.reflect(connection)
    layout = _layout(there, place, found)
    old = {name: table for name, table in there.tables.items() if name in metadata.tables}
    _refuse(place, found, [*file_faults(connection), *_faults(connection, old)])
    held = {name: _read(connection, table, metadata.tables[name]) for name, table in old.items()}
    drop_guards(connection)
    there.drop_all(connection, tables=list(old.values()), checkfirst=False)
    create(connection)
    _fill(connection, layout, held)
    _refuse(place, found, _lost(connection, held))
    _refuse(place, found, list(read_faults(connection, cycle).iter_rows()))
    by_person = select(entries.c.entry_id).where(entries.c.run.is_(None))
    return len({*read_idle(connection, cycle)} & {*connection.execute(by_person).scalars()})


def _layout(there: MetaData, place: str, found: int) -> _Layout:
    """Return the layout that a ledger has: all its tables and columns are those of it."""
    columns = {
        name: {_FORMERLY.get(column.name, column.name) for column in table.columns}
        for name, table in there.tables.items()
        if name in metadata.tables
    }
    for layout in _LAYOUTS:
        asked = {name: layout.columns(table) for name, table in metadata.tables.items()}
        if layout.version == found and columns == {name: names for name, names in asked.items() if names}:
            return layout
    raise InputError("ledger_older", place=place, found=found, known=VERSION)


def _faults(connection: Connection, old: Mapping[str, Table]) -> Iterator[tuple[str, str]]:
    """Yield what is not as it was sealed, where there are seals, and numbers of entries that are missing."""
    for name in ("entries", "withdrawals", "sign_offs"):
        if name in old and "seal" in old[name].columns:
            yield from row_faults(connection, old[name])
    count, last = connection.execute(select(func.count(), func.max(old["entries"].c.entry_id))).one()
    if count != (last or 0):
        yield "seal_broken", f"entries {last}"


def _read(connection: Connection, old: Table, new: Table) -> pl.DataFrame:
    """Return the rows of a table by today's names and types, and what is no more as it is typed there."""
    chosen = []
    for column in old.columns:
        name = _FORMERLY.get(column.name, column.name)
        kind = new.c[name].type if name in new.c else months.c.as_of.type
        chosen.append(type_coerce(column, kind).label(name))
    return read_frame(connection, select(*chosen).order_by(*old.primary_key.columns))


def _fill(connection: Connection, layout: _Layout, held: Rows) -> None:
    """Insert the rows of an earlier layout, tables others refer to first."""
    connection.execute(insert(ledger), [*held["ledger"].to_dicts(), {"version": VERSION, "recorded_at": now()}])
    runs = held["months"] if "run" in held["months"].columns else held["months"].sort("as_of").with_row_index("run", 1)
    runs = runs.with_columns(pl.col("run").cast(pl.Int64))
    runs = runs.with_columns(inputs=pl.lit(b"")).sort("run")
    listed = _by_run(held["listings"], runs, "as_of")
    sealed = [row | {"seal": month_seal(row, listed.filter(run=row["run"]))} for row in runs.iter_rows(named=True)]
    if sealed:
        connection.execute(insert(months), sealed)
    insert_frame(connection, listings, listed)
    insert_frame(connection, alerts, held["alerts"])
    said = _by_run(held["entries"], runs, "month").sort("entry_id")
    if layout.led_to:
        by_rule = pl.col("kind").replace_strict(layout.led_to, default=None, return_dtype=pl.String)
        said = said.with_columns(state=pl.when(pl.col("run").is_null()).then(by_rule))
    add_rows(connection, entries, said.to_dicts())
    if "renumberings" in held:
        insert_frame(connection, renumberings, held["renumberings"])
        add_rows(connection, withdrawals, held["withdrawals"].sort("withdrawal_id").to_dicts())
    add_rows(connection, sign_offs, held["sign_offs"].sort("recorded_at", maintain_order=True).to_dicts())


def _by_run(rows: pl.DataFrame, runs: pl.DataFrame, day: str) -> pl.DataFrame:
    """Return rows with the run of their month's day, where they are by day."""
    if day not in rows.columns:
        return rows
    return rows.join(runs.select("run", as_of="as_of"), left_on=day, right_on="as_of", how="left")


def _lost(connection: Connection, held: Rows) -> Iterator[tuple[str, str]]:
    """Yield the tables that have other than as many rows as before; one is added to the layouts."""
    for name, rows in held.items():
        count = connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
        if count != rows.height + (name == ledger.name):
            yield "rows_lost", name


def _refuse(place: str, found: int, faults: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> None:
    """Refuse a ledger in which something is wrong."""
    wrong = [f"{rule} ({where})" for rule, where in faults]
    if wrong:
        some = ", ".join(wrong[:_SHOWN]) + (", …" if len(wrong) > _SHOWN else "")
        raise InputError("ledger_contradicts", place=place, found=found, known=VERSION, count=len(wrong), faults=some)
