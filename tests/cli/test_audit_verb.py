"""The audit verb: what it writes, what it says, what a correction closes."""

import json
import shutil

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from polars.testing import assert_frame_equal

from relapse_risk.cli import run
from relapse_risk.synthetic import synthesise, write_population

WRITTEN = {"audit.parquet", "sent.parquet", "audit.xlsx", "audit.html", "reconciliation.parquet", "run.json"}
INCOMES = [
    "户编号",
    "年度",
    "家庭人口数",
    "工资性收入",
    "生产经营性收入",
    "财产性收入",
    "转移性收入",
    "家庭纯收入",
    "人均纯收入",
]
GOOD = ["h1", 2019, 2, 6000, 0, 0, 0, 6000, 3000]
BAD = ["h2", 2019, 2, 6000, 0, 0, 0, 9000, 3000]


def write(path, rows, headers=INCOMES):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("收入")
        for at, row in enumerate([headers, *rows]):
            sheet.write_row(at, 0, row)
    return path


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    write_population(synthesise(households=150, seed=2), folder, dialect="registry", faults=0.01)
    return folder


@pytest.mark.slow
def test_it_writes_findings_a_workbook_a_page_and_its_account(exports, tmp_path, capsys):
    assert run(["audit", str(exports), "--out", str(tmp_path / "a"), "--lang", "en"]) == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == WRITTEN
    findings = pl.read_parquet(tmp_path / "a" / "audit.parquet")
    assert findings.columns == [
        *("source", "sheet", "row", "table", "household_id", "person_id", "column", "rule", "severity", "value_masked"),
        *("first_row", "year", "county", "town", "village", "standing", "answer"),
    ]
    assert findings.height > 20
    account = json.loads((tmp_path / "a" / "run.json").read_text(encoding="utf-8"))
    assert account["verb"] == "audit"
    assert sum(row["read"] for row in account["rows"]) == sum(row["kept"] + row["refused"] for row in account["rows"])
    said = capsys.readouterr().out
    warned = findings.filter(severity="warn").height
    assert f"{warned} are to be checked" in said
    assert len(openpyxl.load_workbook(tmp_path / "a" / "audit.xlsx").sheetnames) > 3


def test_a_re_import_closes_what_was_corrected_and_says_what_is_still_open(tmp_path, capsys):
    source = write(tmp_path / "county.xlsx", [GOOD, BAD, ["h3", *BAD[1:]]])
    assert run(["audit", str(source), "--out", str(tmp_path / "first"), "--quiet"]) == 0
    found = pl.read_parquet(tmp_path / "first" / "audit.parquet").filter(pl.col("severity") == "warn")
    assert set(found["household_id"]) == {"h2", "h3"}
    write(source, [["h3", *BAD[1:]], GOOD, ["h2", *GOOD[1:]]])
    capsys.readouterr()
    again = [
        "audit",
        str(source),
        "--out",
        str(tmp_path / "second"),
        "--since",
        str(tmp_path / "first"),
        "--lang",
        "en",
    ]
    assert run(again) == 0
    closed, still = (found.filter(household_id=home).height for home in ("h2", "h3"))
    assert (
        f"since the earlier audit: {closed} closed, 0 not sent this time, {still} still open, 0 new"
        in capsys.readouterr().out
    )


@pytest.mark.slow
def test_a_file_that_was_not_sent_again_corrects_nothing(tmp_path, shared, capsys):
    case, fewer = shared / "cases" / "20-since-missing-file", tmp_path / "fewer"
    assert run(["audit", str(case), "--out", str(tmp_path / "first"), "--quiet"]) == 0
    fewer.mkdir()
    shutil.copy(case / "a.xlsx", fewer / "sent under another name.xlsx")
    capsys.readouterr()
    again = ["audit", str(fewer), "--out", str(tmp_path / "second"), "--since", str(tmp_path / "first"), "--lang", "en"]
    assert run(again) == 0
    before, now = (pl.read_parquet(tmp_path / name / "audit.parquet") for name in ("first", "second"))
    missing = before.filter(source="b.xlsx").height
    assert missing > 50
    since = json.loads((tmp_path / "second" / "run.json").read_text(encoding="utf-8"))["since"]
    assert since == {"closed": 0, "not_sent": missing, "open": now.height, "new": 0}
    assert f"0 closed, {missing} not sent this time" in capsys.readouterr().out


