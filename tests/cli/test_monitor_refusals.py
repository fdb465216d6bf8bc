"""A month that cannot be run, or fails on the way, is one line and leaves the ledger whole."""

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date

import openpyxl
import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.cycle import MonthRun
from tests.cli.month_runs import (
    NOVEMBER,
    OCTOBER,
    RELAPSE_RISK,
    WRITTEN,
    bytes_of,
    fill_in,
    ledger_content,
    month_command,
    one_line,
    visits_command,
)

# What is refused


def _make(place, name):
    """Make something that is no ledger."""
    file = place / name
    if name == "folder":
        file.mkdir()
    elif name == "text":
        file.write_text("户编号,姓名\n" * 500, encoding="utf-8")
    elif name == "other":
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE cattle (head INTEGER)")
        connection.commit()
        connection.close()
    return file


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["folder", "text", "other", "没有 的/县.db"])
def test_what_is_no_ledger_is_refused_and_left_as_it_is(register, tmp_path, capsys, name, lang):
    file = _make(tmp_path, name)
    before = file.read_bytes() if file.is_file() else None
    for arguments in (
        month_command(register, tmp_path, OCTOBER, "out", ledger=file),
        [*visits_command(register, tmp_path, ledger=name)],
        ["audit", str(register), "--ledger", str(file), "--out", str(tmp_path / "out")],
    ):
        assert run([*arguments, "--lang", lang]) == 2
        one_line(capsys, name)
        assert not (tmp_path / "out").exists()
    assert (file.read_bytes() if file.is_file() else None) == before


def test_a_day_that_is_none_makes_no_ledger(register, tmp_path, capsys):
    assert run([*month_command(register, tmp_path, "2019-13-01", "out"), "--lang", "en"]) == 2
    one_line(capsys, "2019-13-01")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://clerk:geheim@127.0.0.1:1/county",
        "postgresql://clerk:geheim@127.0.0.1:port/county",
        "postgresql://clerk:geheim@127.0.0.1:1/county?nonsense=1",
        "postgresql://127.0.0.1:1/county?user=clerk&password=geheim",
        "postgresql//clerk:geheim@127.0.0.1/county",
        "mysql://clerk:geheim@127.0.0.1/county",
        "sqlite://",
        "sqlite:///:memory:",
        ":memory:",
        "",
    ],
)
def test_a_url_that_leads_nowhere_is_one_line_without_the_password(register, tmp_path, monkeypatch, capsys, url, lang):
    monkeypatch.chdir(tmp_path)
    assert run([*month_command(register, tmp_path, OCTOBER, "out", ledger=url), "--lang", lang]) == 2
    one_line(capsys, without=["geheim"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_a_month_begins_a_ledger(county, register, capsys, lang):
    for arguments in (
        visits_command(county / "out" / "visits.xlsx", county, ledger="typo.db"),
        ["audit", str(register), "--ledger", str(county / "typo.db"), "--out", str(county / "audited")],
    ):
        assert run([*arguments, "--lang", lang]) == 2
        one_line(capsys, "typo.db", "monitor")
    (county / "typo.db").touch()
    assert run([*visits_command(county / "out" / "visits.xlsx", county, ledger="typo.db"), "--lang", lang]) == 2
    one_line(capsys, "typo.db", "monitor")
    assert (county / "typo.db").stat().st_size == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--random-share", "viel"], "--random-share"),
        pytest.param(["--random-share", "-1"], "-1.0", marks=pytest.mark.slow),
        pytest.param(["--random-share", "2"], "2.0", marks=pytest.mark.slow),
        pytest.param(["--random-share", "nan"], "nan", marks=pytest.mark.slow),
        pytest.param(["--operator", "  "], "", marks=pytest.mark.slow),
        (["--capacity", "none.csv"], "none.csv"),
        (["--carry", "皇帝"], "皇帝"),
        pytest.param(["--as-of", "2020-09-30"], "2020-09-30", marks=pytest.mark.slow),
        (["--as-of", "bald"], "bald"),
        pytest.param(["--as-of", "2099-12-31"], "2099-12-31", marks=pytest.mark.slow),
        (["--bundle", "a.rrb"], "--rule"),
        (["--out", "."], "county.db"),
    ],
)
def test_an_option_that_cannot_be_leaves_the_ledger_as_it_is(county, register, monkeypatch, capsys, more, said, lang):
    monkeypatch.chdir(county)
    before = ledger_content(county)
    assert run([*month_command(register, county, NOVEMBER, "next"), *more, "--lang", lang]) == 2
    one_line(capsys, said)
    assert ledger_content(county) == before
    assert not (county / "next").exists()


