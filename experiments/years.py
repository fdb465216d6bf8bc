"""How often the range of past years holds the next year's relapses, at yearly, quarterly and monthly as-of days.

Usage: python experiments/years.py [--draws N] [--year-sd S] [--years N]

The log-odds of everybody move by a shock a calendar year; a model that knows nothing of shocks predicts each as-of day,
and is right but for them. What became of the last years' days says how far years differ (`past_years`, days whose
horizons do not overlap); the range stated for a total is held against the total of the year after the newest outcome.
"""

import argparse
from datetime import date

import numpy as np
import polars as pl
from scipy.special import expit

from relapse_risk.periods import add_months
from relapse_risk.training.sample import TrainingSample
from relapse_risk.training.trials import past_years

LEVEL, ROWS = 0.9, 3_000
EVERY = {"yearly": 12, "quarterly": 3, "monthly": 1}


def shock_of(day: date, shocks: dict[int, float]) -> float:
    """Return the mean shock of the twelve months after a day."""
    return float(np.mean([shocks[add_months(day, ahead).year] for ahead in range(1, 13)]))


def drawn(days: list[date], shocks: dict[int, float], random: np.random.Generator) -> tuple[TrainingSample, np.ndarray]:
    """Return rows of all days with their outcomes, and the risks predicted of them."""
    scores = random.normal(-3.2, 0.8, (len(days), ROWS))
    shift = np.array([shock_of(day, shocks) for day in days])
    frame = pl.DataFrame(
        {
            "household_id": np.arange(scores.size),
            "as_of": np.repeat(np.array(days, dtype="datetime64[D]"), ROWS),
            "relapsed": (random.random(scores.shape) < expit(scores + shift[:, None])).ravel(),
        }
    )
    return TrainingSample(frame=frame, predictors=(), figures=()), expit(scores).ravel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1_000)
    parser.add_argument("--year-sd", type=float, default=0.3)
    parser.add_argument("--years", type=int, default=5)
    options = parser.parse_args()
    print("| newest day | as-of days | past years counted | held | refused |\n| --- | --- | --- | --- | --- |")
    for newest in (date(2020, 12, 31), date(2020, 6, 30)):
        for name, every in EVERY.items():
            days = [add_months(newest, -back) for back in range(0, 12 * options.years, every)]
            held, refused, counted = [], 0, 0
            for draw in range(options.draws):
                random = np.random.default_rng(draw)  # the same shocks, whatever the days
                shocks = {year: random.normal(0, options.year_sd) for year in range(2000, 2030)}
                sample, risk = drawn(days, shocks, random)
                past = past_years(sample, risk, 12)
                counted += len(past.days)
                if not past.enough:
                    refused += 1
                    continue
                coming, score = add_months(newest, 12), random.normal(-3.2, 0.8, ROWS)
                low, high = past.interval_of(score, LEVEL)
                fell = (random.random(ROWS) < expit(score + shock_of(coming, shocks))).sum()
                held.append(low <= fell <= high)
            share = f"{np.mean(held):.3f}" if held else "-"
            print(
                f"| {newest} | {name} | {counted / options.draws:.1f} | {share} | {refused / options.draws:.0%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
