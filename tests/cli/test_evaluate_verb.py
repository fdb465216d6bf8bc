"""The verb that tries models where they were not fitted."""

import json
from contextlib import redirect_stdout
from io import StringIO

import polars as pl
import pytest

from relapse_risk.cli import run

pytestmark = pytest.mark.slow

WRITTEN = {"evaluation.parquet", "evaluation.html", "run.json"}


def _evaluate(register, out, *more, as_of=("2019-12-31",)):
    days = [word for day in as_of for word in ("--as-of", day)]
    return run(["evaluate", str(register), *days, "--out", str(out), *more])


@pytest.fixture(scope="module")
def evaluation_run(road, tmp_path_factory):
    """Where it was written, and what was said on the screen."""
    out, screen = tmp_path_factory.mktemp("evaluated") / "out", StringIO()
    with redirect_stdout(screen):
        assert _evaluate(road.register, out, "--lang", "zh", "--scheme", "village") == 0
    return out, screen.getvalue()


@pytest.fixture(scope="module")
def evaluated(evaluation_run):
    return evaluation_run[0]


def test_it_writes_one_table_one_page_and_its_account(evaluated):
    assert {path.name for path in evaluated.iterdir()} == WRITTEN
    table = pl.read_parquet(evaluated / "evaluation.parquet")
    assert {"scheme", "model", "figure", "by", "group", "estimate", "lower", "upper", "rows", "events"} < {
        *table.columns
    }
    assert set(table["scheme"]) == {"village"}
    account = json.loads((evaluated / "run.json").read_text())
    assert account["verb"] == "evaluate"
    assert account["options"]["scheme"] == "village"
    assert {row["code"] for row in account["evaluation"]["findings"]} >= {"RR301", "RR302"}
    assert set(account["outputs"]) == WRITTEN - {"run.json"}
    assert {"reading", "features", "evaluate", "judge"} <= set(account["seconds"])


def test_no_household_appears_in_any_output(evaluated, road):
    codes = pl.read_parquet(road.register / "households.parquet")["household_id"].unique()
    for path in evaluated.iterdir():
        content = path.read_bytes()
        assert not [code for code in codes if code.encode() in content], path.name


def test_an_output_is_replaced_when_asked_only(evaluated, road, capsys):
    before = (evaluated / "evaluation.parquet").read_bytes()
    assert _evaluate(road.register, evaluated, "--quiet") == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (evaluated / "evaluation.parquet").read_bytes() == before


def test_it_says_what_was_tried_and_found(evaluation_run):
    out, said = evaluation_run
    assert "返贫定义：按系统登记；人群：" in said
    assert "检查结果：" in said
    assert str(out / "evaluation.html") in said


@pytest.mark.parametrize(
    ("more", "code"),
    [(["--scheme", "time"], "按时间先后评估"), (["--scheme", "moon"], "moon"), (["--horizon", "0"], "0")],
)
def test_what_cannot_be_done_is_one_line_and_nothing_is_written(road, tmp_path, capsys, more, code):
    assert _evaluate(road.register, tmp_path / "none", "--lang", "zh", "--quiet", *more) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert code in err
    assert list(tmp_path.iterdir()) == []