def test_a_ledger_is_no_input_and_an_input_that_cannot_be_read_leaves_it_as_it_is(county, capsys):
    before = ledger_content(county)
    (county / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    for source in ("county.db", "broken.xlsx", "nowhere"):
        assert run([*month_command(county / source, county, NOVEMBER, "next"), "--lang", "en"]) == 2
        one_line(capsys, source)
        assert run([*visits_command(county / source, county), "--lang", "zh"]) == 2
        one_line(capsys, source)
    assert ledger_content(county) == before
    assert not (county / "next").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_no_filled_in_workbook_is_refused(county, capsys, lang):
    (county / "text.xlsx").write_text("no workbook", encoding="utf-8")
    openpyxl.Workbook().save(county / "empty.xlsx")
    (county / "folder").mkdir()
    before = ledger_content(county)
    for name in ("text.xlsx", "empty.xlsx", "folder"):
        assert run([*visits_command(county / name, county), "--lang", lang]) == 2
        one_line(capsys, name)
    assert run([*visits_command(county / "out" / "visits.xlsx", county, "--today", "heute"), "--lang", lang]) == 2
    one_line(capsys, "heute")
    assert run([*visits_command(county / "out" / "visits.xlsx", county, "--out", str(county)), "--lang", lang]) == 2
    one_line(capsys)
    assert ledger_content(county) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="whoever may write all is refused nothing")
def test_a_ledger_that_may_only_be_read_is_refused(county, register, capsys):
    (county / "county.db").chmod(0o444)
    assert run([*month_command(register, county, NOVEMBER, "next"), "--lang", "en"]) == 2
    one_line(capsys, "county.db")
    assert not (county / "next").exists()


# What fails on the way


@pytest.mark.slow
def test_a_month_that_could_not_be_written_is_in_the_ledger_and_run_again_is_whole(
    county, register, monkeypatch, capsys
):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    arguments = [*month_command(register, county, NOVEMBER, "next"), "--lang", "en"]
    with monkeypatch.context() as patch:
        patch.setattr(MonthRun, "write", full)
        assert run(arguments) == 2
    one_line(capsys, "next")
    after = ledger_content(county)
    assert after[0] == [date(2020, 10, 31), date(2020, 11, 30)]
    assert not (county / "next").exists()
    assert run(arguments) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert ledger_content(county) == after
    assert {path.name for path in (county / "next").iterdir()} == WRITTEN | {"completion.parquet"}


@pytest.mark.slow
def test_a_ledger_without_room_holds_nothing_new(county, register):
    room = (county / "county.db").stat().st_size  # every other file is smaller
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); "
    before = ledger_content(county)
    command = [sys.executable, "-c", limited + RELAPSE_RISK[-1], *month_command(register, county, NOVEMBER, "next")]
    done = subprocess.run([*command, "--lang", "en", "--quiet"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "county.db" in done.stderr
    assert ledger_content(county) == before
    assert not (county / "next").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("after", ["0.3", "0.6", "0.8", "0.95", "the ledger is written"])
def test_killed_at_any_moment_it_is_whole_when_run_again(october, register, tmp_path, after):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for place in (whole, killed):
        shutil.copytree(october, place)
    began = time.monotonic()
    subprocess.run([*RELAPSE_RISK, *month_command(register, whole, NOVEMBER, "next", "--quiet")], check=True)
    took = time.monotonic() - began
    before = ledger_content(killed)
    command = [*RELAPSE_RISK, *month_command(register, killed, NOVEMBER, "next", "--quiet")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if after.startswith("0"):
        time.sleep(float(after) * took)
    else:
        while not (killed / "county.db-journal").exists() and process.poll() is None:
            time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert ledger_content(killed) in (before, ledger_content(whole))  # the month whole, or nothing of it
    again = [*command, *(["--overwrite"] if (killed / "next").exists() else [])]
    subprocess.run(again, check=True)
    assert bytes_of(killed / "next") == bytes_of(whole / "next")
    assert ledger_content(killed) == ledger_content(whole)
    connection = sqlite3.connect(killed / "county.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert not list(killed.glob(".*.partial/*")) or (killed / "next").exists()


def test_split_visits_are_a_workbook_for_each_town_and_read_back_as_a_folder(register, tmp_path, capsys):
    assert run([*month_command(register, tmp_path, OCTOBER, "out", "--split-by", "town", "--lang", "en")]) == 0
    assert str(tmp_path / "out" / "visits") in capsys.readouterr().out
    parts = sorted((tmp_path / "out" / "visits").iterdir())
    account = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {f"visits/{path.name}" for path in parts} <= set(account["outputs"])
    assert len(parts) == pl.read_parquet(tmp_path / "out" / "alerts.parquet").select("county", "town").n_unique() > 1
    filled = sum(fill_in(path, path, date(2020, 11, 5), lines=2, lang="en") for path in parts)
    assert run([*visits_command(tmp_path / "out" / "visits", tmp_path), "--lang", "en"]) == 0
    assert f"{filled} kept, 0 refused" in capsys.readouterr().out
