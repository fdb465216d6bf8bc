"""The level of the default and of logistic regression against a known truth, one world after another.

Usage: python experiments/levels.py [--households N] [--first-seed S] [--seeds N]

Worlds as in truth.py: trained as `train` does it on what the register knew by the end of 2019, tested as of that day
against each household's true probability. The excess log loss is that over the truth, expected under the truth, so that
it holds no chance of who fell.
"""

import argparse

import numpy as np
from scipy.special import xlog1py, xlogy
from sklearn.base import clone

from relapse_risk.models import LogisticClassifier
from relapse_risk.training.sample import places_of
from relapse_risk.training.trials import fit_known, prepared
from truth import World, draw_world

MODELS = {"default": None, "logistic": LogisticClassifier()}


def excess(risk: np.ndarray, truth: np.ndarray) -> float:
    """Return the log loss expected under the truth, over that of the truth itself."""
    loss = xlogy(truth, risk) + xlog1py(1 - truth, -risk)
    return float((xlogy(truth, truth) + xlog1py(1 - truth, -truth) - loss).mean())


def predicted(world: World, model: object, seed: int) -> np.ndarray:
    """Return the risk of each tested household."""
    sample = world.material.sample
    unfitted = clone(prepared(model, sample.predictors, 12, seed))
    fitted = fit_known(unfitted, sample, places_of(world.records, sample))
    X = world.tested.select(feature.name for feature in sample.predictors)
    return fitted.predict_proba(X, world.place)[:, 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=3_000)
    parser.add_argument("--first-seed", type=int, default=310)
    parser.add_argument("--seeds", type=int, default=6)
    options = parser.parse_args()
    print("| seed | model | predicted / true | excess log loss |\n| --- | --- | --- | --- |")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in MODELS}
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        world = draw_world(options.households, seed)
        for name, model in MODELS.items():
            risk = predicted(world, model, seed)
            ratio, loss = risk.mean() / world.truth.mean(), excess(risk, world.truth)
            found[name].append((ratio, loss))
            print(f"| {seed} | {name} | {ratio:.3f} | {loss:.4f} |", flush=True)
    for name, rows in found.items():
        ratios, losses = np.array(rows).T
        print(f"| all | {name} | {ratios.mean():.3f} (sd {ratios.std(ddof=1):.3f}) | {losses.mean():.4f} |")


if __name__ == "__main__":
    main()
