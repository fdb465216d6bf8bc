"""The state of every alert, derived from its entries; it is stored nowhere."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, case, select

from relapse_risk.monitoring.ledger.life import Entry, Life, live_through
from relapse_risk.monitoring.ledger.live import LIVE_ENTRY, Numbers, newest_listings, read_numbers
from relapse_risk.monitoring.ledger.schema import PLACES, entries
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["read_alerts", "read_entries", "read_idle", "read_states"]

_SCHEMA = {
    **{"alert_id": pl.Int64, "household_id": pl.String, "state": pl.String, "open": pl.Boolean, "tier": pl.String},
    **{"due": pl.String, "deadline": pl.Date, "next_step": pl.String, "next_from": pl.Date},
    **dict.fromkeys(("first_on", "opened_on", "closed_on", "proposed_on", "flagged_on", "step_on"), pl.Date),
    **{"step_by": pl.String, "assignee": pl.String, "last_kind": pl.String, "last_on": pl.Date, "last_by": pl.String},
}


def read_states(connection: Connection, cycle: Lifecycle, until: date | None = None) -> pl.DataFrame:
    """Return the state of every alert, by what had happened by the end of a day (by default, by all that is recorded).

    Returns
    -------
    pl.DataFrame
        One row per alert, by alert_id: alert_id, household_id, state, open, tier, due, deadline, next_step and
        next_from (where clearing is under way: the step it waits for, and from which day on), first_on and opened_on
        (of its first and its newest life), closed_on, proposed_on and flagged_on (while the proposal of a person or of
        the run stands), step_on and step_by (of the newest step of clearing), assignee (of the newest life), last_kind,
        last_on, last_by, listed_on (the newest month that listed the household).
    """
    numbers = read_numbers(connection)
    newest = newest_listings(connection, numbers, until)
    return _states(connection, cycle, numbers, until)[0].join(newest, on="alert_id", how="left", maintain_order="left")


def read_alerts(connection: Connection, cycle: Lifecycle, until: date | None = None) -> pl.DataFrame:
    """Return the states with where each household lives and whether it is overdue on the day.

    Where a household lives is what its newest listing says. Without a day, overdue is counted on the last day of which
    the ledger holds anything.
    """
    numbers = read_numbers(connection)
    states, newest = _states(connection, cycle, numbers, until)
    places = newest_listings(connection, numbers, until, *PLACES)
    placed = states.join(places, on="alert_id", how="left", maintain_order="left")
    overdue = (pl.col("deadline") < pl.lit(until or newest, dtype=pl.Date)).fill_null(False)
    head = ("alert_id", "household_id", *PLACES, "state", "open", "tier", "due", "deadline")
    steps = ("next_step", "next_from", "step_on", "step_by")
    rest = ("opened_on", "closed_on", "proposed_on", *steps, "listed_on", "last_kind", "last_on", "last_by")
    proposed = pl.coalesce("proposed_on", "flagged_on").alias("proposed_on")
    return placed.with_columns(proposed).select(*head, overdue.alias("overdue"), "assignee", *rest)


def read_entries(
    connection: Connection, ids: Sequence[int] | None = None, until: date | None = None
) -> Iterator[tuple[int, list[Entry]]]:
    """Yield the entries of every alert that count, or of some alerts, in the order in which they count."""
    chosen = _entries() if ids is None else _entries().where(entries.c.alert_id.in_(ids))
    rows = connection.execute(chosen if until is None else chosen.where(entries.c.on <= until))
    for alert, of_alert in groupby(rows, key=itemgetter(0)):
        yield alert, [Entry(on, run is None, number, *rest) for _, on, run, number, *rest in of_alert]


def read_idle(connection: Connection, cycle: Lifecycle) -> list[int]:
    """Return the entries that move nothing: what made them possible was withdrawn, or something came before them."""
    idle: list[int] = []
    for _, of_alert in read_entries(connection):
        live_through(of_alert, cycle, idle)
    return idle


def _entries() -> Select[Any]:
    by_person = case((entries.c.run.is_(None), 1), else_=0)
    moved = (
        entries.c[name] for name in ("alert_id", "on", "run", "entry_id", "kind", "by", "tier", "state", "assignee")
    )
    return select(*moved).where(LIVE_ENTRY).order_by(entries.c.alert_id, entries.c.on, by_person, entries.c.entry_id)


def _states(
    connection: Connection, cycle: Lifecycle, numbers: Numbers, until: date | None
) -> tuple[pl.DataFrame, date | None]:
    """Return the states, and the newest day of what counts in them."""
    rows: list[tuple[Any, ...]] = []
    days: list[date] = []
    for alert, of_alert in read_entries(connection, until=until):
        idle: list[int] = []
        life = live_through(of_alert, cycle, idle)
        days += [one.on for one in of_alert[-1:] if not idle] or [
            one.on for one in of_alert if one.entry_id not in idle
        ]
        if life.state:
            rows.append((alert, numbers.current[alert], *_state_row(life, cycle)))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row"), max(days, default=None)


def _state_row(life: Life, cycle: Lifecycle) -> tuple[Any, ...]:
    """Return what a row of states says of a life, from its state on."""
    due, last = cycle.states[life.state].due, life.last
    deadline = None if due is None else life.visited_by if due == "visited" else life.cleared_by
    step = cycle.next_step(life.state)
    taken = cycle.clearing.step.get(life.state)
    begins = None if step is None or life.step_on is None else life.step_on + timedelta(days=taken.days if taken else 0)
    return (
        *(life.state, due is not None, life.tier, due, deadline, step, begins),
        *(life.first_on, life.opened_on, life.closed_on, life.proposed_on, life.flagged_on),
        *(life.step_on, life.step_by, life.assignee),
        *((last.kind, last.on, last.by) if last else (None, None, None)),
    )
