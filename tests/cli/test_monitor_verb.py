"""The month through the command line: monitor, visits, the next month, the audit; and every way it may go wrong."""

import json
import re
import shutil
from datetime import date
from hashlib import sha256

import openpyxl
import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.monitoring import open_ledger
from tests.cli.month_runs import (
    FILL,
    HEADER,
    MODEL_ONLY,
    NOVEMBER,
    OCTOBER,
    WRITTEN,
    bytes_of,
    dump,
    fill_in,
    ledger_content,
    month_command,
    visits_command,
)

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
    filled = fill_in(county / "out" / "visits.xlsx", county / "filled.xlsx", date(2020, 11, 5))
    assert run([*visits_command(county / "filled.xlsx", county), "--out", str(county / "read"), "--lang", "en"]) == 0
    assert f"{filled} kept, 0 refused" in capsys.readouterr().out
    after = ledger_content(county)
    account = json.loads((county / "read" / "run.json").read_text(encoding="utf-8"))
    assert account["counts"]["acts_done"] == filled + filled // 2
    assert set(account["outputs"]) == {"acts.parquet", "rejected.parquet", "completion.xlsx"}
    assert run([*visits_command(county / "filled.xlsx", county), "--out", str(county / "read"), "--overwrite"]) == 0
    assert ledger_content(county) == after
    assert json.loads((county / "read" / "run.json").read_text(encoding="utf-8"))["counts"]["acts_done"] == 0
    assert "李四家" in dump(county / "county.db")
    assert "13800138000" not in dump(county / "county.db")
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
    filled = fill_in(county / "out" / "visits.xlsx", county / "filled.xlsx", date(2020, 11, 5))
    more = ["--today", "2020-11-06", "--out", str(county / "read"), "--lang", lang]
    assert run([*visits_command(county / "filled.xlsx", county), *more]) == 0
    shown = capsys.readouterr().out
    assert sentence.format(due=listed, done=filled) in shown
    completion = json.loads((county / "read" / "run.json").read_text(encoding="utf-8"))["completion"]
    assert completion["as_of"] == OCTOBER
    assert sum(town["due"] for town in completion["towns"]) == listed
    assert sum(town["done"] for town in completion["towns"]) == filled
    assert all(town["town"] in shown for town in completion["towns"])
    rows = list(openpyxl.load_workbook(county / "read" / name).active.values)
    assert sum(row[2] for row in rows[1:]) == 2 * listed  # by town, and by village


