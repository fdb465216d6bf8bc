"""Rows of words among records: titles, villages, signatures, headers in a column. None is a household, none is lost."""

import openpyxl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.ingest import describe_source, read_records
from relapse_risk.policy import Texts

HOMES = ["户编号", "户主姓名", "户类型", "家庭人口数"]
ROWS = [["h1", "甲", "脱贫户", 3], ["h2", "乙", "脱贫户", 2], ["h3", "丙", "一般农户", 4], ["h4", "丁", "一般农户", 1]]


def ids(intake):
    return sorted(intake.records.table("households")["household_id"])


@pytest.mark.parametrize("words", ["上河村", "某县户信息表", "第2页 共3页", "以下为一般农户"])
def test_a_row_of_one_text_is_no_household_and_is_told(read_sheets, words):
    intake = read_sheets({"户信息": [HOMES, ROWS[0], [words], *ROWS[1:]]})
    assert ids(intake) == ["h1", "h2", "h3", "h4"]
    details = dict(intake.notes)["rows_of_words"]
    assert (details["count"], details["rows"]) == (1, "5")
    assert intake.accounts.filter(table="households").select("read", "skipped").rows() == [(4, 1)]
    for lang in ("zh", "en"):
        assert "5" in Texts(lang)("intake_notes", "rows_of_words", **details)


@pytest.mark.parametrize(
    "signature",
    [
        ["填表人：张三", None, "审核人：李四", None],
        ["单位负责人（签字）：", None, None, "填报日期：2020年12月5日"],
        [None, "经办人", "王五", None],
        ["注：户类型按系统填写", None, None, None],
    ],
)
def test_signatures_at_the_foot_are_no_records_and_name_nobody(read_sheets, signature):
    intake = read_sheets({"户信息": [HOMES, *ROWS, signature]})
    assert ids(intake) == ["h1", "h2", "h3", "h4"]
    assert intake.rejected.is_empty() and intake.blanked.is_empty()


def test_words_in_the_place_of_a_number_are_refused_row_by_row(read_sheets):
    intake = read_sheets({"户信息": [HOMES, *ROWS, ["全村情况", None, "脱贫户", 10]]})
    assert ids(intake) == ["h1", "h2", "h3", "h4"]
    assert intake.rejected.select("row", "column", "rule").rows() == [(8, "household_id", "identifier_worded")]


def test_a_register_that_names_households_by_words_keeps_its_names(read_sheets):
    rows = [["张家", "甲", "脱贫户", 3], ["李家", "乙", "脱贫户", 2]]
    assert ids(read_sheets({"户信息": [HOMES, *rows]})) == ["张家", "李家"]


def test_a_person_alone_in_a_row_of_a_merged_block_is_kept(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "家庭成员"
    rows = [["姓名", "户编号", "与户主关系", "人编号"], ["甲", "h1", "户主", "p1"], ["乙", None, None, None]]
    for row in rows:
        sheet.append(row)
    for span in ("B2:B3", "C2:C3"):
        sheet.merge_cells(span)
    book.save(tmp_path / "县.xlsx")
    assert read_records(tmp_path / "县.xlsx").rejected["row"].to_list() == [3]


@pytest.mark.parametrize("cell", ["5333991012、5333991013", "5333991012;\n5333991013", "53339910120001 53339910120002"])
def test_several_identifiers_in_one_cell_are_refused(read_sheets, cell):
    intake = read_sheets({"户信息": [HOMES, *ROWS, [cell, "戊", "脱贫户", 3]]})
    assert intake.rejected["rule"].to_list() == ["identifiers_several"]


def test_headers_in_a_column_are_told_and_not_read_as_households(tmp_path, write_workbook):
    rows = [list(column) for column in zip(HOMES, *ROWS[:3], strict=True)]
    path = write_workbook(tmp_path / "县.xlsx", {"户信息": rows})
    with pytest.raises(InputError) as raised:
        read_records(path)
    assert raised.value.code == "sheet_sideways"
    assert "sheet_sideways" in describe_source(path)["reason"].to_list()


def test_a_list_of_few_known_columns_is_read_where_it_can_be_one_table_alone(tmp_path, write_workbook):
    headers = ["户编号", "户类型", "家庭人口数", *(f"自定字段{at}" for at in range(55))]
    path = write_workbook(tmp_path / "导出.xlsx", {"Sheet1": [headers, ["h1", "脱贫户", 3, *range(55)]]})
    intake = read_records(path)
    assert intake.records.table("households").select("household_id", "size").rows() == [("h1", 3)]
    assert sum(code == "header_unknown" for code, _ in intake.notes) == 55


@pytest.mark.parametrize("header", ["工资性收入（单位：万元）", "工资性\n收入（万元）", "工资性收入(单位 万元)"])
def test_a_unit_with_its_name_before_it_is_the_unit(read_sheets, header):
    intake = read_sheets({"收入": [["户编号", "年度", "家庭人口数", header], ["h1", 2020, 3, 1.2]]})
    assert intake.records.table("incomes")["wage"].to_list() == [12000.0]
