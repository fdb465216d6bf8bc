"""What a ledger holds, without the moments of its making."""

import polars as pl

__all__ = ["entries"]


def entries(ledger) -> pl.DataFrame:
    """Return everything in a ledger but the moments at which it was recorded."""
    return ledger.history().drop("recorded_at")
