"""Whether two samples come from one distribution, by how much they differ, and by how much chance alone would."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2, hypergeom

from relapse_risk.metrics.checks import Floats, Ints, numbered

__all__ = ["Stability", "share_p_value", "stability", "unseen_p_value", "worth_of"]

_LEAST = 5
_HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Stability:
    """The population stability index of two samples beside what chance alone makes of it.

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


def stability(
    before: Any, now: Any, *, worth: tuple[float, float] = (1.0, 1.0), ordered: bool = True, alpha: float = 0.05
) -> Stability:
    """Compare the counts of two samples in the same bins.

    The index is Jeffreys' divergence of the shares (Jeffreys 1946; Lewis 1994 and Siddiqi 2006 for scorecards). Where
    nothing has changed, index / (1 / n + 1 / m) is about chi-squared with bins - 1 degrees of freedom (Kullback 1959;
    Yurdakul 2018; Yurdakul and Naranjo 2020): fixed bounds alone call for a new model too often in small samples and
    not often enough in large ones (Potgieter, van Zyl, Schutte and Lombard 2023). Bins in which fewer than five
    rows are to be expected of either sample are put together with their neighbour (the next rarest where there is no
    order), by the first sample alone, so that the comparison does not choose its bins by what it finds. Half a row is
    added to each bin, so that an empty one stays finite.

    Parameters
    ----------
    before, now : array-like of shape (bins,)
        Rows of each sample in each bin.
    worth : tuple of float
        How many independent rows a row of each sample is worth, see `worth_of`: the correction of Rao and Scott (1981).
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
    n, m = float(first.sum()) * worth[0], float(second.sum()) * worth[1]
    part = _parts(first / max(first.sum(), 1) * min(n, m))
    p, q = (np.bincount(part, counts) + _HALF for counts in (first, second))
    bins = len(p)
    if bins < 2:
        nothing = float("nan")
        return Stability(index=nothing, by_chance=nothing, bound=nothing, p_value=nothing, bins=bins)
    p, q = p / p.sum(), q / q.sum()
    index, scale = float((q - p) @ np.log(q / p)), 1 / n + 1 / m
    return Stability(
        index=index,
        by_chance=(bins - 1) * scale,
        bound=float(chi2.isf(alpha, bins - 1)) * scale,
        p_value=float(chi2.sf(index / scale, bins - 1)),
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


def worth_of(part: Ints, cluster: Any) -> float:
    """Return how many independent rows a row is worth, where rows of a cluster are alike: at most 1.

    One over the mean design effect of the shares of the parts (Rao and Scott 1981): their variance where clusters are
    drawn whole, over that of as many rows drawn one by one.

    Parameters
    ----------
    part : ndarray of int, shape (n,)
        The part each row falls into, from 0.
    cluster : array-like of shape (n,)
        Ids of any kind that sorts.

    Examples
    --------
    >>> village = np.repeat(np.arange(10), 20)
    >>> worth_of(village % 2, village) < 0.06, worth_of(np.arange(200) % 2, village)
    (True, 1.0)
    """
    clusters, of_row = numbered(cluster, "cluster")
    rows, parts = len(part), np.unique(part, return_inverse=True)[1]
    kinds = int(parts.max()) + 1 if rows else 0
    if kinds < 2 or len(clusters) < 2:
        return 1.0
    counts = np.bincount(of_row * kinds + parts, minlength=len(clusters) * kinds).reshape(-1, kinds)
    share = counts.sum(axis=0) / rows
    beyond = counts - counts.sum(axis=1, keepdims=True) * share
    variance = len(clusters) / (len(clusters) - 1) * (beyond**2).sum(axis=0) / rows**2
    effect = rows / (kinds - 1) * float((variance / share).sum())
    return min(1.0, 1 / effect) if effect > 0 else 1.0


def _parts(expected: Floats) -> Ints:
    """Return the number of the part that each bin is put into: its own, or that of the bins before it."""
    part, held, parts = 0, 0.0, []
    for rows in expected:
        if held >= _LEAST:
            part, held = part + 1, 0.0
        parts.append(part)
        held += rows
    return np.minimum(parts, part - 1 if part and held < _LEAST else part).astype(np.int64)