@pytest.mark.parametrize(("lang", "name"), [("zh", "退回更正.xlsx"), ("en", "to_send_back.xlsx")])
def test_what_was_not_entered_is_written_to_be_sent_back_and_entered_once_corrected(county, capsys, lang, name):
    filled = fill_in(county / "out" / "visits.xlsx", county / "filled.xlsx", date(2020, 11, 5))
    book = openpyxl.load_workbook(county / "filled.xlsx")
    sheet = next(one for one in book.worksheets[1:] if one.cell(HEADER + 1, 2).value is not None)
    places = {cell.value: cell.column for cell in sheet[HEADER]}
    sheet.cell(HEADER + 1, places["走访人"]).value = None
    book.save(county / "filled.xlsx")
    assert run([*visits_command(county / "filled.xlsx", county), "--out", str(county / "read"), "--lang", lang]) == 0
    assert name in capsys.readouterr().out
    back = openpyxl.load_workbook(county / "read" / name)
    assert [one.max_row for one in back.worksheets if one.sheet_state == "visible"] == [HEADER + 1]
    back.worksheets[0].cell(HEADER + 1, places["走访人"]).value = "王五"
    back.save(county / "corrected.xlsx")
    assert (
        run([*visits_command(county / "corrected.xlsx", county), "--out", str(county / "again"), "--lang", lang]) == 0
    )
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
            fill_in(county / "out" / "visits.xlsx", county / "two" / name, date(2020, 11, 3), lines=1)
    before = ledger_content(county)
    assert run([*visits_command(county / "two", county), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert out.count("the same alert is filled in twice for one day, with different findings") == 2
    assert "  a.xlsx " in out
    assert "  b.xlsx " in out
    assert ledger_content(county) == before


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("zh", ("a.xlsx：已录入 3 行，未采用 0 行", "b.xlsx：没有读取。", "c.xlsx：其中没有走访表的行")),
        ("en", ("a.xlsx: 3 rows taken, 0 refused", "b.xlsx: not read. ", "c.xlsx: there is no row")),
    ],
)
def test_every_file_of_a_folder_has_its_line(county, capsys, lang, lines):
    (county / "back").mkdir()
    fill_in(county / "out" / "visits.xlsx", county / "back" / "a.xlsx", date(2020, 11, 3), lines=3)
    (county / "back" / "b.xlsx").write_bytes(b"no workbook")
    openpyxl.Workbook().save(county / "back" / "c.xlsx")
    capsys.readouterr()
    assert run([*visits_command(county / "back", county), "--out", str(county / "read"), "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert all(line in out for line in lines)
    files = json.loads((county / "read" / "run.json").read_text(encoding="utf-8"))["files"]
    assert [file["why"] for file in files] == [None, "file_unreadable", None]


def test_before_the_list_there_was_no_visit(county, capsys):
    fill_in(county / "out" / "visits.xlsx", county / "filled.xlsx", date(2020, 11, 5))
    before = ledger_content(county)
    assert run([*visits_command(county / "filled.xlsx", county), "--today", "2020-10-01", "--lang", "en"]) == 0
    assert "0 kept, 6 refused" in capsys.readouterr().out
    assert ledger_content(county) == before


def test_the_tables_beside_the_workbook_are_no_visits(county, capsys):
    filled = fill_in(county / "out" / "visits.xlsx", county / "out" / "visits.xlsx", date(2020, 11, 5))
    assert run([*visits_command(county / "out", county), "--lang", "en"]) == 0
    assert f"{filled} kept, 0 refused" in capsys.readouterr().out


def test_a_roster_filled_in_by_nobody_changes_nothing(county, register, capsys):
    scored = ["score", str(register), "--rule", "--as-of", OCTOBER, "--out", str(county / "scored"), "--quiet"]
    assert run(scored) == 0
    before = ledger_content(county)
    assert run([*visits_command(county / "scored" / "roster.xlsx", county), "--lang", "zh"]) == 0
    assert "采用 0 行" in capsys.readouterr().out
    assert ledger_content(county) == before


# The whole of it


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_month_from_end_to_end(register, tmp_path, capsys, lang):
    place = tmp_path / "某 县"
    place.mkdir()
    words = ["--lang", lang]
    assert run([*month_command(register, place, OCTOBER, "十 月"), *words]) == 0
    assert str(place / "county.db") in capsys.readouterr().out
    filled = fill_in(place / "十 月" / "visits.xlsx", place / "填好 的.xlsx", date(2020, 11, 5), lang=lang)
    assert run([*visits_command(place / "填好 的.xlsx", place), *words, "--out", str(place / "读 回")]) == 0
    assert run([*month_command(register, place, NOVEMBER, "十一 月"), *words]) == 0
    first = bytes_of(place / "十一 月")
    after = ledger_content(place)
    assert run([*month_command(register, place, NOVEMBER, "十一 月"), *words]) == 2
    assert run([*month_command(register, place, NOVEMBER, "十一 月"), *words, "--overwrite"]) == 0
    assert bytes_of(place / "十一 月") == first
    assert ledger_content(place) == after
    assert run([*visits_command(place / "填好 的.xlsx", place), *words]) == 0  # last month's once more
    assert ledger_content(place) == after
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
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err
    everything = [path for path in place.rglob("*") if path.suffix in (".html", ".json")]
    assert everything
    assert not any("李四" in path.read_text(encoding="utf-8") for path in everything)


@pytest.mark.slow
def test_with_a_trained_model_it_tells_what_to_expect_and_what_drifts(road, tmp_path, capsys):
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
    shown, page = capsys.readouterr().out, (tmp_path / "out" / "bulletin.html").read_text(encoding="utf-8")
    curve = pl.read_parquet(tmp_path / "out" / "capacity.parquet")
    assert curve.filter(level="town").height
    for visits, found in curve.filter(level="town", share=0.2).select("visits", "found").rows():
        cell = re.compile(rf"\b{visits} → {found:.{0 if found >= 10 else 1}f}\b")
        assert cell.search(shown)
        assert cell.search(page)


@pytest.mark.slow
def test_a_table_of_capacity_by_area(register, tmp_path, capsys):
    table = tmp_path / "走访 能力.csv"
    table.write_text("county,visits\n虚拟甲县,10\n虚拟乙县,12\n", encoding="gb18030")
    per = ["--capacity", str(table), "--capacity-per", "county"]
    assert run([*month_command(register, tmp_path, OCTOBER, "out"), *per, "--lang", "zh"]) == 0
    account = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    scores = account["month"]["scores"]
    assert account["month"]["visits"] == 22
    assert scores["listed_by_risk"] + scores["listed_by_rule"] == 22  # red rules fill every county: nobody is drawn
    assert account["options"]["capacity"] == str(table)


@pytest.mark.slow
def test_carried_names_are_in_the_visit_workbook_and_nowhere_else(tmp_path):
    exports = tmp_path / "exports"
    made = ["synth", "--households", "400", "--seed", "4", "--dialect", "registry", "--out", str(exports), "--quiet"]
    assert run(made) == 0
    carry = ["--carry", "head_name,head_id_number", "--quiet"]
    assert run([*month_command(exports, tmp_path, OCTOBER, "out"), *carry]) == 0
    names = _column(tmp_path / "out" / "visits.xlsx", "户主姓名")
    numbers = _column(tmp_path / "out" / "visits.xlsx", "户主证件号码")
    assert len(names) > 20
    assert len(numbers) > 20
    texts = {path.name: str(pl.read_parquet(path).rows()) for path in (tmp_path / "out").glob("*.parquet")}
    texts |= {name: (tmp_path / "out" / name).read_text(encoding="utf-8") for name in ("bulletin.html", "report.html")}
    texts |= {"run.json": (tmp_path / "out" / "run.json").read_text(encoding="utf-8")}
    texts |= {"ledger": dump(tmp_path / "county.db")}
    for name, text in texts.items():
        assert not [one for one in (*names, *numbers) if one in text], name


def _column(path, header):
    cells = set()
    for sheet in openpyxl.load_workbook(path, read_only=True).worksheets:
        rows = list(sheet.iter_rows(min_row=HEADER, values_only=True))
        if rows and header in rows[0]:
            cells |= {str(row[rows[0].index(header)]) for row in rows[1:] if row[rows[0].index(header)]}
    return cells


@pytest.mark.slow
def test_a_table_that_was_forgotten_stops_the_month_until_that_is_accepted(register, county, tmp_path, capsys):
    fewer = tmp_path / "fewer"
    shutil.copytree(register, fewer, ignore=shutil.ignore_patterns("illness.parquet"))
    before = (county / "county.db").read_bytes()
    assert run([*month_command(fewer, county, NOVEMBER, "next"), "--lang", "en"]) == 2
    shown = capsys.readouterr().err
    (line,) = [line for line in shown.splitlines() if line.startswith("- ")]
    assert "this month has none" in line
    assert "--accept-gaps" in shown
    assert not (county / "next").exists()
    assert (county / "county.db").read_bytes() == before
    assert run([*month_command(fewer, county, NOVEMBER, "next", "--accept-gaps"), "--lang", "en"]) == 0
    assert line.removeprefix("- ") in capsys.readouterr().out
    account = json.loads((county / "next" / "run.json").read_text(encoding="utf-8"))
    assert account["options"]["accept_gaps"] is True
    assert [gap["code"] for gap in account["month"]["gaps"]] == ["gap_table"]
    assert line.removeprefix("- ") in (county / "next" / "bulletin.html").read_text(encoding="utf-8")
