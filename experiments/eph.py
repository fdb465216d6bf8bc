"""The real panel: its published counts from the record tables, and the models on starts no fit has seen.

Usage: python experiments/eph.py [--data DIR] [--development] [--without-ebm]

Without options: the counts; then every model trained on starts up to 2017Q4, whose outcomes are known by the end of
2018, and tested on starts in 2018Q4, whose outcomes fall in a currency crisis. `--development` never touches 2018: it
trains and tests inside the starts up to 2017Q4, on quarters and households held out together, and is what every choice
was made on. The explainable boosting machine takes part where the package `interpret` is installed; it takes minutes,
and `--without-ebm` leaves it out.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from scipy.special import expit

from relapse_risk.features import Feature, build_features
from relapse_risk.ingest import read_records
from relapse_risk.labels import label_relapse
from relapse_risk.metrics import household_bootstrap, log_loss, log_losses, score_all, time_household_folds
from relapse_risk.models import (
    IncomeOnlyClassifier,
    LightGBMBaseline,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
    additive,
)
from relapse_risk.periods import add_months
from relapse_risk.policy import read_policy
from relapse_risk.records import Records

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "eph"
FIRST, LAST_TRAINED, TESTED = date(2016, 6, 30), date(2017, 12, 31), date(2018, 12, 31)
SEEDS = (0, 1, 2)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Pairs of periods of households at risk: features at the start, and whether they fell."""

    frame: pl.DataFrame
    features: tuple[Feature, ...]

    def of(self, keep: pl.Expr) -> "Rows":
        return replace(self, frame=self.frame.filter(keep))

    @property
    def fell(self) -> np.ndarray:
        return self.frame["relapsed"].to_numpy().astype(float)

    @property
    def household(self) -> np.ndarray:
        return self.frame["household_id"].to_numpy()

    @property
    def start(self) -> np.ndarray:
        return self.frame["as_of"].to_numpy()

    def matrix(self, *, figures: bool = False) -> pl.DataFrame:
        return self.frame.select(f.name for f in self.features if figures or f.role == "predictor")

    def numbers(self) -> tuple[np.ndarray, list[str]]:
        """Codes as one column a code, for peers that take numbers only."""
        matrix = self.matrix()
        wide = matrix.to_dummies([name for name, kind in matrix.schema.items() if kind == pl.String])
        return wide.cast(pl.Float64).to_numpy(), wide.columns


Model = Callable[[Rows, Rows, int], np.ndarray]
"""Fits on the first rows with a seed and returns the risk of the second."""


def quarters(first: date, last: date) -> list[date]:
    days = [first]
    while days[-1] < last:
        days.append(add_months(days[-1], 3))
    return days


def print_counts(records: Records) -> None:
    """Every number of the panel's README that counts pairs."""
    starts = quarters(FIRST, TESTED)
    wide = label_relapse(records, starts, 12, label="income").counts
    narrow = label_relapse(records, starts, 12, label="income", cohort="narrow").counts
    print("| count | here | published |\n| --- | --- | --- |")
    print(f"| pairs, twelve months apart, income known in both | {wide['pairs']:,} | 56,925 |")
    print(f"| of these above the line at the start | {wide['known']:,} | 44,335 |")
    print(f"| of these below it at the end | {wide['relapses']:,} | 5,239 |")
    print(f"| poor the quarter before, above the line at the start | {narrow['known']:,} | 1,402 |")
    print(f"| of these below it again | {narrow['relapses']:,} | 591 |\n")


def rows_of(records: Records, last: date, *, also: tuple[date, ...] = ()) -> Rows:
    """Return the pairs that start up to a day, and those of other days; each counts once among all quarters."""
    labels = label_relapse(records, quarters(FIRST, max(last, *also, FIRST)), 12, label="income")
    wanted = [*quarters(FIRST, last), *also]
    known = labels.frame.filter(pl.col("relapsed").is_not_null() & pl.col("as_of").is_in(wanted))
    table = build_features(records, wanted)
    keys = ["household_id", "as_of"]
    frame = known.select(*keys, "relapsed").join(table.frame, on=keys, validate="1:1").sort("as_of", "household_id")
    varying = tuple(f for f in table.features if frame.filter(pl.col("as_of") <= last)[f.name].n_unique() > 1)
    return Rows(frame=frame, features=varying)


