"""The level of the default, of logistic regression and of other models against a known truth, world after world.

Usage: python experiments/levels.py [--households N] [--first-seed S] [--seeds N] [--all-models] [--interacting]

Worlds as in truth.py: trained as `train` does it on what the register knew by the end of 2019, tested as of that day
against each household's true probability. The excess log loss is that over the truth, expected under the truth, so that
it holds no chance of who fell. Each world's rows are written when they are there.
"""

import argparse
import copy
import warnings
from collections.abc import Iterator

import numpy as np
from scipy.special import xlog1py, xlogy
from sklearn.base import clone

from relapse_risk.models import LogisticClassifier
from relapse_risk.training.sample import places_of
from relapse_risk.training.trials import fit_known, prepared
from truth import World, draw_world, predictions

MODELS = {"default": None, "logistic": LogisticClassifier()}
NOT_AGAIN = {"logistic regression", "logistic regression, penalty 1"}


def excess(risk: np.ndarray, truth: np.ndarray) -> float:
    """Return the log loss expected under the truth, over that of the truth itself."""
    loss = xlogy(truth, risk) + xlog1py(1 - truth, -risk)
    return float((xlogy(truth, truth) + xlog1py(1 - truth, -truth) - loss).mean())


def predicted(world: World, model: object, seed: int) -> list[np.ndarray]:
    """Return the risk of each tested household, as trained and without the newest level."""
    sample = world.material.sample
    unfitted = clone(prepared(model, sample.predictors, 12, seed))
    fitted = fit_known(unfitted, sample, places_of(world.records, sample))
    of_all_years = copy.copy(fitted)
    of_all_years.calibrator_ = fitted.calibrator_.first
    X = world.tested.select(feature.name for feature in sample.predictors)
    return [one.predict_proba(X, world.place)[:, 1] for one in (fitted, of_all_years)]


def risks(world: World, seed: int, all_models: bool) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each model's risks of the tested households."""
    for name, model in MODELS.items():
        yield from zip((name, f"{name}, level of all years alike"), predicted(world, model, seed), strict=True)
    if all_models:
        yield from ((name, risk) for name, risk in predictions(world, seed) if name not in NOT_AGAIN)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=3_000)
    parser.add_argument("--first-seed", type=int, default=310)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--all-models", action="store_true")
    parser.add_argument("--interacting", action="store_true", help="worlds in which pairs of reasons add more together")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| seed | model | predicted / true | excess log loss |\n| --- | --- | --- | --- |")
    found: dict[str, list[tuple[float, float]]] = {}
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        world = draw_world(options.households, seed, interacting=options.interacting)
        for name, risk in risks(world, seed, options.all_models):
            ratio, loss = risk.mean() / world.truth.mean(), excess(risk, world.truth)
            found.setdefault(name, []).append((ratio, loss))
            print(f"| {seed} | {name} | {ratio:.3f} | {loss:.5f} |", flush=True)
    for name, rows in found.items():
        ratios, losses = np.array(rows).T
        spread, rms = ratios.std(ddof=1), np.sqrt(np.mean(np.log(ratios) ** 2))
        print(f"| all | {name} | {ratios.mean():.3f} (sd {spread:.3f}, rms of log {rms:.4f}) | {losses.mean():.5f} |")


if __name__ == "__main__":
    main()
