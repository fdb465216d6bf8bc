"""Small LightGBM ensembles with every tree inside one reason, and the tables that read them exactly."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from relapse_risk.metrics import Floats, Ints
from relapse_risk.models.forest_text import BoosterText, Tree, cut_text, parse_trees, terms_of_text
from relapse_risk.models.linear import Rows

__all__ = ["BinnedRows", "Forest", "Growth", "Places", "TreeShape"]

_CHUNK = 8192

Places = npt.NDArray[np.unsignedinteger[Any]]
"""Leaves by number, in as few bytes as will do."""


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
    l2: float = 0.0
    n_bins: int = 255

    def parameters(self, seed: int) -> dict[str, Any]:
        """Return LightGBM's parameters.

        One thread, here and in every prediction: LightGBM holds the number of threads for all of a process, and
        crashes where fits side by side change it under one another. It also keeps sums from depending on threads.
        """
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
            "lambda_l2": self.l2,
            "interaction_constraints": groups,
            "monotone_constraints": self.signs.tolist(),
            "max_bin": self.n_bins,
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class BinnedRows:
    """Rows whose terms are sorted into bins once, for all ensembles that are grown on parts of them.

    Attributes
    ----------
    rows : Rows
        Without their terms.
    shape : TreeShape
    data : lgb.Dataset
    """

    rows: Rows
    shape: TreeShape
    data: lgb.Dataset

    @classmethod
    def of(cls, rows: Rows, shape: TreeShape) -> Self:
        """Sort the terms into bins."""
        data = lgb.Dataset(rows.terms, rows.fell, params=shape.parameters(0))
        return cls(rows=rows.without_terms(), shape=shape, data=data.construct())

    def plant(self, chosen: Ints, start: Floats, seed: int) -> "Growth":
        """Return an ensemble without trees, to be grown on some of the rows, in their order.

        Parameters
        ----------
        chosen : ndarray of int
        start : ndarray of shape (chosen,)
            Log-odds that the trees are grown on.
        seed : int
        """
        parameters = self.shape.parameters(seed)
        data = self.data.subset(chosen.tolist()).construct()
        data.set_weight(self.rows.take(chosen).weight_near(start))
        data.set_init_score(start)
        return Growth(lgb.Booster(parameters, data))

    def grow(self, chosen: Ints, start: Floats, *, n_rounds: int, seed: int) -> "Forest":
        """Return an ensemble grown on some of the rows."""
        growth = self.plant(chosen, start, seed)
        growth.grow(n_rounds)
        return growth.forest


class Growth:
    """An ensemble that grows tree by tree.

    Parameters
    ----------
    booster : lgb.Booster
        Without trees yet.
    """

    def __init__(self, booster: lgb.Booster) -> None:
        self._booster = booster

    def grow(self, n_rounds: int) -> None:
        """Add trees: as many as there are rounds, or fewer where there is nothing left to split."""
        # LightGBM knows in each thread by itself how little it is to say; a prediction tells it
        self._booster.predict(np.zeros((1, self._booster.num_feature())), num_threads=1, verbosity=-1)
        for _ in range(n_rounds):
            self._booster.update()

    @property
    def n_trees(self) -> int:
        """Number of trees so far."""
        return int(self._booster.current_iteration())

    def total(self, terms: Floats, first: int) -> Floats:
        """Return the log-odds of the trees from the one of a number on, shape (n,)."""
        if first >= self.n_trees:
            return np.zeros(len(terms))
        found = self._booster.predict(terms, start_iteration=first, raw_score=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    @property
    def forest(self) -> "Forest":
        """The trees so far, to be read."""
        # read once, as everybody else will: a booster that still grows writes a tree of one leaf in another way
        read = lgb.Booster(model_str=self._booster.model_to_string())
        return Forest(cut_text(str(read.model_to_string())))


@dataclass(frozen=True)
class Forest:
    """An ensemble read from LightGBM's text."""

    text: BoosterText

    @property
    def n_terms(self) -> int:
        """Number of terms it is over."""
        return terms_of_text(self.text)

    @cached_property
    def booster(self) -> lgb.Booster:
        """The ensemble as LightGBM runs it."""
        return lgb.Booster(model_str=self.text)

    @cached_property
    def trees(self) -> tuple[Tree, ...]:
        """The ensemble as data."""
        return tuple(parse_trees(self.text))

    def total(self, terms: Floats) -> Floats:
        """Return the trees' log-odds, shape (n,)."""
        return np.asarray(self.booster.predict(terms, raw_score=True, num_threads=1), dtype=np.float64)

    def shapley(self, terms: Floats) -> Floats:
        """Return the Shapley values of the terms (TreeSHAP), shape (n, terms)."""
        found = self.booster.predict(terms, pred_contrib=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)[:, :-1]

    def leaves(self, terms: Floats) -> Places:
        """Return the leaf of each tree that each row falls into, shape (trees, n): all that is read of the trees."""
        found = np.empty((len(self.trees), len(terms)), dtype=np.min_scalar_type(max(self._sizes, default=0)))
        for start in range(0, len(terms), _CHUNK):
            rows = np.ascontiguousarray(terms[start : start + _CHUNK])
            leaf = np.asarray(self.booster.predict(rows, pred_leaf=True, num_threads=1))
            found[:, start : start + len(rows)] = leaf.reshape(len(rows), -1).T
        return found

    def summed(self, leaves: Places) -> Floats:
        """Return the trees' log-odds as `total` does, to the bit, shape (n,)."""
        found = np.zeros(leaves.shape[1])
        for tree, leaf in zip(self.trees, leaves, strict=True):
            found += tree.values[leaf]
        return found

    def sums(self, leaves: Places, group: Ints, n_groups: int) -> Floats:
        """Return the trees' log-odds summed over groups of terms, shape (n, groups)."""
        found = np.zeros((leaves.shape[1], n_groups), order="F")
        # a tree that is one leaf says the same of every row: whichever reason it is given to, centring takes it out
        for tree, leaf in zip(self.trees, leaves, strict=True):
            found[:, group[tree.term]] += tree.values[leaf]
        return found

    def path_sums(self, leaves: Places) -> Floats:
        """Return an approximate split of the trees' log-odds over terms, shape (n, terms)."""
        found = np.zeros((leaves.shape[1], self.n_terms), order="F")
        for tree, leaf in zip(self.trees, leaves, strict=True):
            at = leaf.astype(np.intp)
            for term, steps in tree.paths.items():
                found[:, term] += steps[at]
        return found

    @property
    def _sizes(self) -> list[int]:
        return [len(tree.values) for tree in self.trees]
