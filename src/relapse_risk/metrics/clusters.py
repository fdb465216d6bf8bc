"""The cluster bootstrap: how far a figure may be off by chance of which villages or households were sampled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from relapse_risk.metrics.array_checks import Floats, Ints, numbered
from relapse_risk.metrics.fields import Figure

__all__ = [
    "ClusterDraws",
    "Interval",
    "bayesian_covariance",
    "bias_corrected_interval",
    "cluster_bootstrap",
    "cluster_ids",
    "interval_of",
    "one_step_redraws",
    "sandwich_covariance",
]

_AT_ONCE = 25


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its interval."""

    estimate: Figure
    lower: Figure
    upper: Figure


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterDraws:
    """Draws of whole clusters with replacement, the same ones each time they are asked for.

    Figures computed from the same draws are paired: their difference in each draw is a draw of their difference
    (Efron and Tibshirani 1993, chapters 6 and 13; Davison and Hinkley 1997, section 3.8).

    Attributes
    ----------
    of_row : ndarray of int, shape (n,)
        The number of each row's cluster.
    clusters, n_draws, seed : int
    """

    of_row: Ints
    clusters: int
    n_draws: int
    seed: int

    @classmethod
    def of(cls, cluster: Any, *, n_draws: int = 300, seed: int = 0) -> "ClusterDraws":
        """Return draws of the clusters of the rows; their ids may be of any sortable type.

        Examples
        --------
        >>> draws = ClusterDraws.of(["a", "b", "b"], n_draws=2)
        >>> [counts.sum().item() for counts in draws]
        [2.0, 2.0]
        """
        distinct, of_row = numbered(cluster, "cluster")
        return cls(of_row=of_row, clusters=len(distinct), n_draws=n_draws, seed=seed)

    def __iter__(self) -> Iterator[Floats]:
        """Yield for each draw how often each cluster was drawn."""
        random = np.random.default_rng(self.seed)
        for _ in range(self.n_draws):
            drawn = random.integers(self.clusters, size=self.clusters)
            yield np.bincount(drawn, minlength=self.clusters).astype(float)

    def sums(self, values: Floats, part: Ints | None = None, n_parts: int = 1) -> Floats:
        """Return the sums over rows of each draw, for each part of the rows.

        Parameters
        ----------
        values : ndarray of shape (n, k)
        part : ndarray of int, shape (n,), optional
            The part of each row, from 0; all rows are one part if not given.

        Returns
        -------
        ndarray of shape (n_draws, n_parts, k)

        Examples
        --------
        >>> import numpy as np
        >>> ClusterDraws.of([1, 1], n_draws=2).sums(np.array([[1.0], [2.0]])).ravel().tolist()
        [3.0, 3.0]
        """
        by_cluster = self._by_cluster(values, part, n_parts)
        drawn, found = iter(self), []
        while some := list(islice(drawn, _AT_ONCE)):
            found.append((by_cluster.T @ np.array(some).T).T)
        return np.concatenate(found).reshape(self.n_draws, n_parts, values.shape[1])

    def _by_cluster(self, values: Floats, part: Ints | None, n_parts: int) -> csr_array:
        n, k = values.shape
        first = np.zeros(n, dtype=np.int64) if part is None else part * k
        column = first[:, None] + np.arange(k)
        at = (np.repeat(self.of_row, k), column.ravel())
        return csr_array((values.ravel(), at), shape=(self.clusters, n_parts * k))


def cluster_bootstrap(statistic: Callable[[Floats], Floats], draws: ClusterDraws, weight: Floats) -> Floats:
    """Return figures that depend on weights as they come out in each draw.

    Parameters
    ----------
    statistic : callable
        Takes weights of shape (n,), returns figures of shape (k,).
    draws : ClusterDraws
    weight : ndarray of shape (n,)
        A row's weight in a draw is its weight times how often its cluster was drawn.

    Returns
    -------
    ndarray of shape (n_draws, k)

    Examples
    --------
    >>> import numpy as np
    >>> draws = ClusterDraws.of(["a", "b", "b"], n_draws=3)
    >>> cluster_bootstrap(lambda w: np.array([w.sum() > 0]), draws, np.ones(3)).ravel().tolist()
    [True, True, True]
    """
    return np.array([statistic(weight * counts[draws.of_row]) for counts in draws])