@pytest.mark.slow
def test_a_workbook_sent_twice_doubles_nothing(tmp_path, shared, capsys):
    case, twice = shared / "cases" / "20-since-missing-file", tmp_path / "twice"
    shutil.copytree(case, twice)
    shutil.copy(case / "a.xlsx", twice / "a (2).xlsx")
    for source, out in ((case, "once"), (twice, "both")):
        assert run(["audit", str(source), "--out", str(tmp_path / out), "--lang", "en"]) == 0
    once, both = (pl.read_parquet(tmp_path / out / "audit.parquet") for out in ("once", "both"))
    assert_frame_equal(once, both)
    assert "a (2).xlsx holds the same as a.xlsx; only a.xlsx was read" in capsys.readouterr().out


OWN = """
[limits]
share = {share}

[rules.income_per_person]
severity = "note"
zh = "本县的说法"
todo = "own"

[todo.own]
zh = "本县的办法"
en = "our way"
"""


def test_limits_severities_and_words_of_an_audit_are_the_offices(tmp_path):
    source, mine = write(tmp_path / "county.xlsx", [GOOD, BAD]), tmp_path / "mine.toml"
    for share in (0.001, 0.9):
        mine.write_text(OWN.format(share=share), encoding="utf-8")
        out = tmp_path / f"a{share}"
        given = ["--out", str(out), "--audit", str(mine), "--lang", "zh", "--quiet"]
        assert run(["audit", str(source), *given]) == 0
        rule = pl.read_parquet(out / "audit.parquet").filter(rule="income_per_person")
        page = (out / "audit.html").read_text(encoding="utf-8")
        book = openpyxl.load_workbook(out / "audit.xlsx")
        cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        found = share == 0.001
        assert rule["severity"].to_list() == ["note"] * found
        assert ("本县的说法" in page, "本县的说法" in cells, "本县的办法" in cells) == (found, found, found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[limits]\nage = '120'\n", 'limits.age is "120". Allowed: a number, without quotation marks'),
        ("[limits]\nage = -1\n", "limits.age is -1. Allowed: a number from 0"),
        ("[limits]\nages = 120\n", "limits.ages means nothing there. Allowed: age, "),
        ("[rules.too_olds]\nseverity = 'note'\n", "rules.too_olds means nothing there. Allowed: too_old, "),
        ("[rules.too_old]\nseverity = 'bad'\n", 'rules.too_old.severity is "bad". Allowed: refuse, warn, note'),
        ("[rules.too_old]\ntodo = 'x'\n", 'rules.too_old.todo is "x". Allowed: number, '),
    ],
)
def test_an_audit_file_that_cannot_be_meant_is_one_line(tmp_path, capsys, text, said):
    source, mine = write(tmp_path / "county.xlsx", [GOOD]), tmp_path / "mine.toml"
    mine.write_text(text, encoding="utf-8")
    given = ["--out", str(tmp_path / "a"), "--audit", str(mine), "--lang", "en"]
    assert run(["audit", str(source), *given]) == 2
    error = capsys.readouterr().err
    assert f"mine.toml: {said}" in error
    assert error.count("\n") == 1


def test_a_dry_run_says_how_headers_are_understood_and_writes_nothing(tmp_path, capsys):
    source = write(tmp_path / "county.xlsx", [GOOD], headers=[*INCOMES[:-1], "神秘列"])
    assert run(["audit", str(source), "--dry-run", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "工资性收入" in said and "wage" in said
    assert "神秘列" in said and "NOT READ: not known" in said
    assert "1 headers are unknown" in said
    assert {path.name for path in tmp_path.iterdir()} == {"county.xlsx"}


def test_a_wording_of_another_county_is_one_line_in_a_file_of_its_own(tmp_path, capsys):
    source = write(tmp_path / "county.xlsx", [GOOD], headers=[*INCOMES[:-1], "神秘列"])
    mine = tmp_path / "mine.toml"
    mine.write_text('[headers.incomes]\n"神秘列" = "net_income_per_capita"\n', encoding="utf-8")
    assert run(["audit", str(source), "--dry-run", "--aliases", str(mine), "--lang", "en"]) == 0
    assert "every header is known" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "--out"),
        (["--out", "a", "--since", "nowhere"], "there is no audit.parquet"),
    ],
)
def test_what_is_missing_is_one_line(tmp_path, monkeypatch, capsys, args, said):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "county.xlsx", [GOOD])
    assert run(["audit", "county.xlsx", *args, "--lang", "en"]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "a").exists()
