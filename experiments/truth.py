"""Every model against a known truth: an invented register whose law says how likely each household was to fall.

Usage: python experiments/truth.py [--households N] [--seeds N] [--same-years] [--interacting]

Trained as of the ends of 2016, 2017 and 2018 on what the register knew by the end of 2019, as `train` does it;
predicted as of the end of 2019; compared with the true probability of each household and with the relapses of 2020,
those entered later included. The law is the same in all years; who lives by it, and how, changes. ``--same-years``: the
default alone, learned from half of the households and compared with the truth of the other half in the same years.
``--interacting``: worlds in which pairs of reasons add more together than each by itself.
"""

import argparse
import copy
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from scipy.special import logit
from sklearn.base import clone

import relapse_risk as rr
from relapse_risk.alerts import assess_areas
from relapse_risk.evaluation import Predictions, predict_tested, report_models
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.metrics import fit_line, score_all
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
from relapse_risk.periods import AsOf
from relapse_risk.policy import read_policy
from relapse_risk.records import Records, areas_of
from relapse_risk.training.sample import GROUPS, TrainingData, describe_households, gather, places_of
from relapse_risk.training.train import learn_shocks
from relapse_risk.training.train_request import TrainRequest
from relapse_risk.training.trials import INCOME, HeldOut, fit_known, fit_predict, prepared

TRAINED, TESTED, AFTER = ("2016-12-31", "2017-12-31", "2018-12-31"), date(2019, 12, 31), date(2020, 12, 31)
DEFAULT, ORACLE = "**reason-additive, the default**", "the truth itself"


@dataclass(frozen=True, kw_only=True)
class World:
    """What is learned from, and who is tested: features, areas, true probability and outcome of each household."""

    records: Records
    material: TrainingData
    tested: pl.DataFrame
    place: np.ndarray
    truth: np.ndarray
    fell: np.ndarray


def draw_world(households: int, seed: int, *, interacting: bool = False) -> World:
    population = rr.synthesise(households=households, seed=seed, interacting=interacting)
    records, day = Records(population.tables, exported_on=population.exported_on), AsOf.of(TESTED)
    request = TrainRequest(as_of=TRAINED, label="recorded", known_by=TESTED)
    material = gather(records, request)
    at_risk = find_cohort(records, day).filter(population="at_risk").select("household_id")
    truth = population.truth["risk"].filter(as_of=TESTED)
    truth = truth.select("household_id", "risk")
    relapses = population.truth["relapses"].filter(pl.col("relapsed_on") > TESTED, pl.col("relapsed_on") <= AFTER)
    tested = build_features(records, day).frame.join(at_risk, on="household_id", how="semi")
    tested = tested.join(truth, on="household_id").sort("household_id")
    areas = areas_of(records.known_by(day).require("households"))
    placed = tested.select("household_id").join(areas, on="household_id", how="left", maintain_order="left")
    return World(
        records=records,
        material=material,
        tested=tested,
        place=placed.select("county", "village").fill_null("").to_numpy(),
        truth=tested["risk"].to_numpy(),
        fell=tested["household_id"].is_in(relapses["household_id"].implode()).cast(pl.Float64).to_numpy(),
    )


