"""One score and one month of an invented register: how often the day is looked at anew, and what both cost.

Usage: python benchmarks/day.py [--households N] [--seed S] [--runs N] [--register DIR] [--bundle FILE.rrb]

Counts the calls of `known_by`, `yearly_incomes`, `find_cohort` and `build_features` in one `score` and one `monitor`
(the first month of an empty ledger), then takes the seconds of processor time of both, of all threads, without and with
writing their output: the median of several runs, each with records and a ledger of its own, so that nothing kept from
one run helps the next.

The register is written to `--register` and the bundle, trained on 2,000 other households, to `--bundle`; where they are
there already they are read. Measure two versions with one register; the bundle of one may be unreadable to the other.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property, wraps
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from typing import Any
from unittest.mock import patch

import relapse_risk as rr
from relapse_risk.cycle import monitor
from relapse_risk.monitoring import open_ledger

WATCHED = ("known_by", "yearly_incomes", "find_cohort", "build_features")
VERBS = ("score", "monitor")
TRAINED, DAY = ("2017-12-31", "2018-12-31"), "2019-12-31"
TRAINED_ON = 2_000

Writes = Callable[[Path], None]
Calls = dict[str, Counter[str]]


def invent(households: int, seed: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in rr.synthesise(households=households, seed=seed).tables.items():
        table.write_parquet(folder / f"{name}.parquet")


def train_bundle(seed: int, file: Path) -> None:
    records = rr.read_records(rr.synthesise(households=TRAINED_ON, seed=seed).tables).records
    rr.train(records, as_of=TRAINED).save(file)


def run(verb: str, records: rr.Records, bundle: rr.Bundle, ledger: Path) -> Writes:
    """Score or run the month, and return what writes the output."""
    if verb == "score":
        return rr.score(records, bundle, as_of=DAY).write
    return monitor(records, bundle, open_ledger(f"sqlite:///{ledger}"), as_of=DAY).write


def owners() -> Iterator[Any]:
    """Yield every module of the library that is loaded, and every class in them."""
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] == "relapse_risk":
            yield module
            yield from (one for one in vars(module).values() if isinstance(one, type) and one.__module__ == name)


def is_definition(value: Any) -> bool:
    return isinstance(value, cached_property) or (callable(value) and not isinstance(value, type))


def places_of(name: str) -> list[tuple[Any, Any]]:
    """Return where a function stands under its name, and the function: in modules, or else in classes as a method."""
    found = [(owner, vars(owner)[name]) for owner in owners() if is_definition(vars(owner).get(name))]
    of_modules = [(owner, function) for owner, function in found if not isinstance(owner, type)]
    return of_modules or found


def counting(function: Any, name: str, calls: Calls) -> Any:
    """Return a function, method or kept property that counts how often it is worked out; `known_by` by day."""
    inner = function.func if isinstance(function, cached_property) else function

    @wraps(inner)
    def counted(*args: Any, **kwargs: Any) -> Any:
        calls[name][", ".join(map(str, (*args[1:], *kwargs.values()))) if name == "known_by" else ""] += 1
        return inner(*args, **kwargs)

    if not isinstance(function, cached_property):
        return counted
    kept = cached_property(counted)
    kept.attrname = name
    return kept


@contextmanager
def counted_calls() -> Iterator[Calls]:
    """Count the calls of what is watched; a name that stands nowhere is missing from the counts."""
    calls: Calls = {}
    with ExitStack() as stack:
        for name in WATCHED:
            for owner, function in places_of(name):
                calls.setdefault(name, Counter())
                stack.enter_context(patch.object(owner, name, counting(function, name, calls)))
        yield calls


def processor_seconds() -> float:
    """Return the processor time of this process, all its threads and the processes it waited for."""
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def seconds_of(verb: str, register: Path, bundle: rr.Bundle) -> tuple[float, float]:
    """Return the seconds of processor time of one run, without and with writing."""
    records = rr.read_records(register).records
    with tempfile.TemporaryDirectory() as place:
        begin = processor_seconds()
        write = run(verb, records, bundle, Path(place) / "ledger.db")
        done = processor_seconds()
        write(Path(place) / "out")
        return done - begin, processor_seconds() - begin


def calls_of(verb: str, register: Path, bundle: rr.Bundle) -> Calls:
    """Return the calls of one run; a run goes before it, so that every module is loaded."""
    seconds_of(verb, register, bundle)
    records = rr.read_records(register).records
    with tempfile.TemporaryDirectory() as place, counted_calls() as calls:
        run(verb, records, bundle, Path(place) / "ledger.db")
    return calls


def in_words(calls: Counter[str] | None) -> str:
    """Say how many calls there were, and where they were for several days how many for one of them at most."""
    if calls is None:
        return "not found"
    return f"{calls.total()} (of one day {max(calls.values())})" if len(calls) > 1 else str(calls.total())


def measure(register: Path, bundle: rr.Bundle, runs: int) -> None:
    calls = {verb: calls_of(verb, register, bundle) for verb in VERBS}
    seconds = {verb: [seconds_of(verb, register, bundle) for _ in range(runs)] for verb in VERBS}
    print(f"| | {' | '.join(VERBS)} |\n| --- | --- | --- |")
    for name in WATCHED:
        print(f"| calls of {name} | {' | '.join(in_words(calls[verb].get(name)) for verb in VERBS)} |")
    for part, what in enumerate(("processor seconds", "with writing")):
        columns = [sorted(one[part] for one in seconds[verb]) for verb in VERBS]
        cells = [f"{median(column):.2f} ({column[0]:.2f} to {column[-1]:.2f})" for column in columns]
        print(f"| {what} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--register", type=Path)
    parser.add_argument("--bundle", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        register = options.register or Path(place) / "register"
        file = options.bundle or Path(place) / "bundle.rrb"
        if not register.exists():
            invent(options.households, options.seed, register)
        if not file.exists():
            train_bundle(options.seed + 1, file)
        measure(register, rr.read_bundle(file), options.runs)


if __name__ == "__main__":
    main()
