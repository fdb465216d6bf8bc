"""The month through the command line: monitor, visits, the next month, the audit; and every way it may go wrong."""

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
from hashlib import sha256
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.cycle import MonthRun
from relapse_risk.monitoring import open_ledger

OCTOBER, NOVEMBER = "2020-10-31", "2020-11-30"
RELAPSE_RISK = [sys.executable, "-c", "from relapse_risk.cli import main; main()"]
TABLES = {
    "risk",
    "areas",
    "assessment",
    "changes",
    "alerts",
    "clearing",
    "watch",
    "watch_counts",
    "sites",
    "focus",
    "plan",
}
WRITTEN = {f"{name}.parquet" for name in (*TABLES, "rejected")}
WRITTEN |= {"visits.xlsx", "bulletin.html", "bulletin.docx", "report.html", "run.json"}
MODEL_ONLY = {"expected.parquet", "drift.parquet", "capacity.parquet"}
FILL = {
    "zh": ("走访日期", "走访结果", "走访人", "备注", "有返贫风险", "记录有误"),
    "en": ("Visited on", "Finding", "By whom", "Remark", "at risk", "wrong record"),
}
SAID = "李四家 13800138000"
HEADER = 5


@pytest.fixture(scope="session")
def register(tmp_path_factory):
    out = tmp_path_factory.mktemp("county") / "register"
    assert run(["synth", "--households", "400", "--seed", "4", "--out", str(out), "--quiet"]) == 0
    return out


@pytest.fixture(scope="session")
def october(register, tmp_path_factory):
    """A folder with a ledger (county.db) and its first month (out)."""
    place = tmp_path_factory.mktemp("october")
    assert run(_monitor(register, place, OCTOBER, "out", "--lang", "zh", "--quiet")) == 0
    return place


