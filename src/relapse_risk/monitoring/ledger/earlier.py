"""What a ledger was told in an earlier layout, before it was brought to today's."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from relapse_risk.monitoring.ledger.schema import entries, ledger, months

__all__ = ["EarlierRecords", "read_earlier"]


@dataclass(frozen=True, kw_only=True)
class EarlierRecords:
    """What a ledger holds of an earlier layout, whose rows were not sealed when they were recorded.

    Attributes
    ----------
    found, became : int
        The layouts.
    upgraded_at : datetime
        Since when its rows are sealed, in UTC.
    months, entries : int
        How many.
    """

    found: int
    became: int
    upgraded_at: datetime
    months: int
    entries: int


def read_earlier(connection: Connection) -> EarlierRecords | None:
    """Return what was recorded before today's layout; None of a ledger that began with it."""
    versions = connection.execute(select(ledger).order_by(ledger.c.version)).all()
    if len(versions) < 2:
        return None
    (found, _), *_, (became, at) = versions
    counted = (
        connection.execute(select(func.count()).where(table.c.recorded_at < at)).scalar_one()
        for table in (months, entries)
    )
    held, said = counted
    return EarlierRecords(found=found, became=became, upgraded_at=at.replace(tzinfo=UTC), months=held, entries=said)
