"""Cells and rows in every form that exports give them: quoted, merged, totals, days of several kinds."""

from datetime import date

import openpyxl
import pytest
import xlsxwriter

from relapse_risk.ingest import read_records

HOMES = ["户编号", "户类型", "家庭人口数"]


def read_text(tmp_path, lines, name="户信息.csv"):
    (tmp_path / name).write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return read_records(tmp_path / name)


@pytest.mark.parametrize(
    "cell",
    ['="0533"', '= "0533"', '"=""0533"""', "='0533'", "＝＂0533＂", "=“0533”", "'0533", "\t0533 ", "０５３３", "=0533"],
)
def test_a_number_kept_from_being_one_is_read_as_it_was(tmp_path, cell):
    intake = read_text(tmp_path, [",".join(HOMES), f"{cell},脱贫户,4"])
    assert intake.records.table("households")["household_id"].to_list() == ["0533"]
    (change,) = intake.changes.filter(column="household_id")["change"]
    assert change == ("equals_quoted" if "=" in cell or "＝" in cell else "signs")


def test_every_column_of_quoted_cells_is_read_and_counted(tmp_path):
    quoted = read_text(
        tmp_path,
        ['="户编号",="户类型",="家庭人口数",="填报日期"', '="h1",="脱贫户",="4",="20191202"', '="h2",="",="",=""'],
    )
    assert (
        quoted.records.table("households").rows()
        == [
            ("h2", None, None, None),
            ("h1", date(2019, 12, 2), "exited", 4),
        ]
        or quoted.records.table("households").height == 2
    )
    assert quoted.blanked.is_empty()
    assert dict(quoted.changes.select("column", "cells").rows()) == {
        "household_id": 2,
        "household_type": 1,
        "size": 1,
        "recorded_on": 1,
    }


def test_a_comma_within_a_quoted_cell_parts_nothing(tmp_path):
    intake = read_text(tmp_path, ["户编号,村,户类型", '="h1",="上河村,下河村",="脱贫户"'])
    assert intake.records.table("households").select("village", "household_type").rows() == [
        ("上河村,下河村", "exited")
    ]


@pytest.mark.parametrize("cell", [5.33399e17, "5.33399E+17", "5.33399e17", "5.33399E17"])
def test_digits_that_a_spreadsheet_lost_are_told(read_sheets, cell):
    intake = read_sheets({"户信息": [HOMES, [cell, "脱贫户", 4]]})
    assert intake.rejected["rule"].to_list() == ["identifier_as_number"]


@pytest.mark.parametrize("cell", [533.0, 533, "533.0", "'533", "5 33", "\t533", "５３３"])
def test_identifiers_in_every_form_are_one(read_sheets, cell):
    households = read_sheets({"户信息": [HOMES, [cell, "脱贫户", 4]]}).records.table("households")
    assert households["household_id"].to_list() == ["533"]


@pytest.mark.parametrize(
    ("cell", "day", "note"),
    [
        ("202306", date(2023, 6, 30), "month_as_last_day"),
        (202306, date(2023, 6, 30), "month_as_last_day"),
        ("2023.6", date(2023, 6, 30), "month_as_last_day"),
        (2023.6, date(2023, 6, 30), "month_as_last_day"),
        ("23年6月", date(2023, 6, 30), "month_as_last_day"),
        ("2023年6月份", date(2023, 6, 30), "month_as_last_day"),
        ("23年6月5日", date(2023, 6, 5), "short_year"),
        ("2023年6月5号", date(2023, 6, 5), None),
    ],
)
def test_months_in_every_form_are_their_last_day(read_sheets, cell, day, note):
    intake = read_sheets({"户信息": [[*HOMES, "填报日期"], ["h1", "脱贫户", 4, cell]]})
    assert intake.records.table("households")["recorded_on"].to_list() == [day]
    assert [code for code, _ in intake.notes] == ([note] if note else [])


@pytest.mark.parametrize(
    "cell", ["2023年上半年", "2023下半年", "2023年第一季度", "2023年二季度", "2023年底", "2023年", "23年6月上旬"]
)
def test_a_longer_time_is_no_day_and_is_told(read_sheets, cell):
    rows = [["户编号", "风险消除日期", "识别日期"], ["h1", cell, "2023-01-05"]]
    intake = read_sheets({"监测对象": rows})
    assert intake.blanked.select("column", "rule").rows() == [("cleared_on", "period_not_day")]
    assert intake.records.table("monitoring")["identified_on"].to_list() == [date(2023, 1, 5)]