def own(estimator: Any, *, figures: bool = False, recalibrate_latest: bool = False, **options: Any) -> Model:
    def run(train: Rows, test: Rows, seed: int) -> np.ndarray:
        features = [f for f in train.features if figures or f.role == "predictor"]
        declared = {"reasons": {f.name: f.reason for f in features}, "signs": {f.name: f.sign for f in features}}
        model = estimator(**declared, **options, random_state=seed)
        X = train.matrix(figures=figures)
        model.fit(X, train.fell, time=train.start, household=train.household, recalibrate_latest=recalibrate_latest)
        return np.asarray(model.predict_proba(test.matrix(figures=figures))[:, 1])

    return run


def lightgbm_defaults(train: Rows, test: Rows, seed: int) -> np.ndarray:
    both, _ = Rows(frame=pl.concat([train.frame, test.frame]), features=train.features).numbers()
    X, Z = np.split(both, [len(train.frame)])
    model = lgb.LGBMClassifier(random_state=seed, verbose=-1, n_jobs=1).fit(X, train.fell)
    return np.asarray(model.predict_proba(Z))[:, 1]


def reference(train: Rows, test: Rows, seed: int) -> np.ndarray:
    """Fit the best of the panel's README: an average of four LightGBM, 3 leaves x 800, rows and columns sampled."""
    both, _ = Rows(frame=pl.concat([train.frame, test.frame]), features=train.features).numbers()
    X, Z = np.split(both, [len(train.frame)])
    shape = {"objective": "binary", "num_leaves": 3, "learning_rate": 0.03, "verbosity": -1, "num_threads": 1}
    shape |= {"bagging_fraction": 0.5, "bagging_freq": 1, "feature_fraction": 0.3, "min_data_in_leaf": 40}
    scores = [
        lgb.train(shape | {"seed": 100 * seed + k}, lgb.Dataset(X, train.fell), 800).predict(Z, raw_score=True)
        for k in range(4)
    ]
    return np.asarray(expit(np.mean(scores, axis=0)))


def boosting_machine(train: Rows, test: Rows, seed: int) -> np.ndarray:
    from interpret.glassbox import ExplainableBoostingClassifier

    X, Z = (np.nan_to_num(r.numbers()[0], nan=-99.0) for r in (train, test))
    model = ExplainableBoostingClassifier(random_state=seed, n_jobs=2).fit(X, train.fell)
    return np.asarray(model.predict_proba(Z))[:, 1]


MODELS: dict[str, tuple[Model, tuple[int, ...]]] = {
    "policy rule": (own(PolicyRuleClassifier, figures=True, conditions=read_policy().thresholds.rule), (0,)),
    "income alone": (own(IncomeOnlyClassifier, figures=True, column="income_over_line"), (0,)),
    "logistic regression": (own(LogisticClassifier), (0,)),
    "LightGBM baseline, calibrated": (own(LightGBMBaseline), (0,)),
    "LightGBM defaults": (lightgbm_defaults, (0,)),
    "average of 4 LightGBM, 3 leaves x 800": (reference, SEEDS),
    "**reason-additive, the default**": (own(ReasonAdditiveClassifier), SEEDS),
}
DEFAULT, REFERENCE = "**reason-additive, the default**", "average of 4 LightGBM, 3 leaves x 800"
MACHINE = "explainable boosting machine (interpret)"
if find_spec("interpret") and "--without-ebm" not in sys.argv:
    MODELS[MACHINE] = (boosting_machine, (0,))


@contextmanager
def timed_finish(seconds: list[float]) -> Iterator[None]:
    """Time the default's final fit apart from its cross-fitting."""
    fit = additive.fit_additive

    def timed(*arguments: Any, **options: Any) -> Any:
        begin = time.perf_counter()
        fitted = fit(*arguments, **options)
        seconds.append(time.perf_counter() - begin)
        return fitted

    additive.fit_additive = timed
    try:
        yield
    finally:
        additive.fit_additive = fit


