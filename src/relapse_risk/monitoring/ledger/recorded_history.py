"""What was recorded, in the order in which it was recorded."""

import polars as pl
from sqlalchemy import Connection, case, select

from relapse_risk.monitoring.ledger.ledger_rows import read_frame
from relapse_risk.monitoring.ledger.live import LIVE_ENTRY, read_numbers
from relapse_risk.monitoring.ledger.schema import alerts, entries, months

__all__ = ["read_history"]

_SAID = ("kind", "on", "by", "recorded_at")
_MORE = ("tier", "measure", "note", "source")


def read_history(connection: Connection, alert_id: int | None = None) -> pl.DataFrame:
    """Return the entries as they were recorded, see ``Ledger.history``."""
    withdrawn = case((LIVE_ENTRY, 0), else_=1).label("withdrawn")
    chosen = (
        select(
            *(entries.c.entry_id, entries.c.alert_id, alerts.c.household_id),
            *(entries.c[name] for name in _SAID),
            months.c.as_of.label("month"),
            *(entries.c[name] for name in _MORE),
            withdrawn,
        )
        .join_from(entries, alerts)
        .join(months, entries.c.run == months.c.run, isouter=True)
        .order_by(entries.c.entry_id)
    )
    found = read_frame(connection, chosen if alert_id is None else chosen.where(entries.c.alert_id == alert_id))
    told = read_numbers(connection).renamed(found)
    return told.with_columns(pl.col("recorded_at").dt.replace_time_zone("UTC"), pl.col("withdrawn").cast(pl.Boolean))
