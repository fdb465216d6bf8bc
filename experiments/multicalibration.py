"""Groups that nobody named: the default's calibration beside multicalibration by boosting (MCGrad).

Usage: python experiments/multicalibration.py [--households N] [--first-seed S] [--seeds N]

Multicalibration as MCGrad does it, a small implementation of our own: small LightGBM ensembles are grown on a model's
log-odds, with the log-odds among the features, round after round; each round is rescaled by one factor, and as many
rounds are kept as have the smallest log loss with households left out (none may be). It learns from the default's
log-odds out of fold (three groups of households), and is applied to the default fitted on all rows.

Both are judged a year later, on households at the end of 2019 and the relapses of 2020. Groups are random conjunctions
of one to three conditions (a column above or below one of its values, or missing), each of at least 5 % of the rows.
Told are the root mean square over groups of (observed - predicted) / its standard error by chance (1 where right), the
largest of these, and on invented worlds the root mean square of predicted / true - 1, which chance has no part in.
"""

import argparse
import warnings
from collections.abc import Sequence
from typing import Self

import lightgbm as lgb
import numpy as np
import polars as pl
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from relapse_risk.metrics import score_all, time_household_folds
from relapse_risk.training.sample import TrainingSample, places_of
from relapse_risk.training.trials import fit_predict, prepared
from truth import World, draw_world

SHAPE = {
    "objective": "binary",
    "boost_from_average": False,
    "num_leaves": 5,
    "learning_rate": 0.05,
    "min_data_in_leaf": 100,
    "lambda_l2": 50.0,
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
}
TREES, MOST_ROUNDS, GROUPS, LEAST = 20, 8, 400, 0.05


class Multicalibrated:
    """Rounds of trees on log-odds, each rescaled."""

    def __init__(self, n_rounds: int) -> None:
        self.n_rounds, self.rounds = n_rounds, []

    def fit(self, X: np.ndarray, score: np.ndarray, outcome: np.ndarray) -> Self:
        for _ in range(self.n_rounds):
            data = lgb.Dataset(np.column_stack([X, score]), outcome, init_score=score)
            trees = lgb.train(SHAPE, data, TREES)
            moved = score + trees.predict(np.column_stack([X, score]), raw_score=True)
            factor = minimize_scalar(
                lambda f, s=moved: losses(f * s, outcome).mean(), bounds=(0.5, 2), method="bounded"
            ).x
            self.rounds.append((trees, factor))
            score = factor * moved
        return self

    def stages(self, X: np.ndarray, score: np.ndarray) -> list[np.ndarray]:
        """Return the log-odds after none, one, two … rounds."""
        found = [score]
        for trees, factor in self.rounds:
            moved = found[-1] + trees.predict(np.column_stack([X, found[-1]]), raw_score=True)
            found.append(factor * moved)
        return found


def rescaled(score: np.ndarray, outcome: np.ndarray) -> float:
    """Return the factor of the log-odds with the smallest log loss."""
    return minimize_scalar(lambda by: losses(by * score, outcome).mean(), bounds=(0.5, 2), method="bounded").x


def losses(score: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, score) - outcome * score


def chosen_rounds(X: np.ndarray, score: np.ndarray, outcome: np.ndarray, household: np.ndarray) -> int:
    """Return the number of rounds of the smallest log loss with households left out."""
    found = np.zeros(MOST_ROUNDS + 1)
    for fold in time_household_folds(household, n_folds=4, outcome=outcome, seed=0):
        model = Multicalibrated(MOST_ROUNDS).fit(X[fold.train], score[fold.train], outcome[fold.train])
        found += [losses(one, outcome[fold.test]).sum() for one in model.stages(X[fold.test], score[fold.test])]
    return int(np.argmin(found))


