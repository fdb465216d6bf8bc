"""Small LightGBM ensembles whose every tree stays inside one reason, and the tables that read them out exactly."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import lightgbm as lgb
import numpy as np

from relapse_risk.models.columns import Floats, Ints
from relapse_risk.models.rows import Rows
from relapse_risk.models.state import damaged

__all__ = ["Forest", "Tree", "TreeShape", "grow", "parse_trees"]

_CHUNK = 8192


@dataclass(frozen=True, kw_only=True)
class TreeShape:
    """How trees are grown.

    Attributes
    ----------
    group : ndarray of shape (terms,)
        The reason of each term: no tree uses terms of two.
    signs : ndarray of shape (terms,)
        1 where more of a term never lowers the risk, -1 where it never raises it, 0 elsewhere.
    """

    group: Ints
    signs: Ints
    n_leaves: int
    learning_rate: float
    min_rows: int
    row_share: float = 1.0
    column_share: float = 1.0
    pull: float = 0.0

    def parameters(self, seed: int) -> dict[str, Any]:
        """Return LightGBM's parameters: one thread and column-wise histograms, so that no sum depends on threads."""
        groups = [np.flatnonzero(self.group == g).tolist() for g in np.unique(self.group)]
        return {
            "objective": "binary",
            "boost_from_average": False,
            "num_leaves": self.n_leaves,
            "learning_rate": self.learning_rate,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1 if self.row_share < 1 else 0,
            "feature_fraction": self.column_share,
            "min_data_in_leaf": self.min_rows,
            "lambda_l2": self.pull,
            "interaction_constraints": groups,
            "monotone_constraints": self.signs.tolist(),
            "max_bin": 255,
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }


def grow(rows: Rows, start: Floats, shape: TreeShape, *, n_rounds: int, seed: int) -> str:
    """Return, in LightGBM's text, trees grown on log-odds `start`."""
    parameters = shape.parameters(seed)
    data = lgb.Dataset(rows.terms, rows.outcome, weight=rows.weight, init_score=start, params=parameters)
    return str(lgb.train(parameters, data, n_rounds).model_to_string())


@dataclass(frozen=True)
class Tree:
    """One tree: its inner nodes' terms and children (a leaf is ~index), its leaves' values and training weights."""

    terms: Ints
    left: Ints
    right: Ints
    values: Floats
    counts: Floats

    @property
    def term(self) -> int:
        """The term it splits first on; -1 for a tree that is one leaf."""
        return int(self.terms[0]) if len(self.terms) else -1

    @cached_property
    def paths(self) -> dict[int, Floats]:
        """Return, by term, what splits on it add on the way to each leaf (Saabas 2014), shape (leaves,)."""
        found: dict[int, Floats] = {}
        if len(self.terms):
            self._walk(0, found)
        return found

    def _walk(self, node: int, found: dict[int, Floats]) -> tuple[Ints, float]:
        """Return a node's leaves and mean value, having added the steps to its children."""
        if node < 0:
            return np.array([~node]), float(self.values[~node])
        sides = [self._walk(int(child), found) for child in (self.left[node], self.right[node])]
        masses = [max(float(self.counts[leaves].sum()), 1e-12) for leaves, _ in sides]
        mean = float(np.average([value for _, value in sides], weights=masses))
        steps = found.setdefault(int(self.terms[node]), np.zeros(len(self.values)))
        for leaves, value in sides:
            steps[leaves] += value - mean
        return np.concatenate([leaves for leaves, _ in sides]), mean


