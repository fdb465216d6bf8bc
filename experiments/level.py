"""How often the level is called off though it is right, where years differ for everybody.

Usage: python experiments/level.py [--evaluations N] [--year-sd SD] [--households N]

Simulated evaluations of an oracle: its probabilities are right but for what a year adds for everybody, with a standard
deviation in logarithms, and six relapses in a hundred are not entered yet. Told is how often check RR401 fires, with
and without a year's variance in the interval, and predicted over observed on average.
"""

import argparse
import json
from types import SimpleNamespace

import numpy as np

from relapse_risk.evaluation import Predictions, report_models
from relapse_risk.evaluation.checks.calibration import level_off
from relapse_risk.policy import CheckPolicy, read_model

TO_COME = 0.06


def evaluation(seed: int, n: int, years: int, year_sd: float) -> Predictions:
    """Return the predictions of an oracle, and what is entered of what became of them."""
    random = np.random.default_rng(seed)
    year = np.arange(n) % years
    risk, moved = random.beta(1, 20, n), np.exp(random.normal(-(year_sd**2) / 2, year_sd, years))
    entered = random.random(n) >= TO_COME
    return Predictions(
        outcome=((random.random(n) < risk * moved[year]) & entered).astype(float),
        weight=np.ones(n),
        household=np.arange(n),
        day=np.datetime64("2016-12-31") + 365 * year,
        cluster=np.arange(n) // 40,
        risks={"oracle": risk},
        to_come=np.full(n, TO_COME),
        fell_after=np.full(n, np.nan),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluations", type=int, default=200)
    parser.add_argument("--year-sd", type=float, default=0.1)
    parser.add_argument("--households", type=int, default=20_000)
    asked = parser.parse_args()
    policy = read_model(CheckPolicy, "evaluation")
    print("| years tested | allowed for | false alarms of RR401 | mean of predicted/observed |")
    print("| --- | --- | --- | --- |")
    for years in (1, 2, 4):
        for allowed in (0.0, asked.year_sd):
            alarms, ratios = 0, []
            for seed in range(asked.evaluations):
                seen = evaluation(seed, asked.households, years, asked.year_sd)
                judgement = report_models(seen, n_draws=100, year_sd=allowed)
                alarms += bool(list(level_off(SimpleNamespace(judgement=judgement), policy)))
                ratios.append(judgement.models[0].figures["expected_observed_ratio"].estimate)
            share = alarms / asked.evaluations
            print(f"| {years} | {json.dumps(allowed)} | {share:.3f} | {np.mean(ratios):.3f} |", flush=True)


if __name__ == "__main__":
    main()
