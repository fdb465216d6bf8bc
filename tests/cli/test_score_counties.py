"""`score` where the input is a lake, or a folder of county workbooks."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.partitions import CountySource, FinishedCounties
from tests.scoring.partitions.lakes import DAY, make_counties, write_lake


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return write_lake(tmp_path_factory.mktemp("lake") / "lake", make_counties(n=60), without=["county"])


def command(source, out, *more):
    return ["score", str(source), "--rule", "--as-of", DAY, "--capacity", "20", "--out", str(out), *more]


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def without_account(files):
    return {name: content for name, content in files.items() if name != "run.json"}


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_a_lake_is_scored_county_by_county(lake, tmp_path, capsys, lang):
    assert run(command(lake, tmp_path / "out", "--lang", lang)) == 0
    said = capsys.readouterr()
    assert not said.err
    assert ("3 个县" if lang == "zh" else "3 counties") in said.out
    account = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert account["verb"] == "score"
    assert account["outputs"].keys() | {"run.json"} == files_of(tmp_path / "out").keys()
    risk = pl.scan_parquet(tmp_path / "out" / "county=*" / "risk.parquet", hive_partitioning=True).collect()
    assert risk["county"].n_unique() == 3
    assert risk["listed_for"].count() == account["scores"]["listed"]


@pytest.mark.slow
def test_a_poisoned_county_is_one_line_and_exit_3_and_is_mended_alone(lake, tmp_path, capsys):
    broken = write_lake(tmp_path / "lake", make_counties(n=60))
    poisoned = broken / "county=甲县" / "households.parquet"
    whole = poisoned.read_bytes()
    poisoned.write_bytes(b"")
    assert run(command(broken, tmp_path / "out", "--lang", "zh")) == 3
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("county=甲县")
    assert not (tmp_path / "out" / "county=甲县").exists()
    poisoned.write_bytes(whole)
    assert run(command(broken, tmp_path / "out", "--lang", "zh")) == 2  # something is there
    assert run(command(broken, tmp_path / "out", "--lang", "zh", "--overwrite")) == 0
    assert "其中 2 个县上次已完成" in capsys.readouterr().out
    assert run(command(broken, tmp_path / "clean", "--quiet")) == 0
    assert without_account(files_of(tmp_path / "out")) == without_account(files_of(tmp_path / "clean"))


def test_a_folder_of_workbooks_is_read_by_county_where_asked(tmp_path, write_book):
    books = tmp_path / "books"
    books.mkdir()
    for county in ("甲县", "乙县"):
        homes = [["户编号", "县", "村", "录入日期"]]
        homes += [[f"{county[0]}{n}", county, "上村", "2019-01-05"] for n in range(9)]
        incomes = [
            ["户编号", "年度", "家庭人口数", "人均纯收入"],
            *([f"{county[0]}{n}", 2019, 3, 3000 + 500 * n] for n in range(9)),
        ]
        write_book(books / f"{county}台账.xlsx", {"户信息": homes, "收入": incomes})
    assert run(command(books, tmp_path / "out", "--by-county", "--quiet", "--capacity", "3")) == 0
    assert {path.name for path in (tmp_path / "out").glob("county=*")} == {"county=乙县台账", "county=甲县台账"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--table", "csv"], "--table"),
        (["--split-by", "town"], "--split-by"),
        (["--carry", "phone"], "--carry"),
        (["--cluster", "tcp://127.0.0.1:1"], "tcp://127.0.0.1:1"),
    ],
)
def test_what_cannot_be_done_by_county_is_one_line_and_exit_2(lake, tmp_path, capsys, monkeypatch, more, said):
    monkeypatch.setattr("relapse_risk.partitions.connecting._WAIT", "1s")
    assert run(command(lake, tmp_path / "out", *more)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("kept", "lang", "said"),
    [
        (False, "en", "Interrupted. Nothing was written."),
        (True, "en", "Interrupted. 1 finished counties are kept in "),
        (True, "zh", "已完成的 1 个县保存在 "),
    ],
)
def test_an_interruption_says_how_many_counties_are_kept(lake, tmp_path, capsys, monkeypatch, kept, lang, said):
    def interrupt(*_, work, **__):
        if kept:
            county = CountySource(name="county=C", path=Path("C.xlsx"))
            FinishedCounties(folder=work).keep(county, "d", {"scored.parquet": b""}, {})
        raise KeyboardInterrupt

    monkeypatch.setattr("relapse_risk.cli.score_counties.score_partitions", interrupt)
    assert run(command(lake, tmp_path / "out", "--lang", lang)) == 130
    told = capsys.readouterr().err
    assert said + (str(tmp_path / "out") if kept else "") in told


def test_a_cluster_needs_counties(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    assert run(command(tmp_path / "in", tmp_path / "out", "--cluster", "tcp://127.0.0.1:1")) == 2
    assert "--by-county" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_a_process_that_was_stopped_leaves_what_it_finished(tmp_path, sent, code):
    lake = write_lake(tmp_path / "lake", make_counties(n=400))
    program = "import sys; from relapse_risk.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *command(lake, tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not list(tmp_path.glob("out/.counties.*.partial/county=*/account.json")):
        time.sleep(0.01)
    process.send_signal(sent)
    said = process.communicate()[1]
    assert process.returncode == code
    if sent == signal.SIGINT:
        assert re.search(r"\d", said.splitlines()[-1])
        assert str(tmp_path / "out") in said.splitlines()[-1]
    assert run(command(lake, tmp_path / "out", "--lang", "en")) == 0
    assert run(command(lake, tmp_path / "clean", "--lang", "en")) == 0
    assert without_account(files_of(tmp_path / "out")) == without_account(files_of(tmp_path / "clean"))
