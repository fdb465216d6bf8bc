"""Visits filled in as people do, and read back."""

from datetime import date, datetime

import openpyxl
import polars as pl
import pytest
from openpyxl.utils import get_column_letter

from relapse_risk.errors import InputError
from relapse_risk.ingest import read_visits
from relapse_risk.reports import write_send_back, write_visit_workbook
from tests.reports import invented_visits
from tests.reports.invented_visits import AS_OF, make_visits
from tests.reports.visits.filled_books import FILLED, HEADER, TODAY, adds_up, fill, headers, lists, rules


def test_each_finding_leads_to_its_acts(book, read):
    led = {
        "生活稳定": ["visited", "proposed"],
        "有返贫风险": ["visited"],
        "已返贫": ["visited"],
        "风险消除": ["visited", "proposed"],
        "无此风险": ["visited", "refused"],
        "记录有误": ["visited", "wrong_record"],
        "未见到人": [],
    }
    sheets = [(sheet, row) for sheet in lists(book) for row in (6, 7)]
    for (sheet, row), finding in zip(sheets, led, strict=False):
        fill(sheet, row, **FILLED | {"走访结果": finding, "备注": finding})
    intake = read(book)
    acts = intake.acts.group_by("note").agg("kind")
    assert dict(acts.rows()) == {finding: kinds for finding, kinds in led.items() if kinds}
    assert intake.visits["remark"].to_list() == list(led)
    assert intake.accounts.select("kept", "refused", "not_filled").sum().row(0) == (7, 0, 16)


def test_a_row_may_tell_of_measures_beside_the_visit_and_the_clearing(book, read):
    taken = "务工就业，至少一人、医疗救助：自付仍有困难的继续救助"
    fill(book["新村镇 上村"], 7, **FILLED | {"走访结果": "风险消除", "已采取措施": taken})
    acts = read(book).acts
    assert acts.select("kind", "measure").rows() == [
        *(("visited", None), ("measure", "medical_aid"), ("measure", "job")),
        ("proposed", None),
    ]
    assert acts.select("alert_id", "household_id", "on", "by", "sheet", "row").unique().rows() == [
        (1008, "00532300000000000007", date(2020, 3, 5), "李四", "新村镇 上村", 7)
    ]
    assert acts["source"].str.ends_with("/新村镇 上村/7").all()


def test_an_untouched_workbook_is_all_left_empty(book, read):
    intake = read(book)
    assert intake.acts.is_empty()
    assert intake.rejected.is_empty()
    assert intake.accounts.select("read", "not_filled").sum().row(0) == (23, 23)
    assert intake.notes == ()


DAYS = (
    *("2020年3月5日", "2020.3.5", "2020/3/5", "2020-03-05", "２０２０年３月５日 ", 43895, 43895.0),
    *("43895", datetime(2020, 3, 5), datetime(2020, 3, 5, 14, 30), "20200305"),
)
FAULTS = (
    ({"走访日期": "2020-02-30"}, "visited_on", "day_impossible"),
    ({"走访日期": "上周"}, "visited_on", "day_unreadable"),
    ({"走访日期": "2020年3月"}, "visited_on", "day_unreadable"),
    ({"走访日期": "2020-04-16"}, "visited_on", "day_in_future"),
    ({"走访日期": "2020-02-28"}, "visited_on", "day_before_list"),
    ({"走访日期": None}, "visited_on", "day_missing"),
    ({"走访结果": None}, "finding", "finding_missing"),
    ({"走访结果": "还行"}, "finding", "finding_unknown"),
    ({"走访结果": "无此风险"}, "remark", "remark_missing"),
    ({"走访结果": "记录有误", "备注": "-"}, "remark", "remark_missing"),
    ({"已采取措施": "临时救助、发红包"}, "measure", "measure_unknown"),
    ({"走访人": None}, "by", "by_missing"),
    ({"预警编号": 77}, "alert_id", "code_unknown"),
    ({"预警编号": None, "户编号": "00532399999999999999"}, "household_id", "code_unknown"),
    ({"预警编号": None, "户编号": None}, "alert_id", "code_missing"),
    ({"预警编号": 1001}, "household_id", "codes_disagree"),
)


@pytest.fixture
def long_list(tmp_path, policy, monkeypatch):
    """A list of one village with many lines."""
    monkeypatch.setattr(invented_visits, "PLACES", (("东华镇", "上村", "1组"),))
    write_visit_workbook(make_visits(30), tmp_path / "long.xlsx", policy=policy)
    return openpyxl.load_workbook(tmp_path / "long.xlsx")


