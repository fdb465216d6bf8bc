"""What households of one village have in common in a year, and all households of a year, beyond their own risks."""

from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.utils import check_consistent_length

from relapse_risk.metrics import Figure, Floats, checked_scores, numbered

__all__ = ["LEAST_VILLAGES", "ClusterEffects", "fit_shocks", "offset_for"]

LEAST_VILLAGES = 10
"""Fewer villages say nothing of how far villages differ."""

# Likelihoods are tabulated over shifts of the log-odds, between which cubic splines are exact to 1e-5 of an event.
_SHIFTS = np.arange(-6.0, 6.125, 0.25)
_Z = np.linspace(-5.0, 5.0, 41)
_MASS = np.exp(-(_Z**2) / 2) / np.exp(-(_Z**2) / 2).sum()
_SCORES = np.linspace(-15.0, 15.0, 151)
_ROUNDS = 3
# Further steps would only follow the rounding of the logit at the ends.
_ROUNDING = 1e-11
_STEP = 0.05


@dataclass(frozen=True, kw_only=True)
class ClusterEffects:
    """Shocks to the log-odds that households share: logit(p_i) = s_i + a_i + shock of the village + shock of the year.

    The offset a_i keeps the mean over all shocks at the calibrated probability expit(s_i). A village's shock is
    normal, or, where that fits better, normal a mixture of two: a share of outliers lies higher by `outlier_shift`.

    Attributes
    ----------
    village : float
        Standard deviation over villages and years, from 0.
    outlier_share : float
        Share of villages that are outliers in a year; 0 where shocks are normal.
    outlier_shift : float
        What the log-odds of an outlier lie higher by.
    level : float
        Standard error of the mean log-odds as they were calibrated.
    year : float
        Root mean square of the shift of all log-odds in a year against what was predicted for it; not a number where
        fewer than two years were predicted: then intervals hold for a year like those trained on.
    villages, years : int
        Villages (a village on two as-of days counts twice) and as-of days it was fitted on.

    Examples
    --------
    >>> ClusterEffects(village=0.3, level=0.1, villages=40, years=1).common
    (0.1, inf)
    """

    village: float
    outlier_share: float = 0.0
    outlier_shift: float = 0.0
    level: float = 0.0
    year: Figure = nan
    villages: int = 0
    years: int = 0

    def __post_init__(self) -> None:
        std_devs = (self.village, self.outlier_shift, self.level, *([] if np.isnan(self.year) else [self.year]))
        if not all(0 <= std_dev < inf for std_dev in std_devs) or not 0 <= self.outlier_share < 1:
            raise ValueError("standard deviations of shocks must be finite and at least 0, shares from 0 to below 1")
        if min(self.villages, self.years) < 0:
            raise ValueError("shocks must have numbers of villages and years of at least 0")

    @property
    def common(self) -> tuple[float, float]:
        """Spread of the shock common to all villages, and its degrees of freedom (of Student's t)."""
        return (self.level, inf) if np.isnan(self.year) else (self.year, float(self.years))

    def density(self, shift: Floats, std_dev: float) -> Floats:
        """Return a village's density of shocks up to a constant, its normal parts of a standard deviation."""
        ordinary, outlier = (np.exp(-(((shift - mean) / std_dev) ** 2) / 2) for mean in (0.0, self.outlier_shift))
        return np.asarray((1 - self.outlier_share) * ordinary + self.outlier_share * outlier)


def offset_for(score: Floats, shift: Floats, mass: Floats) -> Floats:
    """Return a_i such that the mean of expit(s_i + a_i + shift) over shifts of given mass is expit(s_i), shape (n,).

    Examples
    --------
    >>> a = offset_for(np.array([-2.0, 0.0]), np.array([-1.0, 1.0]), np.array([0.5, 0.5]))
    >>> [round(float(expit(s + c + np.array([-1, 1])).mean()), 6) for s, c in zip((-2, 0), a)]
    [0.119203, 0.5]
    """
    found = np.zeros(len(_SCORES))
    for _ in range(30):  # the slope of the logit of the mean lies in (1/2, 1] for any shocks worth the name
        step = _SCORES - logit(expit((_SCORES + found)[:, None] + shift) @ mass)
        found += step
        if np.abs(step).max() < _ROUNDING:
            break
    return np.asarray(CubicSpline(_SCORES, found)(np.clip(score, _SCORES[0], _SCORES[-1])))


