"""The state of every alert, derived from its entries; it is stored nowhere."""

from datetime import date

import polars as pl
from sqlalchemy import Connection, Select, and_, func, select

from relapse_risk.monitoring.ledger.ledger_rows import read_frame
from relapse_risk.monitoring.ledger.schema import PLACES, alerts, entries, listings
from relapse_risk.policy.mechanism import Due, Lifecycle

__all__ = ["OPENINGS", "read_alerts", "read_states"]

OPENINGS = ("opened", "reopened")
"""Kinds of entries that begin a life of an alert."""

_OPENING = pl.col("kind").is_in(OPENINGS)


def read_states(connection: Connection, cycle: Lifecycle, until: date | None = None) -> pl.DataFrame:
    """Return the state of every alert, by what had happened by the end of a day (by default, by all that is recorded).

    Returns
    -------
    pl.DataFrame
        One row per alert, by alert_id: alert_id, household_id, state, open, tier, due, deadline, first_on and opened_on
        (of its first and its newest life), closed_on, proposed_on (while the proposal stands), listed_on (the newest
        month that listed the household), last_kind, last_on, last_by.
    """
    life = read_frame(connection, _newest_lives(until))
    found = (
        read_frame(connection, _openings(until))
        .join(read_frame(connection, _newest_listings(until)), on="household_id", how="left")
        .join(_last_entries(life, cycle), on="alert_id")
        .join(_folded(life, cycle), on="alert_id")
        .sort("alert_id")
    )
    is_open = pl.col("due").is_not_null()
    stands = is_open & (pl.col("proposed_on") >= pl.col("listed_on"))  # who goes on that very day has the list
    return found.with_columns(
        due=pl.col("state").replace_strict(
            {state: told.due for state, told in cycle.states.items()}, return_dtype=pl.String
        ),
    ).select(
        *("alert_id", "household_id", "state"),
        is_open.alias("open"),
        "tier",
        "due",
        deadline=pl.when(pl.col("due") == "visited").then("visited_by").when(is_open).then("cleared_by"),
        first_on="first_on",
        opened_on="opened_on",
        closed_on=pl.when(~is_open).then("moved_on"),
        proposed_on=pl.when(stands).then("proposed_on"),
        listed_on="listed_on",
        last_kind="last_kind",
        last_on="last_on",
        last_by="last_by",
    )


def read_alerts(connection: Connection, cycle: Lifecycle, until: date | None = None) -> pl.DataFrame:
    """Return the states with where each household lives and whether it is overdue on the day.

    Where a household lives is what its newest listing says. Without a day, overdue is counted on the last day of which
    the ledger holds anything.
    """
    day = until or connection.execute(select(func.max(entries.c.on))).scalar()
    states = read_states(connection, cycle, until)
    newest = _newest_listings(until).subquery()
    same = and_(listings.c.household_id == newest.c.household_id, listings.c.as_of == newest.c.listed_on)
    where = select(listings.c.household_id, *(listings.c[place] for place in PLACES)).join(newest, same)
    places = read_frame(connection, where)
    placed = states.join(places, on="household_id", how="left", maintain_order="left")
    overdue = (pl.col("deadline") < pl.lit(day, dtype=pl.Date)).fill_null(False)
    head = ("alert_id", "household_id", *PLACES, "state", "open", "tier", "due", "deadline")
    rest = ("opened_on", "closed_on", "proposed_on", "listed_on", "last_kind", "last_on", "last_by")
    return placed.select(*head, overdue.alias("overdue"), *rest)


def _openings(until: date | None) -> Select[tuple[object, ...]]:
    """Select every alert with the day it was first opened, and the entry that its newest life begins with."""
    chosen = select(
        entries.c.alert_id,
        func.min(alerts.c.household_id).label("household_id"),
        func.min(entries.c.on).label("first_on"),
        func.max(entries.c.entry_id).label("begins"),
    )
    opening = chosen.join_from(entries, alerts).where(entries.c.kind.in_(OPENINGS))
    opening = opening if until is None else opening.where(entries.c.on <= until)
    return opening.group_by(entries.c.alert_id).order_by(entries.c.alert_id)


def _newest_lives(until: date | None) -> Select[tuple[object, ...]]:
    """Select the entries of the newest life of every alert, as they were recorded: what was before does not count."""
    newest = _openings(until).subquery()
    same = and_(entries.c.alert_id == newest.c.alert_id, entries.c.entry_id >= newest.c.begins)
    columns = (entries.c[name] for name in ("alert_id", "kind", "on", "by", "tier"))
    chosen = select(*columns).join_from(entries, newest, same).order_by(entries.c.entry_id)
    return chosen if until is None else chosen.where(entries.c.on <= until)


def _newest_listings(until: date | None) -> Select[tuple[object, ...]]:
    newest = select(listings.c.household_id, func.max(listings.c.as_of).label("listed_on"))
    chosen = newest if until is None else newest.where(listings.c.as_of <= until)
    return chosen.group_by(listings.c.household_id)


def _folded(life: pl.DataFrame, cycle: Lifecycle) -> pl.DataFrame:
    """Return the state of every alert, and the day that brought it there, entry by entry as they were recorded."""
    state: dict[int, str] = {}
    opened: dict[int, date] = {}
    moved: dict[int, date] = {}
    for alert, kind, on in life.select("alert_id", "kind", "on").iter_rows():
        if kind in OPENINGS:
            opened[alert] = moved[alert] = on
            state[alert] = cycle.begins(kind)
        elif on >= opened[alert]:  # what happened in an earlier life is kept, and moves nothing
            before = state[alert]
            # What was recorded was possible then, also by a proposal that does not stand any more.
            state[alert] = cycle.next_state(before, kind, proposed=True) or before
            moved[alert] = on if state[alert] != before else moved[alert]
    schema = {"alert_id": pl.Int64, "state": pl.String, "moved_on": pl.Date}
    return pl.DataFrame([(alert, state[alert], moved[alert]) for alert in state], schema=schema, orient="row")


def _last_entries(life: pl.DataFrame, cycle: Lifecycle) -> pl.DataFrame:
    """Return what else the entries of its newest life say of every alert."""
    opened_on = pl.col("on").filter(_OPENING).last()
    urgent = _OPENING | (pl.col("kind") == "escalated")
    acts = ~pl.col("kind").is_in(["proposed", "escalated", "eased"]) & (pl.col("on") >= opened_on)
    return life.group_by("alert_id").agg(
        pl.col("tier").drop_nulls().last(),
        opened_on=opened_on,
        proposed_on=pl.col("on").filter(pl.col("kind") == "proposed").last(),
        visited_by=_deadline("visited", cycle).filter(urgent).min(),
        cleared_by=_deadline("cleared", cycle).filter(urgent).min(),
        last_kind=pl.col("kind").filter(acts).last(),
        last_on=pl.col("on").filter(acts).last(),
        last_by=pl.col("by").filter(acts).last(),
    )


def _deadline(due: Due, cycle: Lifecycle) -> pl.Expr:
    return pl.col("on") + pl.duration(days=pl.col("tier").replace_strict(cycle.days(due), return_dtype=pl.Int64))
