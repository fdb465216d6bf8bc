"""How base and trees are joined, and the trials out of fold that decide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import methodcaller
from typing import Literal

import numpy as np

from relapse_risk.metrics import Floats, Fold, Ints
from relapse_risk.models.linear import DesignedRows, LinearFit, Rows, mean_log_odds
from relapse_risk.models.predictor import each
from relapse_risk.models.trees import BinnedRows, Growth

__all__ = ["BLEND_KINDS", "Blend", "BlendParts", "choose_blend", "start_of"]

BlendKind = Literal["average", "correction", "base"]
BLEND_KINDS: tuple[BlendKind, ...] = ("average", "correction")
_EVERY = 10
# Stages without a smaller loss after which trees grow no further.
_PATIENCE = 3
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
        return np.asarray(np.sqrt(self.share * (1 - self.share)) * np.abs(self.apart(base, trees)))

    def apart(self, base: Floats, trees: Floats) -> Floats:
        """Return how far the trees lie from the base, which those of a correction start from."""
        return trees - base if self.kind == "average" else trees


@dataclass(frozen=True, kw_only=True, eq=False)
class BlendParts:
    """What base and trees are learned from, worked out once: for trials and for the end.

    Attributes
    ----------
    designed : DesignedRows
    binned : BinnedRows
    whole : LinearFit
        The base on all rows, from which the search for others starts.
    n_rounds : int
        The most trees.
    n_jobs : int
    """

    designed: DesignedRows
    binned: BinnedRows
    whole: LinearFit
    n_rounds: int
    n_jobs: int

    def base(self, chosen: Ints) -> LinearFit:
        """Return the base on some of the rows."""
        return self.designed.take(chosen).fit(self.whole.penalty, self.whole.at)


def start_of(kind: str, base: LinearFit) -> Floats:
    """Return the log-odds trees are grown on, one for each row of the base."""
    return base.without() if kind == "correction" else np.full(len(base.score), mean_log_odds(base.designed.rows))


def choose_blend(parts: BlendParts, terms: Floats, folds: tuple[Fold, ...], seed: int) -> tuple[Blend, Floats]:
    """Return the join of the smallest log loss out of fold, and its scores out of fold.

    A third of the folds try both kinds of join, the rest the better one of them. Trees grow in all of these folds side
    by side, until the log loss has stopped falling. The base alone is among the candidates, so that no join is worse
    than the base out of fold. Without folds, the base alone and no scores.
    """
    if not folds:
        return Blend(), np.zeros(0)
    third = -(-len(folds) // 3)
    trials = _Trials.of(parts, terms)
    trials.begin(folds[:third], BLEND_KINDS, seed)
    kind = min((trials.grow(kind) for kind in BLEND_KINDS), key=lambda join: join.losses).kind
    trials.begin(folds[third:], (kind,), seed)
    alone, join = _loss(trials.base, parts.designed.rows), trials.grow(kind)
    if join.losses[0] < alone:
        return replace(join, losses=(alone, *join.losses)), trials.scores(join)
    return Blend(losses=(alone, alone)), trials.base


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tree:
    """An ensemble of one kind in one fold, with what its trees add to the log-odds of the tested rows."""

    growth: Growth
    fold: Fold
    terms: Floats
    added: list[Floats]

    def reach(self, stage: int) -> Floats:
        """Return the log-odds after a stage, grown as far as needed."""
        while len(self.added) <= stage:
            first = self.growth.n_trees
            self.growth.grow(_EVERY)
            self.added.append(self.added[-1] + self.growth.total(self.terms, first))
        return self.added[stage]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Trials:
    """Log-odds out of fold: of the base, and by kind of join the ensembles of the folds."""

    parts: BlendParts
    terms: Floats
    base: Floats
    trees: Mapping[BlendKind, list[_Tree]]

    @classmethod
    def of(cls, parts: BlendParts, terms: Floats) -> "_Trials":
        return cls(parts=parts, terms=terms, base=np.zeros(len(terms)), trees={kind: [] for kind in BLEND_KINDS})

    def begin(self, folds: Sequence[Fold], kinds: Sequence[BlendKind], seed: int) -> None:
        """Fit the base in some folds, and plant the trees."""

        def test(fold: Fold) -> list[_Tree]:
            base, terms = self.parts.base(fold.train), self.terms[fold.test]
            self.base[fold.test] = self.parts.designed.design[fold.test] @ base.at
            found = []
            for kind in kinds:
                start = start_of(kind, base)
                level = np.full(len(terms), 0.0 if kind == "correction" else start[0])
                growth = self.parts.binned.plant(fold.train, start, seed)
                found.append(_Tree(growth=growth, fold=fold, terms=terms, added=[level]))
            return found

        for planted in each(test, folds, self.parts.n_jobs):
            for kind, tree in zip(kinds, planted, strict=True):
                self.trees[kind].append(tree)

    def grow(self, kind: BlendKind) -> Blend:
        """Return the join of a kind of the smallest log loss over the folds begun, which it carries as its only loss.

        Trees grow until no share of them has had a smaller loss for a few stages.
        """
        rows, tested = self.parts.designed.rows, np.concatenate([tree.fold.test for tree in self.trees[kind]])
        seen = rows.take(tested)
        found = Blend(losses=(np.inf,))
        for stage in range(1, -(-self.parts.n_rounds // _EVERY) + 1):
            trees = np.concatenate(each(methodcaller("reach", stage), self.trees[kind], self.parts.n_jobs))
            for share in _SHARES:
                join = Blend(kind=kind, share=share, n_rounds=stage * _EVERY)
                loss = _loss(join.of(self.base[tested], trees), seen)
                found = replace(join, losses=(loss,)) if loss < found.losses[0] else found
            if stage * _EVERY - found.n_rounds >= _PATIENCE * _EVERY:
                break
        return found

    def scores(self, join: Blend) -> Floats:
        """Return the joined log-odds out of fold, shape (n,)."""
        trees = np.zeros(len(self.base))
        for tree in self.trees[join.kind]:
            trees[tree.fold.test] = tree.reach(join.n_rounds // _EVERY)
        return join.of(self.base, trees)


def _loss(score: Floats, rows: Rows) -> float:
    return float(np.average(np.logaddexp(0, score) - rows.outcome * score, weights=rows.weight))
