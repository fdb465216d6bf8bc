"""Whether two samples come from one distribution, by how much they differ, and by how much chance alone would."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import f, hypergeom

from relapse_risk.metrics.array_checks import Floats, Ints, numbered

__all__ = ["EffectiveSize", "Stability", "share_p_value", "stability", "unseen_p_value", "worth_of"]

_LEAST = 5
_HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Stability:
    """The population stability index of two samples, and its distribution by chance alone.

    Attributes
    ----------
    index : float
        Sum over bins of (q - p) log(q / p), p and q the shares of the two samples: 0 where they are the same. Not a
        number where the samples are too small for two bins.
    by_chance : float
        Its expectation where nothing has changed: (bins - 1) (1 / n + 1 / m).
    bound : float
        What chance alone exceeds with the probability asked for.
    p_value : float
    bins : int
        That were compared, small ones put together.
    """

    index: float
    by_chance: float
    bound: float
    p_value: float
    bins: int


@dataclass(frozen=True, kw_only=True)
class EffectiveSize:
    """The effective number of rows that are alike within clusters.

    Attributes
    ----------
    each : float
        How many independent rows a row is worth: one over the mean design effect of the shares, at most 1.
    uneven : float
        How much design effects differ: their mean square over the square of their mean, at least 1.
    clusters : int
        That these are known from; independent rows are a cluster each.
    """

    each: float = 1.0
    uneven: float = 1.0
    clusters: int = 2

    def __post_init__(self) -> None:
        if not (0 < self.each <= 1 <= self.uneven and self.clusters >= 2):
            raise ValueError("expected 0 < each <= 1 <= uneven, and at least 2 clusters")


def stability(
    before: Any,
    now: Any,
    *,
    worth: tuple[EffectiveSize, EffectiveSize] | None = None,
    ordered: bool = True,
    alpha: float = 0.05,
) -> Stability:
    """Compare the counts of two samples in the same bins.

    The index is Jeffreys' divergence of the shares (Jeffreys 1946; Lewis 1994 and Siddiqi 2006 for scorecards). Where
    nothing has changed, index / (1 / n + 1 / m) is about chi-squared with bins - 1 degrees of freedom (Kullback 1959;
    Yurdakul 2018; Yurdakul and Naranjo 2020): fixed bounds alone call for a new model too often in small samples and
    not often enough in large ones (Potgieter, van Zyl, Schutte and Lombard 2023). Bins in which fewer than five
    rows are to be expected of either sample are put together with their neighbour (the next rarest where there is no
    order), by the first sample alone, so that the comparison does not choose its bins by what it finds. Half an
    independent row is added to each bin, so that an empty one stays finite.

    Parameters
    ----------
    before, now : array-like of shape (bins,)
        Rows of each sample in each bin.
    worth : tuple of EffectiveSize, optional
        What a row of each sample is worth, see `worth_of`; each is an independent one by default. The index then is
        compared with the F distribution of Rao and Scott's second-order correction, as Thomas and Rao (1987) recommend
        and as R's ``svychisq`` does.
    ordered : bool
        Whether neighbouring bins are alike.
    alpha : float

    Examples
    --------
    >>> same = stability([500, 500], [250, 250])
    >>> same.index, round(same.by_chance, 4), same.p_value
    (0.0, 0.003, 1.0)
    >>> stability([500, 500], [350, 150]).p_value < 1e-9
    True
    >>> stability([500, 500], [2, 1]).bins
    1
    """
    first, second = np.asarray(before, dtype=float), np.asarray(now, dtype=float)
    if not ordered:
        rarest_first = np.argsort(first, kind="stable")
        first, second = first[rarest_first], second[rarest_first]
    a, b = worth or (EffectiveSize(clusters=max(int(counts.sum()), 2)) for counts in (first, second))
    n, m = float(first.sum()) * a.each, float(second.sum()) * b.each
    part = _parts(first / max(first.sum(), 1) * min(n, m))
    p, q = (np.bincount(part, counts) + _HALF / one.each for counts, one in ((first, a), (second, b)))
    bins = len(p)
    if bins < 2:
        nothing = float("nan")
        return Stability(index=nothing, by_chance=nothing, bound=nothing, p_value=nothing, bins=bins)
    p, q = p / p.sum(), q / q.sum()
    index, scale = float((q - p) @ np.log(q / p)), 1 / n + 1 / m
    # Degrees of freedom: of the index, and of what its scale is known from. Both samples' effects are taken as alike.
    above = max(1.0, (bins - 1) * (scale / (np.sqrt(a.uneven) / n + np.sqrt(b.uneven) / m)) ** 2)
    below = above * scale**2 / (n**-2 / (a.clusters - 1) + m**-2 / (b.clusters - 1))
    by_chance = (bins - 1) * scale
    return Stability(
        index=index,
        by_chance=by_chance,
        bound=float(f.isf(alpha, above, below)) * by_chance,
        p_value=float(f.sf(index / by_chance, above, below)),
        bins=bins,
    )


def share_p_value(before: int, of_before: int, now: int, of_now: int) -> float:
    """Return the chance of shares at least so different where nothing has changed: Fisher's exact test, two-sided.

    Twice the smaller tail, at most 1.

    Examples
    --------
    >>> share_p_value(5, 100, 5, 100)
    1.0
    >>> share_p_value(5, 1000, 60, 1000) < 1e-9
    True
    """
    tails = hypergeom(of_before + of_now, before + now, of_now)
    return float(min(1.0, 2 * min(tails.cdf(now), tails.sf(now - 1))))


def unseen_p_value(unseen: int, of_before: int, of_now: int) -> float:
    """Return the chance that all rows of a code fall into the second sample, none into the first, by chance alone.

    Examples
    --------
    >>> round(unseen_p_value(2, 100, 100), 3), unseen_p_value(0, 100, 100)
    (0.249, 1.0)
    """
    return float(hypergeom(of_before + of_now, unseen, of_now).sf(unseen - 1))


def worth_of(part: Ints, cluster: Any) -> EffectiveSize:
    """Return how many independent rows a row is worth, where rows of a cluster are alike.

    From the design effects of the shares of the parts (Rao and Scott 1981, 1984): their covariance where clusters are
    drawn whole, against that of as many rows drawn one by one.

    Parameters
    ----------
    part : ndarray of int, shape (n,)
        The part each row falls into.
    cluster : array-like of shape (n,)
        Ids of any kind that sorts.

    Examples
    --------
    >>> village = np.repeat(np.arange(10), 20)
    >>> worth_of(village % 2, village).each < 0.06, worth_of(np.arange(200) % 2, village).each
    (True, 1.0)
    """
    clusters, of_row = numbered(cluster, "cluster")
    n, parts = len(clusters), np.unique(part, return_inverse=True)[1]
    kinds = int(parts.max()) + 1 if n else 0
    if kinds < 2 or n < 2:
        return EffectiveSize(clusters=max(n, 2))
    counts = np.bincount(of_row * kinds + parts, minlength=n * kinds).reshape(n, kinds)
    share = counts.sum(axis=0) / len(parts)
    beyond = (counts - counts.sum(axis=1, keepdims=True) * share) / np.sqrt(share)
    effects = n / (n - 1) * beyond.T @ beyond / len(parts)
    total, squares = float(np.trace(effects)), float((effects**2).sum())
    if not total > 0:
        return EffectiveSize(clusters=n)
    each = min(1.0, (kinds - 1) / total)
    return EffectiveSize(each=each, uneven=max(1.0, (kinds - 1) * squares / total**2), clusters=n)


def _parts(expected: Floats) -> Ints:
    """Return the number of the part that each bin is put into: its own, or that of the bins before it."""
    part, held, parts = 0, 0.0, []
    for rows in expected:
        if held >= _LEAST:
            part, held = part + 1, 0.0
        parts.append(part)
        held += rows
    return np.minimum(parts, part - 1 if part and held < _LEAST else part).astype(np.int64)
