"""The default model: a penalised logistic base, and small trees that never mix two reasons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field

from relapse_risk.metrics import Floats, Fold, Ints
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.blend import Blend, BlendParts, choose_blend, start_of
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import (
    Basis,
    DesignedRows,
    Linear,
    Rows,
    best_fit,
    first_rows,
    fit_inflation,
    mean_log_odds,
    without_one,
)
from relapse_risk.models.predictor import N_REDRAWS, EncodedRows, LinearPredictor, each, jackknife
from relapse_risk.models.trees import BinnedRows, Forest, Places, TreeShape

__all__ = ["AdditivePredictor", "ReasonAdditiveClassifier"]
# Sixty-three steps of a column are enough for small trees, and faster than LightGBM's 255.
_BINS = 63
# What the base's own variance counts beside the jackknife's, in members: four say little of each row by themselves.
_PRIOR_DF = 4
# Rows on which the two are compared.
_COMPARED = 2000


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

    def varies(self, rows: Rows) -> float:
        """Return how many times as much members vary by the jackknife as the base says of itself, at least once."""
        read = self.read(rows.terms)
        return max(1.0, float(np.sqrt(rows.weight @ read.sampled / (rows.weight @ read.stated))))

    def with_chance(self, rows: Rows) -> Self:
        """Return the same, knowing how much of what base and trees lie apart is chance: as members vary in it."""
        read = self.read(rows.terms)
        apart = (read.bases - self.start - np.array(read.trees)) if self.members else np.zeros((2, len(rows.outcome)))
        noise, found = rows.weight @ jackknife(apart) ** 2, rows.weight @ apart.mean(axis=0) ** 2
        return replace(self, chance=float(min(1.0, noise / found)) if found > 0 else 0.0)

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


def fit_additive(
    parts: BlendParts, layout: FeatureLayout, rows: Rows, join: Blend, *, n_members: int, seed: int
) -> AdditivePredictor:
    """Fit base and members on all rows, joined as was chosen."""

    def member(job: tuple[int, Ints]) -> tuple[Linear, Forest]:
        base = parts.base(job[1])
        start = start_of(join.kind, base)
        forest = parts.binned.grow(job[1], start, n_rounds=join.n_rounds, seed=seed + job[0])
        return base.model(), forest

    jobs = enumerate(without_one(rows, n_members, seed)) if join.kind != "base" else ()
    return AdditivePredictor(
        layout=layout,
        base=parts.whole.model(N_REDRAWS),
        join=join,
        start=mean_log_odds(rows) if join.kind == "average" else 0.0,
        members=tuple(each(member, jobs, parts.n_jobs)),
        n_jobs=parts.n_jobs,
    )


class ReasonAdditiveClassifier(RiskClassifier):
    """Risk of relapse as a sum over reasons: a penalised logistic base and small trees that never mix two reasons.

    A penalised logistic model, and an average of small LightGBM ensembles whose every tree splits on columns of one
    reason only, joined in log-odds as a correction or as an average, whichever has the smaller log loss out of fold
    (by time and household), the number of rounds chosen there too; where neither beats the base, the base alone.
    A reason's contribution is then exact, and as cheap as a prediction.

    Parameters
    ----------
    reasons : Mapping of str to str, optional
        The reason of each column; a column it does not name is ``other``. Without it, every column is its own.
    signs : Mapping of str to int, optional
        1 where more of a column never lowers the risk, -1 where it never raises it: holds for the trees.
    calibration : str or None
        One of ``calibration.KINDS``, fitted on scores out of fold; ``chosen`` is the sigmoid unless another does better
        there by a standard error.
    n_folds : int
        See `time_household_folds`.
    n_members : int
        Ensembles that are averaged, each fitted without one of as many groups of households.
    n_rounds : int
        The most trees an ensemble may have.
    n_leaves, learning_rate, row_share, column_share, min_rows, l2
        Shape of the trees: LightGBM's ``num_leaves``, ``learning_rate``, ``bagging_fraction``,
        ``feature_fraction``, ``min_data_in_leaf``, ``lambda_l2``.
    n_knots : int
        At how many quantiles the slope of the base may change in a column of many values.
    penalty : float, optional
        Ridge penalty of the base, on standardised columns; by the log loss with households left out if not given.
    n_jobs : int
        Fits at a time; -1 for as many as there are processors. No figure depends on it.
    random_state : int, RandomState or None

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
    n_features_in_ : int
    core_ : AdditivePredictor
        The fitted parts; ``core_.join`` says what was chosen.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(300, 2))
    >>> y = random.logistic(size=300) < X[:, 0] - 1
    >>> model = ReasonAdditiveClassifier(n_rounds=20).fit(X, y)
    >>> found = model.explain(X[:1])
    >>> found.reasons, bool(abs(found.base + found.values.sum() - model.decision_function(X[:1])[0]) < 1e-9)
    (('x0', 'x1'), True)
    """

    positive = ("penalty",)
    not_negative = ("l2",)
    shares = ("learning_rate", "row_share", "column_share")
    whole_from = MappingProxyType(
        {"n_folds": 2, "n_members": 2, "n_rounds": 1, "n_leaves": 2, "min_rows": 0, "n_knots": 0}
    )

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        calibration: str | None = "chosen",
        n_folds: int = 5,
        n_members: int = 4,
        n_rounds: int = 240,
        n_leaves: int = 6,
        learning_rate: float = 0.08,
        row_share: float = 0.6,
        column_share: float = 0.5,
        min_rows: int = 50,
        l2: float = 10.0,
        n_knots: int = 3,
        penalty: float | None = None,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.calibration = calibration
        self.n_folds = n_folds
        self.n_members = n_members
        self.n_rounds = n_rounds
        self.n_leaves = n_leaves
        self.learning_rate = learning_rate
        self.row_share = row_share
        self.column_share = column_share
        self.min_rows = min_rows
        self.l2 = l2
        self.n_knots = n_knots
        self.penalty = penalty
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        shape = TreeShape(
            group=layout.group,
            signs=layout.signs,
            n_leaves=self.n_leaves,
            learning_rate=self.learning_rate,
            row_share=self.row_share,
            column_share=self.column_share,
            min_rows=self.min_rows,
            l2=self.l2,
            n_bins=_BINS,
        )
        designed = DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=self.n_knots))
        parts = BlendParts(
            designed=designed,
            binned=BinnedRows.of(rows, shape),
            whole=best_fit(designed) if self.penalty is None else designed.fit(self.penalty),
            n_rounds=self.n_rounds,
            n_jobs=self.n_jobs,
        )
        join, scores = choose_blend(parts, rows.terms, folds, seed)
        core = fit_additive(parts, layout, rows, join, n_members=self.n_members, seed=seed)
        core = core.with_chance(first_rows(rows, _COMPARED))
        return replace(core, base=core.base.inflated(_inflation(parts, core, rows, folds, scores))), scores


def _inflation(
    parts: BlendParts, core: AdditivePredictor, rows: Rows, folds: tuple[Fold, ...], scores: Floats
) -> float:
    """Return by how much the standard errors of the base are to be inflated.

    What the base cannot follow, an average shows by how far its trees, a model of their own, lie from it
    (`Blend.between`). Trees that correct the base start from it and cannot: what is left of the misfit is then found in
    totals of groups, as for the base alone. Members may vary more than either says.
    """
    found = 1.0
    if core.join.kind != "average":
        bases = [parts.base(fold.train).model() for fold in folds]
        found = fit_inflation(rows, [fold.test for fold in folds], bases, scores)
    return max(found, core.varies(first_rows(rows, _COMPARED))) if core.members else found