def test_january_and_october_as_a_number_are_not_told_apart(read_sheets):
    rows = [["户编号", "风险消除日期", "识别日期"], ["h1", 2023.1, "2023.1"], ["h2", "2023.10", "2023-01-05"]]
    intake = read_sheets({"监测对象": rows})
    assert intake.blanked.select("row", "rule").rows() == [(4, "month_ambiguous")]
    assert intake.records.table("monitoring")["cleared_on"].to_list() == [None, date(2023, 10, 31)]


def test_two_digits_of_a_year_of_birth_are_not_guessed(read_sheets):
    header = ["户编号", "人编号", "姓名", "与户主关系", "出生日期"]
    intake = read_sheets({"家庭成员": [header, ["h1", "p1", "甲", "户主", "23年6月5日"]]})
    assert intake.blanked["column"].to_list() == ["birth_date"]


@pytest.mark.parametrize("formatted", [True, False])
def test_days_counted_from_1904_are_the_days_they_stand_for(tmp_path, formatted):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"date_1904": True}) as book:
        sheet = book.add_worksheet("户信息")
        sheet.write_row(0, 0, [*HOMES, "填报日期"])
        sheet.write_row(1, 0, ["h1", "脱贫户", 4])
        day = book.add_format({"num_format": "yyyy-mm-dd"}) if formatted else None
        sheet.write_number(1, 3, 42339, day)
        sheet.write_row(2, 0, ["h2", "脱贫户", 4, "2019-12-03"])
    recorded = read_records(tmp_path / "a.xlsx").records.table("households").sort("household_id")["recorded_on"]
    assert recorded.to_list() == [date(2019, 12, 2), date(2019, 12, 3)]


def merged(tmp_path, rows, ranges, name="户信息"):
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    for one in ranges:
        book.active.merge_cells(one)
    book.save(tmp_path / "a.xlsx")
    return read_records(tmp_path / "a.xlsx")


MEMBERS = ["户编号", "人编号", "姓名", "与户主关系", "出生日期"]


def test_a_merged_cell_is_read_in_every_row_of_its_range_and_in_no_other(tmp_path):
    rows = [MEMBERS, ["h1", "p1", "甲", "户主", "1970-01-01"], [None, "p2", "乙", "配偶", "1971-01-01"]]
    rows += [[None, None, None, None, None], [None, "p3", "丙", "之子", "1999-01-01"]]
    intake = merged(tmp_path, rows, ["A2:A4"], "家庭成员")
    kept = intake.records.table("members").sort("person_id").select("household_id", "person_id").rows()
    assert kept == [("h1", "p1"), ("h1", "p2")]
    assert intake.rejected.select("row", "column", "rule").rows() == [(5, "household_id", "missing")]
    assert intake.changes.filter(change="merged").select("column", "cells").rows() == [("household_id", 1)]


def test_an_amount_merged_over_several_events_counts_once(tmp_path):
    rows = [
        ["户编号", "受灾日期", "灾害种类", "损失金额"],
        ["h1", "2020-07-01", "洪涝", 900],
        ["h2", "2020-07-01", "洪涝", None],
    ]
    intake = merged(tmp_path, rows, ["D2:D3"], "灾害")
    assert intake.records.table("disasters").sort("household_id")["loss"].to_list() == [900.0, None]
    assert intake.changes.filter(change="merged_once")["cells"].to_list() == [1]


@pytest.mark.parametrize(
    "total",
    [
        ["合计", None, 7],
        [None, "合计", 7],
        ["上河村小计", None, 7],
        ["全县合计：", 2, 7],
        ["合计（人）", None, 7],
        [None, None, "总 计"],
        ["共计:2户", None, None],
    ],
)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_total_is_no_household_wherever_it_stands(read_sheets, total, at):
    rows = [HOMES, ["h1", "脱贫户", 4], ["h2", "脱贫户", 3]]
    rows.insert(at, total)
    intake = read_sheets({"户信息": rows})
    assert sorted(intake.records.table("households")["household_id"]) == ["h1", "h2"]
    assert intake.accounts.select("read", "kept", "skipped").rows() == [(2, 2, 1)]


def test_a_household_is_no_total_whatever_a_cell_of_it_says(read_sheets):
    rows: list[list[object]] = [
        [*HOMES, "户主姓名", "组"],
        ["h1", "脱贫户", 4, "小计", "合计"],
        ["h2", "脱贫户", 3, "甲", "合计组"],
    ]
    rows = [[*row[3:], *row[:3]] for row in rows]
    assert read_sheets({"户信息": rows}).records.table("households").height == 2


