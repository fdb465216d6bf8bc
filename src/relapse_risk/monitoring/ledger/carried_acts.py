"""Acts on the second alert of a household: carried over to its first one, once a month says that it was renumbered.

Where a month was run as if a household with another number were a new one, people acted on the alert that this run
opened. Withdrawn and run anew with the other number, the month opens no such alert, and those acts would move nothing.
"""

from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from relapse_risk.monitoring.ledger.acts import record_acts
from relapse_risk.monitoring.ledger.ledger_rows import read_frame
from relapse_risk.monitoring.ledger.live import LIVE_ENTRY, read_numbers
from relapse_risk.monitoring.ledger.schema import alerts, entries, months, renumberings
from relapse_risk.policy.mechanism import Lifecycle

__all__ = ["carried_entries", "carry_acts", "count_carried"]

_CONTENT = ("kind", "on", "by", "measure", "assignee", "note")


def carry_acts(connection: Connection, run: int, cycle: Lifecycle) -> None:
    """Record the acts on second alerts on the alerts that took their numbers; what is not possible there is not."""
    left = _left(connection, run)
    if left.height:
        record_acts(connection, left.drop("left"), cycle, carried_by=run)


def carried_entries(connection: Connection, run: int) -> list[int]:
    """Return the acts that a run carried over and that still count: recorded with it, and there where it left them."""
    left = _left(connection, run)
    there = _acts(connection, left["alert_id"].unique().to_list())
    began = select(months.c.recorded_at).where(months.c.run == run).scalar_subquery()
    since = connection.execute(select(entries.c.entry_id).where(entries.c.recorded_at >= began)).scalars().all()
    carried = there.join(left, on=["alert_id", *_CONTENT], how="semi", nulls_equal=True)["entry_id"]
    return sorted({*carried} & {*since})


def count_carried(connection: Connection, run: int) -> tuple[int, int]:
    """Return how many acts a run's renumberings carried over, and how many they could not."""
    left = _left(connection, run)
    there = _acts(connection, left["alert_id"].unique().to_list())
    carried = left.join(there, on=["alert_id", *_CONTENT], how="semi", nulls_equal=True).height
    return carried, left.height - carried


def _left(connection: Connection, run: int) -> pl.DataFrame:
    """Return the acts on alerts whose numbers others took in a run: left (their alert), alert_id, what was done."""
    chosen = select(alerts.c.alert_id, alerts.c.household_id).join_from(
        alerts, renumberings, alerts.c.household_id == renumberings.c.became
    )
    alert_of = read_numbers(connection).alert_of
    rows = connection.execute(chosen.where(renumberings.c.run == run))
    taken: dict[int, int] = {alert: alert_of[number] for alert, number in rows if alert_of[number] != alert}
    acts = _acts(connection, list(taken)).rename({"alert_id": "left"})
    named = pl.col("left").replace_strict(taken, return_dtype=pl.Int64)
    return acts.with_columns(alert_id=named).sort("entry_id").drop("entry_id")


def _acts(connection: Connection, of: list[Any]) -> pl.DataFrame:
    """Return the acts of persons on some alerts that count."""
    columns = (entries.c[name] for name in ("entry_id", "alert_id", *_CONTENT, "source"))
    chosen = select(*columns).where(LIVE_ENTRY, entries.c.run.is_(None), entries.c.alert_id.in_(of))
    return read_frame(connection, chosen.order_by(entries.c.entry_id))
