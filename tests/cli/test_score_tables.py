"""Every household as tables beside the roster, through the command line."""

import json

import openpyxl
import polars as pl
import pytest

from relapse_risk.cli import run


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    out = tmp_path_factory.mktemp("county") / "register"
    assert run(["synth", "--households", "120", "--seed", "4", "--out", str(out), "--quiet"]) == 0
    return out


def test_each_kind_of_table_is_written_once_and_told(register, tmp_path, capsys):
    asked = ["--table", "xlsx", "--table", "csv", "--table", "xlsx", "--lang", "en"]
    out = tmp_path / "out"
    assert run(["score", str(register), "--rule", "--as-of", "2020-10-31", "--out", str(out), *asked]) == 0
    shown = capsys.readouterr().out
    assert shown.count("households.xlsx") == shown.count("households.csv") == 1
    account = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert account["options"]["table"] == ["xlsx", "csv"]
    assert {"households.xlsx", "households.csv"} <= set(account["outputs"])
    risk = pl.read_parquet(out / "risk.parquet")
    sheet = openpyxl.load_workbook(out / "households.xlsx").worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == risk["household_id"].to_list()
    assert not (out / "households.parquet").exists()


def test_another_kind_is_one_line(register, tmp_path, capsys):
    where = ["--rule", "--as-of", "2020-10-31", "--out", str(tmp_path / "out")]
    assert run(["score", str(register), *where, "--table", "pdf", "--lang", "en"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "xlsx | csv | parquet" in err
    assert list(tmp_path.iterdir()) == []
