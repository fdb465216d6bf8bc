"""LightGBM with its defaults, to compare the default model's additivity with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from relapse_risk.metrics import Floats, Fold, Ints
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import Rows, first_rows, mean_log_odds
from relapse_risk.models.predictor import LinearPredictor, each, jackknife, out_of_fold
from relapse_risk.models.trees import BinnedRows, Forest, TreeShape

__all__ = ["LightGBMBaseline"]

_CENTRING = 500
_SLICE = 100


@dataclass(frozen=True, kw_only=True)
class TreesPredictor:
    """One LightGBM model, and those of the folds, each without one group of rows, for its standard error alone."""

    layout: FeatureLayout
    start: float
    forest: Forest
    others: tuple[Forest, ...] = ()
    n_jobs: Annotated[int, Field(exclude=True)] = -1
    kind: Literal["trees"] = "trees"

    def __post_init__(self) -> None:
        if {forest.n_terms for forest in (self.forest, *self.others)} != {self.layout.n_terms}:
            raise ValueError("expected trees over the terms of the layout")

    @property
    def intercept(self) -> float:
        """Log-odds that belong to no reason."""
        return self.start

    @property
    def df(self) -> float:
        """Degrees of freedom behind `std_error`."""
        return max(len(self.others) - 1, 1)

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        return self.start + self.forest.total(terms)

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""
        found = np.zeros((len(terms), len(self.layout.reasons)), order="F")
        split = self.by_term(terms)
        for term, reason in enumerate(self.layout.group):
            found[:, reason] += split[:, term]
        return found

    def shapley(self, terms: Floats) -> Floats:
        """Return the Shapley values of the terms, shape (n, terms)."""
        slices = np.array_split(terms, max(len(terms) // _SLICE, 1))
        return np.concatenate(each(self.forest.shapley, slices, self.n_jobs))

    def by_term(self, terms: Floats) -> Floats:
        """Return the Shapley values of the terms, with what is the same for every row, shape (n, terms)."""
        split = self.shapley(terms)
        # what the trees give the mean row belongs to no term: it goes with the first, and centring takes it out
        split[:, 0] += self.forest.total(terms) - split.sum(axis=1)
        return split

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard deviation of the log-odds by the jackknife over folds, shape (n,); zero without folds."""
        if not self.others:
            return np.zeros(len(terms))
        return jackknife(each(lambda forest: forest.total(terms), self.others, self.n_jobs))


class LightGBMBaseline(RiskClassifier):
    """LightGBM with its own defaults: 100 trees of 31 leaves that mix reasons as they like.

    Its contributions are Shapley values (LightGBM's ``pred_contrib``) summed by reason: slow compared with those of the
    default model, and centred on at most 500 training rows.

    Parameters
    ----------
    reasons, signs, calibration, n_folds, n_jobs, random_state
        As for `ReasonAdditiveClassifier`; signs are not used.
    n_rounds, n_leaves, learning_rate, min_rows
        LightGBM's ``num_iterations``, ``num_leaves``, ``learning_rate``, ``min_data_in_leaf``.

    Examples
    --------
    >>> model = LightGBMBaseline(n_rounds=20).fit([[0.0], [1.0], [2.0], [3.0]] * 30, [0, 0, 1, 1] * 30)
    >>> model.predict([[0.5], [2.5]]).tolist()
    [0, 1]
    """

    level_of_its_own = False  # thirty-one leaves know their training rows too well
    whole_from = MappingProxyType({"n_folds": 2, "n_rounds": 1, "n_leaves": 2, "min_rows": 0})
    shares = ("learning_rate",)

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        calibration: str | None = "sigmoid",
        n_folds: int = 5,
        n_rounds: int = 100,
        n_leaves: int = 31,
        learning_rate: float = 0.1,
        min_rows: int = 20,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.calibration = calibration
        self.n_folds = n_folds
        self.n_rounds = n_rounds
        self.n_leaves = n_leaves
        self.learning_rate = learning_rate
        self.min_rows = min_rows
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        shape = TreeShape(
            group=np.zeros(layout.n_terms, dtype=np.int64),
            signs=np.zeros(layout.n_terms, dtype=np.int64),
            n_leaves=self.n_leaves,
            learning_rate=self.learning_rate,
            min_rows=self.min_rows,
        )

        binned = BinnedRows.of(rows, shape)

        def learn(chosen: Ints) -> TreesPredictor:
            start = mean_log_odds(binned.rows.take(chosen))
            forest = binned.grow(chosen, np.full(len(chosen), start), n_rounds=self.n_rounds, seed=seed)
            return TreesPredictor(layout=layout, start=start, forest=forest, n_jobs=self.n_jobs)

        scores, others = out_of_fold(learn, rows, folds, self.n_jobs)
        core = learn(np.arange(len(rows.outcome)))
        return replace(core, others=tuple(one.forest for one in others)), scores

    def _centring(self, rows: Rows) -> Rows:
        return first_rows(rows, _CENTRING)
