"""Every stage of the library beside a floor and beside what one would otherwise write, by number of households.

Usage: pip install -e ".[test]" && python benchmarks/stages.py [--sizes N …] [--stages NAME …] [--cache DIR]

Invents a register of each size (Parquet tables in the cache folder, outside of the repository, made once) and trains a
bundle on other households. Then each stage runs in turn as it is here (``library``, `benchmarks/stages_library.py`), as
little as can be (``floor``: plain Polars and the same trees, `stages_floor.py`), and as one would otherwise write it
(``pandas``: group-bys of the same tables, LGBMClassifier, shap.TreeExplainer on every household, openpyxl,
`stages_pandas.py`): each in a process of its own, which first prepares what the stage needs. Printed are the seconds of
processor time of the stage, of all threads, the most memory its process held (with preparing), ratios, and the exponent
by which the seconds grew since the size before. ``process`` is all of a score from files to files, with every import.

1,000,000 households need 24 GB and some hours for `pandas`; ask for them: ``--sizes 10000 100000 1000000``.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import log
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

STAGES = (
    *("read", "audit", "features", "label", "fit", "predict", "reasons", "intervals", "write", "month"),
    "process",
)
WAYS = ("library", "floor", "pandas")
DAY, TRAINED_DAY, HORIZON = "2019-12-31", "2018-12-31", 12
CACHE = Path.home() / ".cache" / "relapse-risk-benchmarks"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one size's files are.

    Attributes
    ----------
    folder : Path
        Of the size: ``register``, ``features.parquet`` (the model's columns), ``terms.npy`` (what its trees are over).
    bundle : Path
    households : int
    trained_on : int
        The number of other households that the bundle is trained on.
    """

    folder: Path
    bundle: Path
    households: int
    trained_on: int

    @property
    def register(self) -> Path:
        """The folder of the record tables."""
        return self.folder / "register"

    @property
    def out(self) -> Path:
        """Where a stage may write."""
        return self.folder / "out"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds of processor time of a stage, and gigabytes of its process."""

    seconds: float
    memory: float


Costs = dict[tuple[str, int, str], Cost]


def stage_of(way: str, stage: str) -> Callable[[Place], Callable[[], object] | None] | None:
    """Return what prepares a stage and gives back what is timed; None where a way has no such stage."""
    found: Callable[[Place], Callable[[], object] | None] | None = getattr(import_module(f"stages_{way}"), stage, None)
    return found


def processor_seconds() -> float:
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def run_here(way: str, stage: str, place: Place) -> None:
    """Run a stage in this process and print what it took, or null where there is no such stage or only preparing."""
    prepared = stage_of(way, stage)
    timed = prepared(place) if prepared else None
    if timed is None:
        print("null")
        return
    begin = 0.0 if stage == "process" else processor_seconds()
    timed()
    seconds = processor_seconds() - begin
    print(json.dumps({"seconds": seconds, "memory": getrusage(RUSAGE_SELF).ru_maxrss / 1e6}))


def run_apart(way: str, stage: str, place: Place) -> Cost | None:
    """Run a stage in a process of its own; None where there is no such stage or it did not end (out of memory)."""
    what = ["--run", way, stage, "--cache", str(place.bundle.parent), "--sizes", str(place.households)]
    what += ["--trained-on", str(place.trained_on)]
    done = subprocess.run([sys.executable, __file__, *what], capture_output=True, text=True)
    if done.returncode:
        print(
            f"{way} {stage} {place.households:,}: ended with {done.returncode}\n{done.stderr[-2000:]}", file=sys.stderr
        )
        return None
    found = json.loads(done.stdout.splitlines()[-1])
    return Cost(**found) if found else None


def line_of(stage: str, size: int, costs: Costs, before: int | None) -> str:
    """Return a line of the table."""
    found = [costs.get((stage, size, way)) for way in WAYS]
    library, floor, pandas = found
    earlier = costs.get((stage, before, "library")) if before else None
    cells = [
        stage,
        f"{size:,}",
        *(f"{cost.seconds:.2f}" if cost else "–" for cost in found),
        f"{library.seconds / floor.seconds:.1f}" if library and floor else "–",
        f"{pandas.seconds / library.seconds:.1f}" if library and pandas else "–",
        *(f"{cost.memory:.2f}" if cost else "–" for cost in found),
        f"{log(library.seconds / earlier.seconds) / log(size / before):.2f}" if library and earlier and before else "–",
    ]
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| stage | households | library, s | floor, s | pandas, s | library / floor | pandas / library "
    "| library, GB | floor, GB | pandas, GB | growth |\n| --- |" + " --- |" * 10
)


def measure(places: list[Place], stages: list[str], ways: list[str]) -> None:
    for place in places:
        begin = time.perf_counter()
        for way in ("library", *ways):
            run_apart(way, "prepare", place)
        print(f"{place.households:,} households ready in {time.perf_counter() - begin:.0f} s", file=sys.stderr)
    print(HEAD, flush=True)
    costs: Costs = {}
    for stage in stages:
        before = None
        for place in places:
            for way in ways:
                cost = run_apart(way, stage, place)
                if cost:
                    costs[stage, place.households, way] = cost
            print(line_of(stage, place.households, costs, before), flush=True)
            before = place.households


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], metavar="N")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES), metavar="NAME")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="WAY")
    parser.add_argument("--trained-on", type=int, default=8_000, metavar="N")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--run", nargs=2, metavar=("WAY", "STAGE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    cache, trained_on = options.cache, options.trained_on
    places = [
        Place(folder=cache / str(size), bundle=cache / "bundle.rrb", households=size, trained_on=trained_on)
        for size in sorted(options.sizes)
    ]
    if options.run:
        run_here(*options.run, places[0])
    else:
        measure(places, options.stages, options.ways)


if __name__ == "__main__":
    main()
