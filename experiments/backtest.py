"""The real panel, quarter by quarter: every model trained on outcomes known by the day, tested on the year after it.

Usage: python experiments/backtest.py [--data DIR] [--without-peers] [--keep DIR]

For the starts of each quarter from 2017Q4 to 2018Q4, every model is trained on the pairs of quarters whose outcome was
known by then (starts up to a year before), and predicts who falls within the year that follows. Peers, where installed,
run on the same features and rows: `pip install lightgbm interpret-core optbinning lifelines`. What was predicted is
kept in the folder `--keep`, from which an interrupted run continues.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import brentq
from scipy.special import expit, logit

from eph import FIRST, SHARED, Model, Rows, lightgbm_defaults, own, quarters
from relapse_risk.features import build_features
from relapse_risk.ingest import read_records
from relapse_risk.labels import label_relapse
from relapse_risk.metrics import auc, brier, household_bootstrap, log_loss, log_losses, score_all
from relapse_risk.models import (
    HazardClassifier,
    IncomeOnlyClassifier,
    LightGBMBaseline,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
    ScorecardClassifier,
    StackedClassifier,
    VulnerabilityClassifier,
)
from relapse_risk.policy import read_policy
from relapse_risk.records import Records

TESTED = quarters(date(2017, 12, 31), date(2018, 12, 31))


def folds(records: Records) -> Iterator[tuple[date, Rows, Rows]]:
    """Yield each tested day, the rows that could be trained on by then, and those tested."""
    days = quarters(FIRST, TESTED[-1])
    table = build_features(records, days)
    final = label_relapse(records, days, 12, label="income").frame
    for day in TESTED:
        then = label_relapse(records, [d for d in days if d < day], 12, label="income", known_by=day).frame
        train, test = joined(then, table), joined(final.filter(pl.col("as_of") == day), table)
        features = tuple(f for f in table.features if train[f.name].n_unique() > 1)
        yield day, Rows(frame=train, features=features), Rows(frame=test, features=features)


def joined(labels: pl.DataFrame, table: Any) -> pl.DataFrame:
    keys = ["household_id", "as_of"]
    known = labels.filter(pl.col("relapsed").is_not_null()).select(*keys, "relapsed")
    return known.join(table.frame, on=keys, validate="1:1").sort("as_of", "household_id")


def numbers(train: Rows, test: Rows) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Codes as one column a code, alike in both."""
    both, names = Rows(frame=pl.concat([train.frame, test.frame]), features=train.features).numbers()
    return both[: len(train.frame)], both[len(train.frame) :], names


def boosting_machine(train: Rows, test: Rows, seed: int) -> np.ndarray:
    from interpret.glassbox import ExplainableBoostingClassifier

    X, Z = (np.nan_to_num(numbered, nan=-99.0) for numbered in numbers(train, test)[:2])
    model = ExplainableBoostingClassifier(random_state=seed, n_jobs=2).fit(X, train.fell)
    return np.asarray(model.predict_proba(Z))[:, 1]


def plain_logistic(train: Rows, test: Rows, seed: int) -> np.ndarray:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, Z, _ = numbers(train, test)
    model = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler(), LogisticRegression(max_iter=2000))
    return np.asarray(model.fit(X, train.fell).predict_proba(Z))[:, 1]


def optimal_scorecard(train: Rows, test: Rows, seed: int) -> np.ndarray:
    import pandas as pd
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    X, Z, names = numbers(train, test)
    model = Scorecard(
        binning_process=BinningProcess(names),
        estimator=LogisticRegression(max_iter=2000),
        scaling_method="min_max",
        scaling_method_params={"min": 0, "max": 1000},
    ).fit(pd.DataFrame(X, columns=names), train.fell.astype(int))
    return np.asarray(model.predict_proba(pd.DataFrame(Z, columns=names)))[:, 1]


def cox(train: Rows, test: Rows, seed: int) -> np.ndarray:
    import pandas as pd
    from lifelines import CoxPHFitter
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import StandardScaler

    X, Z, _ = numbers(train, test)
    fill = SimpleImputer().fit(X)
    scale = StandardScaler().fit(fill.transform(X))
    X, Z = (scale.transform(fill.transform(part)) for part in (X, Z))
    kept = X.std(axis=0) > 0
    frame = pd.DataFrame(X[:, kept]).rename(columns=str).assign(months=12.0, fell=train.fell)
    # A little ridge: the columns of codes add up to one.
    model = CoxPHFitter(penalizer=0.001).fit(frame, "months", "fell")
    survival = model.predict_survival_function(pd.DataFrame(Z[:, kept]).rename(columns=str), times=[12.0])
    return np.asarray(1 - survival.to_numpy()[0])