def interval_of(estimate: float, found: Floats, *, level: float, clusters: int) -> Interval:
    """Return the percentile interval of a figure; draws in which it is not a number are left out.

    Its ends are the draws at (n_draws + 1) p (Davison and Hinkley 1997, section 5.2): on average they leave out exactly
    what they should. Those at (n_draws - 1) p + 1 would leave out 6.9 % in place of 5 with a hundred draws.

    Parameters
    ----------
    estimate : float
    found : ndarray of shape (n_draws,)
    clusters : int
        Clusters that the figure rests on. One cluster says nothing of how clusters differ: no bounds.

    Examples
    --------
    >>> import numpy as np
    >>> interval_of(0.5, np.linspace(0, 1, 101), level=0.5, clusters=9)
    Interval(estimate=0.5, lower=0.245, upper=0.755)
    """
    known = found[np.isfinite(found)]
    if clusters < 2 or not len(known) or not np.isfinite(estimate):
        return Interval(estimate=float(estimate), lower=float("nan"), upper=float("nan"))
    lower, upper = np.quantile(known, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    return Interval(estimate=float(estimate), lower=float(lower), upper=float(upper))


def bias_corrected_interval(estimate: float, found: Floats, raised: float, *, level: float, clusters: int) -> Interval:
    """Return the interval of a figure that is 0 or more and that chance alone raises.

    Miscalibration and discrimination are such: isotonic regression follows chance in the rows, and once more in a draw
    of them. Draws are moved to have the estimate as their median; the lower bound then goes down by what chance adds,
    and the upper one stays.

    Parameters
    ----------
    raised : float
        How far chance raises the estimate on average.

    Examples
    --------
    >>> import numpy as np
    >>> bias_corrected_interval(0.5, np.linspace(0.125, 1.125, 101), 0.125, level=0.5, clusters=9)
    Interval(estimate=0.5, lower=0.12, upper=0.755)
    """
    middle = float(np.nanmedian(found)) if np.isfinite(found).any() else estimate
    interval = interval_of(estimate, found - middle + estimate, level=level, clusters=clusters)
    lower = interval.lower if np.isnan(interval.lower) else max(0.0, interval.lower - raised)
    return Interval(estimate=interval.estimate, lower=lower, upper=interval.upper)


def cluster_ids(village: Any, household: Any) -> Any:
    """Return what rows have in common: their village, or the household where that is not known (the empty text).

    Parameters
    ----------
    village, household : array-like of str, shape (n,)

    Examples
    --------
    >>> cluster_ids(["V", ""], ["a", "b"]).tolist()
    ['village V', 'household b']
    """
    places, homes = np.asarray(village, dtype=np.str_), np.asarray(household, dtype=np.str_)
    return np.where(places == "", np.char.add("household ", homes), np.char.add("village ", places))


def sandwich_covariance(inverse_information: Floats, gradients: Floats, cluster: npt.NDArray[Any]) -> Floats:
    """Return the covariance of coefficients when rows of one household are alike (Liang and Zeger 1986).

    Parameters
    ----------
    inverse_information : ndarray of shape (columns, columns)
        Inverse Hessian.
    gradients : ndarray of shape (n, columns)
        Each row's gradient.
    cluster : ndarray of shape (n,)
        The household of each row; rows of one are adjacent.
    """
    sums = _by_cluster(gradients, cluster)
    return np.asarray(inverse_information @ (sums.T @ sums) @ inverse_information)


def one_step_redraws(
    inverse_information: Floats, gradients: Floats, cluster: npt.NDArray[Any], n_draws: int, *, seed: int = 0
) -> Floats:
    """Return by how much coefficients differ when other clusters are drawn, shape (n_draws, columns).

    One Newton step from the fit with the gradient of each cluster times a standard normal figure (the multiplier
    bootstrap; Kline and Santos 2012): their covariance is `sandwich_covariance`, which leaves out what a penalty draws
    every fit to alike.

    Parameters
    ----------
    inverse_information, gradients, cluster
        As in `sandwich_covariance`.
    n_draws, seed : int

    Examples
    --------
    >>> import numpy as np
    >>> gradients, home = np.full((4, 1), 0.5) * [[1], [1], [-1], [-1]], np.array([1, 2, 3, 4])
    >>> drawn = one_step_redraws(np.array([[1.0]]), gradients, home, 4000)
    >>> drawn.shape, round(float(drawn.std()), 1)
    ((4000, 1), 1.0)
    """
    sums = _by_cluster(gradients, cluster)
    normal = np.random.default_rng(seed).standard_normal((n_draws, len(sums)))
    return np.asarray(normal @ sums @ inverse_information)


def bayesian_covariance(
    inverse_information: Floats, ridge: Floats, gradients: Floats, cluster: npt.NDArray[Any]
) -> Floats:
    """Return the covariance of penalised coefficients around the true ones: by chance, and by what the penalty does.

    With the ridge taken as a prior, that is the inverse of the penalised second derivatives (Wood 2006, section 4.8): a
    part by chance, for which stands the sandwich here, and a part by the prior. Where rows of one household are alike,
    the ridge that suits them is as many times that of independent rows, and the prior so many times as wide as it says:
    by the design effect, what gradients vary by household over what they would if rows were independent.

    Parameters
    ----------
    inverse_information : ndarray of shape (columns, columns)
        Inverse of the penalised second derivatives.
    ridge : ndarray of shape (columns,)
    gradients : ndarray of shape (n, columns)
        Each row's gradient.
    cluster : ndarray of shape (n,)
        The household of each row; rows of one are adjacent.

    Examples
    --------
    Without a ridge it is the sandwich; a ridge as strong as four rows adds as much as it takes off:

    >>> import numpy as np
    >>> gradients, home = np.full((4, 1), 0.5) * [[1], [1], [-1], [-1]], np.array([1, 2, 3, 4])
    >>> bayesian_covariance(np.array([[1.0]]), np.zeros(1), gradients, home).tolist()
    [[1.0]]
    >>> bayesian_covariance(np.array([[0.5]]), np.ones(1), gradients, home).tolist()
    [[0.5]]
    """
    chance = sandwich_covariance(inverse_information, gradients, cluster)
    free = len(ridge) - float(ridge @ np.diag(inverse_information))
    # the trace of the sandwich over that of independent rows, both measured by the second derivatives
    effect = float(np.trace(np.linalg.solve(inverse_information, chance))) / max(free, 1e-9)
    return np.asarray(chance + max(effect, 1.0) * (inverse_information * ridge) @ inverse_information)


def _by_cluster(values: Floats, cluster: npt.NDArray[Any]) -> Floats:
    """Return the sums over the rows of each cluster, which are adjacent, shape (clusters, columns)."""
    first = np.concatenate([[True], cluster[1:] != cluster[:-1]])
    return np.asarray(np.add.reduceat(values, np.flatnonzero(first), axis=0))
