"""The order of households: a function of what is known of them, never of the order of their rows."""

import hashlib

import polars as pl

from relapse_risk.alerts.listing.key_hashes import hash_key

__all__ = ["DECIMALS", "rank_households"]

# Rounding of the last digits depends on where a row stands in an array: below this many decimals, risks are equal.
DECIMALS = 12


def rank_households(frame: pl.DataFrame, key: bytes) -> pl.Series:
    """Rank households by their risk, 1 for the highest.

    Of equal probabilities (to twelve decimals) the lower income over line comes first, an unknown one last; of equal
    incomes the lower keyed hash of household_id. The hash is BLAKE2b, so without the key nobody can predict who will
    win a tie.

    Parameters
    ----------
    frame : pl.DataFrame
        household_id (no household twice), probability and ratio (income over line).
    key : bytes
        Of any length.

    Returns
    -------
    pl.Series
        One per row of `frame`; null where the probability is null.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {"household_id": ["a", "b", "c", "d"], "probability": [0.1, 0.3, 0.3, None], "ratio": [1.0, 2.0, 1.5, 0.9]}
    ... )
    >>> rank_households(frame, b"key").to_list()
    [3, 2, 1, None]
    """
    order = frame.lazy().select(
        "household_id",
        pl.col("probability").round(DECIMALS),
        pl.col("ratio").fill_nan(None),
        pl.int_range(pl.len()).alias("row"),
    )
    scored = order.filter(pl.col("probability").is_not_null()).collect()
    ranked = (
        scored.with_columns(_tie_hash(scored, key))
        .sort("probability", "ratio", "hash", "household_id", descending=[True, False, False, False], nulls_last=True)
        .select("row", pl.int_range(1, pl.len() + 1).alias("rank"))
    )
    rows = pl.DataFrame({"row": pl.int_range(frame.height, eager=True)})
    return rows.join(ranked, on="row", how="left", maintain_order="left")["rank"]


def _tie_hash(scored: pl.DataFrame, key: bytes) -> pl.Series:
    """Return the hash of every household that ties with another, and null for the rest."""
    ties = scored.select("probability", "ratio").is_duplicated()
    short_key = hash_key(key)
    hashes = [
        hashlib.blake2b(household.encode(), key=short_key, digest_size=8).hexdigest() if tied else None
        for household, tied in zip(scored["household_id"], ties, strict=True)
    ]
    return pl.Series("hash", hashes, dtype=pl.String)