RULE = read_policy().thresholds.rule
DEFAULT, PLAIN = "**reason-additive, the default**", "the default, level of all past years"
INCOME = {"figures": True, "column": "income_over_line"}
MODELS: dict[str, Model] = {
    DEFAULT: own(ReasonAdditiveClassifier, recalibrate_latest=True),
    PLAIN: own(ReasonAdditiveClassifier),
    "policy rule": own(PolicyRuleClassifier, figures=True, conditions=RULE),
    "income alone": own(IncomeOnlyClassifier, **INCOME),
    "vulnerability (cross-section)": own(VulnerabilityClassifier, **INCOME),
    "hazard": own(HazardClassifier),
    "scorecard (this library)": own(ScorecardClassifier),
    "logistic regression (this library)": own(LogisticClassifier),
    "LightGBM baseline, calibrated": own(LightGBMBaseline),
    "stack": own(StackedClassifier),
}
PEERS: dict[str, tuple[str, Model]] = {
    "LightGBM defaults": ("lightgbm", lightgbm_defaults),
    "logistic regression (scikit-learn)": ("sklearn", plain_logistic),
    "scorecard (optbinning)": ("optbinning", optimal_scorecard),
    "Cox (lifelines)": ("lifelines", cox),
    "explainable boosting machine (interpret)": ("interpret", boosting_machine),
}


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One tested quarter: outcomes, households, and each model's probabilities."""

    day: date
    train: Rows
    test: Rows
    risks: dict[str, np.ndarray]

    @property
    def name(self) -> str:
        return f"{self.day.year}Q{(self.day.month + 2) // 3}"


def kept(file: Path | None, model: Model, train: Rows, test: Rows) -> np.ndarray:
    """Fit and predict, or read what was kept of it."""
    if file is not None and file.exists():
        return np.load(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peers warn of their own ways
        risk = model(train, test, 0)
    if file is not None:
        np.save(file, risk)
    return risk


def backtest(records: Records, models: dict[str, Model], keep: Path | None) -> list[Tried]:
    found = []
    for day, train, test in folds(records):
        risks = {}
        for name, model in models.items():
            begin = time.perf_counter()
            file = None if keep is None else keep / f"{day} {name.replace('*', '')}.npy"
            risks[name] = kept(file, model, train, test)
            print(f"{day} {name}: {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
        found.append(Tried(day=day, train=train, test=test, risks=risks))
    return found


def true_level(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Move probabilities in log-odds to as many as fell: what is left of the loss is not the year's."""
    s = logit(np.clip(p, 1e-9, 1 - 1e-9))
    move = brentq(lambda move: expit(s + move).mean() - y.mean(), -9, 9)
    return np.asarray(expit(s + move))


def print_totals(tried: list[Tried]) -> None:
    y, homes = np.concatenate([t.test.fell for t in tried]), np.concatenate([t.test.household for t in tried])
    risks = {name: np.concatenate([t.risks[name] for t in tried]) for name in tried[0].risks}
    leveled = {name: np.concatenate([true_level(t.test.fell, t.risks[name]) for t in tried]) for name in risks}
    print(f"{len(y):,} rows in {len(tried)} quarters, {y.mean():.4f} fell. Differences: model less default (95 %).\n")
    print("| model | log loss | less default | Brier | less default | AUC | log loss at the year's own level |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    default = risks[DEFAULT]
    for name, p in sorted(risks.items(), key=lambda item: log_loss(y, item[1])):
        loss = household_bootstrap(log_losses(y, p), log_losses(y, default), homes)
        square = household_bootstrap((p - y) ** 2, (default - y) ** 2, homes)
        print(
            f"| {name} | {log_loss(y, p):.4f} | {loss.estimate:+.4f} ({loss.lower:+.4f} to {loss.upper:+.4f}) "
            f"| {brier(y, p):.4f} | {square.estimate:+.5f} ({square.lower:+.5f} to {square.upper:+.5f}) "
            f"| {auc(y, p):.3f} | {log_loss(y, leveled[name]):.4f} |"
        )


def print_quarters(tried: list[Tried]) -> None:
    for title, measure in (("log loss", log_loss), ("Brier", brier)):
        print(f"\n| {title} | " + " | ".join(t.name for t in tried) + " |\n|" + " --- |" * (len(tried) + 1))
        for name in tried[0].risks:
            print(f"| {name} | " + " | ".join(f"{measure(t.test.fell, t.risks[name]):.4f}" for t in tried) + " |")
        ranks = [
            sorted(t.risks, key=lambda name: measure(t.test.fell, t.risks[name])).index(DEFAULT) + 1 for t in tried
        ]
        print(f"| rank of the default, of {len(tried[0].risks)} | " + " | ".join(map(str, ranks)) + " |")


def print_levels(tried: list[Tried]) -> None:
    print("\nExpected, expected / observed, and slope; first with the level of all past years, then recalibrated.\n")
    print("| starts in | fell | expected | expected / observed | slope | expected | expected / observed | slope |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    off = {PLAIN: 0.0, DEFAULT: 0.0}
    for t in tried:
        cells = [t.name, f"{t.test.fell.mean():.3f}"]
        for name in off:
            found = score_all(t.test.fell, t.risks[name])
            off[name] += abs(found.predicted - found.observed)
            cells += [
                f"{found.predicted:.3f}",
                f"{found.predicted / found.observed:.2f}",
                f"{found.calibration_slope:.2f}",
            ]
        print(f"| {' | '.join(cells)} |")
    mean = {name: total / len(tried) for name, total in off.items()}
    print(f"\nMean absolute error of the level: {mean[PLAIN]:.4f} as fitted, {mean[DEFAULT]:.4f} recalibrated.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    peers = {} if options.without_peers else {name: model for name, (room, model) in PEERS.items() if find_spec(room)}
    tried = backtest(read_records(options.data).records, {**MODELS, **peers}, options.keep)
    print_totals(tried)
    print_quarters(tried)
    print_levels(tried)


if __name__ == "__main__":
    main()
