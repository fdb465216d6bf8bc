"""Random draws and days as arrays: every stage has its own stream, so that one stage's draws never move another's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "NEVER",
    "Array",
    "Days",
    "RegisterSpec",
    "between",
    "chance",
    "day_number",
    "days",
    "lagged",
    "logistic",
    "pick",
    "stream",
    "total",
]

Array = NDArray[Any]
Days = NDArray[np.int32]
"""Days since 1970-01-01; `NEVER` where there is no such day."""

NEVER = np.int32(2**31 - 1)
"""Later than any day."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class RegisterSpec:
    """What is asked for: how many households, which years, which seed, and whether reasons interact."""

    households: int
    years: tuple[int, ...]
    seed: int
    interacting: bool

    def stream(self, *names: str | int) -> np.random.Generator:
        """Return the random stream of a stage, the same whatever the other stages draw."""
        return stream(self.seed, *names)

    @property
    def last_day(self) -> date:
        """The end of the last year: the day of the export."""
        return date(self.years[-1], 12, 31)


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the random stream of a stage under a seed."""
    return np.random.default_rng([seed, crc32("/".join(map(str, names)).encode())])


def day_number(year: int, month: int, day: int) -> int:
    """Return a calendar day as days since 1970-01-01."""
    return (date(year, month, day) - _EPOCH).days


def days(name: str, values: Array) -> pl.Series:
    """Return days as a column of dates, null where `NEVER`."""
    held = pl.Series(name, values.astype(np.int32))
    return held.set(held == int(NEVER), None).cast(pl.Date)


def chance(rng: np.random.Generator, share: ArrayLike, size: int | tuple[int, ...]) -> NDArray[np.bool_]:
    """Draw true with a probability, the same for all or one each."""
    drawn: NDArray[np.bool_] = rng.random(size) < np.asarray(share)
    return drawn


def between(rng: np.random.Generator, span: Sequence[int], size: int) -> NDArray[np.int64]:
    """Draw whole numbers from ``span[0]`` up to, not including, ``span[1]``."""
    first, last = span
    return rng.integers(first, last, size)


def pick(rng: np.random.Generator, shares: Sequence[float], size: int) -> NDArray[np.int64]:
    """Draw indices with the given shares (made to add up to one)."""
    edges = np.cumsum(np.asarray(shares, dtype=float))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").astype(np.int64)


def lagged(rng: np.random.Generator, happened: Array, lag: Sequence[float]) -> Days:
    """Return the day each event is entered: a gamma lag of mean ``lag[0]`` days, at most ``lag[1]``; `NEVER` stays."""
    mean, longest = lag
    late = np.minimum(np.floor(rng.gamma(1.6, mean / 1.6, happened.size)), longest).astype(np.int64)
    entered: Days = np.where(happened == NEVER, NEVER, happened.astype(np.int64) + late).astype(np.int32)
    return entered


def logistic(log_odds: ArrayLike) -> Array:
    """Return the probability of a log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(log_odds, dtype=float))))


def total(of: Array, values: Array, size: int) -> Array:
    """Return the sum of `values` by the index `of`, for indices 0 to size - 1."""
    return np.bincount(of, weights=values, minlength=size)