@pytest.fixture
def county(october, tmp_path):
    """A folder of the test's own after the first month."""
    shutil.copytree(october, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _monitor(source, place, as_of, out, *more, ledger=None):
    where = ["--ledger", str(place / "county.db" if ledger is None else ledger), "--out", str(place / out)]
    return ["monitor", str(source), "--rule", "--as-of", as_of, "--capacity", "40", *where, *more]


def _visits(source, place, *more, ledger="county.db"):
    return ["visits", str(source), "--ledger", str(place / ledger), *more]


def _fill(source, target, on, *, lines=6, lang="zh"):
    """Fill in the first lines of a workbook; every second finds the record wrong. Return how many were."""
    day, finding, by, remark, at_risk, wrong = FILL[lang]
    book, filled = openpyxl.load_workbook(source), 0
    for sheet in book.worksheets[1:]:
        if sheet.sheet_state != "visible":
            continue
        places = {cell.value: cell.column for cell in sheet[HEADER]}
        if day not in places:  # of those who wait
            continue
        for row in range(HEADER + 1, sheet.max_row + 1):
            if filled == lines or sheet.cell(row, 2).value is None:  # what follows is for households found
                break
            said = wrong if filled % 2 else at_risk
            for name, value in ((day, on), (finding, said), (by, "王五"), (remark, SAID if filled % 2 else None)):
                sheet.cell(row, places[name]).value = value
            filled += 1
    book.save(target)
    return filled


def _told(place, ledger="county.db"):
    """Return all that a ledger holds, but for the moments at which it was recorded."""
    book = open_ledger(place / ledger, make=False)
    return book.months(), book.history().drop("recorded_at").rows(), book.listings().rows()


def _dump(file):
    connection = sqlite3.connect(file)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def _bytes(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.name != "run.json"}


def _one_line(capsys, *parts, without=()):
    out, err = capsys.readouterr()
    assert err.count("\n") == 1, err
    assert "Traceback" not in out + err
    assert all(part in err for part in parts), err
    assert not any(part in out + err for part in without), err


# What is written


def test_everything_written_is_in_the_account(october):
    account = json.loads((october / "out" / "run.json").read_text(encoding="utf-8"))
    assert {path.name for path in (october / "out").iterdir()} == WRITTEN
    assert set(account["outputs"]) == WRITTEN - {"run.json"}
    for name, digest in account["outputs"].items():
        assert sha256((october / "out" / name).read_bytes()).hexdigest() == digest
    assert account["options"]["ledger"] == str(october / "county.db")
    assert account["month"]["ledger"]["opened"] == account["month"]["alerts"]["open"] > 0


def test_visits_are_entered_once_and_what_was_remarked_stays_in_the_ledger(county, capsys):
    filled = _fill(county / "out" / "visits.xlsx", county / "filled.xlsx", date(2020, 11, 5))
    assert run([*_visits(county / "filled.xlsx", county), "--out", str(county / "read"), "--lang", "en"]) == 0
    assert f"{filled} kept, 0 refused" in capsys.readouterr().out
    after = _told(county)
    account = json.loads((county / "read" / "run.json").read_text(encoding="utf-8"))
    assert account["counts"]["acts_done"] == filled + filled // 2
    assert set(account["outputs"]) == {"acts.parquet", "rejected.parquet", "completion.xlsx"}
    assert run([*_visits(county / "filled.xlsx", county), "--out", str(county / "read"), "--overwrite"]) == 0
    assert _told(county) == after
    assert json.loads((county / "read" / "run.json").read_text(encoding="utf-8"))["counts"]["acts_done"] == 0
    assert "李四家" in _dump(county / "county.db")
    assert "13800138000" not in _dump(county / "county.db")
    for path in (county / "read").glob("*.parquet"):
        assert "李四" not in str(pl.read_parquet(path).rows())
    assert "李四" not in (county / "read" / "run.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "name", "sentence"),
    [
        ("zh", "完成情况.xlsx", "2020-10-31 名单的走访：应走访 {due} 户，已走访 {done} 户"),
        ("en", "completion.xlsx", "visits of the list of 2020-10-31: {due} due, {done} done"),
    ],
)
def test_what_is_done_of_the_list_is_told_by_town(county, capsys, lang, name, sentence):
    listed = json.loads((county / "out" / "run.json").read_text(encoding="utf-8"))["month"]["visits"]
    filled = _fill(county / "out" / "visits.xlsx", county / "filled.xlsx", date(2020, 11, 5))
    more = ["--today", "2020-11-06", "--out", str(county / "read"), "--lang", lang]
    assert run([*_visits(county / "filled.xlsx", county), *more]) == 0
    told = capsys.readouterr().out
    assert sentence.format(due=listed, done=filled) in told
    completion = json.loads((county / "read" / "run.json").read_text(encoding="utf-8"))["completion"]
    assert completion["as_of"] == OCTOBER
    assert sum(town["due"] for town in completion["towns"]) == listed
    assert sum(town["done"] for town in completion["towns"]) == filled
    assert all(town["town"] in told for town in completion["towns"])
    rows = list(openpyxl.load_workbook(county / "read" / name).active.values)
    assert sum(row[2] for row in rows[1:]) == 2 * listed  # by town, and by village


@pytest.mark.parametrize(("lang", "name"), [("zh", "退回更正.xlsx"), ("en", "to_send_back.xlsx")])
def test_what_was_not_entered_is_written_to_be_sent_back_and_entered_once_corrected(county, capsys, lang, name):
    filled = _fill(county / "out" / "visits.xlsx", county / "filled.xlsx", date(2020, 11, 5))
    book = openpyxl.load_workbook(county / "filled.xlsx")
    sheet = next(one for one in book.worksheets[1:] if one.cell(HEADER + 1, 2).value is not None)
    places = {cell.value: cell.column for cell in sheet[HEADER]}
    sheet.cell(HEADER + 1, places["走访人"]).value = None
    book.save(county / "filled.xlsx")
    assert run([*_visits(county / "filled.xlsx", county), "--out", str(county / "read"), "--lang", lang]) == 0
    assert name in capsys.readouterr().out
    back = openpyxl.load_workbook(county / "read" / name)
    assert [one.max_row for one in back.worksheets if one.sheet_state == "visible"] == [HEADER + 1]
    back.worksheets[0].cell(HEADER + 1, places["走访人"]).value = "王五"
    back.save(county / "corrected.xlsx")
    assert run([*_visits(county / "corrected.xlsx", county), "--out", str(county / "again"), "--lang", lang]) == 0
    account = json.loads((county / "again" / "run.json").read_text(encoding="utf-8"))
    assert (account["counts"]["kept"], account["counts"]["refused"]) == (1, 0)
    assert open_ledger(county / "county.db").history().filter(kind="visited").height == filled
    completed = {"zh": "完成情况.xlsx", "en": "completion.xlsx"}[lang]
    assert set(account["outputs"]) == {"acts.parquet", "rejected.parquet", completed}


def test_a_refused_row_is_told_with_its_file_where_there_are_several(county, capsys):
    (county / "two").mkdir()
    for name, found in (("a.xlsx", "有返贫风险"), ("b.xlsx", "生活稳定")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(FILL, "zh", (*FILL["zh"][:4], found, FILL["zh"][5]))
            _fill(county / "out" / "visits.xlsx", county / "two" / name, date(2020, 11, 3), lines=1)
    before = _told(county)
    assert run([*_visits(county / "two", county), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert out.count("the same alert is filled in twice for one day, with different findings") == 2
    assert "  a.xlsx " in out
    assert "  b.xlsx " in out
    assert _told(county) == before


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("zh", ("a.xlsx：已录入 3 行，未采用 0 行", "b.xlsx：没有读取。", "c.xlsx：其中没有走访表的行")),
        ("en", ("a.xlsx: 3 rows taken, 0 refused", "b.xlsx: not read. ", "c.xlsx: there is no row")),
    ],
)
def test_every_file_of_a_folder_has_its_line(county, capsys, lang, lines):
    (county / "back").mkdir()
    _fill(county / "out" / "visits.xlsx", county / "back" / "a.xlsx", date(2020, 11, 3), lines=3)
    (county / "back" / "b.xlsx").write_bytes(b"no workbook")
    openpyxl.Workbook().save(county / "back" / "c.xlsx")
    capsys.readouterr()
    assert run([*_visits(county / "back", county), "--out", str(county / "read"), "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert all(line in out for line in lines)
    files = json.loads((county / "read" / "run.json").read_text(encoding="utf-8"))["files"]
    assert [file["why"] for file in files] == [None, "file_unreadable", None]


def test_before_the_list_there_was_no_visit(county, capsys):
    _fill(county / "out" / "visits.xlsx", county / "filled.xlsx", date(2020, 11, 5))
    before = _told(county)
    assert run([*_visits(county / "filled.xlsx", county), "--today", "2020-10-01", "--lang", "en"]) == 0
    assert "0 kept, 6 refused" in capsys.readouterr().out
    assert _told(county) == before


def test_the_tables_beside_the_workbook_are_no_visits(county, capsys):
    filled = _fill(county / "out" / "visits.xlsx", county / "out" / "visits.xlsx", date(2020, 11, 5))
    assert run([*_visits(county / "out", county), "--lang", "en"]) == 0
    assert f"{filled} kept, 0 refused" in capsys.readouterr().out


def test_a_roster_filled_in_by_nobody_changes_nothing(county, register, capsys):
    scored = ["score", str(register), "--rule", "--as-of", OCTOBER, "--out", str(county / "scored"), "--quiet"]
    assert run(scored) == 0
    before = _told(county)
    assert run([*_visits(county / "scored" / "roster.xlsx", county), "--lang", "zh"]) == 0
    assert "采用 0 行" in capsys.readouterr().out
    assert _told(county) == before


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
        _monitor(register, tmp_path, OCTOBER, "out", ledger=file),
        [*_visits(register, tmp_path, ledger=name)],
        ["audit", str(register), "--ledger", str(file), "--out", str(tmp_path / "out")],
    ):
        assert run([*arguments, "--lang", lang]) == 2
        _one_line(capsys, name)
        assert not (tmp_path / "out").exists()
    assert (file.read_bytes() if file.is_file() else None) == before


def test_a_day_that_is_none_makes_no_ledger(register, tmp_path, capsys):
    assert run([*_monitor(register, tmp_path, "2019-13-01", "out"), "--lang", "en"]) == 2
    _one_line(capsys, "2019-13-01")
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
    assert run([*_monitor(register, tmp_path, OCTOBER, "out", ledger=url), "--lang", lang]) == 2
    _one_line(capsys, without=["geheim"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_a_month_begins_a_ledger(county, register, capsys, lang):
    for arguments in (
        _visits(county / "out" / "visits.xlsx", county, ledger="typo.db"),
        ["audit", str(register), "--ledger", str(county / "typo.db"), "--out", str(county / "audited")],
    ):
        assert run([*arguments, "--lang", lang]) == 2
        _one_line(capsys, "typo.db", "monitor")
    (county / "typo.db").touch()
    assert run([*_visits(county / "out" / "visits.xlsx", county, ledger="typo.db"), "--lang", lang]) == 2
    _one_line(capsys, "typo.db", "monitor")
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
    before = _told(county)
    assert run([*_monitor(register, county, NOVEMBER, "next"), *more, "--lang", lang]) == 2
    _one_line(capsys, said)
    assert _told(county) == before
    assert not (county / "next").exists()


def test_a_ledger_is_no_input_and_an_input_that_cannot_be_read_leaves_it_as_it_is(county, capsys):
    before = _told(county)
    (county / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    for source in ("county.db", "broken.xlsx", "nowhere"):
        assert run([*_monitor(county / source, county, NOVEMBER, "next"), "--lang", "en"]) == 2
        _one_line(capsys, source)
        assert run([*_visits(county / source, county), "--lang", "zh"]) == 2
        _one_line(capsys, source)
    assert _told(county) == before
    assert not (county / "next").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_no_filled_in_workbook_is_refused(county, capsys, lang):
    (county / "text.xlsx").write_text("no workbook", encoding="utf-8")
    openpyxl.Workbook().save(county / "empty.xlsx")
    (county / "folder").mkdir()
    before = _told(county)
    for name in ("text.xlsx", "empty.xlsx", "folder"):
        assert run([*_visits(county / name, county), "--lang", lang]) == 2
        _one_line(capsys, name)
    assert run([*_visits(county / "out" / "visits.xlsx", county, "--today", "heute"), "--lang", lang]) == 2
    _one_line(capsys, "heute")
    assert run([*_visits(county / "out" / "visits.xlsx", county, "--out", str(county)), "--lang", lang]) == 2
    _one_line(capsys)
    assert _told(county) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="whoever may write all is refused nothing")
def test_a_ledger_that_may_only_be_read_is_refused(county, register, capsys):
    (county / "county.db").chmod(0o444)
    assert run([*_monitor(register, county, NOVEMBER, "next"), "--lang", "en"]) == 2
    _one_line(capsys, "county.db")
    assert not (county / "next").exists()


# What fails on the way


@pytest.mark.slow
def test_a_month_that_could_not_be_written_is_in_the_ledger_and_run_again_is_whole(
    county, register, monkeypatch, capsys
):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    arguments = [*_monitor(register, county, NOVEMBER, "next"), "--lang", "en"]
    with monkeypatch.context() as patch:
        patch.setattr(MonthRun, "write", full)
        assert run(arguments) == 2
    _one_line(capsys, "next")
    after = _told(county)
    assert after[0] == [date(2020, 10, 31), date(2020, 11, 30)]
    assert not (county / "next").exists()
    assert run(arguments) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert _told(county) == after
    assert {path.name for path in (county / "next").iterdir()} == WRITTEN | {"completion.parquet"}


@pytest.mark.slow
def test_a_ledger_without_room_holds_nothing_new(county, register):
    room = (county / "county.db").stat().st_size  # every other file is smaller
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); "
    before = _told(county)
    command = [sys.executable, "-c", limited + RELAPSE_RISK[-1], *_monitor(register, county, NOVEMBER, "next")]
    done = subprocess.run([*command, "--lang", "en", "--quiet"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "county.db" in done.stderr
    assert _told(county) == before
    assert not (county / "next").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("after", ["0.3", "0.6", "0.8", "0.95", "the ledger is written"])
def test_killed_at_any_moment_it_is_whole_when_run_again(october, register, tmp_path, after):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for place in (whole, killed):
        shutil.copytree(october, place)
    began = time.monotonic()
    subprocess.run([*RELAPSE_RISK, *_monitor(register, whole, NOVEMBER, "next", "--quiet")], check=True)
    took = time.monotonic() - began
    before = _told(killed)
    command = [*RELAPSE_RISK, *_monitor(register, killed, NOVEMBER, "next", "--quiet")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if after.startswith("0"):
        time.sleep(float(after) * took)
    else:
        while not (killed / "county.db-journal").exists() and process.poll() is None:
            time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert _told(killed) in (before, _told(whole))  # the month whole, or nothing of it
    again = [*command, *(["--overwrite"] if (killed / "next").exists() else [])]
    subprocess.run(again, check=True)
    assert _bytes(killed / "next") == _bytes(whole / "next")
    assert _told(killed) == _told(whole)
    connection = sqlite3.connect(killed / "county.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert not list(killed.glob(".*.partial/*")) or (killed / "next").exists()


def test_split_visits_are_a_workbook_for_each_town_and_read_back_as_a_folder(register, tmp_path, capsys):
    assert run([*_monitor(register, tmp_path, OCTOBER, "out", "--split-by", "town", "--lang", "en")]) == 0
    assert str(tmp_path / "out" / "visits") in capsys.readouterr().out
    parts = sorted((tmp_path / "out" / "visits").iterdir())
    account = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {f"visits/{path.name}" for path in parts} <= set(account["outputs"])
    assert len(parts) == pl.read_parquet(tmp_path / "out" / "alerts.parquet").select("county", "town").n_unique() > 1
    filled = sum(_fill(path, path, date(2020, 11, 5), lines=2, lang="en") for path in parts)
    assert run([*_visits(tmp_path / "out" / "visits", tmp_path), "--lang", "en"]) == 0
    assert f"{filled} kept, 0 refused" in capsys.readouterr().out


# The whole of it


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_month_from_end_to_end(register, tmp_path, capsys, lang):
    place = tmp_path / "某 县"
    place.mkdir()
    words = ["--lang", lang]
    assert run([*_monitor(register, place, OCTOBER, "十 月"), *words]) == 0
    assert str(place / "county.db") in capsys.readouterr().out
    filled = _fill(place / "十 月" / "visits.xlsx", place / "填好 的.xlsx", date(2020, 11, 5), lang=lang)
    assert run([*_visits(place / "填好 的.xlsx", place), *words, "--out", str(place / "读 回")]) == 0
    assert run([*_monitor(register, place, NOVEMBER, "十一 月"), *words]) == 0
    first = _bytes(place / "十一 月")
    after = _told(place)
    assert run([*_monitor(register, place, NOVEMBER, "十一 月"), *words]) == 2
    assert run([*_monitor(register, place, NOVEMBER, "十一 月"), *words, "--overwrite"]) == 0
    assert _bytes(place / "十一 月") == first
    assert _told(place) == after
    assert run([*_visits(place / "填好 的.xlsx", place), *words]) == 0  # last month's once more
    assert _told(place) == after
    out = str(place / "审 核")
    assert run(["audit", str(register), "--ledger", str(place / "county.db"), "--out", out, *words]) == 0
    found = pl.read_parquet(place / "审 核" / "audit.parquet")
    wrong = open_ledger(place / "county.db", make=False).wrong_records()
    newest = pl.read_parquet(register / "households.parquet").group_by("household_id").agg(pl.col("recorded_on").max())
    standing = wrong.join(newest, on="household_id").filter(pl.col("recorded_on") <= pl.col("on"))  # not entered anew
    assert wrong.height == filled // 2
    reported = found.filter(pl.col("rule").str.contains("visit|reported|wrong"))
    assert sorted(reported["household_id"]) == sorted(standing["household_id"])
    assert standing.height
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    everything = [path for path in place.rglob("*") if path.suffix in (".html", ".json")]
    assert everything
    assert not any("李四" in path.read_text(encoding="utf-8") for path in everything)


@pytest.mark.slow
def test_with_a_trained_model_it_tells_what_to_expect_and_what_drifts(road, tmp_path):
    where = ["--ledger", str(tmp_path / "county.db"), "--out", str(tmp_path / "out")]
    assert (
        run(
            [
                "monitor",
                str(road.register),
                "--bundle",
                str(road.bundle),
                "--as-of",
                NOVEMBER,
                "--capacity",
                "120",
                *where,
            ]
        )
        == 0
    )
    assert {path.name for path in (tmp_path / "out").iterdir()} == WRITTEN | MODEL_ONLY
    expected = dict(pl.read_parquet(tmp_path / "out" / "expected.parquet").select("measure", "expected").iter_rows())
    risk = pl.read_parquet(tmp_path / "out" / "risk.parquet")["probability"].drop_nulls()
    assert expected["relapses"] == pytest.approx(risk.sum())
    assert 0 < expected["recall"] < 1


@pytest.mark.slow
def test_a_table_of_capacity_by_area(register, tmp_path, capsys):
    table = tmp_path / "走访 能力.csv"
    table.write_text("county,visits\n虚拟甲县,10\n虚拟乙县,12\n", encoding="gb18030")
    per = ["--capacity", str(table), "--capacity-per", "county"]
    assert run([*_monitor(register, tmp_path, OCTOBER, "out"), *per, "--lang", "zh"]) == 0
    account = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    scores = account["month"]["scores"]
    assert account["month"]["visits"] == 22
    assert scores["listed_by_risk"] + scores["listed_by_rule"] == 20  # and two drawn at random
    assert account["options"]["capacity"] == str(table)


@pytest.mark.slow
def test_carried_names_are_in_the_visit_workbook_and_nowhere_else(tmp_path):
    exports = tmp_path / "exports"
    made = ["synth", "--households", "400", "--seed", "4", "--dialect", "registry", "--out", str(exports), "--quiet"]
    assert run(made) == 0
    carry = ["--carry", "head_name,head_id_number", "--quiet"]
    assert run([*_monitor(exports, tmp_path, OCTOBER, "out"), *carry]) == 0
    names = _column(tmp_path / "out" / "visits.xlsx", "户主姓名")
    numbers = _column(tmp_path / "out" / "visits.xlsx", "户主证件号码")
    assert len(names) > 20
    assert len(numbers) > 20
    texts = {path.name: str(pl.read_parquet(path).rows()) for path in (tmp_path / "out").glob("*.parquet")}
    texts |= {name: (tmp_path / "out" / name).read_text(encoding="utf-8") for name in ("bulletin.html", "report.html")}
    texts |= {"run.json": (tmp_path / "out" / "run.json").read_text(encoding="utf-8")}
    texts |= {"ledger": _dump(tmp_path / "county.db")}
    for name, text in texts.items():
        assert not [one for one in (*names, *numbers) if one in text], name


def _column(path, header):
    cells = set()
    for sheet in openpyxl.load_workbook(path, read_only=True).worksheets:
        rows = list(sheet.iter_rows(min_row=HEADER, values_only=True))
        if rows and header in rows[0]:
            cells |= {str(row[rows[0].index(header)]) for row in rows[1:] if row[rows[0].index(header)]}
    return cells


def test_a_table_that_was_forgotten_stops_the_month_until_that_is_accepted(register, county, tmp_path, capsys):
    fewer = tmp_path / "fewer"
    shutil.copytree(register, fewer, ignore=shutil.ignore_patterns("illness.parquet"))
    before = (county / "county.db").read_bytes()
    assert run([*_monitor(fewer, county, NOVEMBER, "next"), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    (line,) = [line for line in told.splitlines() if line.startswith("- ")]
    assert "this month has none" in line
    assert "--accept-gaps" in told
    assert not (county / "next").exists()
    assert (county / "county.db").read_bytes() == before
    assert run([*_monitor(fewer, county, NOVEMBER, "next", "--accept-gaps"), "--lang", "en"]) == 0
    assert line.removeprefix("- ") in capsys.readouterr().out
    account = json.loads((county / "next" / "run.json").read_text(encoding="utf-8"))
    assert account["options"]["accept_gaps"] is True
    assert [gap["code"] for gap in account["month"]["gaps"]] == ["gap_table"]
    assert line.removeprefix("- ") in (county / "next" / "bulletin.html").read_text(encoding="utf-8")
