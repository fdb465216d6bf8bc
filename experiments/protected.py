"""What it costs to rank nobody by protected columns: the default model with and without them, in the same folds.

``python experiments/protected.py OUT.md [--samples FOLDER] [--households 2000] [--seeds 3]``
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from relapse_risk.evaluation import Predictions, predict_tested, report_models
from relapse_risk.evaluation.model_report import ModelReport
from relapse_risk.ingest import read_records
from relapse_risk.metrics import cluster_ids
from relapse_risk.policy import Policy, read_policy
from relapse_risk.records import Records
from relapse_risk.synthetic import synthesise
from relapse_risk.training.sample import TrainingData, gather, places_of
from relapse_risk.training.train_request import TrainRequest
from relapse_risk.training.trials import HeldOut, fit_predict, prepared

DAYS = ("2017-12-31", "2018-12-31", "2019-12-31")
HEAD = (
    *(
        "register",
        "model",
        "rows",
        "relapses",
        "log loss",
        "AUC",
        "found by visiting 5 %",
        "expected / observed",
        "slope",
    ),
    *("woman at the head: predicted - observed", "largest error by ethnicity"),
)
FIGURES = ("log_loss", "auc", "exclusion_error", "expected_observed_ratio", "calibration_slope")


def lifted(policy: Policy) -> Policy:
    """Return the policy with nothing kept from models."""
    kinds = {code: kind.model_copy(update={"predictor": True}) for code, kind in policy.mechanism.protected.items()}
    return replace(policy, mechanism=policy.mechanism.model_copy(update={"protected": kinds}))


def judged(records: Records, policy: Policy, seed: int) -> tuple[TrainingData, ModelReport]:
    """Return the figures of the default model on households that it was not fitted on."""
    request = TrainRequest(as_of=DAYS, horizon=12, policy=policy, seed=seed)
    material = gather(records, request)
    who, sample = material.who, material.sample
    folds = HeldOut.of(material, scheme="household", seed=seed).folds
    unfitted = prepared(None, sample.predictors, 12, seed)
    model = {"default": fit_predict(unfitted, sample, sample.predictors, places_of(material.views, sample))}
    risks = dict(predict_tested(folds, model, len(sample.relapsed)))
    tested = np.sort(np.concatenate([fold.test for fold in folds.trials]))
    found = Predictions(
        outcome=sample.relapsed[tested],
        weight=np.ones(len(tested)),
        household=sample.household[tested],
        day=sample.day[tested],
        cluster=cluster_ids(who["village"].to_numpy().astype(str), sample.household)[tested],
        risks={name: risk[tested] for name, risk in risks.items()},
        groups={name: who[name].to_numpy().astype(str)[tested] for name in ("ethnicity", "female_headed")},
        fell_after=np.full(len(tested), np.nan),
    )
    return material, report_models(found, capacity_share=0.05, seed=seed, n_draws=50).models[0]


def lines(name: str, records: Records, seed: int) -> Iterator[str]:
    """Yield a line of the table for the model with and without protected columns."""
    built_in = read_policy()
    for said, policy in (("used", lifted(built_in)), ("left out (default)", built_in)):
        material, model = judged(records, policy, seed)
        relapsed = material.sample.known().relapsed
        figures = [model.figures[figure].estimate for figure in FIGURES]
        of = {(one.kind, one.group): one for one in model.groups}
        woman = of.get(("female_headed", "yes"))
        ethnic = [one for (kind, _), one in of.items() if kind == "ethnicity"]
        worst = max(ethnic, key=lambda one: abs(one.z), default=None)
        cells = [name, said, f"{len(relapsed):,}", f"{int(relapsed.sum()):,}", *(f"{value:.4f}" for value in figures)]
        cells += [f"{one.error.estimate:+.4f} (z {one.z:+.1f})" if one else "" for one in (woman, worst)]
        yield f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--households", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    rows = [f"| {' | '.join(HEAD)} |", f"| {' | '.join(['---'] * len(HEAD))} |"]
    registers = [(f"invented, seed {seed}", seed, None) for seed in range(1, asked.seeds + 1)]
    if asked.samples:
        registers.insert(0, ("sample exports", 0, asked.samples))
    for name, seed, folder in registers:
        made = None if folder else synthesise(households=asked.households, seed=seed)
        records = read_records(folder).records if made is None else Records(made.tables)
        for line in lines(name, records, seed):
            print(line, flush=True)
            rows.append(line)
    asked.out.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
