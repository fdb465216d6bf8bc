"""Which columns move with the calendar: standardised shifts of their means from the days of training to the tested day.

Usage: python experiments/drift.py [--households N] [--first-seed S] [--seeds N]

Worlds as in truth.py. The shift is in standard deviations within a day; what it moves is the mean log-odds of the
logistic regression and of the default, by an approximate split over columns. Printed are columns that move by more than
half a standard deviation, or the mean log-odds of either model by more than .05, in any world; means over worlds.
"""

import argparse
from collections import defaultdict

import numpy as np
from sklearn.base import clone

from relapse_risk.evaluation import column_drifts
from relapse_risk.models import LogisticClassifier
from relapse_risk.training.sample import places_of
from relapse_risk.training.trials import fit_known, prepared
from truth import draw_world

MODELS = {"logistic": LogisticClassifier(), "default": None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=2_500)
    parser.add_argument("--first-seed", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    shifts, moved = defaultdict(list), {name: defaultdict(list) for name in MODELS}
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        world = draw_world(options.households, seed)
        sample = world.material.sample.known()
        learned, tested = (
            frame.select(feature.name for feature in sample.predictors) for frame in (sample.frame, world.tested)
        )
        for name, model in MODELS.items():
            unfitted = clone(prepared(model, sample.predictors, 12, seed))
            fitted = fit_known(unfitted, sample, places_of(world.records, sample))
            found = column_drifts(
                learned, sample.day, fitted.feature_terms(learned), tested, fitted.feature_terms(tested)
            )
            for column, drift in found.items():
                moved[name][column].append(drift.log_odds)
                shifts[column] += [drift.shift] if name == "logistic" else []
    print("| column | shift | logistic | default |\n| --- | --- | --- | --- |")
    for column in sorted(shifts, key=lambda one: -abs(np.mean(shifts[one]))):
        figures = [shifts[column], moved["logistic"][column], moved["default"][column]]
        if max(map(abs, figures[0])) > 0.5 or max(map(abs, figures[1] + figures[2])) > 0.05:
            print(f"| `{column}` | {' | '.join(f'{np.mean(one):+.2f}' for one in figures)} |")


if __name__ == "__main__":
    main()
