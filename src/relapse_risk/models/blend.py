"""How base and trees are joined, and the trials out of fold that decide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np

from relapse_risk.metrics import Floats, Fold, Ints
from relapse_risk.models.linear import Basis, Linear, Rows, fit_inflation, fit_with_scores, mean_log_odds
from relapse_risk.models.predictor import each
from relapse_risk.models.trees import Forest, TreeShape, grow

__all__ = ["BLEND_KINDS", "Blend", "BlendRecipe", "choose_blend", "start_of"]

BlendKind = Literal["average", "correction", "base"]
BLEND_KINDS: tuple[BlendKind, ...] = ("average", "correction")
_EVERY = 10
_SHARES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, kw_only=True)
class Blend:
    """How base and trees are joined in log-odds.

    Attributes
    ----------
    kind : str
        ``correction``: base + share * trees, grown on the base's scores with households left out.
        ``average``: (1 - share) * base + share * trees, grown on the mean risk.
        ``base``: the base alone; trees had nothing to add out of fold.
    share : float
    n_rounds : int
        Trees of each member.
    losses : tuple of float
        Log loss out of fold of the base and of the join; empty where there were no folds.
    """

    kind: BlendKind = "base"
    share: float = 0.0
    n_rounds: int = 0
    losses: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or self.n_rounds < 0:
            raise ValueError("expected a share from 0 to 1, and a number of rounds of at least 0")

    @property
    def base_share(self) -> float:
        """How much of the base is in the sum."""
        return 1 - self.share if self.kind == "average" else 1.0

    def of(self, base: Floats, trees: Floats) -> Floats:
        """Return the joined log-odds."""
        return self.base_share * base + self.share * trees

    def between(self, base: Floats, trees: Floats) -> Floats:
        """Return the standard deviation of base and trees, weighted by their shares, around the blended log-odds."""
        apart = trees - base if self.kind == "average" else trees
        return np.asarray(np.sqrt(self.share * (1 - self.share)) * np.abs(apart))


@dataclass(frozen=True, kw_only=True)
class BlendRecipe:
    """How base and trees are learned: the same in trials and at the end."""

    basis: Basis
    penalty: float
    shape: TreeShape
    n_rounds: int
    n_jobs: int


def start_of(kind: str, rows: Rows, without: Floats) -> Floats:
    """Return the log-odds trees are grown on, one for each row."""
    return without if kind == "correction" else np.full(len(rows.outcome), mean_log_odds(rows))


def choose_blend(recipe: BlendRecipe, rows: Rows, folds: tuple[Fold, ...], seed: int) -> tuple[Blend, Floats, float]:
    """Return the join of the smallest log loss out of fold, its scores out of fold, and the inflation of the base.

    A third of the folds try both kinds of join, the rest the better one of them. The base alone is among the
    candidates, so that no join is worse than the base out of fold. Without folds, the base alone and no scores.
    """
    if not folds:
        return Blend(), np.zeros(0), 1.0
    first, rest = folds[: -(-len(folds) // 3)], folds[-(-len(folds) // 3) :]
    trials = _Trials.of(len(rows.outcome), recipe.n_rounds)
    bases = trials.run(recipe, rows, first, BLEND_KINDS, seed)
    tried = np.concatenate([fold.test for fold in first])
    kind = trials.best(rows, tried, BLEND_KINDS).kind
    bases += trials.run(recipe, rows, rest, (kind,), seed)
    every = np.arange(len(rows.outcome))
    alone, join = _loss(trials.base, rows, every), trials.best(rows, every, (kind,))
    inflation = fit_inflation(rows, [fold.test for fold in folds], bases, trials.base)
    if join.losses[0] < alone:
        return replace(join, losses=(alone, *join.losses)), trials.scores(join), inflation
    return Blend(losses=(alone, alone)), trials.base, inflation


@dataclass(frozen=True, kw_only=True)
class _Trials:
    """Log-odds out of fold: of the base, and by kind of join of the trees after each stage, shape (stages, n)."""

    base: Floats
    trees: Mapping[str, Floats]

    @classmethod
    def of(cls, n_rows: int, n_rounds: int) -> "_Trials":
        stages = -(-n_rounds // _EVERY)
        return cls(base=np.zeros(n_rows), trees={kind: np.zeros((stages, n_rows)) for kind in BLEND_KINDS})

    def run(
        self, recipe: BlendRecipe, rows: Rows, folds: Sequence[Fold], kinds: Sequence[BlendKind], seed: int
    ) -> list[Linear]:
        """Fill in the test rows of `folds`, and return the base of each."""

        def test(fold: Fold) -> Linear:
            train, terms = rows.take(fold.train), rows.terms[fold.test]
            model, without = fit_with_scores(train, recipe.basis, penalty=recipe.penalty)
            self.base[fold.test] = model.score(terms)
            for kind in kinds:
                start = start_of(kind, train, without)
                forest = Forest(grow(train, start, recipe.shape, n_rounds=recipe.n_rounds, seed=seed))
                level = 0.0 if kind == "correction" else start[0]
                self.trees[kind][:, fold.test] = level + forest.stages(terms, _EVERY, recipe.n_rounds)
            return model

        return each(test, folds, recipe.n_jobs)

    def best(self, rows: Rows, chosen: Ints, kinds: Sequence[BlendKind]) -> Blend:
        """Return the join of the smallest log loss over some rows, which it carries as its only loss."""
        found = Blend(losses=(np.inf,))
        for kind, share, stage in product(kinds, _SHARES, range(len(self.trees[BLEND_KINDS[0]]))):
            join = Blend(kind=kind, share=share, n_rounds=(stage + 1) * _EVERY)
            loss = _loss(self.scores(join), rows, chosen)
            found = replace(join, losses=(loss,)) if loss < found.losses[0] else found
        return found

    def scores(self, join: Blend) -> Floats:
        """Return the joined log-odds out of fold, shape (n,)."""
        return join.of(self.base, self.trees[join.kind][join.n_rounds // _EVERY - 1])


def _loss(score: Floats, rows: Rows, chosen: Ints) -> float:
    s, y = score[chosen], rows.outcome[chosen]
    return float(np.average(np.logaddexp(0, s) - y * s, weights=rows.weight[chosen]))
