"""The default against the strongest peers of others, on the real panels and on invented worlds of both laws.

Usage: python experiments/peers.py --keep DIR [--tasks NAME ...] [--models NAME ...] [--households N] [--first-seed S]
       [--seeds N] [--data DIR]

Tasks: `eph` (the quarters of backtest.py), `nlswork` and `wagepan` (low earnings a year later, every later year in
turn), `additive` and `interacting` (worlds of truth.py, in which nothing joins two reasons, or pairs of them add more
together). Every model gets the same features, rows and days; what peers are is said in peer_models.py. What was
predicted is kept in a folder, from which an interrupted run continues; the tables are of the models that are kept of
every part of a task. Peers: `pip install -e .[peers]`.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit, xlog1py, xlogy
from sklearn.base import clone

from backtest import folds as eph_folds
from backtest import joined, true_level
from eph import Rows
from peer_models import PEERS, PeerClassifier
from relapse_risk.features import build_features
from relapse_risk.ingest import read_records
from relapse_risk.labels import label_relapse
from relapse_risk.metrics import household_bootstrap
from relapse_risk.models import LogisticClassifier, ReasonAdditiveClassifier, RiskClassifier
from relapse_risk.training.sample import places_of
from relapse_risk.training.trials import fit_known, prepared
from truth import draw_world

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
TESTED = {
    "nlswork": [date(year, 12, 31) for year in (1977, 1982, 1987)],
    "wagepan": [date(year, 12, 31) for year in (1983, 1984, 1985, 1986)],
}
DEFAULT = "**reason-additive, the default**"


class MixedAdditive(ReasonAdditiveClassifier):
    """The default whose trees may mix reasons: all columns are one."""

    def fit(self, X: Any, y: Any, *arguments: Any, **options: Any) -> "MixedAdditive":
        self.reasons = dict.fromkeys(self.reasons, "all")
        return super().fit(X, y, *arguments, **options)


MODELS: dict[str, RiskClassifier] = {
    DEFAULT: ReasonAdditiveClassifier(n_jobs=1),
    "… whose trees may mix reasons": MixedAdditive(n_jobs=1),
    "logistic regression (this library)": LogisticClassifier(),
    **{name: PeerClassifier(peer=name) for name, (package, _) in PEERS.items() if find_spec(package)},
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One fold of a task: how a model is fitted on its training rows, and what is tested.

    Attributes
    ----------
    fit : callable
        An unfitted model → the model fitted, the tested columns, and the areas of the tested rows, if any.
    expected : ndarray of shape (n,)
        Outcome of each tested row; its true probability where that is known.
    cluster : ndarray of shape (n,)
        Household, or village, by which intervals are drawn.
    """

    fit: Callable[[RiskClassifier], tuple[RiskClassifier, pl.DataFrame, Any]]
    expected: np.ndarray
    cluster: np.ndarray


def panel_part(train: Rows, test: Rows) -> Part:
    predictors = [f for f in train.features if f.role == "predictor"]

    def fit(model: RiskClassifier) -> tuple[RiskClassifier, pl.DataFrame, Any]:
        unfitted = prepared(model, predictors, 12, 0)
        how = {"time": train.start, "household": train.household, "recalibrate_latest": True}
        return unfitted.fit(train.matrix(), train.fell, **how), test.matrix(), None

    return Part(fit=fit, expected=test.fell, cluster=test.household)


def panel_parts(name: str, folder: Path) -> Iterator[tuple[str, Callable[[], Part]]]:
    """Yield every tested year, trained on the years whose outcome was known by then."""
    records = read_records(folder).records
    days = records.table("incomes")["period_end"].unique().sort().to_list()
    table = build_features(records, days)
    final = label_relapse(records, days, 12, label="income").frame
    for day in TESTED[name]:
        then = label_relapse(records, [d for d in days if d < day], 12, label="income", known_by=day).frame
        train, test = joined(then, table), joined(final.filter(pl.col("as_of") == day), table)
        features = tuple(f for f in table.features if train[f.name].n_unique() > 1)
        rows = Rows(frame=train, features=features), Rows(frame=test, features=features)
        yield str(day), partial(panel_part, *rows)


def world_part(households: int, seed: int, interacting: bool) -> Part:
    world = draw_world(households, seed, interacting=interacting)
    sample, places = world.material.sample, places_of(world.records, world.material.sample)

    def fit(model: RiskClassifier) -> tuple[RiskClassifier, pl.DataFrame, Any]:
        fitted = fit_known(clone(prepared(model, sample.predictors, 12, seed)), sample, places)
        return fitted, world.tested.select(f.name for f in sample.predictors), world.place

    village = np.array([f"{seed} {' '.join(place)}" for place in world.place])
    return Part(fit=fit, expected=world.truth, cluster=village)


