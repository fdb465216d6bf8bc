"""How often the 90 % interval holds what the features can tell, learned from the true probabilities of other worlds.

Usage: python experiments/features_truth.py [--households N] [--first-seed S] [--seeds N] [--others N]

Worlds as in truth.py; the law is the same in all. What the features tell of a household is the mean of the true
probability given them: a regression of the true probabilities of other worlds' households, tested as of the same day,
on the same features (a penalised logistic model with bends, and trees on top for as many rounds as lower the loss on a
quarter of these worlds). No outcome is looked at, and nothing of the tested worlds. A household's own truth differs
from it by what no feature shows, which no interval is for. Half-widths are in log-odds.
"""

import argparse
import warnings
from collections.abc import Sequence
from typing import Self

import lightgbm as lgb
import numpy as np
import polars as pl
from scipy.special import expit, logit

import relapse_risk as rr
from relapse_risk.features import Feature, build_features
from relapse_risk.labels import find_cohort
from relapse_risk.models import LogisticClassifier, ReasonAdditiveClassifier
from relapse_risk.models.linear import Basis, DesignedRows, Linear, Rows
from relapse_risk.periods import AsOf
from relapse_risk.records import Records
from relapse_risk.training.sample import places_of
from relapse_risk.training.trials import fit_known, prepared
from truth import TESTED, World, draw_world

LEVEL = 0.9

MODELS = {
    "default": None,
    "its base alone": ReasonAdditiveClassifier(n_rounds=1, min_rows=10**9),
    "logistic": LogisticClassifier(),
}
SHAPE = {
    "objective": "cross_entropy",
    "num_leaves": 15,
    "learning_rate": 0.03,
    "min_data_in_leaf": 200,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "boost_from_average": False,
    "verbosity": -1,
    "num_threads": 1,
    "seed": 1,
}
ROUNDS, EVERY = 300, 50


def true_probabilities(households: int, seed: int) -> pl.DataFrame:
    """Return features and true probability of the households of a world that are at risk."""
    population = rr.synthesise(households=households, seed=seed)
    records, day = Records(population.tables, exported_on=population.exported_on), AsOf.of(TESTED)
    at_risk = find_cohort(records, day).filter(population="at_risk").select("household_id")
    truth = population.truth["risk"].filter(as_of=TESTED).select("household_id", "risk")
    frame = build_features(records, day).frame.join(at_risk, on="household_id", how="semi")
    return frame.join(truth, on="household_id").sort("household_id")


class FeaturesTruth:
    """The mean of the true probability given the features."""

    def __init__(self, features: Sequence[Feature], worlds: Sequence[pl.DataFrame]) -> None:
        frame = pl.concat(worlds, how="diagonal")
        self.figures = [one.name for one in features if one.kind != "code"]
        codes = [one.name for one in features if one.kind == "code"]
        self.codes = [(name, code) for name in codes for code in frame[name].drop_nulls().unique().sort().to_list()]
        world = np.repeat(np.arange(len(worlds)), [one.height for one in worlds])
        rows = self._rows(frame)
        tried, others = np.flatnonzero(world % 4 == 0), np.flatnonzero(world % 4 > 0)
        losses = self._learn(rows.take(others), ROUNDS)._losses(rows.take(tried))
        self.rounds = EVERY * int(np.argmin(losses))
        self._learn(rows, self.rounds)

    def __call__(self, frame: pl.DataFrame) -> np.ndarray:
        terms = self._terms(frame)
        return expit(self.base.score(terms) + self._trees(terms, self.rounds))

    def _terms(self, frame: pl.DataFrame) -> np.ndarray:
        figures = frame.select(pl.col(self.figures).cast(pl.Float64).fill_null(np.nan)).to_numpy()
        codes = [(frame[name] == code).fill_null(False).to_numpy().astype(float) for name, code in self.codes]
        return np.asfortranarray(np.column_stack([figures, *codes]))

    def _rows(self, frame: pl.DataFrame) -> Rows:
        n = frame.height
        return Rows(
            terms=self._terms(frame),
            outcome=frame["risk"].to_numpy(),
            weight=np.ones(n),
            household=np.arange(n, dtype=np.uint64),
            time=None,
        )

    def _learn(self, rows: Rows, rounds: int) -> Self:
        basis = Basis.of(rows.terms, rows.weight, n_knots=3)
        self.base: Linear = DesignedRows.of(rows, basis).fit(3.0).model()
        data = lgb.Dataset(rows.terms, rows.outcome, init_score=self.base.score(rows.terms))
        self.forest = lgb.train(SHAPE, data, rounds) if rounds else None
        return self

    def _trees(self, terms: np.ndarray, rounds: int) -> np.ndarray:
        return self.forest.predict(terms, raw_score=True, num_iteration=rounds) if rounds else np.zeros(len(terms))

    def _losses(self, rows: Rows) -> list[float]:
        """Return the log loss over the truth after none, fifty, a hundred … rounds."""
        base = self.base.score(rows.terms)
        scores = [base + self._trees(rows.terms, rounds) for rounds in range(0, ROUNDS + 1, EVERY)]
        return [float(np.mean(np.logaddexp(0, score) - rows.outcome * score)) for score in scores]


def figures(world: World, model: object, known: np.ndarray, seed: int) -> tuple[list[float], str]:
    """Return how often the interval holds what is known, of all and of the riskiest tenth, and how wide it is."""
    sample = world.material.sample
    fitted = fit_known(prepared(model, sample.predictors, 12, seed), sample, places_of(world.records, sample))
    X = world.tested.select(feature.name for feature in sample.predictors)
    bounds = fitted.predict_interval(X, LEVEL, world.place)
    inside, top = (bounds[:, 0] <= known) & (known <= bounds[:, 1]), known >= np.quantile(known, 0.9)
    half = np.ptp(logit(bounds), axis=1) / 2
    ratio = fitted.predict_proba(X, world.place)[:, 1].mean() / known.mean()
    kind = getattr(getattr(fitted.core_, "join", None), "kind", "")
    return [inside.mean(), inside[top].mean(), float(np.median(half)), float(np.median(half[top])), ratio], kind


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=3_000)
    parser.add_argument("--first-seed", type=int, default=800)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--others", type=int, default=26)
    options = parser.parse_args()
    first = options.first_seed
    worlds = [true_probabilities(options.households, seed) for seed in range(first + 20, first + 20 + options.others)]
    known, found = None, {name: [] for name in MODELS}
    print(
        "| seed | model | held | of the riskiest tenth | median half-width | of the tenth | predicted / known | trees |"
    )
    print("| --- " * 8 + "|")
    for seed in range(first, first + options.seeds):
        world = draw_world(options.households, seed)
        known = known or FeaturesTruth(world.material.sample.predictors, worlds)
        given = known(world.tested)
        for name, model in MODELS.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                row, kind = figures(world, model, given, seed)
            found[name].append(row)
            print(f"| {seed} | {name} | {' | '.join(f'{x:.3f}' for x in row)} | {kind} |", flush=True)
    for name, rows in found.items():
        print(f"| all | {name} | {' | '.join(f'{x:.3f}' for x in np.mean(rows, axis=0))} | |")


if __name__ == "__main__":
    main()
