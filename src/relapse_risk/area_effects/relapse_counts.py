"""How many relapses a village, a town or a county will have: the distribution of the count, with shared shocks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np
from scipy.signal import fftconvolve
from scipy.special import expit
from scipy.stats import t as student
from sklearn.utils import check_consistent_length

from relapse_risk.area_effects.cluster_effects import ClusterEffects, offset_for
from relapse_risk.metrics import Floats, Ints, checked_finite, checked_level, numbered

__all__ = ["Counts", "count_areas", "count_distribution", "count_interval", "count_villages"]

# Below this, spreads of shocks are as good as none, and probabilities of counts are rounding.
_LEAST_STD_DEV = 0.01
_NOTHING = 1e-15
# Steps of a sum over shifts, in widths of what is summed: what is left out is then about 1e-4.
_STEP = 1.5
_REACH = 4.5
_LARGEST_SHIFT = 2.0
_TAIL = 1e-3
_DIRECT = 32
# Figures of one call, so that memory stays bounded.
_AT_ONCE = 500_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """The distribution of a number of relapses, given each of a few shocks common to all areas.

    Attributes
    ----------
    given : ndarray of shape (nodes, counts)
        Probability of 0, 1, 2, … relapses given each common shock; what is not there has none.
    mass : ndarray of shape (nodes,)
        Probability of each common shock.

    Examples
    --------
    >>> found = count_distribution([-3.0] * 100, ["a"] * 50 + ["b"] * 50, ClusterEffects(village=0.0))
    >>> round(found.expected, 3), found.interval(0.9), round(float(found.cdf(4)), 3)
    (4.743, (2, 8), 0.483)
    """

    given: Floats
    mass: Floats

    @cached_property
    def pmf(self) -> Floats:
        """Probability of 0, 1, 2, … relapses."""
        found = self.mass @ self.given
        return np.asarray(found / found.sum())

    @property
    def expected(self) -> float:
        """The mean."""
        return float(self.pmf @ np.arange(len(self.pmf)))

    def cdf(self, count: Any) -> Floats:
        """Return the probability of at most so many relapses; 0 below none."""
        sums = np.concatenate([[0.0], np.minimum(np.cumsum(self.pmf), 1.0)])
        return np.asarray(sums[np.clip(np.asarray(count, dtype=np.int64) + 1, 0, len(self.pmf))])

    def interval(self, level: float = 0.9) -> tuple[int, int]:
        """Return the bounds, both included, beyond each of which lies at most (1 - level) / 2."""
        sums = np.cumsum(self.pmf)
        tail = (1 - checked_level(level)) / 2
        lower, upper = int(np.searchsorted(sums, tail, side="right")), int(np.searchsorted(sums, 1 - tail - _NOTHING))
        return lower, min(upper, len(sums) - 1)

    @classmethod
    def sum(cls, parts: Iterable[Self]) -> Self:
        """Return the distribution of the sum over areas, made for the same common shocks; of none, that of nothing."""
        left = list(parts)
        if len(left) < 2:
            return left[0] if left else cls(given=np.ones((1, 1)), mass=np.ones(1))
        # those of about one length together: each array of a call is as long as its longest
        of_length = np.frexp([part.given.shape[1] for part in left])[1]
        sums = [
            _summed(_stacked([left[at].given for at in np.flatnonzero(of_length == one)]))
            for one in np.unique(of_length)
        ]
        found = sums[0]
        for more in sums[1:]:
            found = _convolved(found, more)
        return cls(given=found, mass=left[0].mass)


def count_villages(score: Any, village: Any, shocks: ClusterEffects) -> dict[Any, Counts]:
    """Return the distribution of the number of relapses of each village.

    Given the shocks, a village's count is a sum of independent households; it is summed exactly (to 1e-12), and the
    shocks are summed out over even steps (to 1e-4). An error of a single household's probability needs no share in
    this: an outcome drawn from a drawn probability is one drawn from its mean.

    Parameters
    ----------
    score : array-like of shape (n,)
        Calibrated log-odds of the households.
    village : array-like of shape (n,)
    shocks : ClusterEffects

    Raises
    ------
    ValueError
        For a score that is not finite, or a missing village.

    Returns
    -------
    dict of village to Counts
        In the order of names; all for the same common shocks, so that `Counts.sum` adds them up to towns and counties.
    """
    s = checked_finite(score, "score")
    check_consistent_length(s, village)
    if len(s) == 0:
        return {}
    names, of_village = numbered(village, "village")
    risks = np.bincount(of_village, expit(s), minlength=len(names))
    common, mass = _common_nodes(shocks, risks.sum())
    shift, weights = _village_nodes(shocks, common, risks.max(initial=0.0))
    shifted = s + offset_for(s, shift, mass @ weights)
    given: list[Floats] = [np.empty(0)] * len(names)
    for villages, part in _batches(shifted, of_village, len(shift)):
        found = np.tensordot(weights, _summed(_single(expit(part + shift[:, None, None]))), axes=1)
        of_each = zip(villages.tolist(), np.moveaxis(found, 1, 0), _ends(found.max(axis=0)), strict=True)
        for village, one, end in of_each:
            given[village] = one[:, :end]
    return {name: Counts(given=one, mass=mass) for name, one in zip(names.tolist(), given, strict=True)}


def count_areas(score: Any, village: Any, area: Any, shocks: ClusterEffects) -> dict[Any, Counts]:
    """Return the distribution of the number of relapses of each area, the sum over the villages in it.

    All areas are counted over the steps that the largest needs. A household may be in several areas, a row each.

    Parameters
    ----------
    score : array-like of shape (n,)
        Calibrated log-odds of the households.
    village, area : array-like of shape (n,)
    shocks : ClusterEffects

    Examples
    --------
    >>> found = count_areas([-3.0] * 100, ["a", "b"] * 50, [0] * 50 + [1] * 50, ClusterEffects(village=0.3))
    >>> {area: round(counts.expected, 2) for area, counts in found.items()}
    {0: 2.37, 1: 2.37}
    """
    areas, of_area = numbered(area, "area")
    villages, of_village = numbered(village, "village")
    found: dict[int, list[Counts]] = {}
    for part, counts in count_villages(score, of_area * len(villages) + of_village, shocks).items():
        found.setdefault(part // len(villages), []).append(counts)
    return {name: Counts.sum(found[place]) for place, name in enumerate(areas.tolist())}


def count_distribution(score: Any, village: Any, shocks: ClusterEffects) -> Counts:
    """Return the distribution of the number of relapses of all households together; see `count_villages`."""
    return Counts.sum(count_villages(score, village, shocks).values())


def count_interval(score: Any, village: Any, shocks: ClusterEffects, level: float = 0.9) -> tuple[float, int, int]:
    """Return how many relapses are expected of all households together, and the bounds of their prediction interval.

    Examples
    --------
    >>> score, village = [-3.0] * 100, ["a"] * 50 + ["b"] * 50
    >>> count_interval(score, village, ClusterEffects(village=0.8, level=0.2))[1:]
    (0, 12)
    """
    found = count_distribution(score, village, shocks)
    return float(expit(np.asarray(score, dtype=float)).sum()), *found.interval(level)


def _common_nodes(shocks: ClusterEffects, expected: float) -> tuple[Floats, Floats]:
    """Return nodes of the shock common to all villages and their mass, close enough for so many relapses."""
    std_dev, df = shocks.common
    if std_dev == 0:
        return np.zeros(1), np.ones(1)
    law = _student(std_dev, df)
    reach = min(float(law.ppf(1 - _TAIL)), max(_LARGEST_SHIFT, _REACH * std_dev))
    half = int(np.ceil(reach / (_STEP * _width(std_dev, expected))))
    nodes = np.linspace(-reach, reach, 2 * half + 1)
    density = law.pdf(nodes)
    return nodes, density / density.sum()


@lru_cache(maxsize=16)
def _student(std_dev: float, df: float) -> Any:
    """Return Student's t; kept, since scipy takes longer to make one than to ask it."""
    return student(df, scale=std_dev)


