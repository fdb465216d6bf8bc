"""How often the level is called off though it is right, where years differ for everybody.

Usage: python experiments/level.py [--evaluations N] [--draws N] [--year-sd SD] [--households N]

Simulated evaluations of an oracle: its probabilities are right but for what a year adds for everybody, with a standard
deviation in logarithms, and six relapses in a hundred are not entered yet. Told is how often check RR401 fires, with
and without a year's variance in the interval, and predicted over observed on average: as it is, and without what years
add. Nothing but the figure that the check reads is worked out, by the same draws as in a report.
"""

import argparse
from types import SimpleNamespace

import numpy as np

from relapse_risk.evaluation import Predictions
from relapse_risk.evaluation.checks.calibration import level_off
from relapse_risk.evaluation.context import BootstrapDraws, EvaluationContext
from relapse_risk.metrics import ClusterDraws
from relapse_risk.policy import CheckPolicy, read_model

TO_COME = 0.06
HOUSEHOLDS = 40  # of a village
RATIO = "expected_observed_ratio"


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
        cluster=np.arange(n) // HOUSEHOLDS,
        risks={"oracle": risk},
        to_come=np.full(n, TO_COME),
        fell_after=np.full(n, np.nan),
    )


def fires(field: EvaluationContext, counts: np.ndarray, policy: CheckPolicy) -> tuple[bool, bool, float]:
    """Return whether the check fires without a year's variance, whether with it, and predicted over observed.

    Parameters
    ----------
    field : EvaluationContext
    counts : ndarray of shape (draws, clusters)
        How often each cluster was drawn.
    policy : CheckPolicy
    """
    risk, mature = field.seen.risks["oracle"], field.seen.mature
    predicted, observed = (counts @ np.bincount(field.draws.of_row, one) for one in (risk, mature))
    ratio, drawn = float(risk.sum() / mature.sum()), predicted / observed

    def fired(found: np.ndarray) -> bool:
        model = SimpleNamespace(figures={RATIO: field.interval(BootstrapDraws(estimate=ratio, found=found))})
        judgement = SimpleNamespace(models=[model], level=field.level)
        return bool(list(level_off(SimpleNamespace(judgement=judgement), policy)))

    return fired(drawn), fired(drawn * field.level_moves(risk)), ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluations", type=int, default=4000)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--year-sd", type=float, default=0.1)
    parser.add_argument("--households", type=int, default=8_000)
    asked = parser.parse_args()
    policy = read_model(CheckPolicy, "evaluation")
    print("| years tested | alarms without a year's sd | alarms | too high | too low | mean of predicted/observed |")
    print("| --- " * 6 + "|")
    clusters = ClusterDraws.of(np.arange(asked.households) // HOUSEHOLDS, n_draws=asked.draws)
    counts = np.array(list(clusters))
    for years in (1, 2, 4):
        found = []
        for seed in range(asked.evaluations):
            field = EvaluationContext.of(
                evaluation(seed, asked.households, years, asked.year_sd),
                capacity_share=0.05,
                level=0.95,
                n_draws=asked.draws,
                seed=seed,
                year_sd=asked.year_sd,
            )
            found.append(fires(field, counts, policy))
        without, fired, ratio = (np.array(one) for one in zip(*found, strict=True))
        shares = (without, fired, fired & (ratio > 1), fired & (ratio < 1))
        said = " | ".join(f"{share.mean():.3f}" for share in shares)
        print(f"| {years} | {said} | {ratio.mean():.3f} |", flush=True)


if __name__ == "__main__":
    main()