def parts_of(task: str, options: argparse.Namespace) -> Iterator[tuple[str, Callable[[], Part]]]:
    """Yield the name of each part, and what makes it."""
    if task == "eph":
        for day, train, test in eph_folds(read_records(options.data / "eph").records):
            yield str(day), partial(panel_part, train, test)
    elif task in TESTED:
        yield from panel_parts(task, options.data / "panels" / task)
    else:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            yield f"{seed} {options.households}", partial(world_part, options.households, seed, task == "interacting")


def predicted(part: Part, model: RiskClassifier) -> np.ndarray:
    """Return the risks as the model gives them and after this library's calibration, shape (2, n)."""
    fitted, X, place = part.fit(model)
    return np.array([expit(fitted.encode(X).score), fitted.predict_proba(X, place)[:, 1]])


def expected_loss(expected: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """Return the log loss of each row, expected under the truth where that is known."""
    p = np.clip(risk, 1e-12, 1 - 1e-12)
    return -(xlogy(expected, p) + xlog1py(1 - expected, -p))


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A part's tested rows, and each model's risks as it gives them and after our calibration, shape (2, n)."""

    name: str
    expected: np.ndarray
    cluster: np.ndarray
    risks: dict[str, np.ndarray]


def tried(file: Path, name: str, make: Callable[[], Part], wanted: list[str]) -> Tried:
    """Fit and predict what is not kept yet."""
    kept = dict(np.load(file, allow_pickle=True)) if file.exists() else {}
    missing = [model for model in wanted if model not in kept]
    if missing or not kept:
        part = make()
        kept |= {"expected": part.expected, "cluster": part.cluster}
        for model in missing:
            begin = time.process_time()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # peers warn of their own ways
                kept[model] = predicted(part, MODELS[model])
            print(f"{file.stem} {model}: {time.process_time() - begin:.0f} s", file=sys.stderr, flush=True)
            np.savez(file, **kept)
    risks = {model: kept[model] for model in MODELS if model in kept}
    return Tried(name=name, expected=kept["expected"], cluster=kept["cluster"], risks=risks)


def print_task(task: str, parts: list[Tried]) -> None:
    """Print every model that was tried in all parts beside the default, with paired intervals."""
    expected, cluster = (np.concatenate([getattr(part, name) for part in parts]) for name in ("expected", "cluster"))
    names = [name for name in MODELS if all(name in part.risks for part in parts)]
    loss = {
        name: expected_loss(expected, np.concatenate([part.risks[name] for part in parts], axis=1)) for name in names
    }
    leveled = {
        name: np.concatenate([expected_loss(p.expected, true_level(p.expected, p.risks[name][1])) for p in parts])
        for name in names
    }
    best = expected_loss(expected, expected).mean()
    print(
        f"\n{task}: {len(expected):,} rows in {len(parts)} parts, of which {expected.mean():.4f} fell or were to",
        end="",
    )
    print(f"; log loss of the truth itself {best:.4f}.\n" if best > 1e-6 else ".\n")
    kinds = ["as it comes", "after our calibration", "at the part's own level"]
    print(f"| model | {' | '.join(f'{how} | less default (95 %)' for how in kinds)} |\n|{' --- |' * 7}")
    for name in sorted(loss, key=lambda name: loss[name][1].mean()):
        cells = []
        for found, other in zip((*loss[name], leveled[name]), (*loss[DEFAULT][[1, 1]], leveled[DEFAULT]), strict=True):
            apart = household_bootstrap(found, other, cluster)
            cells += [f"{found.mean():.4f}", f"{apart.estimate:+.4f} ({apart.lower:+.4f} to {apart.upper:+.4f})"]
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"\n| after our calibration | {' | '.join(part.name for part in parts)} |\n|{' --- |' * (len(parts) + 1)}")
    for name in names:
        row = [expected_loss(part.expected, part.risks[name][1]).mean() for part in parts]
        print(f"| {name} | {' | '.join(f'{x:.4f}' for x in row)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True)
    tasks = ["wagepan", "nlswork", "eph", "additive", "interacting"]
    parser.add_argument("--tasks", nargs="+", choices=tasks, default=tasks)
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--households", type=int, default=4_000)
    parser.add_argument("--first-seed", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--data", type=Path, default=SHARED)
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    for task in options.tasks:
        parts = [
            tried(options.keep / f"{task} {name}.npz", name, make, options.models)
            for name, make in parts_of(task, options)
        ]
        print_task(task, parts)


if __name__ == "__main__":
    main()