def _village_nodes(shocks: ClusterEffects, common: Floats, expected: float) -> tuple[Floats, Floats]:
    """Return nodes of both shocks together and their mass given each common one, shape (common, nodes)."""
    if shocks.village == shocks.outlier_share == 0:
        return common, np.eye(len(common))
    std_dev = max(shocks.village, _LEAST_STD_DEV)
    low, high = (
        common[0] - _REACH * std_dev,
        common[-1] + _REACH * std_dev + shocks.outlier_shift * (shocks.outlier_share > 0),
    )
    nodes = np.linspace(low, high, int(np.ceil((high - low) / (_STEP * _width(std_dev, expected)))) + 1)
    mass = shocks.density(nodes - common[:, None], std_dev)
    return nodes, mass / mass.sum(axis=1, keepdims=True)


def _width(std_dev: float, expected: float) -> float:
    """Return how far a shift reaches that both the shocks and a count about the expected one allow."""
    return float(std_dev / np.sqrt(1 + std_dev**2 * expected))


def _batches(score: Floats, of_village: Ints, nodes: int) -> Iterator[tuple[Ints, Floats]]:
    """Yield villages of about one size and their households' scores, shape (villages, households), -inf for nobody.

    Each call of numpy is then for many villages, none of them a quarter wider than it must be.
    """
    order = np.argsort(of_village, kind="stable")
    sizes = np.bincount(of_village)
    begins = np.cumsum(sizes) - sizes
    step = 1 << np.maximum(np.frexp(sizes)[1] - 3, 0)
    widths = -(-sizes // step) * step
    for width in np.unique(widths):
        alike = np.flatnonzero(widths == width)
        for villages in np.array_split(alike, -(-len(alike) * int(width) * nodes // _AT_ONCE)):
            place = np.arange(width)
            there = place < sizes[villages, None]
            at = np.where(there, begins[villages, None] + place, 0)
            yield villages, np.where(there, score[order[at]], -np.inf)


def _single(risk: Floats) -> Floats:
    """Return the distribution of each household's number of events, shape (..., households, 2)."""
    return np.stack([1 - risk, risk], axis=-1)


def _stacked(parts: Sequence[Floats]) -> Floats:
    """Return distributions given the same shocks, of any lengths, as one array, shape (shocks, parts, counts)."""
    length = max(part.shape[1] for part in parts)
    return np.stack([_widened(part, length) for part in parts], axis=1)


def _summed(parts: Floats) -> Floats:
    """Return the distribution of the sum of independent numbers, shape (..., counts).

    Parameters
    ----------
    parts : ndarray of shape (..., numbers, counts)
    """
    while parts.shape[-2] > 1:
        whole = parts.shape[-2] // 2 * 2
        pairs, rest = _convolved(parts[..., 0:whole:2, :], parts[..., 1:whole:2, :]), parts[..., whole:, :]
        length = max(pairs.shape[-1], rest.shape[-1] if rest.size else 0)
        parts = np.concatenate([_widened(part, length) for part in (pairs, rest)], axis=-2)
    return parts[..., 0, :]


def _widened(parts: Floats, length: int) -> Floats:
    """Return parts of a length: with zeros at their end, or without the end, where there is nothing of them."""
    if parts.shape[-1] >= length:
        return parts[..., :length]
    return np.concatenate([parts, np.zeros((*parts.shape[:-1], length - parts.shape[-1]))], axis=-1)


def _convolved(a: Floats, b: Floats) -> Floats:
    """Return the distributions of sums, without the end that has no probability."""
    if min(a.shape[-1], b.shape[-1]) > _DIRECT:
        return _without_end(np.maximum(fftconvolve(a, b, axes=-1), 0.0))
    short, long = (a, b) if a.shape[-1] <= b.shape[-1] else (b, a)
    found = np.zeros((*long.shape[:-1], short.shape[-1] + long.shape[-1] - 1))
    for j in range(short.shape[-1]):
        found[..., j : j + long.shape[-1]] += short[..., j, None] * long
    return _without_end(found)


def _without_end(found: Floats) -> Floats:
    return np.asarray(found[..., : int(_ends(found.max(axis=tuple(range(found.ndim - 1)))))])


def _ends(most: Floats) -> Ints:
    """Return how many counts, on the last axis, have a probability or stand before one that has."""
    return np.asarray(most.shape[-1] - np.argmax(most[..., ::-1] > _NOTHING, axis=-1))
