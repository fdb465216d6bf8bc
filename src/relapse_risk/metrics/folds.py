"""Splits in which nothing of a test row is seen in training: neither its household nor its time."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_consistent_length

from relapse_risk.metrics.array_checks import Floats, numbered

__all__ = ["Fold", "hash_ids", "time_household_folds"]

Ints = npt.NDArray[np.int64]

# Where blocks of time share few households (a rotating panel), leaving out the tested households costs few rows,
# and blocks alone are the folds; where every household stands in every block, it would leave no row.
_KEPT_ENOUGH = 0.7


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Row numbers to train on and to test on."""

    train: Ints
    test: Ints


def hash_ids(ids: Any, seed: int = 0) -> npt.NDArray[np.uint64]:
    """Return a number for each id that depends on the id and the seed alone (BLAKE2b of its text).

    Examples
    --------
    >>> first, second = hash_ids(["a", "b"]), hash_ids(["b", "a"])
    >>> bool(first[0] == second[1])
    True
    """
    distinct, of_row = numbered(ids, "household")
    key = seed.to_bytes(8, "little", signed=True)
    digests = [hashlib.blake2b(str(one).encode(), digest_size=8, key=key).digest() for one in distinct.tolist()]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)[of_row]


def time_household_folds(
    household: Any, time: Any = None, *, n_folds: int = 5, outcome: Any = None, weight: Any = None, seed: int = 0
) -> tuple[Fold, ...]:
    """Return folds whose tests cover every row once, and share neither household nor time block with their training.

    Times are cut into contiguous blocks. Where blocks share few households, each block is a test, and its households
    are left out of its training. Where households recur, each test is a group of households in one of two blocks,
    trained on the other households in the other block. With one time, or none given, folds are groups of households.
    Households are dealt to groups by a hash of their id, never by the order of rows.

    Parameters
    ----------
    household : array-like of shape (n,)
        Ids of any kind.
    time : array-like of shape (n,), optional
        Anything that sorts.
    n_folds : int
        Household groups, or time blocks where they are alone. Fewer where there are fewer households or times.
    outcome : array-like of shape (n,), optional
        0 or 1; households with and without are dealt evenly. Folds in whose training an outcome would not occur give
        way to folds by household alone.
    weight : array-like of shape (n,), optional
        By which time blocks are of about equal size; rows count alike if not given.

    Returns
    -------
    tuple of Fold
        Empty where there are fewer than two households, or where no split leaves both outcomes in every training.

    Examples
    --------
    >>> folds = time_household_folds(["a", "b", "a", "b"], [2018, 2018, 2019, 2019], n_folds=2)
    >>> [(fold.train.tolist(), fold.test.tolist()) for fold in folds]  # doctest: +SKIP
    [([3], [0]), ([1], [2]), ([2], [1]), ([0], [3])]
    """
    check_consistent_length(household, time, outcome, weight)
    homes = _Homes.of(household, outcome, seed)
    y = None if outcome is None else np.asarray(outcome, dtype=float)
    if time is not None:
        mass = np.ones(len(homes.of_row)) if weight is None else np.asarray(weight, dtype=float)
        for folds in _timed(homes, time, n_folds, mass):
            if _sound(folds, y):
                return folds
    folds = tuple(_by_group(homes.groups(n_folds), np.zeros(len(homes.of_row), dtype=np.int64), homes))
    return folds if _sound(folds, y) else ()


@dataclass(frozen=True, kw_only=True)
class _Homes:
    """Each row's household as a number, and each household's place in an order that no row order changes."""

    of_row: Ints
    place: Ints

    @classmethod
    def of(cls, household: Any, outcome: Any, seed: int) -> "_Homes":
        distinct, of_row = numbered(household, "household")
        events = np.zeros(len(distinct)) if outcome is None else np.bincount(of_row, np.asarray(outcome, dtype=float))
        order = np.lexsort([hash_ids(distinct, seed), events > 0])
        place = np.empty(len(distinct), dtype=np.int64)
        place[order] = np.arange(len(distinct))
        return cls(of_row=of_row, place=place)

    def groups(self, n: int) -> Ints:
        """Return each row's group, of `n` of equal size."""
        return (self.place % n)[self.of_row]


def _timed(homes: _Homes, time: Any, n_folds: int, weight: Floats) -> Iterator[tuple[Fold, ...]]:
    blocks = _blocks(time, n_folds, weight)
    if blocks.max(initial=0) == 0:
        return
    alone = tuple(_by_group(np.zeros_like(blocks), blocks, homes))
    kept = sum(weight[fold.train].sum() for fold in alone)
    if kept >= _KEPT_ENOUGH * sum(weight.sum() - weight[fold.test].sum() for fold in alone):
        yield alone
    yield tuple(_by_group(homes.groups(n_folds), _blocks(time, 2, weight), homes))


def _blocks(time: Any, n: int, weight: Floats) -> Ints:
    """Return each row's block of contiguous times, of at most `n` of about equal weight, by the middle of each time."""
    distinct, of_row = numbered(time, "time")
    mass = np.bincount(of_row, weight)
    middle = np.cumsum(mass) - mass / 2
    # a middle on the edge of a block is on it for any scale of the weights
    block = np.round(middle * min(n, len(distinct)) / mass.sum(), 9).astype(np.int64)
    _, block = np.unique(block, return_inverse=True)
    return block.astype(np.int64)[of_row]


def _by_group(groups: Ints, blocks: Ints, homes: _Homes) -> Iterator[Fold]:
    several = blocks.max(initial=0) > 0
    for group in np.unique(groups):
        for block in np.unique(blocks):
            tested = (groups == group) & (blocks == block)
            if not tested.any():
                continue
            met = np.zeros(len(homes.place), dtype=bool)
            met[homes.of_row[tested]] = True
            seen = ~met[homes.of_row] & ((blocks != block) if several else True)
            yield Fold(train=np.flatnonzero(seen), test=np.flatnonzero(tested))


def _sound(folds: tuple[Fold, ...], y: Any) -> bool:
    if len(folds) < 2 or any(len(fold.train) == 0 for fold in folds):
        return False
    return y is None or all(np.ptp(y[fold.train]) > 0 for fold in folds)
