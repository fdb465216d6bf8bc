"""A county without history: a model from elsewhere as it is or moved, a model of its own, and the rule alone.

Usage: python experiments/transfer.py [--seeds N] [--households N]

Trained on one invented register as of the ends of 2017 and 2018 on what was known by the end of 2019, used in another
as of the end of 2019, compared with the relapses of 2020 there. The other register is like the first, or
differs from it in one of several ways, in some of which the premise of the prevalence shift breaks.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

import relapse_risk as rr
from relapse_risk.labels import find_cohort
from relapse_risk.metrics import score_all
from relapse_risk.models import recalibrated, with_prevalence_of
from relapse_risk.periods import AsOf
from relapse_risk.policy import PolicyModel
from relapse_risk.records import Records
from relapse_risk.synthetic import Population
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.training.adapt import PREVALENCE_MOVES
from relapse_risk.training.sample import TrainingData, gather, places_of
from relapse_risk.training.train_request import TrainRequest
from relapse_risk.training.trials import fit_known, prepared

TRAINED, DAY = ("2017-12-31", "2018-12-31"), AsOf.of("2019-12-31")
FEW = (5, 25)  # relapses, where level and slope are learned from few
METHODS = (
    *("as it is", "likeliest prevalence", "prevalence shift"),
    *(f"recalibrated, {few} relapses" for few in FEW),
    *("own model", "policy rule alone", "the truth"),
)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class County:
    """The households at risk on the day, and what could be learned from the years before."""

    table: Any
    rows: pl.DataFrame
    past: TrainingData
    records: Records

    @property
    def outcome(self) -> Floats:
        return self.rows["fell"].cast(pl.Float64).to_numpy()


def read(population: Population, households: pl.Series | None = None) -> County:
    """Return a register, or some of its households, as a county; its relapses of 2020 are looked up in the truth."""
    tables = population.tables
    if households is not None:
        some = {"household_id": households}
        tables = {
            n: f.join(pl.DataFrame(some), on="household_id", how="semi") if "household_id" in f.columns else f
            for n, f in tables.items()
        }
    records = Records(tables, exported_on=population.exported_on)
    cohort = find_cohort(records, DAY).filter((pl.col("population") == "at_risk") & ~pl.col("stale"))
    in_year = pl.col("relapsed_on").dt.year() == DAY.year + 1
    fell = population.truth["relapses"].filter(in_year).select("household_id").unique().with_columns(fell=pl.lit(True))
    truth = population.truth["risk"].filter(as_of=DAY.day).select("household_id", "risk")
    rows = cohort.select("household_id").join(truth, on="household_id")
    rows = rows.join(fell, on="household_id", how="left").with_columns(pl.col("fell").fill_null(False))
    table = rr.build_features(records, DAY)
    return County(table=table, rows=rows, past=_past(records), records=records)


def _past(records: Records) -> TrainingData:
    return gather(records, TrainRequest(as_of=TRAINED, label="recorded", known_by=DAY.day), forward=False)


def fitted(past: TrainingData, records: Records) -> Any:
    """Return the default model, fitted on all of the past."""
    sample = past.sample
    return fit_known(prepared(None, sample.predictors, 12, 0), sample, places_of(records, sample))


def columns_now(county: County, model: Any) -> pl.DataFrame:
    """Return a model's columns of the households at risk on the day."""
    rows = county.rows.select("household_id").join(
        county.table.frame, on="household_id", how="left", maintain_order="left"
    )
    return rows.select(list(model.feature_names_in_))


def columns_then(county: County, model: Any) -> pl.DataFrame:
    """Return a model's columns of the households and days that outcomes are known of."""
    keys = ["as_of", "household_id"]
    rows = county.past.sample.frame.select(keys).join(
        county.past.table.frame, on=keys, how="left", maintain_order="left"
    )
    return rows.select(list(model.feature_names_in_))


def few_of(county: County, few: int, seed: int) -> npt.NDArray[np.int64]:
    """Return the rows of whole households, drawn at random until they have so few relapses."""
    sample = county.past.sample
    homes, of_row = np.unique(sample.household, return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(homes))[of_row]
    order = np.argsort(place, kind="stable")
    reached = np.flatnonzero(np.cumsum(sample.relapsed[order]) >= few)
    last = place[order][reached[0]] if len(reached) else place.max()
    return np.flatnonzero(place <= last)


def predictions(elsewhere: Any, county: County, seed: int) -> dict[str, Floats]:
    """Return every method's probabilities for the households at risk on the day."""
    X, past, sample = columns_now(county, elsewhere), columns_then(county, elsewhere), county.past.sample
    own, rule = fitted(county.past, county.records), rr.rule_bundle()
    models = [(elsewhere, X), (with_prevalence_of(elsewhere, X), X)]
    models.append((with_prevalence_of(elsewhere, X, moves=PREVALENCE_MOVES), X))
    for few in FEW:
        some = few_of(county, few, seed)
        homes = sample.household[some]
        models.append((recalibrated(elsewhere, past[some], sample.relapsed[some], household=homes), X))
    models += [(own, columns_now(county, own)), (rule.model, columns_now(county, rule.model))]
    found = [model.predict_proba(columns)[:, 1] for model, columns in models]
    return dict(zip(METHODS, [*found, county.rows["risk"].to_numpy()], strict=True))


