"""Prediction intervals for the number of relapses of villages and in total, where villages and years have shocks.

Usage: python experiments/counts.py [--households N] [--seeds N] [--end-to-end]

Features and risks are those of an invented register; outcomes are drawn from its true risks with shocks that a village
has in common in a year (or that none has), offset so that the mean stays the true risk. Measured twice.
Villages held out: the model is learned from half of the villages as of the first three years, its shocks from
predictions for a fold of villages by models of the others; compared with the other half in the same years.
Year held out: the model is learned from all villages as of the first three years, its shocks from predictions for other
households in other years; compared with the fourth.
``--end-to-end`` measures ``train`` as of three years and ``score`` as of the next instead: counts of villages and in
total, compared with the relapses that the register simulates.
"""

import argparse
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import polars as pl
from scipy.special import expit, logit

import relapse_risk as rr
from relapse_risk.area_effects import ClusterEffects, Counts, count_villages, fit_shocks
from relapse_risk.area_effects.cluster_effects import offset_for
from relapse_risk.features import build_features
from relapse_risk.metrics import Fold, pit_uniformity, randomised_coverage, randomised_pit, time_household_folds
from relapse_risk.models import LogisticClassifier
from relapse_risk.records import Records

DAYS = ("2016-12-31", "2017-12-31", "2018-12-31", "2019-12-31")
LEVEL = 0.9
SETTINGS = {
    "villages 0.6": (0.6, 0.0, 0.0, 0.0),
    "no shocks": (0.0, 0.0, 0.0, 0.0),
    "8 % outliers by 1.5": (0.2, 0.08, 1.5, 0.0),
    "villages 0.3, years 0.25": (0.3, 0.0, 0.0, 0.25),
    "gamma, sd of the factor 0.6": (nan, 0.0, 0.0, 0.0),
}
"""Standard deviation of villages, share of outliers, their shift, standard deviation of years."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Households at risk on the days, with the risks from which outcomes are simulated."""

    X: pl.DataFrame
    reasons: dict[str, str]
    risk: np.ndarray
    household: np.ndarray
    village: np.ndarray
    town: np.ndarray
    day: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Distribution function just below and at each count, and whether the plain interval contains it."""

    below: np.ndarray
    at: np.ndarray
    inside: np.ndarray


def draw_rows(households: int, seed: int) -> Rows:
    population = rr.synthesise(households=households, seed=seed)
    records = Records(population.tables, exported_on=population.exported_on)
    table = build_features(records, DAYS)
    truth = population.truth["risk"].select("household_id", pl.col("as_of"), "risk")
    homes = records.require("households").select("household_id", "county", "town", "village_code").unique()
    lived = table.frame.join(truth, on=["household_id", "as_of"]).join(homes, on="household_id", suffix="_lived")
    frame = lived.sort("as_of", "household_id")
    used = [f for f in table.features if f.role == "predictor" and frame[f.name].n_unique() > 1]
    return Rows(
        X=frame.select(f.name for f in used),
        reasons={f.name: f.reason for f in used},
        risk=frame["risk"].to_numpy(),
        household=frame["household_id"].to_numpy(),
        village=frame["village_code"].rank("dense").to_numpy(),
        town=frame["village_code"].str.head(-3).rank("dense").to_numpy(),
        day=frame["as_of"].to_numpy().astype("datetime64[D]"),
    )


def draw_outcome(rows: Rows, setting: tuple[float, ...], seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    deviations, share, rise, years = setting
    days, of_day = np.unique(rows.day, return_inverse=True)
    villages, of_village = np.unique(rows.village, return_inverse=True)

    def shock(shape):
        if np.isnan(deviations):
            return np.log(random.gamma(1 / 0.6**2, 0.6**2, shape))
        return deviations * random.normal(size=shape) + rise * (random.random(shape) < share)

    of_year = years * random.normal(size=len(days))
    nodes = shock(4000) + years * random.normal(size=4000)
    centred = logit(rows.risk) + offset_for(logit(rows.risk), nodes, np.full(4000, 1 / 4000))
    given = centred + shock((len(days), len(villages)))[of_day, of_village] + of_year[of_day]
    return (random.random(len(given)) < expit(given)).astype(float)


def fit(rows: Rows, outcome: np.ndarray, chosen: np.ndarray) -> LogisticClassifier:
    model = LogisticClassifier(rows.reasons, penalty=100.0, n_folds=3)
    return model.fit(rows.X[chosen], outcome[chosen], time=rows.day[chosen], household=rows.household[chosen])


def shocks_of(rows: Rows, outcome: np.ndarray, places: np.ndarray, folds: tuple[Fold, ...]) -> ClusterEffects:
    """Return the shocks fitted to what models of the other folds predict."""
    score = np.full(len(outcome), np.nan)
    for fold in folds:
        test = places[fold.test]
        score[test] = fit(rows, outcome, places[fold.train]).decision_function(rows.X[test])
    known = np.isfinite(score)
    return fit_shocks(score[known], outcome[known], np.ones(known.sum()), rows.village[known], rows.day[known])


def compare(
    score: np.ndarray, outcome: np.ndarray, village: np.ndarray, shocks: ClusterEffects, area: np.ndarray | None = None
) -> Coverage:
    """Compare the counts of villages, or of areas of several villages, with what happened."""
    counts = count_villages(score, village, shocks)
    area = village if area is None else area
    below, at, inside = [], [], []
    for name in np.unique(area):
        found = Counts.sum(counts[one] for one in np.unique(village[area == name]).tolist())
        observed = int(outcome[area == name].sum())
        lower, upper = found.interval(LEVEL)
        below.append(float(found.cdf(observed - 1)))
        at.append(float(found.cdf(observed)))
        inside.append(lower <= observed <= upper)
    return Coverage(below=np.array(below), at=np.array(at), inside=np.array(inside))


def joined(parts: list[Coverage]) -> Coverage:
    return Coverage(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in ("below", "at", "inside")})


def print_row(name: str, shown: str, parts: list[Coverage]) -> None:
    found = joined(parts)
    pit = randomised_pit(found.below, found.at)
    fifths = np.histogram(pit, bins=5, range=(0, 1))[0] / len(pit)
    covered = f"{randomised_coverage(found.below, found.at, LEVEL):.3f} | {found.inside.mean():.3f}"
    shares = " ".join(f"{share:.2f}" for share in fifths)
    p_value = pit_uniformity(found.below, found.at).p_value
    print(f"| {name} | {shown} | {len(pit):,} | {covered} | {shares} | {p_value:.2f} |", flush=True)


def heads() -> None:
    print("| setting | shocks | counts | randomised | plain | PIT by fifths | p uniform |")
    print("| --- | --- | --- | --- | --- | --- | --- |")


def settings(households: int, seeds: int) -> None:
    heads()
    registers = [draw_rows(households, seed) for seed in range(seeds)]
    for name, setting in SETTINGS.items():
        results = [one(rows, setting, seed) for seed, rows in enumerate(registers)]
        found = [shocks for shocks, _ in results]
        deviations = " / ".join(f"{np.mean([s.village for s in each]):.2f}" for each in zip(*found, strict=True))
        deviations += f"; {np.mean([ahead.year for _, ahead in found]):.2f}"
        deviations += f"; {sum(s.outlier_share > 0 for pair in found for s in pair)} of {2 * len(found)}"
        for at in results[0][1]:
            print_row(f"{name}: {at}", deviations, [by_area[at] for _, by_area in results])


def one(
    rows: Rows, setting: tuple[float, ...], seed: int
) -> tuple[tuple[ClusterEffects, ClusterEffects], dict[str, Coverage]]:
    outcome = draw_outcome(rows, setting, seed)
    last = rows.day == rows.day.max()
    villages = np.unique(rows.village)
    out = np.isin(rows.village, np.random.default_rng(seed).permutation(villages)[: len(villages) // 2])
    half, past = np.flatnonzero(~out & ~last), np.flatnonzero(~last)
    between = time_household_folds(rows.village[half], n_folds=10, seed=seed)
    among = shocks_of(rows, outcome, half, between)
    score = fit(rows, outcome, half).decision_function(rows.X)
    same_years = []
    for day in np.unique(rows.day[~last]):
        chosen = out & (rows.day == day)
        same_years.append(compare(score[chosen], outcome[chosen], rows.village[chosen], replace(among, year=nan)))
    forward = time_household_folds(rows.household[past], rows.day[past], n_folds=3, outcome=outcome[past], seed=seed)
    ahead = shocks_of(rows, outcome, past, forward)
    then = (fit(rows, outcome, past).decision_function(rows.X[np.flatnonzero(last)]), outcome[last], rows.village[last])
    return (among, ahead), {
        "villages held out": joined(same_years),
        "year held out": compare(*then, ahead),
        "year held out, as if independent": compare(*then, ClusterEffects(village=0.0)),
        "year held out, towns": compare(*then, ahead, rows.town[last]),
    }


def end_to_end(households: int, seeds: int) -> None:
    """Train and score as a county would; compare the roster's counts with the year that followed."""
    heads()
    villages, wholes, found = [], [], []
    for seed in range(seeds):
        population = rr.synthesise(households=households, seed=seed)
        records = Records(population.tables, exported_on=population.exported_on)
        bundle = rr.train(records, as_of=DAYS[:3], known_by=DAYS[3], seed=seed)
        roster = rr.score(records, bundle, as_of=DAYS[3])
        after = pl.col("relapsed_on") > pl.lit(DAYS[3]).str.to_date()
        fell = population.truth["relapses"].filter(after, pl.col("recorded_on") <= population.exported_on)
        at_risk = roster.frame.filter(population="at_risk").join(roster.content.places, on="household_id")
        names = ["county", "town", "village"]
        at_risk = at_risk.with_columns(
            fell=pl.col("household_id").is_in(fell["household_id"].implode()).cast(pl.Float64),
            place=pl.struct(names).rank("dense"),
        )
        score, outcome = logit(at_risk["probability"].to_numpy()), at_risk["fell"].to_numpy()
        place = at_risk["place"].to_numpy()
        villages.append(compare(score, outcome, place, bundle.shocks))
        whole = compare(score, outcome, place, bundle.shocks, np.zeros(len(score)))
        wholes.append(whole)
        found.append(bundle.shocks)
        print(
            f"<!-- seed {seed}: {bundle.shocks}, expected / observed {expit(score).sum() / outcome.sum():.3f} -->",
            flush=True,
        )
    deviations = f"{np.mean([s.village for s in found]):.2f}"
    print_row("register as it is: villages", deviations, villages)
    print_row("register as it is: total", deviations, wholes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=9000)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--end-to-end", action="store_true")
    options = parser.parse_args()
    (end_to_end if options.end_to_end else settings)(options.households, options.seeds)


if __name__ == "__main__":
    main()
