"""What is sent twice is read once, under whatever name; a later export stays a version of its own."""

import shutil
from datetime import date

import polars as pl
import pytest
import xlsxwriter

from relapse_risk.ingest import describe_source, read_records
from relapse_risk.policy import Texts

HEADERS = ["户编号", "年度", "家庭人口数", "人均纯收入"]


def _book(path, sheets):
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)


def _rows(n=3, title="导出日期：2020-12-31", amount=4000):
    return [[title], HEADERS, *([f"53330000000000000{i}", 2019, 3, amount + i] for i in range(n))]


def _codes(intake):
    return [code for code, _ in intake.notes if code.endswith("_same")]


@pytest.mark.parametrize("copy", ["1 old name.xlsx", "b.xlsx"])
def test_a_file_that_was_copied_is_read_once_and_both_names_are_told(tmp_path, copy):
    _book(tmp_path / "a.xlsx", {"收入": _rows()})
    alone = read_records(tmp_path)
    shutil.copy(tmp_path / "a.xlsx", tmp_path / copy)
    both = read_records(tmp_path)
    assert both.accounts.drop("source").equals(alone.accounts.drop("source"))
    assert both.records.table("incomes").equals(alone.records.table("incomes"))
    ((code, details),) = [note for note in both.notes if note[0] == "file_same"]
    assert {details["source"], details["first"]} == {"a.xlsx", copy}
    for lang in ("zh", "en"):
        assert all(name in Texts(lang)("intake_notes", code, **details) for name in details.values())
    statuses = describe_source(tmp_path).group_by("source").agg(pl.col("reason").unique())
    assert sorted(len(of) == 1 and of[0] == "file_same" for of in statuses["reason"].to_list()) == [False, True]


def test_a_sheet_saved_again_elsewhere_is_read_once(tmp_path):
    _book(tmp_path / "a.xlsx", {"收入": _rows()})
    _book(tmp_path / "b.xlsx", {"收入备份": _rows(), "说明": [["x"]]})
    intake = read_records(tmp_path)
    assert _codes(intake) == ["sheet_same"]
    assert intake.accounts.filter(pl.col("read") > 0).select("source", "read").rows() == [("a.xlsx", 3)]
    assert "sheet_same" in describe_source(tmp_path)["reason"].to_list()


@pytest.mark.parametrize("later", [{"title": "导出日期：2021-01-31"}, {"amount": 4001}, {"n": 4}])
def test_exports_that_differ_anywhere_are_versions(tmp_path, later):
    _book(tmp_path / "a.xlsx", {"收入": _rows()})
    _book(tmp_path / "b.xlsx", {"收入": _rows(**later)})
    intake = read_records(tmp_path)
    assert _codes(intake) == []
    assert intake.accounts["source"].to_list() == ["a.xlsx", "b.xlsx"]


def test_the_file_named_for_its_table_is_the_one_that_is_read(tmp_path):
    frame = pl.DataFrame({"household_id": ["h1"], "recorded_on": [date(2019, 1, 1)]})
    frame.write_parquet(tmp_path / "households.parquet")
    shutil.copy(tmp_path / "households.parquet", tmp_path / "a.parquet")
    intake = read_records(tmp_path)
    assert intake.accounts["source"].to_list() == ["households.parquet"]
    assert _codes(intake) == ["file_same"]


def test_sheets_of_headers_alone_are_no_copies_of_each_other(tmp_path):
    _book(tmp_path / "a.xlsx", {"收入": _rows(), "说明1": [["x"]], "说明2": [["x"]]})
    assert _codes(read_records(tmp_path)) == []
