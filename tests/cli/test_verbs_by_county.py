"""`audit` and `monitor` over a lake or a folder of workbooks: each county as the verb does it alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import polars as pl
import pytest
from sqlalchemy import create_engine, text

from relapse_risk.cli import run
from relapse_risk.monitoring import open_ledger
from tests.cli.month_runs import RELAPSE_RISK
from tests.scoring.partitions.lakes import DAY, county_tables, write_lake

LAST = "county=甲县"
NEXT = "2020-01-31"


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    counties = {name: county_tables(place, name, n=20) for place, name in enumerate(("乙县", "甲县"), start=1)}
    return write_lake(tmp_path_factory.mktemp("lake") / "lake", counties)


def audit_command(source, out, *more):
    return ["audit", str(source), "--out", str(out), *more]


def month_command(source, place, out, *more, ledger="ledgers/{county}.db", day=DAY):
    where = ["--ledger", str(place / ledger), "--out", str(place / out)]
    return ["monitor", str(source), "--rule", "--as-of", day, "--capacity", "5", *where, *more]


@pytest.fixture(scope="module")
def audits(lake, tmp_path_factory):
    place = tmp_path_factory.mktemp("audits")
    assert run(audit_command(lake, place / "all", "--quiet")) == 0
    return place


@pytest.fixture(scope="module")
def months(lake, tmp_path_factory):
    place = tmp_path_factory.mktemp("months")
    assert run(month_command(lake, place, "all", "--quiet")) == 0
    return place


@pytest.fixture
def own_months(months, tmp_path):
    """The months of the test alone."""
    shutil.copytree(months, tmp_path, dirs_exist_ok=True)
    return tmp_path


def files_of(folder):
    """Return what is in every file, but for accounts, which have seconds."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "run.json"
    }


def account_of(folder):
    account = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {name: part for name, part in account.items() if name != "seconds"}


# audit


def test_the_audit_of_a_county_is_what_it_is_alone(lake, audits, tmp_path):
    assert run(audit_command(lake / LAST, tmp_path / "alone", "--quiet")) == 0
    assert files_of(audits / "all" / LAST) == files_of(tmp_path / "alone")
    assert account_of(audits / "all" / LAST) == account_of(tmp_path / "alone")
    table = pl.read_parquet(audits / "all" / "counties.parquet")
    findings = pl.read_parquet(tmp_path / "alone" / "audit.parquet")
    (row,) = table.filter(county=LAST).to_dicts()
    assert row["findings_warn"] == findings.filter(severity="warn").height


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_earlier_audit_is_compared_county_by_county(lake, audits, tmp_path, capsys, lang):
    later = shutil.copytree(lake, tmp_path / "lake")
    shutil.copytree(lake / LAST, later / "county=丁县")
    more = ["--since", str(audits / "all"), "--lang", lang]
    assert run(audit_command(later, tmp_path / "all", *more)) == 0
    said = capsys.readouterr().out
    assert ("1 个县在上次审核中没有结果" if lang == "zh" else "1 of the counties have nothing in the earlier") in said
    counted = pl.read_parquet(tmp_path / "all" / "counties.parquet")
    assert counted.filter(county="county=丁县")["open"].to_list() == [None]
    earlier = ["--since", str(audits / "all" / LAST), "--lang", lang]
    assert run(audit_command(later / LAST, tmp_path / "alone", *earlier)) == 0
    assert files_of(tmp_path / "all" / LAST) == files_of(tmp_path / "alone")
    (still,) = counted.filter(county=LAST)["open"]
    assert still == account_of(tmp_path / "alone")["since"]["open"] > 0


