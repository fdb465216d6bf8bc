"""The state of every alert, derived from its entries; it is stored nowhere."""

from datetime import date

import polars as pl
from sqlalchemy import Connection, Select, and_, func, select

from relapse_risk.monitoring.ledger.frames import read_frame
from relapse_risk.monitoring.ledger.lifecycle import NEW, OPENINGS, Lifecycle
from relapse_risk.monitoring.ledger.schema import PLACES, alerts, entries, listings

__all__ = ["read_alerts", "read_states"]

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
    history = read_frame(connection, _entries(until))
    listed = read_frame(connection, _newest_listings(until))
    states = _folded(history, cycle)
    found = _lives(history, cycle).join(states, on="alert_id").join(listed, on="household_id", how="left")
    is_open = pl.col("due").is_not_null()
    stands = is_open & (pl.col("proposed_on") >= pl.col("listed_on"))  # who goes on that very day has the list
    return found.with_columns(
        due=pl.col("state").replace_strict(dict(cycle.states), return_dtype=pl.String),
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


def _entries(until: date | None) -> Select[tuple[object, ...]]:
    columns = (entries.c.alert_id, alerts.c.household_id, entries.c.kind, entries.c.on, entries.c.by, entries.c.tier)
    chosen = select(*columns).join_from(entries, alerts).order_by(entries.c.entry_id)
    return chosen if until is None else chosen.where(entries.c.on <= until)


def _newest_listings(until: date | None) -> Select[tuple[object, ...]]:
    newest = select(listings.c.household_id, func.max(listings.c.as_of).label("listed_on"))
    chosen = newest if until is None else newest.where(listings.c.as_of <= until)
    return chosen.group_by(listings.c.household_id)


def _folded(history: pl.DataFrame, cycle: Lifecycle) -> pl.DataFrame:
    """Return the state of every alert, and the day that brought it there, entry by entry as they were recorded."""
    state: dict[int, str] = {}
    opened: dict[int, date] = {}
    moved: dict[int, date] = {}
    for alert, kind, on in history.select("alert_id", "kind", "on").iter_rows():
        if kind in OPENINGS:
            opened[alert] = on
        elif on < opened[alert]:
            continue  # of an earlier life: it is kept, and moves nothing
        before = state.get(alert, NEW)
        # What was recorded was possible then. A proposal does not stand here any more: what it allowed is allowed.
        after = cycle.next_state(before, kind, proposed=True) or before
        if after != before or kind in OPENINGS:
            state[alert], moved[alert] = after, on
    schema = {"alert_id": pl.Int64, "state": pl.String, "moved_on": pl.Date}
    return pl.DataFrame([(alert, state[alert], moved[alert]) for alert in state], schema=schema, orient="row")


def _lives(history: pl.DataFrame, cycle: Lifecycle) -> pl.DataFrame:
    """Return what the entries of its newest life say of every alert."""
    by = "alert_id"
    told = history.with_columns(
        life=_OPENING.cum_sum().over(by),
        tier=pl.col("tier").forward_fill().over(by),
        first_on=pl.col("on").first().over(by),
    ).filter(pl.col("life") == pl.col("life").max().over(by))
    urgent = _OPENING | (pl.col("kind") == "escalated")
    opened_on = pl.col("on").filter(_OPENING).last()
    acts = ~pl.col("kind").is_in(["proposed", "escalated", "eased"]) & (pl.col("on") >= opened_on)
    return (
        told.group_by(by, maintain_order=True)
        .agg(
            pl.col("household_id").first(),
            pl.col("tier").last(),
            pl.col("first_on").first(),
            opened_on=opened_on,
            proposed_on=pl.col("on").filter(pl.col("kind") == "proposed").last(),
            visited_by=_deadline("visited", cycle).filter(urgent).min(),
            cleared_by=_deadline("cleared", cycle).filter(urgent).min(),
            last_kind=pl.col("kind").filter(acts).last(),
            last_on=pl.col("on").filter(acts).last(),
            last_by=pl.col("by").filter(acts).last(),
        )
        .sort(by)
    )


def _deadline(due: str, cycle: Lifecycle) -> pl.Expr:
    days = {tier: of[due] for tier, of in cycle.deadlines.items()}
    return pl.col("on") + pl.duration(days=pl.col("tier").replace_strict(days, return_dtype=pl.Int64))
