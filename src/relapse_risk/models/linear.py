"""The penalised logistic model over terms: robust, with missing values, leave-one-out scores and a variance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from relapse_risk.models.columns import Floats, Ints
from relapse_risk.models.rows import Rows
from relapse_risk.models.state import damaged, read_mapping, read_matrix, read_number, read_vector

__all__ = ["Linear", "Scaling", "fit_linear", "leave_one_out"]

_TAIL = 0.005


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """How terms become the columns of a design: clipped, standardised, missing at the mean with an indicator.

    Attributes
    ----------
    low, high, mean, scale : ndarray of shape (terms,)
    gaps : ndarray of int
        Terms that were missing in training, each with an indicator column after the terms.
    gap_mean, gap_scale : ndarray of shape (gaps,)
    """

    low: Floats
    high: Floats
    mean: Floats
    scale: Floats
    gaps: Ints
    gap_mean: Floats
    gap_scale: Floats

    @classmethod
    def of(cls, terms: Floats, weight: Floats) -> Self:
        """Learn clips (0.5 % tails of numbers), means and spreads, all weighted."""
        bounds = [_bounds(column, weight) for column in terms.T]
        low, high = np.array([b[0] for b in bounds]), np.array([b[1] for b in bounds])
        held = np.clip(terms, low, high)
        known = ~np.isnan(held)
        mass = np.maximum(weight @ known, np.finfo(float).tiny)
        mean = weight @ np.where(known, held, 0.0) / mass
        scale = np.sqrt(weight @ np.where(known, held - mean, 0.0) ** 2 / mass)
        share = 1 - weight @ known / weight.sum()
        gaps = np.flatnonzero((~known).any(axis=0) & known.any(axis=0))
        return cls(
            low=low,
            high=high,
            mean=mean,
            scale=_or_one(scale),
            gaps=gaps,
            gap_mean=share[gaps],
            gap_scale=_or_one(np.sqrt(share * (1 - share))[gaps]),
        )

    def design(self, terms: Floats) -> Floats:
        """Return the design's columns, shape (n, terms + gaps)."""
        held = (np.clip(terms, self.low, self.high) - self.mean) / self.scale
        gaps = (np.isnan(terms[:, self.gaps]) - self.gap_mean) / self.gap_scale
        return np.asfortranarray(np.hstack([np.nan_to_num(held, nan=0.0), gaps]))

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {name: getattr(self, name).tolist() for name in self.__dataclass_fields__}

    @classmethod
    def from_values(cls, values: Mapping[str, Any], n_terms: int) -> Self:
        """Return what `to_values` described, checked."""
        parts = {name: read_vector(values, name, length=n_terms) for name in ("low", "high", "mean", "scale")}
        gaps = read_vector(values, "gaps")
        if not np.isin(gaps, np.arange(n_terms)).all():
            damaged("gaps", "terms that there are none of")
        held = {name: read_vector(values, name, length=len(gaps)) for name in ("gap_mean", "gap_scale")}
        if (parts["scale"] <= 0).any() or (held["gap_scale"] <= 0).any():
            damaged("scale", "a spread that is not positive")
        return cls(**parts, **held, gaps=gaps.astype(np.int64))