@pytest.mark.slow
def test_workbooks_are_audited_by_county_where_asked(tmp_path, write_book, capsys):
    books = tmp_path / "books"
    books.mkdir()
    for county in ("甲县", "乙县"):
        homes = [
            ["户编号", "县", "村", "录入日期"],
            *([f"{county[0]}{n}", county, "上村", "2019-01-05"] for n in range(5)),
        ]
        write_book(books / f"{county}.xlsx", {"户信息": homes})
    (books / "丙县.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    assert run(audit_command(books, tmp_path / "out", "--by-county", "--lang", "zh")) == 3
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith("county=丙县")
    assert "审核 2 个县" in said.out
    assert {path.name for path in (tmp_path / "out").glob("county=*")} == {"county=甲县", "county=乙县"}


# monitor


def test_the_month_of_a_county_is_what_it_is_alone(lake, months, tmp_path):
    assert run(month_command(lake / LAST, tmp_path, "alone", "--quiet", ledger="one.db")) == 0
    assert files_of(months / "all" / LAST) == files_of(tmp_path / "alone")
    assert {path.name for path in (months / "ledgers").iterdir()} == {"county=乙县.db", "county=甲县.db"}
    own, alone = open_ledger(months / "ledgers" / f"{LAST}.db"), open_ledger(tmp_path / "one.db")
    assert own.listings().equals(alone.listings())
    (row,) = pl.read_parquet(months / "all" / "counties.parquet").filter(county=LAST).to_dicts()
    assert row["visits"] == 5
    assert row["opened"] == alone.alerts().height


def test_a_month_that_is_in_the_ledger_already_is_run_again_to_the_same(lake, own_months, capsys):
    before = {path.name: path.read_bytes() for path in (own_months / "ledgers").iterdir()}
    assert run(month_command(lake, own_months, "again", "--lang", "zh")) == 0
    assert "本月走访 10 户" in capsys.readouterr().out
    assert files_of(own_months / "again") == files_of(own_months / "all")
    assert {path.name: path.read_bytes() for path in (own_months / "ledgers").iterdir()} == before


@pytest.mark.slow
@pytest.mark.parametrize("until", ["out/.counties.*.partial/county=*/account.json", "ledgers/*甲县.db"])
def test_killed_it_goes_on_where_it_was(lake, months, tmp_path, until):
    command = [*RELAPSE_RISK, *month_command(lake, tmp_path, "out", "--quiet")]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    while process.poll() is None and not list(tmp_path.glob(until)):
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert run(month_command(lake, tmp_path, "out", "--lang", "zh")) == 0
    table = pl.read_parquet(tmp_path / "out" / "counties.parquet")
    assert dict(table.select("county", "reused").rows()) == {"county=乙县": True, LAST: False}
    own, clean = files_of(tmp_path / "out"), files_of(months / "all")
    assert {name: made for name, made in own.items() if name != "counties.parquet"} == {
        name: made for name, made in clean.items() if name != "counties.parquet"
    }
    assert not list((tmp_path / "out").glob(".*"))


@pytest.mark.slow
def test_a_county_whose_ledger_lost_its_month_is_run_again_and_the_others_are_not(lake, tmp_path, capsys):
    broken = shutil.copytree(lake, tmp_path / "lake")
    shutil.copytree(broken / LAST, broken / "county=丁县")
    (broken / "county=丁县" / "households.parquet").write_bytes(b"")
    assert run(month_command(broken, tmp_path, "all", "--lang", "zh")) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("county=丁县")
    shutil.copy(lake / LAST / "households.parquet", broken / "county=丁县")
    (tmp_path / "ledgers" / f"{LAST}.db").unlink()
    assert run(month_command(broken, tmp_path, "all", "--lang", "zh", "--overwrite")) == 0
    table = pl.read_parquet(tmp_path / "all" / "counties.parquet")
    assert dict(table.select("county", "reused").rows()) == {"county=丁县": False, "county=乙县": True, LAST: False}
    assert len(open_ledger(tmp_path / "ledgers" / f"{LAST}.db").months()) == 1


@pytest.mark.slow
def test_the_second_month_goes_on_from_each_ledger_and_gaps_are_accepted(lake, own_months, capsys):
    later = shutil.copytree(lake, own_months / "lake")
    for table in (later / LAST).glob("*.parquet"):
        if table.stem not in ("households", "incomes"):
            table.unlink()
    command = month_command(later, own_months, "next", "--lang", "en", day=NEXT)
    assert run(command) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(LAST)
    assert "--accept-gaps" in line
    assert run([*command, "--overwrite", "--accept-gaps"]) == 0
    table = pl.read_parquet(own_months / "next" / "counties.parquet")
    assert dict(table.select("county", pl.col("gaps") > 0).rows()) == {"county=乙县": False, LAST: True}
    account = account_of(own_months / "next" / LAST)
    assert account["month"]["previous"] == DAY
    assert account["options"]["ledger"] == str(own_months / "ledgers" / f"{LAST}.db")


@pytest.mark.slow
def test_each_county_has_a_database_of_a_server(lake, server, tmp_path):
    with create_engine(server, isolation_level="AUTOCOMMIT").connect() as connection:
        for name in ("county=乙县", LAST):
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    ledger = server.replace("/postgres?", "/{county}?")
    command = ["monitor", str(lake), "--rule", "--as-of", DAY, "--capacity", "5", "--ledger", ledger, "--quiet"]
    assert run([*command, "--out", str(tmp_path / "out")]) == 0
    own = open_ledger(ledger.replace("{county}", LAST), make=False)
    assert own.listings().height == account_of(tmp_path / "out" / LAST)["month"]["ledger"]["listed"] > 0
    assert len(open_ledger(ledger.replace("{county}", "county=乙县"), make=False).months()) == 1


# What is refused


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--dry-run"], "--dry-run"),
        (["--propose", "p.toml"], "--propose"),
        (["--accept-proposals", "0.9"], "--accept-proposals"),
        (["--corrected", "c.xlsx"], "--corrected"),
        (["--ledger", "county.db"], "--ledger"),
        (["--since", "nowhere"], "nowhere"),
    ],
)
def test_what_an_audit_cannot_do_by_county_is_one_line(lake, tmp_path, capsys, monkeypatch, more, said, lang):
    monkeypatch.chdir(tmp_path)
    assert run(audit_command(lake, tmp_path / "out", *more, "--lang", lang)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("more", "ledger", "said"),
    [
        ([], "county.db", "ledgers/{county}.db"),
        (["--cluster", "tcp://127.0.0.1:1"], "{county}.db", "--cluster"),
        (["--accept-proposals", "0.9"], "{county}.db", "--accept-proposals"),
        (["--capacity", "none.csv"], "{county}.db", "none.csv"),
        ([], "out/{county}.db", "out"),
        (["--as-of", "bald"], "{county}.db", "bald"),
    ],
)
def test_what_a_month_cannot_do_by_county_is_one_line(lake, tmp_path, capsys, monkeypatch, more, ledger, said, lang):
    monkeypatch.chdir(tmp_path)
    assert run(month_command(lake, tmp_path, "out", *more, "--lang", lang, ledger=ledger)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_place_for_a_county_in_the_ledger_of_one_month_is_one_line(tmp_path, capsys, monkeypatch, lang):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    assert run(month_command("in", tmp_path, "out", "--lang", lang, ledger="{county}.db")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--by-county" in line
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_ledger_is_kept_apart_from_the_counties(lake, tmp_path, capsys):
    inside = str(lake / "ledgers" / "{county}.db")
    command = ["monitor", str(lake), "--rule", "--as-of", DAY, "--ledger", inside, "--out", str(tmp_path / "out")]
    assert run([*command, "--lang", "en"]) == 2
    assert "ledgers" in capsys.readouterr().err
    assert not (lake / "ledgers").exists()