# The other register


def alike(households: int, seed: int) -> County:
    return read(rr.synthesise(households=households, seed=seed))


def by_outcome(stayed: float, fell: float) -> Callable[[int, int], County]:
    """Return a register in which households that ever fall, and those that never do, are kept with some chance."""

    def made(households: int, seed: int) -> County:
        population = rr.synthesise(households=int(households / max(0.1 * fell + 0.9 * stayed, 0.3)), seed=seed)
        ids = population.tables["households"]["household_id"].unique().sort()
        ever = ids.is_in(population.truth["relapses"]["household_id"].implode())
        chance = np.where(ever.to_numpy(), fell, stayed)
        return read(population, ids.filter(pl.Series(np.random.default_rng(seed).random(len(ids)) < chance)))

    return made


def poorer(households: int, seed: int) -> County:
    """Return a register of the poorer half alone: other households, the same law."""
    population = rr.synthesise(households=2 * households, seed=seed)
    first = population.tables["incomes"].filter(pl.col("period_end").dt.year() == 2015)
    cut = first["net_income_per_capita"].median()
    return read(population, first.filter(pl.col("net_income_per_capita") < cut)["household_id"].unique())


def harder(households: int, seed: int) -> County:
    """Return a register in which everybody's log-odds are higher by one for reasons no record shows."""
    with changed(parameters().hazard, level=parameters().hazard.level + 1.0):
        return read(rr.synthesise(households=households, seed=seed))


@contextmanager
def changed(law: PolicyModel, **values: float) -> Iterator[None]:
    table = vars(law)  # the law is frozen, for all but this experiment
    before = {name: table[name] for name in values}
    table.update(values)
    try:
        yield
    finally:
        table.update(before)


OTHERS: dict[str, Callable[[int, int], County]] = {
    "alike": alike,
    "three times as many that fall": by_outcome(0.33, 1.0),
    "a third of those that fall": by_outcome(1.0, 0.33),
    "the poorer half": poorer,
    "harder times": harder,
}


# What is printed


def figures(outcome: Floats, risk: Floats) -> tuple[float, ...]:
    s = score_all(outcome, risk)
    return s.log_loss, s.auc, s.predicted / s.observed, s.calibration_slope


def print_table(name: str, found: dict[str, list[tuple[float, ...]]]) -> None:
    print(f"**{name}**\n")
    print("| method | log loss | log loss over the truth's | AUC | expected / observed, by seed | slope |")
    print("| --- | --- | --- | --- | --- | --- |")
    best = np.array(found[METHODS[-1]])[:, 0].mean()
    for method in METHODS:
        values = np.array(found[method])
        ratios = ", ".join(f"{one:.2f}" for one in values[:, 2])
        loss, auc, _, slope = values.mean(axis=0)
        print(f"| {method} | {loss:.4f} | {loss - best:+.4f} | {auc:.3f} | {ratios} | {slope:.2f} |")
    print()


def elsewhere_and_here(households: int, seeds: range) -> None:
    found: dict[str, dict[str, list[tuple[float, ...]]]] = {name: {m: [] for m in METHODS} for name in OTHERS}
    counts: dict[str, list[str]] = {name: [] for name in OTHERS}
    for seed in seeds:
        population = rr.synthesise(households=2 * households, seed=seed)
        records = Records(population.tables, exported_on=population.exported_on)
        model = fitted(_past(records), records)
        for name, made in OTHERS.items():
            county = made(households, seed + 1000)
            for method, risk in predictions(model, county, seed).items():
                found[name][method].append(figures(county.outcome, risk))
            counts[name].append(f"{int(county.outcome.sum())} of {len(county.outcome)}")
    for name, by_method in found.items():
        print_table(f"{name} ({'; '.join(counts[name])} fell)", by_method)


def left_out_in_turn(households: int, seed: int) -> None:
    with changed(parameters().places, county_villages=max(2, households // 90 // 5)):
        population = rr.synthesise(households=households, seed=seed)
    homes = population.tables["households"].select("household_id", "county").unique()
    found: dict[str, list[tuple[float, ...]]] = {m: [] for m in METHODS}
    sizes = []
    for county in homes["county"].unique().sort():
        inside = homes.filter(pl.col("county") == county)["household_id"]
        others = read(population, homes.filter(pl.col("county") != county)["household_id"])
        here = read(population, inside)
        if here.past.sample.relapsed.sum() < FEW[-1]:
            continue
        for method, risk in predictions(fitted(others.past, others.records), here, seed).items():
            found[method].append(figures(here.outcome, risk))
        sizes.append(f"{int(here.outcome.sum())} of {len(here.outcome)}")
    print_table(f"each county from the others ({'; '.join(sizes)} fell)", found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--households", type=int, default=1500)
    options = parser.parse_args()
    begin = time.perf_counter()
    elsewhere_and_here(options.households, range(options.seeds))
    left_out_in_turn(2 * options.households, 7)
    print(f"{time.perf_counter() - begin:.0f} seconds")


if __name__ == "__main__":
    main()
