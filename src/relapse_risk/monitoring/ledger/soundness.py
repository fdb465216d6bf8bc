"""Whether a ledger is sound: its rows as they were sealed, its alerts in states that can be, its guards in place."""

from collections.abc import Iterator
from datetime import date
from operator import attrgetter
from typing import Any

import polars as pl
from sqlalchemy import Connection, Table, func, select, text

from relapse_risk.errors import InputError
from relapse_risk.monitoring.ledger.alert_states import read_entries
from relapse_risk.monitoring.ledger.ledger_rows import read_frame
from relapse_risk.monitoring.ledger.life import Entry, live_through
from relapse_risk.monitoring.ledger.live import live_months
from relapse_risk.monitoring.ledger.month_entries import month_seal
from relapse_risk.monitoring.ledger.schema import (
    alerts,
    entries,
    ledger,
    listings,
    months,
    sign_offs,
    triggers,
    withdrawals,
)
from relapse_risk.monitoring.ledger.seals import seal_of
from relapse_risk.monitoring.packed import known_households
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["file_faults", "read_faults", "row_faults"]

_SCHEMA = {"rule": pl.String, "place": pl.String}
_GUARDS = text(
    "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND t.tgenabled = 'A' AND c.relnamespace = current_schema()::regnamespace"
)


def read_faults(connection: Connection, cycle: Lifecycle) -> pl.DataFrame:
    """Return what is wrong with a ledger, see ``Ledger.check``."""
    found = [
        *file_faults(connection),
        *_of_guards(connection),
        *row_faults(connection, entries),
        *row_faults(connection, withdrawals),
        *row_faults(connection, sign_offs),
        *_of_months(connection),
        *_of_alerts(connection, cycle),
    ]
    return pl.DataFrame(found, schema=_SCHEMA, orient="row")


def file_faults(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the damages of a file, and its rows that refer to what is not there; a server keeps its own from both."""
    if connection.dialect.name != "sqlite":
        return
    verdict = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    if verdict != "ok":
        yield "file_damaged", "-"
    for table, row, *_ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield "refers_to_nothing", f"{table} {row}"


def _of_guards(connection: Connection) -> Iterator[tuple[str, str]]:
    dialect = connection.dialect.name
    if dialect == "sqlite":
        there = connection.execute(text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")).all()
    else:
        there = connection.execute(_GUARDS).all()
    for table, _ in sorted(triggers(dialect) - {(table, name) for table, name in there}):
        yield "guard_missing", table


def row_faults(connection: Connection, table: Table) -> Iterator[tuple[str, str]]:
    """Yield the first row of a table that is not as it was sealed, or whose number leaves a gap."""
    seal = b""
    for place, row in enumerate(connection.execute(select(table).order_by(next(iter(table.columns)))), 1):
        *values, sealed = row
        seal = seal_of(seal, values)
        if values[0] != place or sealed != seal:
            yield "seal_broken", f"{table.name} {values[0]}"
            return  # the seals of all that follow rest on it


def _of_months(connection: Connection) -> Iterator[tuple[str, str]]:
    for month in connection.execute(select(months).order_by(months.c.run)).mappings():
        listed = read_frame(connection, select(listings).where(listings.c.run == month["run"]))
        if month_seal(dict(month), listed) != month["seal"]:
            yield "seal_broken", f"months {month['as_of']}"
        try:
            known_households(month["scores"])
        except InputError:
            yield "scores_damaged", str(month["as_of"])
    days: list[date] = [day for _, day in connection.execute(live_months())]
    yield from (("month_twice", str(day)) for day in sorted({day for day in days if days.count(day) > 1}))


def _of_alerts(connection: Connection, cycle: Lifecycle) -> Iterator[tuple[str, str]]:
    """Yield the alerts without an entry, and those in which a run found what cannot have been."""
    has: Any = select(entries.c.alert_id).distinct()
    for alert in connection.execute(select(alerts.c.alert_id).where(alerts.c.alert_id.not_in(has))).scalars():
        yield "alert_without_entry", str(alert)
    by_run = set(connection.execute(select(entries.c.entry_id).where(entries.c.run.is_not(None))).scalars())
    begun = select(func.max(ledger.c.recorded_at)).scalar_subquery()
    before = select(func.max(entries.c.entry_id)).where(entries.c.recorded_at < begun)
    earlier = connection.execute(before).scalar() or 0
    for alert, of_alert in read_entries(connection):
        idle: list[int] = []
        live_through(of_alert, cycle, idle)
        wrong = by_run.intersection(idle)
        if any(number <= earlier for number in wrong):
            wrong -= _possible_as_recorded(of_alert, cycle, earlier)
        if wrong and _is_impossible(connection, wrong):
            yield "state_impossible", str(alert)


def _possible_as_recorded(of_alert: list[Entry], cycle: Lifecycle, earlier: int) -> set[int]:
    """Return the entries of an earlier layout that were possible when they were recorded.

    There an act could be dated before a list that did not know of it.
    """
    idle: list[int] = []
    live_through(sorted(of_alert, key=attrgetter("entry_id")), cycle, idle)
    return {one.entry_id for one in of_alert if one.entry_id <= earlier} - {*idle}


def _is_impossible(connection: Connection, wrong: set[int]) -> bool:
    """Return whether entries of runs move nothing for another reason than an act that was entered late."""
    counted = select(func.count()).where(entries.c.entry_id.in_(wrong), entries.c.kind != "proposed")
    return connection.execute(counted).scalar_one() > 0