def test_a_day_is_read_in_whatever_form_it_is_written(long_list, read):
    for row, day in enumerate(DAYS, start=6):
        fill(long_list["上村"], row, **FILLED | {"走访日期": day})
    assert read(long_list).acts["on"].to_list() == [date(2020, 3, 5)] * len(DAYS)


def test_what_cannot_be_used_is_refused_with_its_rule_and_never_its_content(long_list, read):
    for row, (cells, _, _) in enumerate(FAULTS, start=7):
        fill(long_list["上村"], row, **FILLED | cells)
    intake = read(long_list)
    assert rules(intake) == [(row, column, rule) for row, (_, column, rule) in enumerate(FAULTS, start=7)]
    assert intake.acts.is_empty()
    assert intake.accounts.row(1) == ("filled.xlsx", "上村", 30, 0, len(FAULTS), 30 - len(FAULTS))
    assert intake.rejected["value_masked"].drop_nulls().to_list() == [
        *("9999-99-99", "汉汉", "9999汉9汉", "汉汉", "汉汉汉汉、汉汉汉"),
    ]


def test_the_bounds_of_the_day_are_both_allowed(book, read):
    fill(book["东华镇 上村"], 6, **FILLED | {"走访日期": AS_OF})
    fill(book["东华镇 上村"], 7, **FILLED | {"走访日期": TODAY})
    assert read(book).acts["on"].to_list() == [AS_OF, TODAY]


def test_all_faults_of_a_row_are_told(book, read):
    fill(book["东华镇 上村"], 6, 走访日期="2020-02-30", 走访结果="还行")
    assert sorted(rules(read(book))) == [
        *((6, "by", "by_missing"), (6, "finding", "finding_unknown"), (6, "visited_on", "day_impossible")),
    ]


def test_a_name_filled_in_beforehand_is_no_visit(book, read):
    for row in range(6, 11):
        fill(book["东华镇 上村"], row, 走访人="李四")
    intake = read(book)
    assert intake.rejected.is_empty()
    assert intake.accounts["not_filled"].sum() == 23


def test_people_sort_insert_delete_rename_move_and_write_with_spaces(book, read):
    sheet = book["东华镇 上村"]
    fill(sheet, 8, **FILLED | {"走访结果": " 风险 消除 "})
    fill(sheet, 10, **FILLED | {"走访结果": "生活\u3000稳定", "已采取措施": "临时救助\n务工就业，至少一人"})
    sheet.delete_rows(7)
    sheet.insert_rows(6, 2)
    sheet.insert_cols(4)
    sheet.title = "改了名的表"
    book["_codes"].title = "别动"
    book["说明"]["A40"] = "我们加的一句话"
    intake = read(book)
    assert intake.acts.select("alert_id", "kind", "measure", "row").rows() == [
        *((1011, "visited", None, 9), (1011, "proposed", None, 9), (1021, "visited", None, 11)),
        *((1021, "measure", "temporary_relief", 11), (1021, "measure", "job", 11), (1021, "proposed", None, 11)),
    ]
    assert intake.notes == (("lines_gone", {"source": "filled.xlsx", "count": 1}),)
    assert adds_up(intake.accounts)


def test_a_row_that_was_added_needs_the_code_of_the_household_only(book, read):
    sheet = book["新村镇 上村"]
    fill(sheet, 20, **FILLED | {"户编号": "00532300000000000000"})
    acts = read(book).acts
    assert acts.select("alert_id", "household_id", "row").rows() == [(1001, "00532300000000000000", 20)]


def test_the_same_alert_filled_in_twice_differently_is_refused_twice_and_the_same_is_entered_once(book, read):
    sheet = book["新村镇 上村"]
    fill(book["东华镇 上村"], 6, **FILLED)
    fill(sheet, 20, **FILLED | {"户编号": "00532300000000000000", "走访结果": "风险消除"})
    fill(sheet, 6, **FILLED)
    fill(sheet, 21, **FILLED | {"预警编号": 1003.0})
    intake = read(book)
    assert sorted(rules(intake)) == [(6, "alert_id", "filled_in_twice"), (20, "alert_id", "filled_in_twice")]
    assert intake.acts.select("alert_id", "kind").rows() == [(1003, "visited")]
    assert intake.accounts.select("kept", "refused").sum().row(0) == (2, 2)
    assert intake.notes[-1] == ("repeated", {"count": 1})


def test_visitor_and_day_merged_over_several_rows_are_those_of_each_that_was_visited(book, read):
    sheet = book["新村镇 上村"]
    places = {name: get_column_letter(headers(sheet).index(name) + 1) for name in ("走访日期", "走访人")}
    for row in (6, 7, 9):
        fill(sheet, row, 走访结果="有返贫风险")
    fill(sheet, 6, **FILLED)
    for letter in places.values():
        sheet.merge_cells(f"{letter}6:{letter}9")
    intake = read(book)
    assert intake.visits.select("row", "visited_on", "by").rows() == [(n, date(2020, 3, 5), "李四") for n in (6, 7, 9)]
    assert intake.rejected.is_empty()  # nobody went to the household of row 8


