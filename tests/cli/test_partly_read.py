"""A source of which something cannot be read, through the command line: the rest goes on, and every output says so."""

import json

import openpyxl
import pytest

from relapse_risk.cli import run

HOMES = [["户编号", "年度", "家庭人口数", "户类型"], ["h1", 2020, 2, "脱贫户"], ["h2", 2020, 3, "一般农户"]]
INCOMES = [["户编号", "年度", "家庭人口数", "家庭人均纯收入"], ["h1", 2020, 2, 4500], ["h2", 2020, 3, 10000]]
KEYLESS = [["户编号", "监测对象类别", "状态"], ["h1", "脱贫不稳定户", "未消除"]]
SAID = {"zh": "有 2 个文件或工作表没有读取", "en": "2 files or sheets were not read"}


@pytest.fixture
def partly(tmp_path, write_book):
    """A folder of a readable register, a sheet without its key and a damaged file."""
    folder = tmp_path / "in"
    folder.mkdir()
    write_book(folder / "a.xlsx", {"户信息": HOMES, "收入": INCOMES, "监测户": KEYLESS})
    (folder / "b.xlsx").write_bytes(b"damaged")
    return folder


def _cells(path):
    book = openpyxl.load_workbook(path)
    rows = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    return {name: [str(cell) for row in found for cell in row if cell] for name, found in rows.items()}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_roster_says_on_every_page_what_was_not_read(partly, tmp_path, capsys, lang):
    out = tmp_path / "out"
    where = ["--rule", "--as-of", "2020-12-31", "--capacity", "1", "--lang", lang]
    assert run(["score", str(partly), "--out", str(out), *where]) == 0
    assert SAID[lang] in capsys.readouterr().out
    assert SAID[lang] in (out / "report.html").read_text(encoding="utf-8")
    sheets = _cells(out / "roster.xlsx")
    assert len(sheets) > 1
    for cells in sheets.values():
        assert any(SAID[lang] in cell and "监测户" in cell and "b.xlsx" in cell for cell in cells)
    account = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert {(row["source"], row["sheet"], row["status"]) for row in account["sheets"]} == {
        ("a.xlsx", "户信息", "read"),
        ("a.xlsx", "收入", "read"),
        ("a.xlsx", "监测户", "unread"),
        ("b.xlsx", None, "unread"),
    }
    assert account["scores"]["remarks"][0]["code"] == "sheets_unread"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_audit_lists_every_file_and_sheet_with_its_status(partly, tmp_path, capsys, lang):
    out = tmp_path / "out"
    assert run(["audit", str(partly), "--out", str(out), "--lang", lang]) == 0
    assert SAID[lang] in capsys.readouterr().out
    sheets = _cells(out / "audit.xlsx")
    listed = sheets["文件和工作表" if lang == "zh" else "Files and sheets"]
    assert {"监测户", "b.xlsx", "户信息"} <= set(listed)
    assert any("状态" in cell and "identified_on" in cell for cell in listed)
    assert SAID[lang] in (out / "audit.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_dry_run_ends_with_a_line_a_sheet(partly, capsys, lang):
    assert run(["audit", str(partly), "--dry-run", "--lang", lang]) == 0
    last = capsys.readouterr().out.splitlines()[-4:]
    read, unread = {"zh": ("读作", "未读取"), "en": ("read as", "NOT READ")}[lang]
    assert [read in line for line in last] == [True, True, False, False]
    assert unread in last[2] and "状态" in last[2] and "监测户" in last[2]
    assert unread in last[3] and "b.xlsx" in last[3]


@pytest.mark.parametrize("content", [None, {"x.xlsx": b"damaged"}, {"x.doc": b"x"}, {"x.zip": b"no archive"}])
def test_a_dry_run_never_fails_but_where_nothing_is(tmp_path, capsys, content):
    source = tmp_path / "in"
    if content is None:
        assert run(["audit", str(source), "--dry-run"]) == 2
        return
    source.mkdir()
    for name, data in content.items():
        (source / name).write_bytes(data)
    assert run(["audit", str(source), "--dry-run"]) == 0
    assert run(["audit", str(source / next(iter(content))), "--dry-run"]) == 0


def test_without_households_nothing_is_scored_and_everything_is_told(tmp_path, write_book, capsys):
    source = write_book(tmp_path / "a.xlsx", {"收入": INCOMES, "监测户": KEYLESS})
    where = ["--rule", "--as-of", "2020-12-31", "--out", str(tmp_path / "out"), "--lang", "en"]
    assert run(["score", str(source), *where]) == 2
    shown = capsys.readouterr().err
    assert "households" in shown.splitlines()[0]
    (line,) = [line for line in shown.splitlines() if "监测户" in line]
    assert "identified_on" in line and line.startswith("- ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_said_of_one_household_says_what_it_lacks(partly, tmp_path, capsys, lang):
    where = ["household", "h1", str(partly), "--rule", "--as-of", "2020-12-31", "--lang", lang]
    assert run(where) == 0
    assert SAID[lang] in capsys.readouterr().out
    page = tmp_path / "h1.html"
    assert run([*where, "--out", str(page)]) == 0
    assert SAID[lang] in page.read_text(encoding="utf-8")
