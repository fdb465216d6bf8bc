"""A month from lists of departments alone: places are codes, by which visits are shared out and split."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from relapse_risk.alerts import Capacity
from relapse_risk.bundle import rule_bundle
from relapse_risk.cli import run
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.scoring import score
from tests.cli.test_three_months import fill_in, lines_of

DAY, BEFORE = "2020-12-31", "2020-11-30"


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """Return lists of departments of an invented register, of which four villages are told by codes alone."""
    out = tmp_path_factory.mktemp("departments") / "lists"
    asked = ["--households", "150", "--seed", "7", "--dialect", "departments", "--out", str(out), "--quiet"]
    assert run(["synth", *asked]) == 0
    return out


def month_of(lists: Path, folder: Path, day: str, capacity: int, code: int = 0) -> Path:
    """Run a month of lists, its visits split by village with two at least for each."""
    asked = ["--rule", "--capacity", str(capacity), "--min-per-village", "2", "--split-by", "village", "--as-of", day]
    where = ["--ledger", str(folder / "county.db"), "--out", str(folder / day), "--lang", "en"]
    assert run(["monitor", str(lists), *asked, *where]) == code
    return folder / day


def check_month(lists: Path, out: Path, capacity: int, least: int) -> None:
    """Check that each village has its share of the visits, and each workbook its own households."""
    counts = json.loads((out / "run.json").read_text(encoding="utf-8"))["month"]
    assert counts["visits"] == counts["scores"]["plan"]["all"]["visit"] <= capacity
    villages = pl.read_parquet(out / "areas.parquet").filter(level="village")
    assert villages["village"].n_unique() == villages.height > 1
    plan = pl.read_parquet(out / "plan.parquet").filter(state="visit")
    books = sorted((out / "visits").glob("*.xlsx"))
    visited = [lines_of(path) for path in books]
    assert len(books) == villages.height
    plan_by_step = pl.read_parquet(out / "plan.parquet").filter(step="minimum")["state"].value_counts()
    waits = dict(plan_by_step.iter_rows()).get("waiting", 0)
    remarks = {one["code"]: one for one in counts["scores"]["remarks"]}
    # The relapsed and red rules come first: a minimum that finds no place behind them is said.
    assert remarks["minimum_waiting"]["count"] == waits if waits else min(map(len, visited)) >= least
    assert sorted(home for homes in visited for home in homes) == sorted(plan["household_id"])
    village_of = dict(
        read_records(lists).records.require("households").select("household_id", "village_code").iter_rows()
    )
    assert all(len({village_of[home] for home in homes}) == 1 for homes in visited)


@pytest.mark.slow
def test_a_month_of_department_lists_runs_whole_and_is_read_back(invented, tmp_path, capsys):
    out = month_of(invented, tmp_path, DAY, 24)
    check_month(invented, out, 24, 2)
    filled = sum(fill_in(path, date(2021, 1, 5), set()) for path in (out / "visits").glob("*.xlsx"))
    assert filled == 24
    entered = ["visits", str(out / "visits"), "--ledger", str(tmp_path / "county.db"), "--today", "2021-01-10"]
    assert run(entered) == 0
    assert "24" in capsys.readouterr().out


@pytest.mark.parametrize("asked", [{"split_by": "village"}, {"capacity": Capacity(visits=24, min_per_village=1)}])
def test_before_the_export_of_undated_places_nothing_is_done_by_village(invented, asked):
    records = read_records(invented).records
    with pytest.raises(InputError) as refused:
        score(records, rule_bundle(), as_of=BEFORE, **{"capacity": 24, **asked})
    assert refused.value.code == "places_not_yet"
    assert "不早于导出日" in refused.value.in_language("zh")
    assert "not before the export" in refused.value.in_language("en")


@pytest.mark.slow
def test_two_months_of_the_sample_lists_run_whole(shared, tmp_path):
    lists = shared / "samples" / "departments"
    for day in (DAY, "2021-01-31"):
        check_month(lists, month_of(lists, tmp_path, day, 200), 200, 2)
