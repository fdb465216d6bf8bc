"""What a ledger holds, to be compared."""

import polars as pl


def entries(ledger) -> pl.DataFrame:
    """Return everything in a ledger but the moments at which it was recorded."""
    return ledger.history().drop("recorded_at")
