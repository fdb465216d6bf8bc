"""A column cut into a few bins with monotone rates, and the evidence of each bin."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import xlogy
from scipy.stats import chi2
from sklearn.isotonic import IsotonicRegression

from relapse_risk.metrics import Floats, Ints, Vector

__all__ = ["Bins"]

# What is cut at first; then joined again.
_QUANTILES = 20
_LEAST_MASS = 0.03
_ALIKE = float(chi2.ppf(0.95, 1)) / 2


@dataclass(frozen=True, kw_only=True)
class Bins:
    """A column's bins from low to high, and one of their own for missing figures.

    Attributes
    ----------
    edges : ndarray of shape (bins - 1,)
        A figure at an edge is in the bin above it.
    evidence : ndarray of shape (bins + 1,)
        Log-odds of each bin over those of all rows, that of missing figures last.

    Examples
    --------
    >>> column = np.repeat([1.0, 2.0, np.nan], 100)
    >>> outcome = np.repeat([0.0, 1.0, 0.0, 1.0, 0.0], [90, 10, 50, 50, 100])
    >>> bins = Bins.of(column, outcome, np.ones(300), sign=0, most=4)
    >>> bins.edges.tolist(), bins.place(np.array([1.5, 9.0, np.nan])).tolist()
    ([2.0], [0, 1, 2])
    """

    edges: Vector
    evidence: Vector

    def __post_init__(self) -> None:
        if len(self.evidence) != len(self.edges) + 2 or (np.diff(self.edges) <= 0).any():
            raise ValueError("expected rising edges, and one evidence for each bin and for missing values")

    @classmethod
    def of(
        cls, column: Floats, outcome: Floats, weight: Floats, *, sign: int, most: int, design_effect: float = 1.0
    ) -> Self:
        """Cut at twentieths, pool what does not follow the direction, and join bins that hardly differ.

        The direction is `sign` (1 or -1), or, where that is 0, the one of the greater likelihood. Neighbours are
        joined, the least different first, until there are at most `most` bins, all with at least 3 % of the rows
        and all different from their neighbours by more than chance at 5 % (ChiMerge; Kerber 1992). Log-odds are drawn
        to those of all rows by what one event weighs.

        Parameters
        ----------
        column, outcome, weight : ndarray of shape (n,)
        sign : {-1, 0, 1}
        most : int
        design_effect : float
            How many times as much rates vary as those of as many independent rows.
        """
        known = ~np.isnan(column)
        edges = _quantiles(column[known], weight[known])
        place = np.searchsorted(edges, column[known], side="right")
        n, known_weight, known_events = len(edges) + 1, weight[known], weight[known] * outcome[known]
        mass: Floats = np.bincount(place, known_weight, n).astype(np.float64)
        events: Floats = np.bincount(place, known_events, n).astype(np.float64)
        starts = _pooled(mass, events, sign)
        starts = _joined(starts, mass, events, most, _LEAST_MASS * weight.sum(), _ALIKE * design_effect)
        cut = np.array([_rounded(column[known], edges[start - 1]) for start in starts[1:]])
        masses = np.append(np.add.reduceat(mass, starts), weight[~known].sum())
        joined_events = np.append(np.add.reduceat(events, starts), weight[~known] @ outcome[~known])
        return cls(edges=cut, evidence=_evidence(masses, joined_events, float(np.average(outcome, weights=weight))))

    def place(self, column: Floats) -> Ints:
        """Return the bin of each figure, the last where it is missing, shape (n,)."""
        found = np.searchsorted(self.edges, column, side="right")
        return np.where(np.isnan(column), len(self.evidence) - 1, found).astype(np.int64)

    def of_rows(self, column: Floats) -> Floats:
        """Return the evidence of each figure, shape (n,)."""
        found: Floats = self.evidence[self.place(column)]
        return found


def _quantiles(values: Floats, weight: Floats) -> Floats:
    """Return the inner edges of about equally heavy bins, all of them figures that occur."""
    if len(values) == 0:
        return np.zeros(0)
    shares = np.arange(1, _QUANTILES) / _QUANTILES
    distinct = np.unique(values)
    if len(distinct) <= _QUANTILES:
        return distinct[1:]
    edges = np.unique(np.quantile(values, shares, weights=weight, method="inverted_cdf"))
    return np.asarray(edges[edges > distinct[0]])


def _pooled(mass: Floats, events: Floats, sign: int) -> Ints:
    """Return where bins start once those that go against the direction are pooled."""
    rates = events / np.maximum(mass, np.finfo(float).tiny)
    fits = [
        IsotonicRegression(increasing=direction > 0).fit_transform(np.arange(len(mass)), rates, sample_weight=mass)
        for direction in ((1, -1) if sign == 0 else (sign,))
        if mass.any()
    ]
    if not fits:
        return np.zeros(1, dtype=np.int64)
    best = max(fits, key=lambda fit: float(_likelihoods(mass, events, fit).sum()))
    return np.concatenate([[0], np.flatnonzero(np.diff(best) != 0) + 1])


def _joined(starts: Ints, mass: Floats, events: Floats, most: int, least: float, alike: float) -> Ints:
    """Return the starts that are left when bins too many, too small or too alike are joined."""
    while len(starts) > 1:
        m, e = np.add.reduceat(mass, starts), np.add.reduceat(events, starts)
        alone, both = _likelihoods(m, e), _likelihoods(m[:-1] + m[1:], e[:-1] + e[1:])
        loss = alone[:-1] + alone[1:] - both
        small = np.minimum(m[:-1], m[1:]) < least
        next_one = int(np.argmin(np.where(small, loss - 1e12, loss)))
        if len(starts) <= most and not small.any() and loss[next_one] > alike:
            break
        starts = np.delete(starts, next_one + 1)
    return starts


def _likelihoods(mass: Floats, events: Floats, rate: Floats | None = None) -> Floats:
    """Return the log-likelihood of each bin's outcomes at a rate, or at its own."""
    rate = events / np.maximum(mass, np.finfo(float).tiny) if rate is None else np.clip(rate, 1e-12, 1 - 1e-12)
    return np.asarray(xlogy(events, rate) + xlogy(mass - events, 1 - rate))


def _evidence(mass: Floats, events: Floats, mean: float) -> Floats:
    odds = (events + 1) / (mass - events + (1 - mean) / mean)
    found: Floats = np.log(odds) - np.log(mean / (1 - mean))
    return found


def _rounded(values: Floats, edge: float) -> float:
    """Return the shortest decimal that parts the same figures as the edge does."""
    below = values[values < edge].max()
    for digits in range(-12, 13):
        scale = 10.0**digits
        short = float(np.round(np.floor(edge * scale) / scale, max(digits, 0)))
        if below < short <= edge:
            return short
    return float(edge)
