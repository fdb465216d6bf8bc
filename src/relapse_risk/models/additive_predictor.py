"""The fitted default: a base and small ensembles of trees, joined, and rows as it reads them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from relapse_risk.metrics import Floats, Ints
from relapse_risk.models.blend import Blend
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import Linear
from relapse_risk.models.predictor import N_REDRAWS, EncodedRows, each, jackknife
from relapse_risk.models.trees import Forest, Places

__all__ = ["AdditivePredictor"]

# What the base's own variance counts beside the jackknife's, in members: four say little of each row by themselves.
_PRIOR_DF = 4


@dataclass(frozen=True, kw_only=True)
class AdditivePredictor:
    """A base and small ensembles of trees, joined.

    Attributes
    ----------
    layout : FeatureLayout
    base : Linear
    join : Blend
    start : float
        Log-odds the trees were grown on, where that is one figure; else 0.
    members : tuple of (Linear, Forest)
        Whole models, each fitted without one group of households. The trees of all are averaged.
    chance : float
        What share of the squares of how far base and trees lie apart is chance of the sample, from 0 to 1.
    """

    layout: FeatureLayout
    base: Linear
    join: Blend
    start: float
    members: tuple[tuple[Linear, Forest], ...]
    chance: float = 0.0
    n_jobs: Annotated[int, Field(exclude=True)] = -1
    kind: Literal["additive"] = "additive"

    def __post_init__(self) -> None:
        bases = [self.base, *(base for base, _ in self.members)]
        over = [*(len(base.basis.low) for base in bases), *(forest.n_terms for _, forest in self.members)]
        if set(over) != {self.layout.n_terms}:
            raise ValueError("expected bases and trees over the terms of the layout")
        if not all(base.basis.same_as(self.base.basis) for base, _ in self.members):
            raise ValueError("expected bases over one design")
        if self.base.n_redraws != N_REDRAWS:
            raise ValueError(f"expected {N_REDRAWS} redraws of the base")
        if not 0 <= self.chance <= 1:
            raise ValueError("expected a share from 0 to 1")
        if len(self.members) == 1:
            raise ValueError("expected at least two members, or none")

    @property
    def intercept(self) -> float:
        """Log-odds that belong to no reason."""
        return float(self.join.of(np.array(self.base.intercept), np.array(self.start)))

    @property
    def df(self) -> float:
        """Degrees of freedom behind `std_error`."""
        return len(self.members) - 1 + _PRIOR_DF if self.members else np.inf

    def read(self, terms: Floats) -> "AdditiveRows":
        """Return rows, of which the base's design is made once and the leaves are looked up once."""
        return AdditiveRows(core=self, terms=terms)

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        return self.read(terms).score

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""
        return self.read(terms).parts

    def by_term(self, terms: Floats) -> Floats:
        """Return an approximate split of the log-odds over terms, shape (n, terms)."""
        return self.read(terms).by_term

    def shapley(self, terms: Floats) -> Floats:
        """Return the terms of the base and the trees' Shapley values, each against its mean, shape (n, terms)."""
        base = self.base.parts(terms, np.arange(self.layout.n_terms), self.layout.n_terms)
        found = each(lambda member: member[1].shapley(terms), self.members, self.n_jobs)
        return self.join.of(base, _mean(found, np.zeros(base.shape)))

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard deviation of the log-odds around those given the same terms, shape (n,).

        Over samples, by the jackknife over groups of households, moderated by the variance of the base, which knows
        what the penalty does (Smyth 2004): the mean of both, weighed by their degrees of freedom. Over models, how far
        base and trees disagree by more than chance, weighed as they are joined. The variance of the base alone where
        there are no trees.
        """
        return self.read(terms).std_error

    def redrawn(self, terms: Floats) -> Floats:
        """Return by how much the log-odds would differ in other trainings, see `Redrawable`.

        Of the jackknife's members, which are few and know the trees, and of the base's redraws, which are many and do
        not, weighed as in `std_error`.
        """
        return self.read(terms).redrawn

    def moderated(self, sampled: Floats, stated: Floats) -> Floats:
        """Return the mean of the variance of members and that of the base, weighed by their degrees of freedom."""
        return ((self.df - _PRIOR_DF) * sampled + _PRIOR_DF * stated) / self.df


@dataclass(frozen=True, kw_only=True, eq=False)
class AdditiveRows(EncodedRows):
    """Rows of one additive model: all that it says of them is read from one design and from the leaves."""

    core: AdditivePredictor

    @cached_property
    def design(self) -> Floats:
        """The standardised columns of the base, which those of the members share, shape (n, columns)."""
        return self.core.base.basis.design(self.terms)

    @cached_property
    def leaves(self) -> list[Places]:
        """The leaves of each member's trees."""
        return each(lambda member: member[1].leaves(self.terms), self.core.members, self.core.n_jobs)

    @cached_property
    def score(self) -> Floats:
        """The log-odds before calibration, shape (n,)."""
        trees = _mean(self.trees, np.zeros(len(self.terms)))
        return self.core.join.of(self.base, self.core.start + trees)

    @cached_property
    def parts(self) -> Floats:
        """Each reason's log-odds, not centred, shape (n, reasons)."""
        group, n_groups = self.core.layout.group, len(self.core.layout.reasons)
        return self._joined(group, n_groups, lambda forest, leaves: forest.sums(leaves, group, n_groups))

    @cached_property
    def by_term(self) -> Floats:
        """An approximate split of the log-odds over terms, shape (n, terms)."""
        n_terms = self.core.layout.n_terms
        return self._joined(np.arange(n_terms), n_terms, Forest.path_sums)

    @cached_property
    def base(self) -> Floats:
        """The log-odds of the base."""
        return self.core.base.score_of(self.design)

    @cached_property
    def trees(self) -> list[Floats]:
        """What each member's trees add to the log-odds that they start from."""
        pairs = zip(self.core.members, self.leaves, strict=True)
        return [forest.summed(leaves) for (_, forest), leaves in pairs]

    @cached_property
    def stated(self) -> Floats:
        """The variance of the log-odds as the base states it."""
        return self.core.base.variance_of(self.design)

    @cached_property
    def members(self) -> Floats:
        """The log-odds of each member by itself, shape (members, n)."""
        return self.core.join.of(self.bases, self.core.start + np.array(self.trees))

    @cached_property
    def bases(self) -> Floats:
        """The log-odds of each member's base, shape (members, n)."""
        return np.array([base.score_of(self.design) for base, _ in self.core.members])

    @property
    def sampled(self) -> Floats:
        """The variance of the log-odds by the jackknife over members."""
        return jackknife(self.members) ** 2

    @cached_property
    def std_error(self) -> Floats:
        """The standard deviation of the log-odds, see `AdditivePredictor.std_error`."""
        if not self.core.members:
            return np.sqrt(self.stated)
        between = self.core.join.between(self.base, (self.core.start + np.array(self.trees)).mean(axis=0))
        sampled = self.core.moderated(self.sampled, self.stated)
        return np.asarray(np.sqrt(sampled + (1 - self.core.chance) * between**2))

    @cached_property
    def redrawn(self) -> Floats:
        """By how much the log-odds would differ in other trainings, see `AdditivePredictor.redrawn`."""
        of_base = self.core.base.redrawn_of(self.design)
        if not self.core.members:
            return of_base
        m, normal = len(self.members), np.random.default_rng(0).standard_normal((len(self.members), N_REDRAWS))
        sampled = (self.members - self.members.mean(axis=0)).T @ normal * np.sqrt((m - 1) / m)
        share = (self.core.df - _PRIOR_DF) / self.core.df
        return np.asarray(np.sqrt(share) * sampled + np.sqrt(1 - share) * of_base)

    def varies(self, weight: Floats) -> float:
        """Return how many times as much members vary by the jackknife as the base says of itself, at least once."""
        return max(1.0, float(np.sqrt(weight @ self.sampled / (weight @ self.stated))))

    def chance(self, weight: Floats) -> float:
        """Return what share of the squares of how far base and trees lie apart is chance, as members vary in it."""
        apart = self.core.join.apart(self.bases, self.core.start + np.array(self.trees))
        noise, found = weight @ jackknife(apart) ** 2, weight @ apart.mean(axis=0) ** 2
        return float(min(1.0, noise / found)) if found > 0 else 0.0

    def _joined(self, group: Ints, n_groups: int, read: Callable[[Forest, Places], Floats]) -> Floats:
        """Return base and trees joined, summed over groups of terms."""
        base = self.core.base.parts_of(self.design, group, n_groups)
        pairs = zip(self.core.members, self.leaves, strict=True)
        found = each(lambda pair: read(pair[0][1], pair[1]), pairs, self.core.n_jobs)
        return self.core.join.of(base, _mean(found, np.zeros(base.shape)))


def _mean(found: Sequence[Floats], none: Floats) -> Floats:
    """Return the mean of what was read from each member's trees; `none` where there are none."""
    for values in found:
        none = none + values / len(found)
    return none
