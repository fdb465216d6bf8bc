"""The month's round trip: the audit's workbook is filled in, comes back, and is held against the new export."""

import json
from datetime import date

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from relapse_risk.cli import run

INCOMES = [
    *("户编号", "年度", "家庭人口数", "工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "家庭纯收入"),
    "人均纯收入",
]
GOOD, BAD = [2019, 2, 6000, 0, 0, 0, 6000, 3000], [2019, 2, 6000, 0, 0, 0, 9000, 3000]
PLACES = ["户编号", "年度", "县", "乡镇", "行政村"]
TOWNS = {"h1": "城关镇", "h2": "城关镇", "h3": "河口乡", "h4": "河口乡", "h5": "河口乡", "h6": None}
PLACED = {home: town for home, town in TOWNS.items() if town}
COLUMN = "net_income_per_capita"
HEADER = 5
WORDS = {
    "zh": ("户编号", "改正为", "改正日期", "备注"),
    "en": ("Household", "Corrected to", "Corrected on", "Remark"),
}
SENT_BACK = {"zh": "退回答复.xlsx", "en": "corrections_to_mend.xlsx"}


def write(path, incomes):
    homes = [[home, 2019, "甲县", town or "", (town and "东村") or ""] for home, town in TOWNS.items()]
    with xlsxwriter.Workbook(path) as book:
        for name, headers, rows in (
            ("收入", INCOMES, [[home, *row] for home, row in incomes.items()]),
            ("户信息", PLACES, homes),
        ):
            sheet = book.add_worksheet(name)
            for at, cells in enumerate([headers, *rows]):
                sheet.write_row(at, 0, cells)
    return path


def fill(path, answers, lang):
    """Fill in every line of a household: what it was corrected to, on which day, a remark; and change its number."""
    book, (home, *names) = openpyxl.load_workbook(path), WORDS[lang]
    for sheet in book.worksheets[1:]:
        headers = [cell.value for cell in sheet[HEADER]]
        if home not in headers or names[0] not in headers:
            continue
        for row in sheet.iter_rows(min_row=HEADER + 1):
            cell = row[headers.index(home)]
            said = answers.get(cell.value)
            if said:
                for name, value in zip(names, said, strict=False):
                    row[headers.index(name)].value = value
                cell.value = said[3] if len(said) > 3 else cell.value
        sheet.title = f"x{sheet.title}"[:31]
    book.save(path)


def audit(source, out, *more):
    return run(["audit", str(source), "--out", str(out), *map(str, more)])


@pytest.fixture(params=["zh", "en"])
def returned(request, tmp_path):
    """Return the language, the folder of the first audit, its workbook filled in, and the new export."""
    homes = ("h1", "h2", "h3", "h4", "h5", "h6")
    old = write(tmp_path / "old.xlsx", dict.fromkeys(homes, BAD))
    assert audit(old, tmp_path / "first", "--quiet", "--lang", request.param) == 0
    day = date(2021, 3, 5)
    answers = {
        "h1": ("3000", day),
        "h2": (8000, day),
        "h3": (None, "2021年3月5日"),
        "h4": (None, None, "属实"),
        "h6": ("3000", day, None, "h7"),
    }
    fill(tmp_path / "first" / "audit.xlsx", answers, request.param)
    (tmp_path / "first" / "audit.xlsx").rename(tmp_path / "back.xlsx")
    new = write(tmp_path / "old2.xlsx", dict(zip(homes, (GOOD, GOOD, BAD, BAD, BAD, GOOD), strict=True)))
    return request.param, tmp_path, new


def test_every_finding_that_was_asked_has_its_answer(returned, capsys):
    lang, folder, new = returned
    given = ["--since", folder / "first", "--corrected", folder / "back.xlsx", "--lang", lang]
    capsys.readouterr()
    assert audit(new, folder / "second", *given) == 0
    said = capsys.readouterr().out
    returned = pl.read_parquet(folder / "second" / "corrections.parquet")
    asked = pl.read_parquet(folder / "first" / "audit.parquet")
    assert returned.height == asked.height
    income = returned.filter(table="incomes", column=COLUMN)
    assert income.height
    answers = dict(income.select("household_id", "answer").unique().rows())
    assert answers == {
        "h1": "corrected",
        "h2": "other_value",
        "h3": "still_faulty",
        "h4": "explained",
        "h5": "not_answered",
        "h6": "not_answered",
    }
    assert dict(returned.select("household_id", "town").unique().drop_nulls().rows()) == PLACED
    assert "城关镇" in said and "河口乡" in said
    assert "属实" not in said and "属实" not in str(returned.rows())
    open_now = pl.read_parquet(folder / "second" / "audit.parquet").filter(column=COLUMN, table="incomes")
    assert dict(open_now.select("household_id", "answer").unique().rows()) == {
        "h3": "still_faulty",
        "h4": "explained",
        "h5": "not_answered",
    }
    assert set(open_now["standing"]) == {"open"}


def test_a_line_with_another_number_is_sent_back_and_read_when_it_is_mended(returned, capsys):
    lang, folder, new = returned
    given = ["--since", folder / "first", "--lang", lang, "--corrected"]
    assert audit(new, folder / "second", *given, folder / "back.xlsx") == 0
    path = folder / "second" / SENT_BACK[lang]
    cells = {
        str(cell) for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows(values_only=True) for cell in row
    }
    assert "h7" in cells and not {"h1", "h2", "h3", "h4"} & cells
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=HEADER + 1):
            for cell in row:
                cell.value = "h6" if cell.value == "h7" else cell.value
    book.save(path)
    assert audit(new, folder / "third", *given, path) == 0
    answers = pl.read_parquet(folder / "third" / "corrections.parquet").filter(column=COLUMN, household_id="h6")
    assert set(answers["answer"]) == {"corrected"}
    assert not (folder / "third" / SENT_BACK[lang]).exists()


@pytest.mark.parametrize(("since", "said"), [(False, "--since"), (True, "headers")])
def test_what_cannot_be_read_back_is_one_line(tmp_path, capsys, since, said):
    source = write(tmp_path / "county.xlsx", {"h1": BAD})
    assert audit(source, tmp_path / "first", "--quiet") == 0
    capsys.readouterr()
    given = ["--corrected", source, "--lang", "en", *(["--since", tmp_path / "first"] if since else [])]
    assert audit(source, tmp_path / "second", *given) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_an_audit_is_split_by_town_on_request(tmp_path):
    source = write(tmp_path / "county.xlsx", dict.fromkeys(TOWNS, BAD))
    assert audit(source, tmp_path / "a", "--quiet", "--split-by", "town", "--lang", "en") == 0
    found = pl.read_parquet(tmp_path / "a" / "audit.parquet")
    assert dict(found.select("household_id", "town").unique().drop_nulls().rows()) == PLACED
    assert {path.stem for path in (tmp_path / "a" / "places").iterdir()} == {"城关镇", "河口乡", "unplaced"}
    assert json.loads((tmp_path / "a" / "run.json").read_text(encoding="utf-8"))["options"]["split_by"] == "town"


def test_a_column_that_is_blank_throughout_is_told(tmp_path, capsys):
    source = write(tmp_path / "county.xlsx", {"h1": [*GOOD[:4], "", *GOOD[5:]], "h2": [*GOOD[:4], " ", *GOOD[5:]]})
    assert audit(source, tmp_path / "a", "--lang", "en") == 0
    cover = openpyxl.load_workbook(tmp_path / "a" / "audit.xlsx").worksheets[0]
    said = "\n".join(str(cell.value) for row in cover.iter_rows() for cell in row if cell.value)
    assert "blank throughout: 财产性收入" in said
