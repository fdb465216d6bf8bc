"""Running verbs on the register, the bundle and the scores that all tests of the road share."""

import sys
from pathlib import Path

from relapse_risk.cli import run

RELAPSE_RISK = [sys.executable, "-c", "from relapse_risk.cli import main; main()"]
TABLES = {"risk.parquet", "areas.parquet", "capacity.parquet", "rejected.parquet"}
WRITTEN = {*TABLES, "roster.xlsx", "report.html", "run.json"}


def tree(folder):
    return {path: path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def score(road, out, *more, source=None, bundle=None, as_of="2020-12-31"):
    where = ["--bundle", str(bundle or road.bundle), "--as-of", as_of, "--out", str(out)]
    return run(["score", str(source or road.register), *where, *more])


def train(source, out, *more, as_of=("2019-12-31",)):
    days = [word for day in as_of for word in ("--as-of", day)]
    return run(["train", str(source), *days, "--out", str(out), *more])


def one_line(capsys, *parts):
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    assert all(part in err for part in parts), err