def fit_shocks(score: Any, outcome: Any, weight: Any, village: Any, day: Any) -> ClusterEffects | None:
    """Fit shocks by maximum likelihood to what became of rows that the scores were not trained on.

    Every day has a shift of its own; about it, villages are normal, or a mixture of two normals where that has
    the better BIC. A penalty, the logarithm of the standard deviation, keeps the estimate from zero, where few villages
    would leave it by chance (Chung, Rabe-Hesketh, Dorie, Gelman and Liu 2013).

    Parameters
    ----------
    score : array-like of shape (n,)
        Calibrated log-odds, each by a model that saw neither the row's outcome nor, of its village and day, anybody's
        later than the model to be used will see: in-sample scores have no shocks left.
    outcome, weight : array-like of shape (n,)
        0 or 1; rows of weight 2 count as two.
    village, day : array-like of shape (n,)
        Where and when; shocks are shared by rows that are alike in both.

    Returns
    -------
    ClusterEffects or None
        None where there are fewer than ten villages, or one outcome only.

    Raises
    ------
    ValueError
        For a score that is not finite, an outcome that is not 0 or 1, a negative weight, a missing village or day.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> village = np.repeat(np.arange(200), 50)
    >>> shifted = -2 + 0.5 * random.normal(size=200)[village]
    >>> found = fit_shocks(np.full(10000, -1.9), random.random(10000) < expit(shifted), np.ones(10000), village,
    ...     np.zeros(10000))
    >>> 0.4 < found.village < 0.6, found.year
    (True, nan)
    """
    s, y, w = checked_scores(score, outcome, weight)
    check_consistent_length(s, village, day)
    days, of_day = numbered(day, "day")
    villages, of_village = numbered(village, "village")
    groups, group = np.unique(of_day * len(villages) + of_village, return_inverse=True)
    if len(villages) < LEAST_VILLAGES or not 0 < w @ y < w.sum():
        return None
    fit = _Fit(score=s, outcome=y, weight=w, group=group, day_of_group=groups // len(villages), n_days=len(days))
    normal, mixture = fit.best(_NORMAL), fit.best(_MIXTURE)
    better = mixture.likelihood - normal.likelihood > np.log(len(groups))
    return _found(mixture if better else normal, len(groups))


@dataclass(frozen=True, kw_only=True)
class _Family:
    """Where the search for a village's standard deviation, share of outliers and their shift begins, and its bounds."""

    start: tuple[float, ...]
    bounds: tuple[tuple[float, float], ...]


_NORMAL = _Family(start=(0.3,), bounds=((1e-3, 3.0),))
_MIXTURE = _Family(start=(0.2, 0.1, 1.0), bounds=((1e-3, 3.0), (0.005, 0.5), (0.3, 4.0)))


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A maximum: the village's parameters, every day's shift with its standard error, the log-likelihood."""

    village: Floats
    shift: Floats
    error: Floats
    likelihood: float


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """Rows with the group (village and day) of each, and the day of each group."""

    score: Floats
    outcome: Floats
    weight: Floats
    group: npt.NDArray[np.int64]
    day_of_group: npt.NDArray[np.int64]
    n_days: int

    def best(self, family: _Family) -> _Found:
        """Return the maximum, each row's offset being that of the parameters found before."""
        village, shift = np.array(family.start), np.zeros(self.n_days)
        for _ in range(_ROUNDS):
            tables = self._tables(village)
            village, shift = _maximum(tables, family, village, shift)
        likelihoods = [_likelihood(table, village, a) for table, a in zip(tables, shift, strict=True)]
        return _Found(
            village=village,
            shift=shift,
            error=np.array([_error(table, village, a) for table, a in zip(tables, shift, strict=True)]),
            likelihood=float(sum(likelihoods)),
        )

    def _tables(self, village: Floats) -> list[CubicSpline]:
        """Return, for each day, the log-likelihoods of its villages as functions of a shift of their log-odds."""
        centred = self.score + offset_for(self.score, *_shocks_of(village))
        sums = np.array([self._sums(centred + shift) for shift in _SHIFTS])
        return [CubicSpline(_SHIFTS, sums[:, self.day_of_group == day], axis=0) for day in range(self.n_days)]

    def _sums(self, score: Floats) -> Floats:
        log_likelihood = self.weight * (self.outcome * score - np.logaddexp(0, score))
        return np.asarray(np.bincount(self.group, log_likelihood, minlength=len(self.day_of_group)), dtype=np.float64)


def _shocks_of(village: Floats) -> tuple[Floats, Floats]:
    """Return nodes of a village's shock and their mass."""
    std_dev, share, outlier_shift = (*village, 0.0, 0.0)[:3]
    if share == 0:
        return std_dev * _Z, _MASS
    return np.concatenate([std_dev * _Z, outlier_shift + std_dev * _Z]), np.concatenate(
        [(1 - share) * _MASS, share * _MASS]
    )


def _likelihood(table: CubicSpline, village: Floats, shift: float) -> float:
    """Return the log-likelihood of a day's villages, their shocks integrated out."""
    nodes, mass = _shocks_of(village)
    log_likelihood = table(np.clip(shift + nodes, _SHIFTS[0], _SHIFTS[-1]))
    highest = log_likelihood.max(axis=0)
    return float((highest + np.log(mass @ np.exp(log_likelihood - highest))).sum())


def _maximum(tables: list[CubicSpline], family: _Family, village: Floats, shift: Floats) -> tuple[Floats, Floats]:
    n = len(village)

    def loss(at: Floats) -> float:
        log_likelihood = (_likelihood(table, at[:n], a) for table, a in zip(tables, at[n:], strict=True))
        return -sum(log_likelihood) - float(np.log(at[0]))

    bounds = [*family.bounds, *[(-4.0, 4.0)] * len(shift)]
    at = minimize(loss, np.concatenate([village, shift]), bounds=bounds, method="L-BFGS-B").x
    return at[:n], at[n:]


def _error(table: CubicSpline, village: Floats, shift: float) -> float:
    """Return the standard error of a day's shift, from the curvature of its likelihood."""
    below, at, above = (_likelihood(table, village, shift + step) for step in (-_STEP, 0.0, _STEP))
    bend = (2 * at - below - above) / _STEP**2
    return float(1 / np.sqrt(max(bend, 1e-2)))


def _found(best: _Found, villages: int) -> ClusterEffects:
    std_dev, outlier_share, outlier_shift = (float(value) for value in (*best.village, 0.0, 0.0)[:3])
    level = float((best.error**-2.0).sum() ** -0.5)
    square = max(float((best.shift**2 - best.error**2).mean()), level**2)
    years = len(best.shift)
    return ClusterEffects(
        village=std_dev,
        outlier_share=outlier_share,
        outlier_shift=outlier_shift,
        level=level,
        year=float(np.sqrt(square)) if years > 1 else nan,
        villages=villages,
        years=years,
    )
