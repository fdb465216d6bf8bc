"""The moment something is recorded."""

from datetime import UTC, datetime

__all__ = ["now"]


def now() -> datetime:
    """Return the time in UTC, as the ledger's columns hold it: without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