def predictions(world: World, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the risk by each model but the default."""
    sample = world.material.sample.known()
    figures = (*sample.predictors, *sample.figures)
    income = [feature for feature in figures if feature.name == INCOME]
    both = tuple({feature.name: feature for feature in (*sample.predictors, *income)}.values())
    models = {
        "logistic regression": (LogisticClassifier(), sample.predictors),
        "logistic regression, penalty 1": (LogisticClassifier(penalty=1.0), sample.predictors),
        "LightGBM baseline, calibrated": (LightGBMBaseline(n_folds=3), sample.predictors),
        "hazard": (HazardClassifier(duration="years_since_exit", duration_months=12), sample.predictors),
        "stack": (StackedClassifier(), sample.predictors),
        "scorecard": (ScorecardClassifier(), sample.predictors),
        "vulnerability": (VulnerabilityClassifier(column=INCOME, n_folds=3), both),
        "income alone": (IncomeOnlyClassifier(column=INCOME), income),
        "policy rule": (PolicyRuleClassifier(conditions=read_policy().thresholds.rule), figures),
    }
    for name, (model, features) in models.items():
        known = {
            "time": sample.day,
            "household": sample.household,
            "recalibrate_latest": True,
            **sample.unreported(),
        }
        fitted = clone(prepared(model, features, 12, seed)).fit(sample.matrix(features), sample.relapsed, **known)
        yield name, fitted.predict_proba(world.tested.select(feature.name for feature in features))[:, 1]


def default(world: World, seed: int) -> tuple[ReasonAdditiveClassifier, dict[str, np.ndarray]]:
    """Return the default as `train` fits it, and its risks, without this or that as well."""
    sample, X = world.material.sample, world.tested.select(f.name for f in world.material.sample.predictors)
    unfitted, places = prepared(None, sample.predictors, 12, seed), places_of(world.records, sample)
    model = fit_known(unfitted, sample, places)
    level_of_all = copy.copy(model)
    level_of_all.calibrator_ = model.calibrator_.first
    known = sample.known()
    plain = clone(unfitted).fit(
        known.matrix(known.predictors),
        known.relapsed,
        time=known.day,
        household=known.household,
        place=places_of(world.records, known),
        recalibrate_latest=True,
    )
    return model, {
        DEFAULT: model.predict_proba(X, world.place)[:, 1],
        "… level of all years alike (no latest recalibration)": level_of_all.predict_proba(X, world.place)[:, 1],
        "… without areas": model.predict_proba(X)[:, 1],
        "… without the unreported share": plain.predict_proba(X, world.place)[:, 1],
    }


def figures(world: World, risk: np.ndarray) -> list[float]:
    s, ones = score_all(world.fell, risk), np.ones(len(risk))
    return [
        s.log_loss,
        s.brier,
        float(np.sqrt(np.mean((risk - world.truth) ** 2))),
        risk.mean() / world.truth.mean(),
        risk.mean() / world.fell.mean(),
        fit_line(logit(risk), world.truth, ones).slope,
        s.calibration_slope,
        s.auc,
    ]


def print_groups(world: World, risk: np.ndarray, seed: int) -> None:
    """Compare every group's mean risk with what happened."""
    who = describe_households(world.records, [AsOf.of(TESTED)])
    who = world.tested.select("household_id").join(who, on="household_id", how="left", maintain_order="left")
    n = len(risk)
    found = report_models(
        Predictions(
            outcome=world.fell,
            weight=np.ones(n),
            household=who["household_id"].to_numpy(),
            day=np.full(n, np.datetime64(TESTED)),
            cluster=who["village"].to_numpy().astype(np.str_),
            risks={"default": risk, "truth": world.truth},
            groups={name: who[name].fill_null("").to_numpy().astype(np.str_) for name in GROUPS},
            fell_after=np.full(n, np.nan),
        ),
        n_draws=100,
        seed=seed,
    )
    for model in found.models:
        largest = max(model.groups, key=lambda group: abs(group.z) if np.isfinite(group.z) else 0.0)
        print(
            f"| {seed} | {model.name} | {len(model.groups)} | {largest.kind} {largest.group} | {largest.rows:,} | "
            f"{largest.error.estimate:+.4f} | {largest.z:+.2f} | {largest.smallest_seen:.4f} | "
            f"{model.largest_group_error.p_value:.2f} |",
            flush=True,
        )


def print_counts(world: World, risk: np.ndarray, seed: int) -> None:
    """Compare the count of each area with its interval."""
    sample = world.material.sample
    places = places_of(world.records, sample)
    unfitted = prepared(None, sample.predictors, 12, seed)
    model = {"default": fit_predict(unfitted, sample, sample.predictors, places)}
    folds = HeldOut.of(world.material, seed=seed).folds
    tried = dict(predict_tested(folds, model, len(sample.household)))["default"]
    shocks = learn_shocks(sample, tried, places, folds.scheme, 12)
    households = world.records.known_by(AsOf.of(TESTED)).require("households")
    names = ["county", "town", "village"]
    scored = world.tested.select("household_id").with_columns(
        population=pl.lit("at_risk"), probability=risk, fell=world.fell
    )
    nobody_listed = dict.fromkeys(("tier", "listed_for", "reason_1"), pl.lit(None, dtype=pl.String))
    no_income = dict.fromkeys(("income", "line"), pl.lit(None, dtype=pl.Float64))
    people = scored.select("household_id", persons=pl.lit(1), poor=pl.lit(False), **no_income)
    homes = households.select("household_id", *names)
    areas = assess_areas(scored.with_columns(**nobody_listed), homes, people, shocks, largest=1)
    fell = scored.join(households.select("household_id", *names), on="household_id", how="left")
    for level, path in {"village": names, "town": names[:2], "county": names[:1], "all": []}.items():
        chosen = areas.filter(level=level)
        happened = (
            chosen.join(fell.group_by(path).agg(pl.col("fell").sum()), on=path, nulls_equal=True)
            if path
            else chosen.with_columns(fell=pl.lit(world.fell.sum()))
        )
        inside = happened.select(pl.col("fell").is_between("lower", "upper").mean()).item()
        print(f"| {seed} | {level} | {happened.height} | {inside:.3f} | {chosen['expected'].mean():.2f} |", flush=True)
    print(f"<!-- {shocks} -->", flush=True)


HEAD = (
    "| seed | model | log loss | Brier | RMSE to truth | expected / true | expected / observed | slope on truth | "
    "slope on outcomes | AUC |\n|" + " --- |" * 10
)


def one(households: int, seed: int, interacting: bool) -> dict[str, list[float]]:
    begin = time.perf_counter()
    world = draw_world(households, seed, interacting=interacting)
    model, risks = default(world, seed)
    found = {ORACLE: world.truth, **risks, **dict(predictions(world, seed))}
    rows = {name: figures(world, risk) for name, risk in found.items()}
    days = world.material.labels.days
    chosen = type(model.calibrator_.first.first).__name__
    shifts = model.local_.random_intercepts.std_devs if model.local_.random_intercepts else 0
    print(
        f"\nSeed {seed}: {days['known'].sum():,} rows, {days['relapses'].sum()} relapses to learn from (to come of the "
        f"newest: {days['unreported_share'].to_list()[-1]:.3f}); {chosen}, {model.core_.join.kind} "
        f"{model.core_.join.share}, standard deviations of areas {shifts}; "
        f"{len(world.fell):,} households to test on, {world.fell.mean():.4f} fell, true mean "
        f"{world.truth.mean():.4f}.\n\n{HEAD}"
    )
    for name, row in rows.items():
        shown = [f"{x:.4f}" for x in row[:3]] + [f"{x:.3f}" for x in row[3:]]
        print(f"| {seed} | {name} | {' | '.join(shown)} |", flush=True)
    print("\n| seed | risk | groups | largest error | rows | error | z | smallest seen | p of the largest |")
    print("| --- " * 9 + "|")
    print_groups(world, risks[DEFAULT], seed)
    print("\n| seed | level | areas | of the counts inside | mean expected |\n" + "| --- " * 5 + "|")
    print_counts(world, risks[DEFAULT], seed)
    print(f"\n<!-- {time.perf_counter() - begin:.0f} s -->", flush=True)
    return rows


def print_same_years(households: int, seed: int, interacting: bool) -> None:
    """Print the default tested on other households of the years that it was trained on."""
    population = rr.synthesise(households=households, seed=seed, interacting=interacting)
    world = draw_world(households, seed, interacting=interacting)
    sample = world.material.sample.known()
    keys = sample.frame.select("household_id", "as_of")
    truth = keys.join(population.truth["risk"], on=["household_id", "as_of"], how="left", maintain_order="left")
    half = np.isin(sample.household, np.random.default_rng(seed).permutation(np.unique(sample.household))[::2])
    X, places = sample.matrix(sample.predictors), places_of(world.records, sample)
    known = {"time": sample.day[half], "household": sample.household[half], "place": places[half]}
    unreported = {name: values[half] for name, values in sample.unreported().items()}
    model = prepared(None, sample.predictors, 12, seed)
    model.fit(X.filter(half), sample.relapsed[half], **known, recalibrate_latest=False, **unreported)
    other = ~half & truth["risk"].is_not_null().to_numpy()
    risk, true = model.predict_proba(X.filter(other), places[other])[:, 1], truth["risk"].to_numpy()[other]
    slope = fit_line(logit(risk), true, np.ones(len(risk))).slope
    print(f"| {seed} | {len(risk):,} | {true.mean():.4f} | {risk.mean() / true.mean():.3f} | {slope:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--same-years", action="store_true")
    parser.add_argument("--interacting", action="store_true")
    options = parser.parse_args()
    if options.same_years:
        print("| seed | rows | true mean | expected / true | slope on truth |\n| --- | --- | --- | --- | --- |")
        for seed in range(options.seeds):
            print_same_years(options.households, seed, options.interacting)
        return
    each = [one(options.households, seed, options.interacting) for seed in range(options.seeds)]
    print(f"\nMeans over seeds.\n\n{HEAD}")
    for name in each[0]:
        row = np.mean([rows[name] for rows in each], axis=0)
        shown = [f"{x:.4f}" for x in row[:3]] + [f"{x:.3f}" for x in row[3:]]
        print(f"| all | {name} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