@dataclass(frozen=True, kw_only=True)
class Linear:
    """A fitted logistic model: log-odds = intercept + design @ weights.

    Attributes
    ----------
    scaling : Scaling
    intercept : float
    weights : ndarray of shape (design columns,)
    covariance : ndarray of shape (1 + design columns, 1 + design columns)
        Of intercept and weights, robust to rows of one household being alike.
    """

    scaling: Scaling
    intercept: float
    weights: Floats
    covariance: Floats

    @property
    def of_column(self) -> Ints:
        """The term each design column comes from."""
        return np.concatenate([np.arange(len(self.scaling.mean)), self.scaling.gaps])

    def parts(self, terms: Floats, group: Ints, n_groups: int) -> Floats:
        """Return the log-odds without the intercept, summed over groups of terms, shape (n, groups).

        Column by column, so that a row's figure depends on nothing but the row.
        """
        found = np.zeros((len(terms), n_groups), order="F")
        design = self.scaling.design(terms)
        for column, term in enumerate(self.of_column):
            if self.weights[column] != 0:
                found[:, group[term]] += design[:, column] * self.weights[column]
        return found

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        one = np.zeros(len(self.scaling.mean), dtype=np.int64)
        return self.intercept + self.parts(terms, one, 1)[:, 0]

    def variance(self, terms: Floats) -> Floats:
        """Return the sampling variance of the log-odds, shape (n,)."""
        design = _with_ones(self.scaling.design(terms))
        return np.asarray(np.einsum("ij,ij->i", design @ self.covariance, design))

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "scaling": self.scaling.to_values(),
            "intercept": self.intercept,
            "weights": self.weights.tolist(),
            "covariance": self.covariance.tolist(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any], n_terms: int) -> Self:
        """Return what `to_values` described, checked."""
        scaling = Scaling.from_values(read_mapping(values, "scaling"), n_terms)
        width = n_terms + len(scaling.gaps)
        return cls(
            scaling=scaling,
            intercept=read_number(values, "intercept"),
            weights=read_vector(values, "weights", length=width),
            covariance=read_matrix(values, "covariance", shape=(width + 1, width + 1)),
        )


def fit_linear(rows: Rows, *, penalty: float, scaling: Scaling | None = None) -> Linear:
    """Fit the log-odds by penalised maximum likelihood (ridge on standardised columns, intercept free).

    Folds share the `scaling` of all rows, which knows no outcome.
    """
    scaling = scaling or Scaling.of(rows.terms, rows.weight)
    design = scaling.design(rows.terms)
    solver = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-8, max_iter=200)
    solver.fit(design, rows.outcome, sample_weight=rows.weight)
    weights, intercept = solver.coef_[0], float(solver.intercept_[0])
    bread, score = _bread(design, rows, weights, intercept, penalty)
    pulls = np.add.reduceat((rows.weight * (rows.outcome - expit(score)))[:, None] * _with_ones(design), _starts(rows))
    return Linear(scaling=scaling, intercept=intercept, weights=weights, covariance=bread @ (pulls.T @ pulls) @ bread)


def leave_one_out(model: Linear, rows: Rows, *, penalty: float) -> Floats:
    """Return the log-odds each training row would get from a fit without it, shape (n,).

    By one Newton step from the fit on all rows, which is exact to second order (Rad and Maleki 2020, eq. 8).
    """
    design = model.scaling.design(rows.terms)
    bread, score = _bread(design, rows, model.weights, model.intercept, penalty)
    ones = _with_ones(design)
    risk = expit(score)
    reach = np.einsum("ij,ij->i", ones @ bread, ones)
    hold = np.minimum(rows.weight * risk * (1 - risk) * reach, 0.99)
    return np.asarray(score - reach * rows.weight * (rows.outcome - risk) / (1 - hold))


def _bread(design: Floats, rows: Rows, weights: Floats, intercept: float, penalty: float) -> tuple[Floats, Floats]:
    score = intercept + design @ weights
    risk = expit(score)
    ones = _with_ones(design)
    ridge = np.full(ones.shape[1], penalty)
    ridge[0] = 1e-9
    hessian = (ones * (rows.weight * risk * (1 - risk))[:, None]).T @ ones + np.diag(ridge)
    return np.linalg.inv(hessian), score


def _with_ones(design: Floats) -> Floats:
    return np.column_stack([np.ones(len(design)), design])


def _starts(rows: Rows) -> Ints:
    return np.flatnonzero(np.concatenate([[True], rows.household[1:] != rows.household[:-1]]))


def _bounds(column: Floats, weight: Floats) -> tuple[float, float]:
    known = ~np.isnan(column)
    if not known.any():
        return 0.0, 0.0
    values, masses = column[known], weight[known]
    if len(np.unique(values[:100])) <= 2 and len(np.unique(values)) <= 2:  # a rare flag is no outlier
        return float(values.min()), float(values.max())
    low, high = np.quantile(values, [_TAIL, 1 - _TAIL], weights=masses, method="inverted_cdf")
    return float(low), float(high)


def _or_one(scale: Floats) -> Floats:
    return np.where(scale > 1e-12, scale, 1.0)
