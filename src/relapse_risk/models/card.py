"""A scorecard as it is filled in: points of columns, and what a point is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from relapse_risk.metrics import Floats, Ints
from relapse_risk.models.bins import Bins
from relapse_risk.models.layout import FeatureLayout
from relapse_risk.models.state import damaged, read_integer, read_list, read_matrix, read_number, read_vector

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
    points: Ints

    def of_rows(self, terms: Floats) -> Ints:
        """Return the points of each row, shape (n,)."""
        found: Ints = self.points[self.bins.place(terms[:, self.term])]
        return found

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "term": self.term,
            "edges": self.bins.edges.tolist(),
            "evidence": self.bins.evidence.tolist(),
            "points": self.points.tolist(),
        }

    @classmethod
    def from_values(cls, values: Any, n_terms: int) -> Self:
        """Return what `to_values` described, checked."""
        if not isinstance(values, dict):
            damaged("entries", "something else than entries")
        term, edges = read_integer(values, "term"), read_vector(values, "edges")
        evidence = read_vector(values, "evidence", length=len(edges) + 2)
        points = read_vector(values, "points", length=len(edges) + 2)
        if term >= n_terms or (np.diff(edges) <= 0).any() or (points != np.round(points)).any() or (points < 0).any():
            damaged("entries", "an entry that none could be filled in by")
        return cls(term=term, bins=Bins(edges=edges, evidence=evidence), points=points.astype(np.int64))


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
    covariance: Floats
    freedom: float = np.inf

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

    def spread(self, terms: Floats) -> Floats:
        """Return the household-robust standard deviation of the log-odds, columns and bins being given, shape (n,)."""
        evidence = [entry.bins.of_rows(terms[:, entry.term]) for entry in self.entries]
        design = np.column_stack([np.ones(len(terms)), *evidence])
        return np.asarray(np.sqrt(np.maximum(np.einsum("ij,ij->i", design @ self.covariance, design), 0.0)))

    def to_values(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return JSON data and LightGBM texts (none)."""
        values = {
            "intercept": self.intercept,
            "unit": self.unit,
            "entries": [entry.to_values() for entry in self.entries],
            "covariance": self.covariance.tolist(),
        }
        return values, {}

    @classmethod
    def from_values(cls, values: Mapping[str, Any], layout: FeatureLayout) -> Self:
        """Return what `to_values` described, checked."""
        entries = tuple(ScorecardColumn.from_values(entry, layout.n_terms) for entry in read_list(values, "entries"))
        unit, width = read_number(values, "unit"), len(entries) + 1
        covariance = read_matrix(values, "covariance", shape=(width, width))
        if unit <= 0 or covariance.shape != (width, width):
            damaged("unit", "points that are worth nothing")
        return cls(
            layout=layout,
            intercept=read_number(values, "intercept"),
            unit=unit,
            entries=entries,
            covariance=covariance,
        )