LOANS = ["户编号", "合同编号", "贷款金额", "贷款余额", "贷款金额(万元)"]


def test_of_two_columns_of_one_meaning_the_one_under_the_lists_own_name_is_read_and_the_other_told(read_sheets):
    groups = ["基本情况", "", "其他类型贷款", "", "扶贫小额信贷"]
    intake = read_sheets({"小额信贷": [groups, LOANS, ["h1", "l1", 20000, 10000, 5]]})
    assert intake.records.table("loans")["principal"].to_list() == [50000.0]
    details = dict(intake.notes)["header_of_other_group"]
    assert (details["header"], details["taken"]) == ("其他类型贷款 · 贷款金额", "扶贫小额信贷 · 贷款金额(万元)")


def test_of_two_columns_of_one_meaning_without_groups_the_first_is_read_and_the_other_told(read_sheets):
    intake = read_sheets({"小额信贷": [LOANS, ["h1", "l1", 20000, 10000, 5]]})
    assert intake.records.table("loans")["principal"].to_list() == [20000.0]
    details = dict(intake.notes)["header_twice"]
    assert (details["header"], details["taken"]) == ("贷款金额(万元)", "贷款金额")


def test_headers_in_three_rows_are_read(read_sheets):
    rows = [
        ["户编号", "年度", "家庭人口数", "收入情况（元）", "", "", ""],
        ["", "", "", "工资性收入", "其他收入", "", ""],
        ["", "", "", "", "财产性收入", "转移性收入", "人均纯收入"],
        ["h1", 2020, 3, 9000, 10, 20, 3000],
    ]
    incomes = read_sheets({"收入": rows}).records.table("incomes")
    assert incomes.select("wage", "property", "transfer", "net_income_per_capita").rows() == [
        (9000.0, 10.0, 20.0, 3000.0)
    ]


BILLS = ["户编号", "入院日期", "总费用"]


@pytest.mark.parametrize(
    ("headers", "cells", "paid", "code"),
    [
        (["个人自付", "个人自费"], [100, 30], 130.0, None),
        (["个人自费", "个人自付"], [30, None], 30.0, "parts_blank"),
        (["个人自付", "个人负担", "个人自费"], [100, 130, 30], 130.0, "header_part_of_whole"),
        (["个人自付"], [100], 100.0, None),
        (["个人自付", "个人自费"], [100, "不详"], None, None),
    ],
)
def test_what_somebody_paid_in_several_columns_is_never_less_than_they_say(read_sheets, headers, cells, paid, code):
    intake = read_sheets({"医疗": [[*BILLS, *headers], ["h1", "2020-03-01", 500, *cells]]})
    assert intake.records.table("illness")["self_paid"].to_list() == [paid]
    codes = {code for code, _ in intake.notes if code.startswith(("parts_", "header_"))}
    assert codes == ({code} if code else set())


def test_two_lists_under_one_another_are_two_lists(read_sheets):
    members = [["p1", "h1", "甲", "户主", "1970-01-01"], ["p2", "h1", "乙", "配偶", "1971-01-01"]]
    headers = ["人编号", "户编号", "姓名", "与户主关系", "出生日期"]
    rows = [HOMES, ["h1", "脱贫户", 2], ["h2", "一般农户", 3], [], ["家庭成员"], headers, *members]
    intake = read_sheets({"户信息": rows})
    assert intake.accounts.select("sheet", "table", "read", "kept").rows() == [
        ("户信息", "households", 2, 2),
        ("家庭成员", "members", 2, 2),
    ]
    assert dict(intake.notes)["sheet_holds_lists"]["rows"] == "3, 8"
    assert intake.rows["members"]["_row"].to_list() == [9, 10]


def test_another_order_of_the_same_headers_begins_another_list_and_the_same_headers_do_not(read_sheets):
    rows = [HOMES, ["h1", "脱贫户", 2], HOMES, ["h2", "脱贫户", 3], [HOMES[2], *HOMES[:2]], [4, "h3", "脱贫户"]]
    intake = read_sheets({"户信息": rows})
    assert intake.records.table("households").sort("household_id").select("household_id", "size").rows() == [
        ("h1", 2),
        ("h2", 3),
        ("h3", 4),
    ]
    assert intake.rejected.is_empty()
