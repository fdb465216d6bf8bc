"""A scorecard as it is filled in: points of columns, and what a point is worth."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

import numpy as np

from relapse_risk.metrics import Floats, Ints, IntVector, Matrix
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import quadratic
from relapse_risk.models.scorecard.bins import Bins

__all__ = ["Scorecard", "ScorecardColumn"]


@dataclass(frozen=True, kw_only=True)
class ScorecardColumn:
    """One column of the card.

    Attributes
    ----------
    term : int
    bins : Bins
    points : ndarray of int, shape (bins + 1,)
        Points of each bin, those of missing figures last.
    """

    term: int
    bins: Bins
    points: IntVector

    def __post_init__(self) -> None:
        if len(self.points) != len(self.bins.evidence) or (self.points < 0).any() or self.term < 0:
            raise ValueError("expected one number of points of at least 0 for each bin")

    def of_rows(self, terms: Floats) -> Ints:
        """Return the points of each row, shape (n,)."""
        found: Ints = self.points[self.bins.place(terms[:, self.term])]
        return found


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """Log-odds = intercept + unit * total of points.

    Attributes
    ----------
    layout : FeatureLayout
    intercept : float
    unit : float
        Log-odds that a point is worth.
    entries : tuple of ScorecardColumn
    covariance : ndarray of shape (1 + entries, 1 + entries)
        Of intercept and weights of the evidence, robust to rows of one household being alike.
    """

    layout: FeatureLayout
    intercept: float
    unit: float
    entries: tuple[ScorecardColumn, ...]
    covariance: Matrix
    kind: Literal["scorecard"] = "scorecard"
    df: ClassVar[float] = np.inf

    def __post_init__(self) -> None:
        width = len(self.entries) + 1
        if self.covariance.shape != (width, width) or not self.unit > 0:
            raise ValueError("expected a square covariance matrix, and a unit of points above 0")
        if any(entry.term >= self.layout.n_terms for entry in self.entries):
            raise ValueError("expected a card over the terms of the layout")

    def total(self, terms: Floats) -> Ints:
        """Return the total of points, shape (n,)."""
        found = np.zeros(len(terms), dtype=np.int64)
        for entry in self.entries:
            found += entry.of_rows(terms)
        return found

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        return np.asarray(self.intercept + self.unit * self.total(terms))

    def by_term(self, terms: Floats) -> Floats:
        """Return the split of the log-odds over terms, here exact, shape (n, terms)."""
        found = np.zeros(terms.shape, order="F")
        for entry in self.entries:
            found[:, entry.term] += self.unit * entry.of_rows(terms)
        return found

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""
        points = np.zeros((len(terms), len(self.layout.reasons)), order="F")
        for entry in self.entries:
            points[:, self.layout.group[entry.term]] += entry.of_rows(terms)
        return np.asarray(self.unit * points)

    def inflated(self, factor: float) -> Self:
        """Return the card with standard errors that many times as large."""
        return replace(self, covariance=self.covariance * factor**2)

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard deviation of the log-odds around those given the same columns and bins, shape (n,)."""
        design = self._design(terms)
        return np.sqrt(np.maximum(quadratic(design, self.covariance), 0.0))

    def sum_variance(self, terms: Floats, factors: Floats) -> Floats:
        """Return the variance of sums of log-odds, each with factors of the rows, shape (n, sums), shape (sums,)."""
        return quadratic(factors.T @ self._design(terms), self.covariance)

    def _design(self, terms: Floats) -> Floats:
        evidence = [entry.bins.of_rows(terms[:, entry.term]) for entry in self.entries]
        return np.column_stack([np.ones(len(terms)), *evidence])
