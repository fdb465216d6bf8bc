"""Boosted trees and boosting machines of others as classifiers of this library: same folds, same calibration.

Each peer learns from the terms that the default learns from (numbers with gaps, one column a code) and weighs a relapse
for those still to come as the default does. Depth and number of rounds are those of the smallest log loss out of fold,
in the folds of time and households that the default chooses its own rounds in. The score of a
`PeerClassifier` is what the package says by itself; `predict_proba` is the same after the library's calibration, with
areas where they are given.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import logit

from relapse_risk.metrics import Floats, Fold, time_household_folds
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import Rows

EVERY, BINS, ROUNDS = 20, 63, 300
SECONDS = 120
Score = Callable[[Floats], Floats]


@dataclass(frozen=True, kw_only=True)
class PeerPredictor:
    """A fitted peer: log-odds alone, of which nothing is put down to a reason."""

    layout: FeatureLayout
    of: Score
    intercept: float = 0.0
    df: float = np.inf

    def score(self, terms: Floats) -> Floats:
        return self.of(terms)

    def parts(self, terms: Floats) -> Floats:
        return np.zeros((len(terms), len(self.layout.reasons)))

    def by_term(self, terms: Floats) -> Floats:
        return np.zeros(terms.shape)

    def std_error(self, terms: Floats) -> Floats:
        return np.zeros(len(terms))


@dataclass(frozen=True, kw_only=True)
class Boosting:
    """A package of boosted trees: how it grows them, and their log-odds after so many of them.

    Attributes
    ----------
    grow : callable
        Rows, layout, shape, rounds, seed → fitted model.
    staged : callable
        Fitted model, terms → log-odds after every `EVERY` trees, shape (stages, n).
    shapes : sequence of mapping
        Tried out of fold, one after another.
    rounds : int
        The most trees.
    """

    grow: Callable[[Rows, FeatureLayout, Mapping[str, Any], int, int], Any]
    staged: Callable[[Any, Floats, int], Floats]
    shapes: Sequence[Mapping[str, Any]]
    rounds: int = ROUNDS

    def learn(self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int) -> tuple[Score, Floats]:
        """Return what scores rows, and the log-odds out of fold, at the shape and rounds of the smallest loss."""
        best, kept, chosen = np.inf, np.zeros(0), (self.shapes[0], self.rounds)
        for shape in self.shapes:
            found = np.zeros((self.rounds // EVERY, len(rows.outcome)))
            for fold in folds:
                model = self.grow(rows.take(fold.train), layout, shape, self.rounds, seed)
                found[:, fold.test] = self.staged(model, rows.terms[fold.test], self.rounds)
            losses = [loss(scores, rows) for scores in found]
            if min(losses) < best:
                place = int(np.argmin(losses))
                best, kept, chosen = losses[place], found[place], (shape, (place + 1) * EVERY)
        final = self.grow(rows, layout, *chosen, seed)
        return lambda terms: self.staged(final, terms, chosen[1])[-1], kept


def loss(score: Floats, rows: Rows) -> float:
    return float(np.average(np.logaddexp(0, score) - rows.outcome * score, weights=rows.weight))


def grow_lightgbm(rows: Rows, layout: FeatureLayout, shape: Mapping[str, Any], rounds: int, seed: int) -> Any:
    import lightgbm as lgb

    signs = {"monotone_constraints": layout.signs.tolist()} if shape.get("monotone") else {}
    parameters = {
        "objective": "binary",
        "num_leaves": shape["leaves"],
        "learning_rate": 0.08,
        "bagging_fraction": 0.6,
        "bagging_freq": 1,
        "feature_fraction": 0.4,
        "min_data_in_leaf": 40,
        "lambda_l2": 5.0,
        "max_bin": BINS,
        "num_threads": 1,
        "verbosity": -1,
        "seed": seed,
        **signs,
    }
    return lgb.train(parameters, lgb.Dataset(rows.terms, rows.fell, weight=rows.event_weight), rounds)


def staged_lightgbm(model: Any, terms: Floats, rounds: int) -> Floats:
    # the first tree holds the mean; where growing stopped early, what follows adds nothing
    grown = model.num_trees()
    steps = [
        model.predict(terms, raw_score=True, start_iteration=first, num_iteration=EVERY, num_threads=1)
        if first < grown
        else np.zeros(len(terms))
        for first in range(0, rounds, EVERY)
    ]
    return np.cumsum(steps, axis=0)


def grow_xgboost(rows: Rows, layout: FeatureLayout, shape: Mapping[str, Any], rounds: int, seed: int) -> Any:
    import xgboost as xgb

    parameters = {
        "objective": "binary:logistic",
        "max_depth": shape["depth"],
        "eta": 0.08,
        "subsample": 0.6,
        "colsample_bytree": 0.5,
        "min_child_weight": 5,
        "lambda": 5.0,
        "tree_method": "hist",
        "max_bin": BINS,
        "nthread": 1,
        "seed": seed,
    }
    return xgb.train(parameters, xgb.DMatrix(rows.terms, rows.fell, weight=rows.event_weight, nthread=1), rounds)


def staged_xgboost(model: Any, terms: Floats, rounds: int) -> Floats:
    import xgboost as xgb

    X = xgb.DMatrix(terms, nthread=1)
    parts = [model.predict(X, output_margin=True, iteration_range=(k, k + EVERY)) for k in range(0, rounds, EVERY)]
    base = logit(float(json.loads(model.save_config())["learner"]["learner_model_param"]["base_score"].strip("[]")))
    return np.cumsum(np.array(parts, dtype=float) - base, axis=0) + base


def grow_catboost(rows: Rows, layout: FeatureLayout, shape: Mapping[str, Any], rounds: int, seed: int) -> Any:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        iterations=rounds,
        learning_rate=0.08,
        depth=shape["depth"],
        border_count=BINS,
        random_seed=seed,
        thread_count=1,
        verbose=False,
        allow_writing_files=False,
    )
    return model.fit(rows.terms, rows.fell, sample_weight=rows.event_weight)


def staged_catboost(model: Any, terms: Floats, rounds: int) -> Floats:
    found = model.staged_predict(terms, prediction_type="RawFormulaVal", eval_period=EVERY, thread_count=1)
    return np.array(list(found))


def boosting_machine(rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int) -> tuple[Score, Floats]:
    """Fit interpret's machine, which stops by held-out rows of its own; scores out of three folds of households."""
    from interpret.glassbox import ExplainableBoostingClassifier

    def fit(sample: Rows) -> Score:
        model = ExplainableBoostingClassifier(random_state=seed, n_jobs=1, outer_bags=3, interactions=10)
        model.fit(sample.terms, sample.fell, sample_weight=sample.event_weight)
        return lambda terms: log_odds(model.predict_proba(terms)[:, 1])

    return fit(rows), out_of_three(fit, rows, seed)


