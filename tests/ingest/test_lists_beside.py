"""Lists side by side on one sheet: read each by itself, and one list with an empty column read as one."""

import openpyxl
import pytest

from relapse_risk.ingest import read_records

HOMES = ["户编号", "户类型", "家庭人口数"]
INCOMES = ["户编号", "年度", "家庭人口数", "工资性收入"]
LEFT = [["h1", "脱贫户", 3], ["h2", "一般农户", 4]]


def beside(*lists, gap=True):
    """Return the rows of a sheet that holds these lists from left to right."""
    deep = max(map(len, lists))
    padded = [[*rows, *([[None] * len(rows[0])] * (deep - len(rows)))] for rows in lists]
    between = [None] if gap else []
    return [
        [cell for at, row in enumerate(rows) for cell in (*(between if at else []), *row)]
        for rows in zip(*padded, strict=True)
    ]


@pytest.mark.parametrize("gap", [True, False])
def test_lists_of_two_tables_are_read_each_by_its_own_rows(read_sheets, gap):
    right = [INCOMES, ["h2", 2020, 4, 8000], ["h1", 2020, 3, 5000], ["h1", 2019, 3, 4000]]
    intake = read_sheets({"户信息": beside([HOMES, *LEFT], right, gap=gap)})
    assert intake.records.table("households").sort("household_id")["size"].to_list() == [3, 4]
    incomes = intake.records.table("incomes").sort("household_id", "period_end")
    assert incomes.select("household_id", "wage").rows() == [("h1", 4000.0), ("h1", 5000.0), ("h2", 8000.0)]
    details = dict(intake.notes)["sheet_holds_beside"]
    assert details["columns"] == ("A–C, E–H" if gap else "A–C, D–G")
    assert intake.rows["incomes"]["_row"].to_list() == [4, 5, 6]


def test_one_list_in_two_columns_of_a_page_is_read_whole(read_sheets):
    intake = read_sheets({"户信息": beside([HOMES, *LEFT], [HOMES, ["h3", "脱贫户", 2]])})
    assert sorted(intake.records.table("households")["household_id"]) == ["h1", "h2", "h3"]


def test_titles_over_lists_say_what_each_is(read_sheets):
    homes = [["户信息表", None, None], HOMES, *LEFT]
    work = [["务工情况", None, None, None], ["户编号", "人编号", "姓名", "开始日期"], ["h1", "p1", "甲", "2020-03-01"]]
    intake = read_sheets({"表": beside(homes, [*work, ["h2", "p2", "乙", "2020-04-01"]])})
    assert {name: frame.height for name, frame in intake.records.tables.items()} == {"households": 2, "employment": 2}


def test_an_empty_column_in_a_list_parts_nothing(read_sheets):
    right = [["户编号", "脱贫年度", "饮水安全"], ["h1", 2017, "是"], ["h2", None, "是"]]
    intake = read_sheets({"户信息": beside([HOMES, *LEFT], right)})
    assert "sheet_holds_beside" not in dict(intake.notes)
    assert intake.records.table("households").height == 2
    assert intake.records.table("households").sort("household_id")["exit_year"].to_list() == [2017, None]


def test_merged_cells_stay_with_their_list(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "户信息"
    members = [["户编号", "人编号", "姓名", "与户主关系"], ["h1", "p1", "甲", "户主"], [None, "p2", "乙", "配偶"]]
    for row in beside([HOMES, *LEFT], members):
        sheet.append(row)
    sheet.merge_cells("E2:E3")
    book.save(tmp_path / "县.xlsx")
    intake = read_records(tmp_path / "县.xlsx")
    assert intake.records.table("members")["household_id"].to_list() == ["h1", "h1"]