def test_with_a_ledger_a_visit_before_the_list_is_for_the_ledger_to_judge(book, read):
    fill(book["东华镇 上村"], 6, **FILLED | {"走访日期": "2020-02-20"})
    assert rules(read(book)) == [(6, "visited_on", "day_before_list")]
    known = make_visits().lines.select("alert_id", "household_id")
    assert read(book, known=known).acts["on"].to_list() == [date(2020, 2, 20)]


@pytest.mark.parametrize(("name", "refused"), [("王五", True), (None, False), ("=1+1", False), (" ＝１＋１", False)])
def test_the_name_of_another_head_is_told(book, read, name, refused):
    sheet = book["东华镇 上村"]
    fill(sheet, 6, **FILLED)
    cell = sheet.cell(6, headers(sheet).index("户主姓名") + 1)
    cell.value, cell.data_type = name, "n" if name is None else "s"
    assert rules(read(book)) == ([(6, "head_name", "name_differs")] if refused else [])


def test_several_days_or_visitors_are_several_visits(book, read):
    fill(book["东华镇 上村"], 6, **FILLED)
    sheet = book["新村镇 上村"]
    fill(sheet, 20, **FILLED | {"预警编号": 1001, "走访日期": date(2020, 3, 9), "走访结果": "生活稳定"})
    fill(sheet, 21, **FILLED | {"预警编号": 1001, "走访人": "赵六"})
    intake = read(book)
    assert intake.rejected.is_empty()
    assert intake.acts.select("kind", "on", "by").sort("on", "by", "kind").rows() == [
        ("visited", date(2020, 3, 5), "李四"),
        ("visited", date(2020, 3, 5), "赵六"),
        ("proposed", date(2020, 3, 9), "李四"),
        ("visited", date(2020, 3, 9), "李四"),
    ]


def test_two_visitors_who_found_different_things_on_one_day_are_asked(book, read):
    fill(book["东华镇 上村"], 6, **FILLED)
    fill(book["新村镇 上村"], 20, **FILLED | {"预警编号": 1001, "走访人": "赵六", "走访结果": "生活稳定"})
    assert sorted(rules(read(book))) == [(6, "alert_id", "filled_in_twice"), (20, "alert_id", "filled_in_twice")]


NO_ACTS = pl.DataFrame(
    schema={"source": pl.String, "sheet": pl.String, "row": pl.UInt32, "kind": pl.String}
).with_columns(outcome=pl.lit(None, dtype=pl.String), rule=pl.lit(None, dtype=pl.String))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_was_not_entered_goes_back_with_its_reasons_and_is_read_once_corrected(book, read, policy, tmp_path, lang):
    fill(book["东华镇 上村"], 6, **FILLED)
    fill(book["东华镇 上村"], 7, **FILLED | {"走访日期": "2020-02-30", "走访人": None})
    fill(book["新村镇 上村"], 6, **FILLED | {"走访结果": None})
    intake, target = read(book), tmp_path / "back.xlsx"
    options = {"policy": policy, "as_of": TODAY, "lang": lang}
    assert write_send_back(intake, NO_ACTS, target, **options) == 2
    back = openpyxl.load_workbook(target)
    assert back.sheetnames == ["东华镇 上村", "新村镇 上村", "_codes"]
    sheet = back["东华镇 上村"]
    assert headers(sheet)[:-1] == headers(book["东华镇 上村"])
    assert [cell.value for cell in sheet[6]][1:3] == [cell.value for cell in book["东华镇 上村"][7]][1:3]
    assert sheet.cell(6, sheet.max_column).value.count("\n") == 1  # two reasons
    fill(sheet, 6, 走访日期=date(2020, 3, 6), 走访人="李四")
    fill(back["新村镇 上村"], 6, 走访结果="有返贫风险")
    again = read(back)
    assert (again.rejected.is_empty(), again.visits.height, again.notes) == (True, 2, ())
    assert write_send_back(again, NO_ACTS, tmp_path / "none.xlsx", **options) == 0
    assert not (tmp_path / "none.xlsx").exists()


def test_what_the_ledger_refused_goes_back_too(book, read, policy, tmp_path):
    fill(book["东华镇 上村"], 6, **FILLED)
    intake = read(book)
    acts = intake.acts.with_columns(outcome=pl.lit("refused"), rule=pl.lit("before_opening"))
    assert write_send_back(intake, acts, tmp_path / "back.xlsx", policy=policy, as_of=TODAY) == 1
    sheet = openpyxl.load_workbook(tmp_path / "back.xlsx")["东华镇 上村"]
    assert "入户" in sheet.cell(6, sheet.max_column).value


