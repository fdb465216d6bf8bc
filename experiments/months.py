"""Months between account years: predicted over observed by month, trained on Decembers alone and on days it chooses.

Usage: python experiments/months.py [--households N] [--first-seed S] [--seeds N]

Invented worlds; learned from what the register knew by the end of 2018, tested as of every month end of 2019 against
the relapses of the twelve months after it, those entered later included, of the households at risk that had not fallen
already. Sums over worlds; the slope is that of the outcomes on the predicted log-odds.
"""

import argparse
from datetime import date

import numpy as np
import polars as pl
from scipy.special import logit

import relapse_risk as rr
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.metrics import fit_line
from relapse_risk.periods import AsOf, add_months
from relapse_risk.records import AsOfViews, Records
from relapse_risk.training.sample import gather, places_of
from relapse_risk.training.train_request import TrainRequest
from relapse_risk.training.trials import fit_known, prepared

KNOWN_BY = "2018-12-31"
WAYS = {"Decembers": ("2015-12-31", "2016-12-31", "2017-12-31"), "chosen": None}
MONTHS = [add_months(date(2018, 12, 31), ahead) for ahead in range(1, 13)]


def tested(records: Records, relapses: pl.DataFrame, month: date) -> tuple[pl.DataFrame, np.ndarray]:
    """Return the features of everybody truly at risk at the end of a month, and who fell within a year."""
    at_risk = find_cohort(records, AsOf(month)).filter(population="at_risk").select("household_id")
    before = relapses.filter(pl.col("relapsed_on") <= month)
    inside = relapses.filter(pl.col("relapsed_on").is_between(month, add_months(month, 12), closed="right"))
    frame = build_features(records, AsOf(month)).frame.join(at_risk, on="household_id", how="semi")
    frame = frame.join(before, on="household_id", how="anti").sort("household_id")
    return frame, frame["household_id"].is_in(inside["household_id"].implode()).cast(pl.Float64).to_numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--first-seed", type=int, default=860)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    risks = {(way, month): [] for way in WAYS for month in MONTHS}
    outcomes = {month: [] for month in MONTHS}
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        population = rr.synthesise(households=options.households, seed=seed)
        records = Records(population.tables, exported_on=population.exported_on)
        months = {month: tested(records, population.truth["relapses"], month) for month in MONTHS}
        for month, (_, fell) in months.items():
            outcomes[month].append(fell)
        for way, days in WAYS.items():
            request = TrainRequest(as_of=days, label="recorded", known_by=KNOWN_BY)
            material = gather(AsOfViews.of(records), request, forward=False)
            sample = material.sample
            model = fit_known(prepared(None, sample.predictors, 12, seed), sample, places_of(material.views, sample))
            for month, (frame, _) in months.items():
                X = frame.select(feature.name for feature in sample.predictors)
                risks[way, month].append(model.predict_proba(X)[:, 1])
    print("| month | fell | " + " | ".join(f"{way}: predicted / observed | slope" for way in WAYS) + " |")
    print("| --- " * (2 + 2 * len(WAYS)) + "|")
    for month in MONTHS:
        fell, cells = np.concatenate(outcomes[month]), []
        for way in WAYS:
            risk = np.concatenate(risks[way, month])
            slope = fit_line(logit(risk), fell, np.ones(len(risk))).slope
            cells += [f"{risk.sum() / fell.sum():.2f}", f"{slope:.2f}"]
        print(f"| {month} | {fell.sum():.0f} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