def print_test(rows: Rows) -> None:
    """Train on starts up to 2017Q4, test on 2018Q4, look once."""
    train, test = rows.of(pl.col("as_of") <= LAST_TRAINED), rows.of(pl.col("as_of") == TESTED)
    y = test.fell
    print(f"{len(train.frame):,} rows to train on, {len(test.frame):,} to test on, of these {y.mean():.4f} fell;")
    print(f"{len(train.matrix().columns)} features. Where several seeds were run, figures of seed 0, and below all.\n")
    print("| model | AUC | average precision | log loss | mean predicted | calibration slope | seconds to fit |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    risks: dict[str, list[np.ndarray]] = {}
    seconds: dict[str, float] = {}
    finish: list[float] = []
    for name, (model, seeds) in MODELS.items():
        begin = time.perf_counter()
        with timed_finish(finish):
            risks[name] = [model(train, test, seed) for seed in seeds]
        seconds[name] = (time.perf_counter() - begin) / len(seeds)
        s = score_all(y, risks[name][0])
        print(
            f"| {name} | {s.auc:.3f} | {s.average_precision:.3f} | {s.log_loss:.4f} | {s.predicted:.3f} "
            f"| {s.calibration_slope:.2f} | {seconds[name]:.1f} |",
            flush=True,
        )
    print()
    for name in (REFERENCE, DEFAULT):
        print(f"{name}, log loss by seed: {', '.join(f'{log_loss(y, risk):.4f}' for risk in risks[name])}")
    for name in MODELS:
        if name != DEFAULT:
            found = household_bootstrap(log_losses(y, risks[DEFAULT][0]), log_losses(y, risks[name][0]), test.household)
            print(f"log loss, default less {name}: {found.estimate:+.4f} ({found.lower:+.4f} to {found.upper:+.4f})")
    print(f"\nThe default's final fit (without cross-fitting): {np.mean(finish):.1f} s a seed.")
    if MACHINE in seconds:
        print(f"Of the explainable boosting machine's time in this run: {np.mean(finish) / seconds[MACHINE]:.3f}.")
    print_calibration(train, test, risks[DEFAULT][0])


def print_calibration(train: Rows, test: Rows, risk: np.ndarray) -> None:
    """How far the probabilities are off in the crisis, and on whom."""
    print(
        "\n| predicted risk | households | mean predicted | fell | expected / observed |"
        "\n| --- | --- | --- | --- | --- |"
    )
    edges = [0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0]
    for low, high in pairwise(edges):
        inside = (risk >= low) & (risk < high)
        if inside.any():
            p, o = risk[inside].mean(), test.fell[inside].mean()
            ratio = f"{p / o:.2f}" if o else ""
            print(f"| {low:.2f} to {high:.2f} | {inside.sum():,} | {p:.3f} | {o:.3f} | {ratio} |")
    print("\n| starts in | rows | fell a year later |\n| --- | --- | --- |")
    for rows in (train, test):
        rates = rows.frame.group_by("as_of").agg(pl.len(), pl.col("relapsed").mean()).sort("as_of")
        for day, n, rate in rates.iter_rows():
            print(f"| {day.year}Q{(day.month + 2) // 3} | {n:,} | {rate:.3f} |")


def print_development(rows: Rows) -> None:
    """Every start up to 2017Q4, each tested by fits that saw neither its quarter's block nor its household."""
    rows = rows.of(pl.col("as_of") <= LAST_TRAINED)
    folds = time_household_folds(rows.household, rows.start, n_folds=4, outcome=rows.fell)
    print(f"{len(folds)} folds\n\n| model | log loss out of fold | AUC | seconds |\n| --- | --- | --- | --- |")
    for name in (REFERENCE, "logistic regression", DEFAULT):
        begin, risk = time.perf_counter(), np.full(len(rows.frame), np.nan)
        for fold in folds:
            train, test = (replace(rows, frame=rows.frame[part]) for part in (fold.train, fold.test))
            risk[fold.test] = MODELS[name][0](train, test, 0)
        s = score_all(rows.fell, risk)
        print(f"| {name} | {s.log_loss:.4f} | {s.auc:.4f} | {time.perf_counter() - begin:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--without-ebm", action="store_true")
    options = parser.parse_args()
    records = read_records(options.data).records
    if options.development:
        print_development(rows_of(records, LAST_TRAINED))
        return
    print_counts(records)
    print_test(rows_of(records, LAST_TRAINED, also=(TESTED,)))


if __name__ == "__main__":
    main()
