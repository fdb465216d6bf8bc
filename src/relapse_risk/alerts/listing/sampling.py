"""Visits drawn at random outside the list, to estimate what the list misses."""

import hashlib
from datetime import date
from math import ceil

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.policy import URGENT_FIRST
from relapse_risk.policy.mechanism import ListingPolicy

__all__ = ["draw_visits", "random_visits"]

_OUTSIDE = (pl.col("population") == "at_risk") & ~pl.col("tier").fill_null("none").is_in(URGENT_FIRST)


def random_visits(capacity: int, listing: ListingPolicy, share: float | None = None) -> int:
    """Return how many visits are drawn at random: a share of the capacity, rounded up.

    Parameters
    ----------
    capacity : int
        Households that can be visited by the list; the random ones come in addition.
    listing : ListingPolicy
    share : float, optional
        From 0 (none is drawn) to 1; by default that of ``listing.toml``, ``[random]``.

    Raises
    ------
    InputError
        If the share is none (``random_share``).

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> listing = read_policy().mechanism.listing
    >>> random_visits(500, listing), random_visits(500, listing, share=0)
    (25, 0)
    """
    wanted = listing.random.share if share is None else share
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or not 0 <= wanted <= 1:
        raise InputError("random_share", found=wanted)
    # Rounded first: 0.07 * 100 is a little more than 7 in floating point.
    return ceil(round(wanted * capacity, 9))


def draw_visits(risk: pl.DataFrame, visits: int, *, as_of: date, key: str | bytes) -> pl.DataFrame:
    """Draw households at risk that are not listed, all with the same chance.

    A simple random sample without replacement by keyed hash: drawn are those of the lowest BLAKE2b hash of the day and
    household_id under the key. The same day and key give the same draw, in whatever order the rows stand; the next
    month gives another. Without the key nobody can know beforehand who will be drawn.

    Parameters
    ----------
    risk : pl.DataFrame
        household_id, population and tier, as `score` returns them.
    visits : int
        How many to draw; all where there are no more.
    as_of : date
    key : str or bytes
        Of any length; `key_digest` says which it was without telling it.

    Returns
    -------
    pl.DataFrame
        household_id and inclusion_probability (of having been drawn: n / N, N the households at risk that are not
        listed), in the order of household_id.

    Examples
    --------
    >>> risk = pl.DataFrame({"household_id": list("abcde"), "population": ["at_risk"] * 4 + ["rule_only"],
    ...     "tier": ["red", "none", "none", "none", None]})
    >>> drawn = draw_visits(risk, 2, as_of=date(2020, 1, 31), key="key")
    >>> drawn.height, drawn["inclusion_probability"].to_list(), "a" in drawn["household_id"]
    (2, [0.6666666666666666, 0.6666666666666666], False)
    """
    outside = risk.filter(_OUTSIDE).select(pl.col("household_id").cast(pl.String))
    drawn = min(visits, outside.height)
    secret = hashlib.blake2b(key.encode() if isinstance(key, str) else key).digest()
    hashes = [_hash(f"{as_of.isoformat()} {household}", secret) for household in outside["household_id"]]
    return (
        outside.with_columns(pl.Series("hash", hashes, dtype=pl.String))
        .sort("hash", "household_id")
        .head(drawn)
        .select("household_id", inclusion_probability=pl.lit(drawn / max(outside.height, 1)))
        .sort("household_id")
    )


def _hash(text: str, secret: bytes) -> str:
    # Another use of the key than breaking ties: who comes last among equals says nothing of who is drawn.
    return hashlib.blake2b(text.encode(), key=secret, digest_size=16, person=b"relapse-draw").hexdigest()
