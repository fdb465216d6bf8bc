"""How long counties take one by one, here and on a cluster, and how much memory.

Make a lake of invented counties (a few are generated, the others are copies of them with numbers of their own), then
score the first N of its counties, each time in a process of its own:

    python benchmarks/partitions.py make LAKE --counties 20 --households 10000
    python benchmarks/partitions.py score LAKE --bundle FILE.rrb --counties 5 10 20
    python benchmarks/partitions.py score LAKE --bundle FILE.rrb --counties 20 --workers 2 --kill
    python benchmarks/partitions.py listing --households 1000000 10000000

`listing` measures the second pass alone, over invented scores.
"""

import argparse
import hashlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from scipy.special import logit

import relapse_risk as rr
from relapse_risk.models.predictor import N_REDRAWS
from relapse_risk.partitions import CountySource, FinishedCounties
from relapse_risk.scoring import DayRequest
from relapse_risk.scoring.partitions import pool_counties
from relapse_risk.scoring.partitions.county_scores import LISTING, REDRAWN, RULES

GENERATED = 2
DAY = "2020-12-31"


def make(lake: Path, counties: int, households: int) -> None:
    bases = [rr.synthesise(households=households, seed=seed).tables for seed in range(GENERATED)]
    for place in range(counties):
        folder = lake / f"prefecture=州{place // 10 + 1}" / f"county=县{place + 1:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in bases[place % GENERATED].items():
            numbers = [one for one in table.columns if one.endswith("_id") or one == "village_code"]
            own = [pl.col(one).cast(pl.String).str.replace("^9999", f"8{place:03d}") for one in numbers]
            table.with_columns(own).drop("prefecture", "county", strict=False).write_parquet(folder / f"{name}.parquet")


def score(lake: Path, bundle: Path, counties: int, workers: int, kill: bool) -> None:
    """Score the first counties, and print a line: what was done, seconds, CPU seconds, peak memory, digest."""
    with tempfile.TemporaryDirectory() as place:
        part = Path(place, "lake")
        for county in sorted(lake.glob("prefecture=*/county=*"))[:counties]:
            link = part / county.relative_to(lake)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(county.resolve(), target_is_directory=True)
        began = time.perf_counter()
        scores = _scored(part, bundle, Path(place, "out"), workers, kill)
        took, out = time.perf_counter() - began, Path(place, "out")
        digest = hashlib.sha256()
        for file in sorted(one for one in out.rglob("*") if one.is_file()):
            digest.update(file.relative_to(out).as_posix().encode() + file.read_bytes())
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    households = scores.summary["households"]
    cpu = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    print(
        f"{counties} counties, {households:,} households, {workers} workers{' (one killed)' if kill else ''}: "
        f"{took:.1f} s, {cpu:.1f} s of CPU, {households / cpu:.0f} households per second of CPU, "
        f"{own.ru_maxrss / 2**20:.2f} GB here, {others.ru_maxrss / 2**20:.2f} GB in the largest worker, "
        f"{digest.hexdigest()[:12]}",
        flush=True,
    )


def _scored(lake: Path, bundle: Path, out: Path, workers: int, kill: bool) -> rr.PartitionedScores:
    asked = {"out": out, "as_of": DAY, "capacity": 500}
    if not workers:
        return rr.score_partitions(lake, rr.read_bundle(bundle), **asked)
    from distributed import Client, LocalCluster

    settings = {"threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(n_workers=workers, **settings) as cluster, Client(cluster) as client:
        client.wait_for_workers(workers)
        victims = sorted(client.run(os.getpid).values())[:kill]

        def watch(stage: str, share: float) -> None:
            if stage == "counties" and share > 0.3 and victims:
                os.kill(victims.pop(), signal.SIGKILL)

        return rr.score_partitions(lake, rr.read_bundle(bundle), **asked, client=client, progress=watch)


def listing(households: int, of_county: int = 50_000) -> None:
    """Measure the second pass over invented scores."""
    with tempfile.TemporaryDirectory() as place:
        finished, counties = FinishedCounties(folder=Path(place)), []
        for part in range(households // of_county):
            county = CountySource(name=f"county={part}", path=Path(place))
            counties.append(county)
            finished.folder.joinpath(county.name).mkdir()
            invented = _invent(part, of_county)
            invented.write_parquet(finished.file(county, LISTING))
            _redraw(invented, part).write_parquet(finished.file(county, REDRAWN))
            pl.DataFrame(
                {"household_id": [f"53{part:06d}{row:08d}" for row in range(500)], "rule": "relapsed", "tier": "red"}
            ).write_parquet(finished.file(county, RULES))
        before, began = time.process_time(), time.perf_counter()
        request = DayRequest(as_of=DAY)
        pool_counties(counties, finished, request, request.rules(rr.rule_bundle()))
        took, cpu = time.perf_counter() - began, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"listing of {households:,}: {took:.1f} s, {cpu:.1f} s of CPU, {peak:.2f} GB", flush=True)


def _invent(part: int, rows: int) -> pl.DataFrame:
    row = pl.int_range(rows, eager=True)
    number = (row + part * rows).hash(seed=1) % 10**9
    return pl.DataFrame(
        {
            "household_id": pl.select(pl.lit(f"53{part:06d}") + pl.lit(row).cast(pl.String).str.zfill(8)).to_series(),
            "population": pl.repeat("at_risk", rows, eager=True),
            "probability": (number / 10**9) ** 4,
            "ratio": 1.0 + number % 7,
            "county": pl.repeat(f"县{part}", rows, eager=True),
            "town": pl.repeat("镇", rows, eager=True) + (row % 20).cast(pl.String),
            "village": pl.repeat("村", rows, eager=True) + (row % 200).cast(pl.String),
        }
    )


def _redraw(invented: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return log-odds by as many other trainings as a model keeps."""
    random, score = np.random.default_rng(seed), logit(invented["probability"].clip(1e-6, 1 - 1e-6).to_numpy())
    return pl.DataFrame({str(draw): score + random.normal(scale=0.3, size=len(score)) for draw in range(N_REDRAWS)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    made = verbs.add_parser("make")
    made.add_argument("lake", type=Path)
    made.add_argument("--counties", type=int, default=20)
    made.add_argument("--households", type=int, default=10_000)
    scored = verbs.add_parser("score")
    scored.add_argument("lake", type=Path)
    scored.add_argument("--bundle", type=Path, required=True)
    scored.add_argument("--counties", type=int, nargs="+", required=True)
    scored.add_argument("--workers", type=int, default=0)
    scored.add_argument("--kill", action="store_true")
    verbs.add_parser("listing").add_argument("--households", type=int, nargs="+", required=True)
    asked = parser.parse_args()
    if asked.verb == "make":
        make(asked.lake, asked.counties, asked.households)
    elif asked.verb == "score" and len(asked.counties) == 1:
        score(asked.lake, asked.bundle, asked.counties[0], asked.workers, asked.kill)
    elif asked.verb == "listing" and len(asked.households) == 1:
        listing(asked.households[0])
    else:  # peak memory is that of a process
        several = asked.counties if asked.verb == "score" else asked.households
        flag = "--counties" if asked.verb == "score" else "--households"
        others = [one for one in sys.argv if one not in map(str, several) and one != flag]
        for one in several:
            subprocess.run([sys.executable, *others, flag, str(one)], check=True)


if __name__ == "__main__":
    main()
