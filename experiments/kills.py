"""A month's run killed at random moments: whether the ledger is whole, and the run that follows the same.

Usage: python experiments/kills.py [--households N] [--kills N] [--seed S] [--url URL]

An invented register is run through one month and its visits; that ledger is the start of every trial. In each trial
`relapse-risk monitor` is run for the next month as a process of its own and killed (SIGKILL) at a moment drawn
evenly over the time that a run takes; every fifth one is killed the moment the ledger is being written, as far as its
journal shows it (SQLite). Then the ledger is checked: its integrity check passes, and it has the month completely
or not at all. Then the run is repeated to its end: every table and workbook it writes, and everything in the ledger but
the moments of recording, must be what an undisturbed run gives. With a PostgreSQL URL each trial has its own schema.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import create_engine, text

import relapse_risk as rr
from relapse_risk.cycle import monitor
from relapse_risk.monitoring import Ledger, open_ledger

FIRST, NEXT = "2019-01-31", "2019-02-28"
COMMAND = [sys.executable, "-c", "from relapse_risk.cli import main; main()", "monitor"]
POLL = 0.0005


def run_month(register: Path, ledger: str, out: Path) -> subprocess.Popen[bytes]:
    """Start a month's run as a process of its own."""
    where = ["--rule", "--ledger", ledger, "--as-of", NEXT, "--out", str(out)]
    return subprocess.Popen(
        [*COMMAND, str(register), *where, "--capacity", "60", "--lang", "en", "--quiet", "--overwrite"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finished(process: subprocess.Popen[bytes]) -> None:
    """Wait for a run that must come to its end."""
    _, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"a run that nobody killed failed: {errors.decode()}")


def killed(process: subprocess.Popen[bytes], after: float, journal: Path | None) -> bool:
    """Kill a run after some seconds, or when a journal appears; return whether it still ran."""
    end = time.monotonic() + after
    while process.poll() is None and time.monotonic() < end:
        if journal is not None and journal.exists():
            break
        time.sleep(POLL)
    running = process.poll() is None
    if running:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return running


def contents(ledger: Ledger) -> dict[str, pl.DataFrame]:
    """Return everything in a ledger but the moments at which it was recorded."""
    clearing = {level: ledger.clearing(level) for level in ("group", "village", "town", "county", "prefecture")}
    scores = pl.DataFrame({"month": ledger.months(), "scores": [ledger.scores(month) for month in ledger.months()]})
    history = ledger.history().drop("recorded_at")
    return {"history": history, "alerts": ledger.alerts(), "listings": ledger.listings(), "scores": scores, **clearing}


def same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> bool:
    return one.keys() == other.keys() and all(one[name].equals(other[name]) for name in one)


def files(folder: Path) -> dict[str, bytes]:
    """Return what a run wrote but its account, which holds the seconds it took."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "run.json"}


def is_whole(place: str) -> bool:
    """Return whether the database passes its integrity check."""
    if "://" in place:
        return True  # a server recovers by itself; what it holds is compared below
    with create_engine(f"sqlite:///{place}").connect() as connection:
        return connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


class Places:
    """Where the ledgers of trials are: files, or schemas of a PostgreSQL database."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self._folder, self._url, self._count = folder, url, 0

    def new(self, records: rr.Records) -> tuple[str, Path | None]:
        """Return a ledger with one month and its visits, and its journal, if it has one."""
        self._count += 1
        if self._url is None:
            start = self._folder / "start.db"
            if not start.exists():
                begin(open_ledger(start), records)
            path = self._folder / f"{self._count}.db"
            shutil.copy(start, path)
            return str(path), path.with_name(path.name + "-journal")
        name = f"kills_{os.getpid()}_{self._count}"
        with create_engine(self._url).begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        url = f"{self._url}{'&' if '?' in self._url else '?'}options=-csearch_path%3D{name}"
        begin(open_ledger(url), records)
        return url, None


def begin(ledger: Ledger, records: rr.Records) -> None:
    """Record the month before, and a visit to every alert."""
    month = monitor(records, rr.rule_bundle(), ledger, as_of=FIRST, capacity=60, lang="en")
    visits = month.alerts.select("alert_id", kind=pl.lit("visited"), on=date(2019, 2, 10), by=pl.lit("visitor"))
    ledger.act(visits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=800)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--url")
    asked = parser.parse_args()
    random = np.random.default_rng(asked.seed)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        population = rr.synthesise(households=asked.households, seed=asked.seed)
        register = folder / "register"
        register.mkdir()
        for name, frame in population.tables.items():
            frame.write_parquet(register / f"{name}.parquet")
        records = rr.read_records(register).records
        places = Places(folder, asked.url)
        place, _ = places.new(records)
        clock = time.monotonic()
        finished(run_month(register, place, folder / "undisturbed"))
        seconds = time.monotonic() - clock
        ledger, written = contents(open_ledger(place)), files(folder / "undisturbed")
        print(f"an undisturbed run takes {seconds:.1f} s and records {ledger['history'].height} entries", flush=True)
        counts: Counter[str] = Counter()
        for trial in range(asked.kills):
            place, journal = places.new(records)
            watched = journal if trial % 5 == 0 else None
            out = folder / f"out{trial}"
            process = run_month(register, place, out)
            running = killed(process, 10 * seconds if watched else random.uniform(0, seconds), watched)
            months = len(open_ledger(place).months())
            counts["killed" if running else "came to its end before"] += 1
            counts["killed while the ledger was written"] += bool(running and watched)
            counts["ledger whole"] += is_whole(place)
            counts[f"months in the ledger after the kill: {months}"] += 1
            counts["output in place after the kill"] += (out / "run.json").exists()
            finished(run_month(register, place, out))
            counts["ledger identical after the re-run"] += same(contents(open_ledger(place)), ledger)
            counts["files identical after the re-run"] += files(out) == written
            print(trial + 1, dict(counts), flush=True, file=sys.stderr)
    print("\n| of the trials | |\n| --- | --- |")
    for what, count in counts.items():
        print(f"| {what} | {count} |")


if __name__ == "__main__":
    main()