def numbers(frame: pl.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return the columns as numbers, codes by their order."""
    columns = [pl.col(name) for name in names]
    texts = [name for name in names if frame[name].dtype == pl.String]
    ranked = frame.select(columns).with_columns(pl.col(name).rank("dense") for name in texts)
    return ranked.select(pl.all().cast(pl.Float64)).to_numpy().copy()


def random_groups(X: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return who is in each random conjunction, of those that hold neither too few rows nor nearly all."""
    random, found = np.random.default_rng(seed), []
    while len(found) < GROUPS:
        inside = np.ones(len(X), dtype=bool)
        for column in random.integers(X.shape[1], size=random.integers(1, 4)):
            values, known = X[:, column], ~np.isnan(X[:, column])
            if not known.any():
                continue
            edge = random.choice(values[known])
            kind = random.integers(3) if not known.all() else random.integers(2)
            inside &= [values <= edge, values >= edge, ~known][kind]
        if LEAST <= inside.mean() <= 1 - LEAST:
            found.append(inside)
    return found


def judged(outcome: np.ndarray, risk: np.ndarray, groups: list[np.ndarray], truth: np.ndarray | None) -> list[float]:
    off = np.array([(outcome - risk)[g].sum() / np.sqrt((risk * (1 - risk))[g].sum()) for g in groups])
    relative = [np.nan] if truth is None else [risk[g].mean() / truth[g].mean() - 1 for g in groups]
    scores = score_all(outcome, risk)
    return [scores.log_loss, np.sqrt((off**2).mean()), np.abs(off).max(), np.sqrt(np.mean(np.square(relative)))]


class Half:
    """Rows to train on and rows to predict, as a fold of a trial."""

    known_by = None

    def __init__(self, sample: TrainingSample, train: np.ndarray, test: np.ndarray) -> None:
        self.train, self.test, self.outcome = train, test, sample.relapsed[train]


def both(world: World, seed: int) -> tuple[dict[str, np.ndarray], int, np.ndarray]:
    """Return risks a year later by the default, as it is and multicalibrated, the rounds chosen, and the columns."""
    sample, names = world.material.sample, [feature.name for feature in world.material.sample.predictors]
    rows, places = np.flatnonzero(np.isfinite(sample.relapsed)), places_of(world.records, sample)
    model, fitted = prepared(None, sample.predictors, 12, seed), []
    fit = fit_predict(model, sample, sample.predictors, places, watch=lambda *told: fitted.append(told[1:]))
    outcome, household = sample.relapsed[rows], sample.household[rows]
    score = np.zeros(len(rows))
    for fold in time_household_folds(household, n_folds=3, outcome=outcome, seed=seed):
        score[fold.test] = logit(fit(Half(sample, rows[fold.train], rows[fold.test])))
    fit(Half(sample, rows, rows[:1]))
    whole, columns = fitted[-1]
    X = numbers(
        pl.concat([sample.frame.select(names)[rows], world.tested.select(names)], how="vertical_relaxed"), names
    )
    learned, tested = X[: len(rows)], X[len(rows) :]
    n_rounds = chosen_rounds(learned, score, outcome, household)
    risk = whole.predict_proba(world.tested.select(columns.columns), world.place)[:, 1]
    boosted = Multicalibrated(n_rounds).fit(learned, score, outcome).stages(tested, logit(risk))[-1]
    forced = Multicalibrated(3).fit(learned, score, outcome).stages(tested, logit(risk))[-1]
    return (
        {"default": risk, "multicalibrated, rounds chosen": expit(boosted), "three rounds": expit(forced)},
        n_rounds,
        tested,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=6_000)
    parser.add_argument("--first-seed", type=int, default=320)
    parser.add_argument("--seeds", type=int, default=6)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| seed | model | rounds | log loss | rms z of groups | largest z | rms of predicted/true - 1 |")
    print("| --- " * 7 + "|")
    found: dict[str, list[list[float]]] = {}
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        world = draw_world(options.households, seed)
        risks, n_rounds, X = both(world, seed)
        groups = random_groups(X, seed)
        for name, risk in {**risks, "the truth": world.truth}.items():
            row = judged(world.fell, risk, groups, world.truth)
            found.setdefault(name, []).append(row)
            said = f"{row[0]:.5f} | {row[1]:.3f} | {row[2]:.2f} | {row[3]:.4f}"
            print(f"| {seed} | {name} | {n_rounds} | {said} |", flush=True)
    for name, rows in found.items():
        row = np.mean(rows, axis=0)
        print(f"| all | {name} | | {row[0]:.5f} | {row[1]:.3f} | {row[2]:.2f} | {row[3]:.4f} |")


if __name__ == "__main__":
    main()
