"""The marginal likelihood of nested normal intercepts in a logistic model, by Laplace's approximation."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from relapse_risk.metrics import Floats, Ints, calibration_in_the_large, clip_log_odds

__all__ = ["Curves", "NestedAreas", "NestedFit", "fit_nested"]

_LEAST_STD_DEV, _FIRST_STD_DEV, _MOST_STD_DEV = 0.02, 0.3, 4.0
# Gradients are tabulated this densely and this far from no shift; interpolated, shifts are exact to about 1e-5.
_EVERY, _FARTHEST = 0.2, 5.0
_STEPS = 50
_HALVINGS = 30
# The spreads are found by differences of the likelihood over 1e-4: it must be exact to far less than their square.
_FLAT = 1e-12
# Where rounding leads it, the search for log standard deviations ends a little further on: a thousandth is kept.
_DIGITS = 3


@dataclass(frozen=True, kw_only=True)
class NestedAreas:
    """Areas in the order of their levels, each below the nearest wider area that is known; the first stands for all.

    Attributes
    ----------
    names : tuple of str
    level : ndarray of int, shape (areas,)
        0 is the widest; -1 for the first.
    parent : ndarray of int, shape (areas,)
    n_levels : int
    """

    names: tuple[str, ...]
    level: Ints
    parent: Ints
    n_levels: int

    def by_level(self) -> list[Ints]:
        """Return the areas of each level, the widest first."""
        return [np.flatnonzero(self.level == number) for number in range(self.n_levels)]

    def total(self, shift: Floats) -> Floats:
        """Return the shifts summed down to each area, shape (areas,)."""
        found = shift.copy()
        for areas in self.by_level():
            found[areas] += found[self.parent[areas]]
        return found


@dataclass(frozen=True, kw_only=True)
class Curves:
    """The log-likelihood of each area's own rows as a function of their common shift.

    Its gradient is a cubic between tabulated points (Hermite's, through gradients and their derivatives), and a line
    outside; so rows are summed once, whatever is then asked.

    Attributes
    ----------
    coefficients : ndarray of shape (4, areas, pieces)
        Of the gradient in each piece, in powers of the distance from its start over `_EVERY`.
    rise : ndarray of shape (areas, pieces)
        The log-likelihood at the start of each piece over that without shift.
    """

    coefficients: Floats
    rise: Floats

    @classmethod
    def of(cls, score: Floats, outcome: Floats, weight: Floats, area: Ints, n_areas: int) -> Self:
        """Sum up rows, in an order that does not depend on how they came, around the level that fits all of them."""
        score = clip_log_odds(score)
        order = np.lexsort([weight, outcome, score, area])
        order = order[weight[order] > 0]
        score, outcome, weight, area = score[order], outcome[order], weight[order], area[order]
        if len(np.unique(outcome)) < 2:  # nothing tells one area from another
            weight = np.zeros_like(weight)
        else:
            score = score + calibration_in_the_large(score, outcome, weight)
        points = np.arange(-_FARTHEST, _FARTHEST + _EVERY / 2, _EVERY)
        gradient, information = np.empty((2, n_areas, len(points)))
        for k, point in enumerate(points):
            risk = expit(score + point)
            gradient[:, k] = np.bincount(area, weight * (outcome - risk), n_areas)
            information[:, k] = np.bincount(area, weight * risk * (1 - risk), n_areas)
        return cls._through(gradient, information)

    @classmethod
    def _through(cls, gradient: Floats, information: Floats) -> Self:
        start, end = gradient[:, :-1], gradient[:, 1:]
        out, into = -_EVERY * information[:, :-1], -_EVERY * information[:, 1:]
        found = np.array([start, out, 3 * (end - start) - 2 * out - into, 2 * (start - end) + out + into])
        over = _EVERY * np.tensordot(1 / np.arange(1, 5), found, 1)
        rise = np.cumsum(over, axis=1) - over
        return cls(coefficients=found, rise=rise - rise[:, [over.shape[1] // 2]])

    def at(self, total: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log-likelihood over that without shift, gradient and information of each area, shape (areas,) each."""
        clipped = np.clip(total, -_FARTHEST, _FARTHEST)
        place = (clipped + _FARTHEST) / _EVERY
        piece = np.minimum(place.astype(np.int64), self.rise.shape[1] - 1)
        t, areas, beyond = place - piece, np.arange(len(total)), total - clipped
        a, b, c, d = self.coefficients[:, areas, piece]
        information = np.maximum(-(b + t * (2 * c + t * 3 * d)) / _EVERY, 0.0)
        gradient = a + t * (b + t * (c + t * d))
        rise = self.rise[areas, piece] + _EVERY * t * (a + t * (b / 2 + t * (c / 3 + t * d / 4)))
        rise += beyond * (gradient - beyond * information / 2)
        return rise, gradient - beyond * information, information


@dataclass(frozen=True, kw_only=True)
class NestedFit:
    """Intercepts of areas at their mode, given the standard deviations of the levels.

    Attributes
    ----------
    std_devs : ndarray of shape (levels,)
    shift : ndarray of shape (areas,)
    information : ndarray of shape (areas,)
        On the total of each area, the areas within it being integrated out.
    likelihood : float
        Marginal log-likelihood over that without shifts.
    """

    std_devs: Floats
    shift: Floats
    information: Floats
    likelihood: float

    def variance(self, areas: NestedAreas) -> Floats:
        """Return the posterior variance of the intercepts summed down to each area, given the standard deviations."""
        found = np.zeros(len(self.shift))
        for std_dev, of_level in zip(self.std_devs, areas.by_level(), strict=True):
            hold = 1 + std_dev**2 * self.information[of_level]
            found[of_level] = found[areas.parent[of_level]] / hold**2 + std_dev**2 / hold
        return found


def fit_nested(curves: Curves, areas: NestedAreas, used: list[int]) -> NestedFit:
    """Return the fit of greatest marginal likelihood over standard deviations of the levels in use; others are 0."""
    start = np.zeros(len(areas.level))

    def fit(logs: Floats) -> NestedFit:
        nonlocal start
        std_devs = np.zeros(areas.n_levels)
        std_devs[used] = np.exp(logs)
        found = _mode(curves, areas, std_devs, start)
        start = found.shift
        return found

    if not used:
        return fit(np.zeros(0))
    low, first, high = np.log([_LEAST_STD_DEV, _FIRST_STD_DEV, _MOST_STD_DEV])
    best = minimize(
        lambda logs: -fit(logs).likelihood,
        np.full(len(used), first),
        method="L-BFGS-B",
        bounds=[(low, high)] * len(used),
        options={"eps": 1e-4, "ftol": 1e-10, "gtol": 1e-4},
    )
    return fit(np.round(best.x, _DIGITS))


def _mode(curves: Curves, areas: NestedAreas, std_devs: Floats, start: Floats) -> NestedFit:
    """Return the shifts of the greatest likelihood times density by Newton's method, halving steps that fall."""
    variance = np.concatenate([[0.0], std_devs**2])[areas.level + 1]
    shift = start
    height = _height(curves, areas, variance, shift)
    for _ in range(_STEPS):
        step, _ = _step(curves, areas, variance, shift)
        there, found = _climb(curves, areas, variance, shift, step, height)
        rise, shift, height = found - height, there, found
        if rise <= _FLAT:
            break
    _, information = _step(curves, areas, variance, shift)
    likelihood = height - float(np.log1p(variance * information).sum()) / 2
    return NestedFit(std_devs=std_devs, shift=shift, information=information, likelihood=likelihood)


def _climb(
    curves: Curves, areas: NestedAreas, variance: Floats, shift: Floats, step: Floats, height: float
) -> tuple[Floats, float]:
    for halving in range(_HALVINGS):
        there = shift + step * 0.5**halving
        found = _height(curves, areas, variance, there)
        if found >= height:
            return there, found
    return shift, height


def _height(curves: Curves, areas: NestedAreas, variance: Floats, shift: Floats) -> float:
    free = variance > 0
    rise, _, _ = curves.at(areas.total(shift))
    return float(rise.sum()) - float((shift[free] ** 2 / variance[free]).sum()) / 2


def _step(curves: Curves, areas: NestedAreas, variance: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Return Newton's step, and the information on each area's total once the areas within it are integrated out.

    Narrow areas are eliminated first: each passes on to the next wider one what remains of its gradient and
    information, so that the whole system is solved in one pass up and one down.
    """
    _, gradient, information = curves.at(areas.total(shift))
    for of_level in reversed(areas.by_level()):
        hold = 1 + variance[of_level] * information[of_level]
        remains = (gradient[of_level] + information[of_level] * shift[of_level]) / hold
        np.add.at(gradient, areas.parent[of_level], remains)
        np.add.at(information, areas.parent[of_level], information[of_level] / hold)
    step, moved = np.zeros_like(shift), np.zeros_like(shift)
    for of_level in areas.by_level():
        above = moved[areas.parent[of_level]]
        target = variance[of_level] * (gradient[of_level] - information[of_level] * above) - shift[of_level]
        step[of_level] = target / (1 + variance[of_level] * information[of_level])
        moved[of_level] = above + step[of_level]
    return step, information
