"""The penalised logistic model over terms: robust, bending, with missing values, a variance, households left out."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import chain
from typing import Self

import numpy as np
from scipy.special import expit

from relapse_risk.metrics import (
    Floats,
    Ints,
    IntVector,
    Matrix,
    Vector,
    bayesian_covariance,
    fit_logistic,
    inverse_information,
    one_step_redraws,
)
from relapse_risk.models.linear.leave_out import leave_household_out
from relapse_risk.models.linear.training_rows import Rows

__all__ = ["PENALTIES", "Basis", "DesignedRows", "Linear", "LinearFit", "best_fit", "quadratic"]

_TAIL = 0.005
_FEW_VALUES = 12
# Rows whose products are held at a time.
_ROWS = 4096
# Rows that penalties are judged by: a random sample of households, of which losses differ as over all of them.
_JUDGED = 20_000
PENALTIES = (3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0)
"""Ridge penalties to choose from, the heaviest first: a household of several rows wants as many times the penalty."""
_MIDDLE = 3


@dataclass(frozen=True, kw_only=True)
class Basis:
    """How terms become the columns of a design, all standardised.

    First every term, clipped to its 0.5 % tails; then, for terms of many values, how far it lies above each of a
    few quantiles, its knots, so that its slope may change there; then, for terms that were missing in training, whether
    it is missing. A missing term has the mean of each of its columns.

    Attributes
    ----------
    low, high : ndarray of shape (terms,)
    knot_terms : ndarray of int, shape (knots,)
    knots : ndarray of shape (knots,)
    gaps : ndarray of int, shape (gaps,)
        The terms that were missing in training.
    mean, scale : ndarray of shape (terms + knots + gaps,)

    Examples
    --------
    >>> terms = np.column_stack([np.arange(100.0), np.repeat([0.0, np.nan], 50)])
    >>> basis = Basis.of(terms, np.ones(100), n_knots=3)
    >>> basis.knot_terms.tolist(), basis.gaps.tolist(), len(basis.mean)
    ([0, 0, 0], [1], 6)
    """

    low: Vector
    high: Vector
    knot_terms: IntVector
    knots: Vector
    gaps: IntVector
    mean: Vector
    scale: Vector

    def __post_init__(self) -> None:
        n = len(self.low)
        if len(self.high) != n or len(self.knots) != len(self.knot_terms):
            raise ValueError("expected two bounds for each term, and one term for each knot")
        if not np.isin(np.concatenate([self.knot_terms, self.gaps]), np.arange(n)).all():
            raise ValueError("expected knots and gaps of existing terms only")
        if not len(self.mean) == len(self.scale) == n + len(self.knots) + len(self.gaps) or (self.scale <= 0).any():
            raise ValueError("expected one mean and one positive scale for each column")

    @classmethod
    def of(cls, terms: Floats, weight: Floats, *, n_knots: int, few: int = _FEW_VALUES) -> Self:
        """Learn bounds, knots, means and scales, all weighted; terms of `few` values or fewer have no knots."""
        spans = [_span(column, weight, n_knots, few) for column in terms.T]
        missing = np.isnan(terms)
        gaps = np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0))
        knot_terms = np.array([t for t, (_, _, knots) in enumerate(spans) for _ in knots], dtype=np.int64)
        width = len(spans) + len(knot_terms) + len(gaps)
        unscaled = cls(
            low=np.array([low for low, _, _ in spans]),
            high=np.array([high for _, high, _ in spans]),
            knot_terms=knot_terms,
            knots=np.array([knot for _, _, knots in spans for knot in knots]),
            gaps=gaps,
            mean=np.zeros(width),
            scale=np.ones(width),
        )
        mean, scale = _moments(unscaled.columns(terms), weight)
        return replace(unscaled, mean=mean, scale=scale)

    @property
    def of_column(self) -> Ints:
        """The term each column comes from."""
        return np.concatenate([np.arange(len(self.low)), self.knot_terms, self.gaps])

    def columns(self, terms: Floats) -> Floats:
        """Return the columns before they are standardised; missing stays missing, shape (n, columns)."""
        clipped = np.clip(terms, self.low, self.high)
        above = np.maximum(clipped[:, self.knot_terms] - self.knots, 0.0)
        return np.hstack([clipped, above, np.isnan(terms[:, self.gaps])])

    def design(self, terms: Floats) -> Floats:
        """Return the standardised columns, shape (n, columns)."""
        found = np.empty((len(terms), len(self.mean)), order="F")
        clipped = [np.clip(column, low, high) for column, low, high in zip(terms.T, self.low, self.high, strict=True)]
        above = (np.maximum(clipped[term] - at, 0.0) for term, at in zip(self.knot_terms, self.knots, strict=True))
        missing = (np.isnan(terms[:, term]) for term in self.gaps)
        for place, column in enumerate(chain(clipped, above, missing)):
            found[:, place] = np.nan_to_num((column - self.mean[place]) / self.scale[place], copy=False, nan=0.0)
        return found

    def same_as(self, other: Self) -> bool:
        """Return whether the other makes the same design of any terms."""
        names = [one.name for one in fields(self)]
        return self is other or all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)


@dataclass(frozen=True, kw_only=True)
class Linear:
    """A fitted logistic model: log-odds = intercept + design @ weights.

    Attributes
    ----------
    basis : Basis
    intercept : float
    weights : ndarray of shape (columns,)
    covariance : ndarray of shape (1 + columns, 1 + columns)
        Of intercept and weights around the true ones: of chance, rows of one household being alike, and of what the
        penalty draws them (`bayesian_covariance`).
    redraws : ndarray of shape (draws, 1 + columns) or None
        By how much intercept and weights would differ had other households been drawn (`one_step_redraws`); none where
        nobody asks.
    """

    basis: Basis
    intercept: float
    weights: Vector
    covariance: Matrix
    redraws: Matrix | None = None

    def __post_init__(self) -> None:
        width = len(self.basis.mean)
        if self.redraws is not None and self.redraws.shape[1] != width + 1:
            raise ValueError("expected redraws of intercept and weights")
        if len(self.weights) != width or self.covariance.shape != (width + 1, width + 1):
            raise ValueError("expected one weight for each column, and a square covariance matrix")

    @property
    def n_redraws(self) -> int:
        """How many redraws it keeps."""
        return 0 if self.redraws is None else len(self.redraws)

    def parts(self, terms: Floats, group: Ints, n_groups: int) -> Floats:
        """Return the log-odds without the intercept, summed over groups of terms, shape (n, groups).

        Column by column, so that a row's figure depends on nothing but the row.
        """
        return self.parts_of(self.basis.design(terms), group, n_groups)

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        return self.score_of(self.basis.design(terms))

    def parts_of(self, design: Floats, group: Ints, n_groups: int) -> Floats:
        """Return the same as `parts` for rows of a design that is there already."""
        found = np.zeros((len(design), n_groups), order="F")
        for column, term in enumerate(self.basis.of_column):
            found[:, group[term]] += design[:, column] * self.weights[column]
        return found

    def score_of(self, design: Floats) -> Floats:
        """Return the log-odds of rows of a design that is there already, shape (n,)."""
        one = np.zeros(len(self.basis.low), dtype=np.int64)
        return self.intercept + self.parts_of(design, one, 1)[:, 0]

    def design(self, terms: Floats) -> Floats:
        """Return what intercept and weights are multiplied by, shape (n, 1 + columns)."""
        return _with_ones(self.basis.design(terms))

    def inflated(self, factor: float) -> Self:
        """Return the model with standard errors that many times as large."""
        return replace(self, covariance=self.covariance * factor**2)

    def variance(self, terms: Floats) -> Floats:
        """Return the variance of the log-odds around those given the same terms, shape (n,)."""
        return self.variance_of(self.basis.design(terms))

    def variance_of(self, design: Floats) -> Floats:
        """Return the variance of rows of a design that is there already, shape (n,)."""
        starts = range(0, len(design), _ROWS)
        found = [quadratic(_with_ones(design[at : at + _ROWS]), self.covariance) for at in starts]
        return np.concatenate(found) if found else np.empty(0)

    def sum_variance(self, terms: Floats, factors: Floats) -> Floats:
        """Return the variance of sums of log-odds, each with factors of the rows, shape (n, sums), shape (sums,)."""
        return quadratic(factors.T @ self.design(terms), self.covariance)

    def redrawn(self, terms: Floats) -> Floats:
        """Return by how much the log-odds would differ had other households been drawn, shape (n, draws)."""
        return self.redrawn_of(self.basis.design(terms))

    def redrawn_of(self, design: Floats) -> Floats:
        """Return the same of rows whose standardised columns are known."""
        if self.redraws is None:
            raise ValueError("fitted without redraws")
        return np.asarray(_with_ones(design) @ self.redraws.T)


def quadratic(vectors: Floats, covariance: Floats) -> Floats:
    """Return the variance of each vector's product with coefficients of this covariance, shape (vectors,)."""
    return np.asarray(np.einsum("ij,ij->i", vectors @ covariance, vectors))


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearFit:
    """A fit on its training rows.

    Attributes
    ----------
    designed : DesignedRows
    ridge : ndarray of shape (1 + columns,)
    at : ndarray of shape (1 + columns,)
        Intercept and weights.
    score : ndarray of shape (n,)
        Log-odds of the training rows.
    """

    designed: "DesignedRows"
    ridge: Floats
    at: Floats
    score: Floats

    @property
    def penalty(self) -> float:
        """Ridge penalty on standardised columns."""
        return float(self.ridge[-1])

    @cached_property
    def inverse_information(self) -> Floats:
        """Inverse second derivatives of the penalised loss."""
        risk = expit(self.score)
        return inverse_information(self.designed.design, self.designed.rows.weight * risk * (1 - risk), self.ridge)

    def without(self, most: int | None = None) -> Floats:
        """Return the log-odds each row would get from a fit without its household, one Newton step away.

        Of the first `most` rows and those of their households, or of all.
        """
        rows, n = self.designed.rows, len(self.score)
        if most is not None and most < n:
            n = int(np.searchsorted(rows.household, rows.household[most - 1], side="right"))
        score, weight, household = self.score[:n], rows.weight[:n], rows.household[:n]
        risk = expit(score)
        mass, gradient = weight * risk * (1 - risk), weight * (rows.outcome[:n] - risk)
        design = self.designed.design[:n]
        return np.asarray(score - leave_household_out(design, self.inverse_information, mass, gradient, household))

    def model(self, n_redraws: int = 0) -> Linear:
        """Return the model, with the covariance of its coefficients around the true ones.

        It keeps `n_redraws` fits to other households of the same population.
        """
        rows, design, turned = self.designed.rows, self.designed.design, self.inverse_information
        gradients = (rows.weight * (rows.outcome - expit(self.score)))[:, None] * design
        return Linear(
            basis=self.designed.basis,
            intercept=float(self.at[0]),
            weights=self.at[1:],
            covariance=bayesian_covariance(turned, self.ridge, gradients, rows.household),
            redraws=one_step_redraws(turned, gradients, rows.household, n_redraws) if n_redraws else None,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class DesignedRows:
    """Rows with the columns of a basis, worked out once for all fits on them and on parts of them.

    Attributes
    ----------
    rows : Rows
        Without their terms.
    basis : Basis
    design : ndarray of shape (n, 1 + columns)
        What intercept and weights are multiplied by.

    Examples
    --------
    >>> from relapse_risk.models.linear import ordered
    >>> rows = ordered(np.arange(9.0)[:, None], np.array([0.0, 1.0] * 4 + [1.0]), np.ones(9), None, None)
    >>> designed = DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=0))
    >>> designed.take(np.arange(6)).fit(1.0).score.shape
    (6,)
    """

    rows: Rows
    basis: Basis
    design: Floats

    @classmethod
    def of(cls, rows: Rows, basis: Basis) -> Self:
        """Work the columns out."""
        return cls(rows=rows.without_terms(), basis=basis, design=_with_ones(basis.design(rows.terms)))

    def take(self, chosen: Ints) -> Self:
        """Return some of the rows."""
        return replace(self, rows=self.rows.take(chosen), design=self.design[chosen])

    def fit(self, penalty: float, start: Floats | None = None) -> LinearFit:
        """Fit the log-odds by penalised maximum likelihood: ridge on standardised columns, intercept free.

        Parameters
        ----------
        penalty : float
        start : ndarray of shape (1 + columns,), optional
            Coefficients of a like fit, from which fewer steps are left.
        """
        ridge = np.full(self.design.shape[1], penalty)
        ridge[0] = 0.0
        zero, rows = np.zeros(self.design.shape[1]), self.rows
        at = fit_logistic(self.design, rows.outcome, rows.weight, ridge=ridge, toward=zero, start=start)
        return LinearFit(designed=self, ridge=ridge, at=at, score=self.design @ at)


def best_fit(designed: DesignedRows) -> LinearFit:
    """Return the fit with the penalty of the smallest leave-one-household-out log loss among seven from 3 to 3,000.

    Searched downhill from the middle one; the losses are those of at most 20,000 rows, a random sample.
    """
    found = _Judged.of(designed.fit(PENALTIES[_MIDDLE]))
    for side in (PENALTIES[_MIDDLE + 1 :], PENALTIES[:_MIDDLE][::-1]):
        for penalty in side:
            other = _Judged.of(designed.fit(penalty, found.fit.at))
            if other.loss >= found.loss:
                break
            found = other
        if found.fit.penalty != PENALTIES[_MIDDLE]:
            break
    return found.fit


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judged:
    """A fit and its leave-one-household-out log loss."""

    fit: LinearFit
    loss: float

    @classmethod
    def of(cls, fit: LinearFit) -> Self:
        score, rows = fit.without(_JUDGED), fit.designed.rows
        weight, outcome = rows.weight[: len(score)], rows.outcome[: len(score)]
        return cls(fit=fit, loss=float(weight @ (np.logaddexp(0, score) - outcome * score)))


def _with_ones(design: Floats) -> Floats:
    return np.column_stack([np.ones(len(design)), design])


def _span(column: Floats, weight: Floats, n_knots: int, few: int) -> tuple[float, float, list[float]]:
    """Return the bounds of a term and its knots."""
    known = ~np.isnan(column)
    values, masses = column[known], weight[known]
    if len(values) == 0:
        return 0.0, 0.0, []
    distinct = np.unique(values)
    if len(distinct) <= 2:  # a rare flag is no outlier
        return float(distinct[0]), float(distinct[-1]), []
    shares = [_TAIL, *np.arange(1, n_knots + 1) / (n_knots + 1), 1 - _TAIL]
    low, *inner, high = np.quantile(values, shares, weights=masses, method="inverted_cdf").tolist()
    knots = sorted({knot for knot in inner if low < knot < high}) if len(distinct) > few else []
    return low, high, knots


def _moments(columns: Floats, weight: Floats) -> tuple[Floats, Floats]:
    known = ~np.isnan(columns)
    mass = np.maximum(weight @ known, np.finfo(float).tiny)
    mean = weight @ np.where(known, columns, 0.0) / mass
    scale = np.sqrt(weight @ np.where(known, columns - mean, 0.0) ** 2 / mass)
    return mean, np.where(scale > 1e-12, scale, 1.0)
