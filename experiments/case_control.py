"""Training on a share of the rows without a relapse, county by county: level, excess log loss, rows, time, memory.

Usage: python experiments/case_control.py [--households N] [--counties N] [--first-seed S] [--seeds N]

Each world is a lake of invented counties with one law, learned from what their registers knew by the end of 2019 and
tested as of that day against each household's true probability. Every training is a process of its own, so that its
processor seconds and its peak memory are its own. *Together*: `train` on the records of all counties at once; else
`train_partitions`. The excess log loss is that over the truth, expected under the truth.
"""

import argparse
import multiprocessing
import resource
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from scipy.special import xlog1py, xlogy

import relapse_risk as rr
from relapse_risk.bundle import read_bundle
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.records import Records, areas_of

TRAINED, TESTED = ("2016-12-31", "2017-12-31", "2018-12-31"), "2019-12-31"
WAYS = {"together": None, "by county, all": 1.0, "by county, 0.25": 0.25, "by county, 0.1": 0.1}


def write_world(lake: Path, households: int, counties: int, seed: int) -> pl.DataFrame:
    """Write the counties of a world, and return the true probability of each household."""
    truth = []
    for number in range(counties):
        population = rr.synthesise(households=households, seed=seed * 10 + number)
        folder, own = lake / f"county=county {number}", f"{number}-"
        folder.mkdir(parents=True)
        for name, table in population.tables.items():
            ids = [(pl.lit(own) + pl.col(column)).alias(column) for column in table.columns if column.endswith("_id")]
            codes = [column for column in ("village_code",) if column in table.columns]
            code = [pl.col(column).cast(pl.String).str.replace("^......", f"53232{number}") for column in codes]
            named = [pl.lit(f"county {number}").alias("county")] if name == "households" else []
            table.with_columns(*ids, *code, *named).write_parquet(folder / f"{name}.parquet")
        risk = population.truth["risk"].filter(pl.col("as_of").cast(pl.String) == TESTED)
        truth.append(risk.select((pl.lit(own) + pl.col("household_id")).alias("household_id"), "risk"))
    return pl.concat(truth)


def records_of(folder: Path) -> Records:
    return rr.read_records({file.stem: pl.read_parquet(file) for file in folder.glob("*.parquet")}).records


def trained(lake: Path, controls: float | None, path: Path) -> tuple[float, float]:
    """Train, write the bundle, and return processor seconds and the peak of memory in MB."""
    asked = {"as_of": TRAINED, "label": "recorded", "known_by": TESTED, "baselines": ("policy_rule",)}
    if controls is None:
        parts = [records_of(folder).tables for folder in sorted(lake.iterdir())]
        whole = {name: pl.concat([part[name] for part in parts], how="diagonal_relaxed") for name in parts[0]}
        bundle = rr.train(Records(whole), **asked)
    else:
        bundle = rr.train_partitions(lake, controls=controls, **asked).bundle
    bundle.save(path, overwrite=True)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def tested_on(lake: Path, truth: pl.DataFrame) -> tuple[pl.DataFrame, np.ndarray]:
    """Return the features, with their true probability, and the areas of everybody at risk on the tested day."""
    rows, places = [], []
    for folder in sorted(lake.iterdir()):
        records = records_of(folder)
        at_risk = find_cohort(records, TESTED).filter(population="at_risk").select("household_id")
        of_county = build_features(records, TESTED).frame.join(at_risk, on="household_id", how="semi")
        of_county = of_county.join(truth, on="household_id", maintain_order="left")
        areas = areas_of(records.known_by(TESTED).require("households"))
        placed = of_county.select("household_id").join(areas, on="household_id", how="left", maintain_order="left")
        rows.append(of_county)
        places.append(placed.select("county", "village").fill_null("").to_numpy())
    return pl.concat(rows, how="diagonal_relaxed"), np.concatenate(places)


def excess(risk: np.ndarray, truth: np.ndarray) -> float:
    """Return the log loss expected under the truth, over that of the truth itself."""
    loss = xlogy(truth, risk) + xlog1py(1 - truth, -risk)
    return float((xlogy(truth, truth) + xlog1py(1 - truth, -truth) - loss).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=1_500, help="of each county")
    parser.add_argument("--counties", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=910)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| seed | trained on | rows | predicted / true | excess log loss | width of intervals | CPU s | peak MB |")
    print("| --- " * 8 + "|")
    found: dict[str, list[tuple[float, ...]]] = {}
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        with TemporaryDirectory() as place, multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as alone:
            lake, path = Path(place, "lake"), Path(place, "model.rrb")
            truth = write_world(lake, options.households, options.counties, seed)
            tested, places = tested_on(lake, truth)
            for name, controls in WAYS.items():
                seconds, memory = alone.apply(trained, (lake, controls, path))
                bundle = read_bundle(path)
                X, true = tested.select(bundle.columns), tested["risk"].to_numpy()
                risk = bundle.model.predict_proba(X, places)[:, 1]
                low, high = bundle.model.predict_interval(X, place=places).T
                width = float(np.mean(np.log(high / (1 - high)) - np.log(low / (1 - low))))
                row = (bundle.rows, risk.mean() / true.mean(), excess(risk, true), width, seconds, memory)
                found.setdefault(name, []).append(row)
                print(f"| {seed} {told(name, row)}", flush=True)
    for name, rows in found.items():
        rms = np.sqrt(np.mean(np.log([row[1] for row in rows]) ** 2))
        print(f"| all {told(name, tuple(np.mean(rows, axis=0)))} rms of log {rms:.3f}")


def told(name: str, row: tuple[float, ...]) -> str:
    rows, ratio, loss, width, seconds, memory = row
    return f"| {name} | {rows:.0f} | {ratio:.3f} | {loss:.5f} | {width:.2f} | {seconds:.0f} | {memory:.0f} |"


if __name__ == "__main__":
    main()