@dataclass(frozen=True)
class Forest:
    """An ensemble read from LightGBM's text."""

    text: str

    @cached_property
    def booster(self) -> lgb.Booster:
        """The ensemble as LightGBM runs it."""
        return lgb.Booster(model_str=self.text)

    @cached_property
    def trees(self) -> tuple[Tree, ...]:
        """The ensemble as data."""
        return tuple(parse_trees(self.text))

    @classmethod
    def checked(cls, text: str, name: str, n_terms: int) -> Self:
        """Return an ensemble from a saved text, read and checked before LightGBM sees it."""
        try:
            trees = tuple(parse_trees(text))
        except (KeyError, ValueError, IndexError):
            damaged(name, "a text that is no LightGBM model")
        if not all(_is_tree(tree, n_terms) for tree in trees) or f"max_feature_idx={n_terms - 1}\n" not in text:
            damaged(name, "trees over other columns")
        return cls(text)

    def total(self, terms: Floats) -> Floats:
        """Return the trees' log-odds, shape (n,)."""
        return np.asarray(self.booster.predict(terms, raw_score=True), dtype=np.float64)

    def shapley(self, terms: Floats) -> Floats:
        """Return the Shapley values of the terms (TreeSHAP), shape (n, terms)."""
        return np.asarray(self.booster.predict(terms, pred_contrib=True), dtype=np.float64)[:, :-1]

    def sums(self, terms: Floats, group: Ints, n_groups: int) -> Floats:
        """Return the trees' log-odds summed over groups of terms, shape (n, groups)."""
        found = np.zeros((n_groups, len(terms)))
        # a tree that is one leaf says the same of every row: whichever reason it is given to, centring takes it out
        of_tree = [int(group[tree.term]) for tree in self.trees]
        for chunk, leaves in self._leaves(terms):
            for tree, g, leaf in zip(self.trees, of_tree, leaves, strict=True):
                found[g, chunk] += tree.values[leaf]
        return found.T

    def stages(self, terms: Floats, every: int, n_rounds: int) -> Floats:
        """Return the log-odds after each `every` of `n_rounds` trees, shape (stages, n).

        Growing stops early where nothing is left to split; the last stages are then alike.
        """
        found = np.zeros((n_rounds // every, len(terms)))
        for chunk, leaves in self._leaves(terms):
            for t, (tree, leaf) in enumerate(zip(self.trees, leaves, strict=True)):
                found[t // every, chunk] += tree.values[leaf]
        return np.cumsum(found, axis=0)

    def path_sums(self, terms: Floats) -> Floats:
        """Return an approximate split of the trees' log-odds over terms, shape (n, terms)."""
        found = np.zeros(terms.shape, order="F")
        for chunk, leaves in self._leaves(terms):
            for tree, leaf in zip(self.trees, leaves, strict=True):
                for term, steps in tree.paths.items():
                    found[chunk, term] += steps[leaf]
        return found

    def _leaves(self, terms: Floats) -> Iterator[tuple[slice, Ints]]:
        """Yield, for chunks of rows, the leaf each row falls into, shape (trees, chunk)."""
        for start in range(0, len(terms), _CHUNK):
            rows = np.ascontiguousarray(terms[start : start + _CHUNK])
            found = np.asarray(self.booster.predict(rows, pred_leaf=True))
            yield slice(start, start + len(rows)), np.ascontiguousarray(found.reshape(len(rows), -1).T)


def parse_trees(text: str) -> Iterator[Tree]:
    """Yield the trees of a LightGBM text.

    Raises
    ------
    KeyError, ValueError
        Where it is no such text.
    """
    for block in text.split("\nend of trees")[0].split("\nTree=")[1:]:
        entries = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        inner = int(entries["num_leaves"]) > 1
        yield Tree(
            terms=_integers(entries["split_feature"]) if inner else _integers(""),
            left=_integers(entries["left_child"]) if inner else _integers(""),
            right=_integers(entries["right_child"]) if inner else _integers(""),
            values=_floats(entries["leaf_value"]),
            counts=_floats(entries["leaf_count"]) if inner else np.ones(1),
        )


def _integers(line: str) -> Ints:
    return np.array(line.split(), dtype=np.int64)


def _floats(line: str) -> Floats:
    return np.array(line.split(), dtype=np.float64)


def _is_tree(tree: Tree, n_terms: int) -> bool:
    """Return whether the nodes form one tree over the terms, each node and leaf reached once."""
    inner, leaves = len(tree.terms), len(tree.values)
    children = np.concatenate([tree.left, tree.right])
    later = (children < 0) | (children > np.tile(np.arange(inner), 2)) if len(tree.left) == len(tree.right) else False
    return bool(
        len(tree.left) == len(tree.right) == inner == leaves - 1 == len(tree.counts) - 1
        and np.isin(tree.terms, np.arange(n_terms)).all()
        and np.isfinite(tree.values).all()
        and np.all(later)
        and np.array_equal(
            np.sort(children), np.concatenate([np.arange(-leaves, 0), np.arange(1, inner)]) if inner else []
        )
    )