def found_row(sheet):
    """Return the first row for a household that was found, blank but for its mark."""
    at = headers(sheet).index("列入依据")
    return next(row[0].row for row in sheet.iter_rows(min_row=HEADER + 1) if row[at].value == "村内新发现")


def test_a_household_found_in_the_village_is_added_by_its_number(book, read):
    sheet = book["东华镇 上村"]
    fill(sheet, found_row(sheet), **FILLED | {"户编号": "00532399999999999999", "备注": "房屋倒塌"})
    intake = read(book, known=make_visits().lines.select("alert_id", "household_id"))
    assert intake.rejected.is_empty()
    assert intake.acts.select("alert_id", "household_id", "kind", "note").rows() == [
        (None, "00532399999999999999", kind, "房屋倒塌") for kind in ("found", "visited")
    ]


def test_a_household_found_without_a_number_goes_back(book, read):
    sheet = book["东华镇 上村"]
    row = found_row(sheet)
    fill(sheet, row, **FILLED | {"户主姓名": "孙七"})
    assert rules(read(book)) == [(row, "household_id", "found_without_number")]


def test_a_list_with_no_column_to_be_filled_in_is_no_lost_visit(book, read):
    waiting = book.create_sheet("候补")
    waiting.append(["户编号", "级别"])
    waiting.append(["00532300000000000000", "黄色"])
    assert read(book).rejected.is_empty()


def test_a_sheet_without_headers_is_refused_row_by_row(book, read):
    book["东华镇 上村"].delete_rows(HEADER)
    intake = read(book)
    assert intake.accounts.filter(sheet="东华镇 上村").rows() == [("filled.xlsx", "东华镇 上村", 5, 0, 5, 0)]
    assert intake.rejected["rule"].unique().to_list() == ["headers_missing"]


def test_without_the_hidden_sheet_codes_are_taken_as_they_stand_or_by_those_that_are_known(book, read):
    del book["_codes"]
    fill(book["东华镇 上村"], 6, **FILLED)
    assert read(book).acts["alert_id"].to_list() == [1001]
    known = pl.DataFrame({"alert_id": [1002], "household_id": ["00532300000000000001"]})
    assert rules(read(book, known=known)) == [(6, "alert_id", "code_unknown")]


def test_the_roster_or_anything_else_is_not_visits(tmp_path, policy):
    book = openpyxl.Workbook()
    book.active.append(["户编号", "户类型"])
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(InputError) as caught:
        read_visits(tmp_path / "other.xlsx", policy, today=TODAY)
    assert caught.value.code == "visits_without_headers"


def test_a_folder_of_workbooks_is_read_together(tmp_path, book, policy):
    for number, finding in enumerate(("风险消除", "生活稳定")):
        fill(book["东华镇 上村"], 6, **FILLED | {"走访结果": finding})
        book.save(tmp_path / f"{number}.xlsx")
    intake = read_visits(tmp_path, policy, today=TODAY)
    assert intake.rejected.select("source", "rule").rows() == [(f"{n}.xlsx", "filled_in_twice") for n in (0, 1)]
    assert intake.accounts["read"].sum() == 46


@pytest.mark.parametrize("name", ["王五", "=1+1"])
def test_names_are_compared_though_the_household_has_another_number_since(book, read, name, policy, tmp_path):
    sheet = book["东华镇 上村"]
    fill(sheet, 6, **FILLED, 户主姓名=name)
    sheet.cell(6, headers(sheet).index("户主姓名") + 1).data_type = "s"
    old = sheet.cell(6, headers(sheet).index("户编号") + 1).value
    lines = make_visits().lines.select("alert_id", household_id=pl.col("household_id").replace({old: "n1"}))
    now = {"known": lines, "numbers": {old: "n1"}}
    intake = read(book, **now)
    assert rules(intake) == ([(6, "head_name", "name_differs")] if name == "王五" else [])
    assert intake.visits["household_id"].to_list() == ([] if name == "王五" else ["n1"])
    if name == "王五":  # sent back and corrected, it is read
        write_send_back(
            intake,
            intake.acts.with_columns(outcome=pl.lit("done"), rule=None),
            tmp_path / "back.xlsx",
            policy=policy,
            as_of=TODAY,
        )
        back = openpyxl.load_workbook(tmp_path / "back.xlsx")
        page = back.worksheets[0]
        cell = page.cell(6, headers(page).index("户主姓名") + 1)
        cell.value, cell.data_type = "=1+1", "s"
        assert read(back, **now).visits["household_id"].to_list() == ["n1"]
