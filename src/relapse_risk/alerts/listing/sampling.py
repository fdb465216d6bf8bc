"""Visits drawn at random outside the list, to estimate what the list misses."""

import hashlib
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from math import ceil, floor

import polars as pl

from relapse_risk.alerts.listing.key_hashes import hash_key
from relapse_risk.errors import InputError
from relapse_risk.policy.mechanism import ListingPolicy

__all__ = ["draw_households", "draw_visits", "random_quotas", "random_visits"]

_OUTSIDE = (pl.col("population") == "at_risk") & pl.col("listed_for").is_null()


def random_visits(capacity: int, listing: ListingPolicy, share: float | None = None) -> int:
    """Return how many visits are drawn at random: a share of the capacity, rounded up.

    Parameters
    ----------
    capacity : int
        Households that can be visited.
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


def random_quotas(visits: int, capacities: list[int], *, as_of: date, key: str | bytes) -> list[tuple[int, float]]:
    """Share the visits drawn at random out among areas, by their capacities.

    Systematic: along the areas, one visit wherever the running sum of their shares passes a whole number, from a start
    that the key and the day decide. So an area has its share rounded down or up, and all have what there is.

    Parameters
    ----------
    visits : int
        Drawn in all, no more than the capacities.
    capacities : list of int
        Of each area.
    as_of : date
    key : str or bytes

    Returns
    -------
    list of (int, float)
        Of each area its visits, and the chance that it has any.

    Examples
    --------
    >>> quotas = random_quotas(2, [10, 10, 10, 10], as_of=date(2020, 1, 31), key="key")
    >>> sum(quota for quota, _ in quotas), {chance for _, chance in quotas}
    (2, {0.5})
    """
    whole = sum(capacities)
    if not whole or not visits:
        return [(0, 0.0)] * len(capacities)
    shares = [Fraction(visits * one, whole) for one in capacities]
    start = Fraction(int(_hash(f"{as_of.isoformat()} start", hash_key(key)), 16), 16**32)
    sums = list(accumulate(shares, initial=start))
    return [(floor(after) - floor(before), min(float(after - before), 1.0)) for before, after in pairwise(sums)]


def draw_visits(risk: pl.DataFrame, visits: int, *, as_of: date, key: str | bytes) -> pl.DataFrame:
    """Draw households at risk that are not listed, all with the same chance.

    A simple random sample without replacement by keyed hash: drawn are those of the lowest BLAKE2b hash of the day and
    household_id under the key. The same day and key give the same draw, whatever the order of the rows; the next
    month gives another. Without the key nobody can know beforehand who will be drawn.

    Parameters
    ----------
    risk : pl.DataFrame
        household_id, population and listed_for, as `score` returns them.
    visits : int
        How many to draw; all where there are no more.
    as_of : date
    key : str or bytes
        Of any length; `key_digest` identifies it without revealing it.

    Returns
    -------
    pl.DataFrame
        household_id and inclusion_probability (of having been drawn: n / N, N the households at risk that are not
        listed), in the order of household_id.

    Examples
    --------
    >>> risk = pl.DataFrame({"household_id": list("abcde"), "population": ["at_risk"] * 4 + ["rule_only"],
    ...     "listed_for": ["model", None, None, None, None]})
    >>> drawn = draw_visits(risk, 2, as_of=date(2020, 1, 31), key="key")
    >>> drawn.height, drawn["inclusion_probability"].to_list(), "a" in drawn["household_id"]
    (2, [0.6666666666666666, 0.6666666666666666], False)
    """
    outside = risk.filter(_OUTSIDE).select(pl.col("household_id").cast(pl.String), area=0, quota=visits, chance=1.0)
    return draw_households(outside, as_of=as_of, key=key)


def draw_households(outside: pl.DataFrame, *, as_of: date, key: str | bytes) -> pl.DataFrame:
    """Draw households area by area, as `draw_visits` does from one.

    Parameters
    ----------
    outside : pl.DataFrame
        Who can be drawn: household_id, area, quota (visits of the area) and chance (that the area has any).

    Returns
    -------
    pl.DataFrame
        household_id and inclusion_probability, in the order of household_id.
    """
    secret = hash_key(key)
    outside = outside.filter(pl.col("quota") > 0)
    hashes = [_hash(f"{as_of.isoformat()} {household}", secret) for household in outside["household_id"]]
    place = pl.struct("hash", "household_id").rank("ordinal").over("area")
    return (
        outside.with_columns(pl.Series("hash", hashes, dtype=pl.String), size=pl.len().over("area"))
        .filter(place <= pl.col("quota"))
        .select(
            "household_id",
            inclusion_probability=pl.col("chance") * pl.min_horizontal("quota", "size") / pl.col("size"),
        )
        .sort("household_id")
    )


def _hash(text: str, secret: bytes) -> str:
    # Another use of the key than breaking ties: who comes last among equals says nothing of who is drawn.
    return hashlib.blake2b(text.encode(), key=secret, digest_size=16, person=b"relapse-draw").hexdigest()