def autogluon(rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int) -> tuple[Score, Floats]:
    """Fit AutoGluon's best quality within `SECONDS`: stacked ensembles, bagged over five groups of households."""
    import pandas as pd
    from autogluon.tabular import TabularPredictor

    frame = pd.DataFrame(rows.terms).rename(columns=str)
    learned = frame.assign(fell=rows.fell.astype(int), weight=rows.event_weight, group=0)
    for k, fold in enumerate(time_household_folds(rows.household, n_folds=5, outcome=rows.fell, seed=seed)):
        learned.loc[fold.test, "group"] = k
    how = {"eval_metric": "log_loss", "groups": "group", "sample_weight": "weight", "verbosity": 0}
    folder = tempfile.TemporaryDirectory()
    model = TabularPredictor("fell", path=folder.name, **how).fit(
        learned,
        presets="best_quality",
        time_limit=SECONDS,
        dynamic_stacking=False,
        included_model_types=["GBM", "CAT", "XGB", "RF", "XT"],
        ag_args_ensemble={"fold_fitting_strategy": "sequential_local"},
        num_cpus=1,
    )
    scores = model.predict_proba_oof()[1].to_numpy()

    def score(terms: Floats) -> Floats:
        found = model.predict_proba(pd.DataFrame(terms).rename(columns=str).assign(weight=1.0, group=0))[1]
        return log_odds(found.to_numpy())

    score.folder = folder  # where the models are read from
    return score, log_odds(scores)


def log_odds(risk: Floats) -> Floats:
    return logit(np.clip(risk.astype(float), 1e-9, 1 - 1e-9))


def out_of_three(fit: Callable[[Rows], Score], rows: Rows, seed: int) -> Floats:
    """Return scores out of three folds of households, for what takes too long for more."""
    scores = np.zeros(len(rows.outcome))
    for fold in time_household_folds(rows.household, n_folds=3, outcome=rows.fell, seed=seed):
        scores[fold.test] = fit(rows.take(fold.train))(rows.terms[fold.test])
    return scores


LEAVES = ({"leaves": 3}, {"leaves": 12})
MONOTONE = tuple({**shape, "monotone": True} for shape in LEAVES)
DEPTHS = ({"depth": 2}, {"depth": 4})
LIGHTGBM = Boosting(grow=grow_lightgbm, staged=staged_lightgbm, shapes=LEAVES)
CATBOOST = Boosting(grow=grow_catboost, staged=staged_catboost, shapes=({"depth": 6},))
PEERS: Mapping[str, tuple[str, Callable[..., tuple[Score, Floats]]]] = {
    "CatBoost": ("catboost", CATBOOST.learn),
    "XGBoost": ("xgboost", Boosting(grow=grow_xgboost, staged=staged_xgboost, shapes=DEPTHS).learn),
    "LightGBM, tuned": ("lightgbm", LIGHTGBM.learn),
    "LightGBM, tuned, monotone": ("lightgbm", replace(LIGHTGBM, shapes=MONOTONE).learn),
    "explainable boosting machine": ("interpret", boosting_machine),
    "AutoGluon": ("autogluon", autogluon),
}
"""The package that each needs, and how it is learned."""


class PeerClassifier(RiskClassifier):
    """A peer on the road of this library's estimators, with its calibration."""

    level_of_its_own = False

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        peer: str = "LightGBM, tuned",
        calibration: str | None = "sigmoid",
        n_folds: int = 3,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.peer = peer
        self.calibration = calibration
        self.n_folds = n_folds
        self.random_state = random_state

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[PeerPredictor, Floats]:
        score, scores = PEERS[self.peer][1](rows, layout, folds, seed)
        return PeerPredictor(layout=layout, of=score), scores
