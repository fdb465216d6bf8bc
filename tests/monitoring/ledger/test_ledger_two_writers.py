"""Several processes write at once, and processes are killed: nothing is lost, nothing is there twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sqlalchemy import text

from relapse_risk.monitoring import open_ledger
from tests.monitoring.ledger.ledger_months import ONE_STEP, long_run

pytestmark = pytest.mark.slow

WRITER = Path(__file__).with_name("ledger_writer.py")
MONTHS = 6


def start(url, months=MONTHS, part=0, of=1):
    path = os.pathsep.join([str(WRITER.parents[3] / "src"), str(WRITER.parents[3])])
    return subprocess.Popen(
        [sys.executable, str(WRITER), url, str(months), str(part), str(of)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "POLARS_MAX_THREADS": "1"},
    )


def go(*processes):
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()


def finish(*processes):
    go(*processes)
    assert [process.wait(timeout=120) for process in processes] == [0] * len(processes)


def written(ledger):
    """Everything the ledger tells, but for when it was recorded."""
    return [
        ledger.history().drop("recorded_at"),
        ledger.listings(),
        ledger.alerts(),
        *(ledger.clearing(level) for level in ("group", "village", "town", "county", "prefecture")),
        pl.DataFrame({"scores": [ledger.scores(month) for month in ledger.months()]}),
    ]


def undisturbed(url, months=MONTHS):
    ledger = open_ledger(url, policy=ONE_STEP)
    for month, acts in long_run(months=months):
        ledger.record_month(month)
        ledger.act(acts)
    return ledger


def assert_same(one, other):
    for a, b in zip(written(one), written(other), strict=True):
        assert a.equals(b)


def test_sqlite_and_postgresql_give_the_same_six_months(tmp_path, postgresql_url):
    one, other = undisturbed(tmp_path / "county.db"), undisturbed(postgresql_url)
    assert_same(one, other)
    kinds = set(one.history()["kind"])
    assert kinds >= {"opened", "escalated", "eased", "reopened", "visited", "measure", "cleared", "refused"}
    assert kinds >= {"acknowledged", "proposed"}
    for month, acts in long_run():  # again, on what is there
        for ledger in (one, other):
            assert ledger.record_month(month).already
            assert "done" not in ledger.act(acts)["outcome"]
    assert_same(one, other)


def test_two_processes_record_one_month_and_different_acts_at_once(url, tmp_path):
    finish(start(url, 1, 0, 2), start(url, 1, 1, 2))
    together, alone = open_ledger(url, policy=ONE_STEP), undisturbed(tmp_path / "alone.db", 1)
    content = ["household_id", "kind", "on", "by", "measure", "note", "source", "month", "alert_id", "tier"]
    one, other = (ledger.history().select(content).sort(content, nulls_last=True) for ledger in (together, alone))
    assert one.equals(other)
    assert together.history()["entry_id"].to_list() == list(range(1, one.height + 1))
    assert together.listings().equals(alone.listings())
    assert together.alerts().equals(alone.alerts())


def assert_whole(ledger, expected):
    """What is there must be whole months and acts, as they would be without a kill."""
    there = ledger.history().drop("recorded_at")
    assert there.equals(expected.history().drop("recorded_at").head(there.height))
    assert ledger.listings().equals(expected.listings().filter(pl.col("as_of").is_in(ledger.months())))
    if ledger.store.engine.dialect.name == "sqlite":
        with ledger.store.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


@pytest.mark.slow
def test_killed_at_any_point_a_ledger_is_whole_and_the_run_goes_on(url, tmp_path):
    expected = undisturbed(tmp_path / "expected.db")
    caught = 0
    for delay in np.random.default_rng(6).permutation(np.linspace(0.01, 0.8, 8)):
        process = start(url)
        go(process)
        time.sleep(delay)
        caught += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert_whole(open_ledger(url, policy=ONE_STEP), expected)
    assert caught > 0
    finish(start(url))
    assert_same(open_ledger(url, policy=ONE_STEP), expected)
