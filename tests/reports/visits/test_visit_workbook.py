"""The visits as they are written."""

from dataclasses import replace
from datetime import date, datetime

import openpyxl
import polars as pl
import pytest
from openpyxl.utils import get_column_letter

from relapse_risk.errors import InputError
from relapse_risk.ingest import read_visits
from relapse_risk.reports import write_visit_workbook
from tests.reports.invented_visits import make_visits, make_waiting
from tests.reports.visits.filled_books import HEADER, TODAY, headers, lists


@pytest.mark.parametrize(
    ("lang", "name", "words"), [("zh", "等待名单", "住D级危房"), ("en", "Waiting list", "lives in a D-grade house")]
)
def test_who_waits_has_a_sheet_that_is_not_read_back(tmp_path, policy, lang, name, words):
    waiting, homes = make_waiting(5)
    made = make_visits()
    visits = replace(made, waiting=waiting, places=pl.concat([made.places, homes]))
    path = tmp_path / "visits.xlsx"
    write_visit_workbook(visits, path, policy=policy, lang=lang)
    sheet = openpyxl.load_workbook(path)[name]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADER + 1)]
    assert [line[2] for line in lines] == waiting["household_id"].to_list()
    assert words in lines[1]
    assert lines[1][-1].date() == date(2020, 1, 31)
    intake = read_visits(path, policy, today=TODAY, known=homes.select("household_id", alert_id=pl.lit(9)))
    assert intake.rejected.is_empty()
    assert intake.accounts.filter(sheet=name)["read"].to_list() == [0]


def test_every_village_has_a_sheet_of_its_own(book):
    assert book.sheetnames == [
        *("说明", "东华镇 =SUM(1,2)", "东华镇 上村"),
        *("新村镇 a b c 很长的村名很长的村名很长的村名很长的村名很", "新村镇 上村", "未注明", "_codes"),
    ]
    households = [row[3].value for sheet in lists(book) for row in sheet.iter_rows(min_row=HEADER + 1)]
    assert sorted(filter(None, households)) == sorted(make_visits().lines["household_id"])


def test_a_line_says_who_why_what_changed_what_to_do_and_by_when(book):
    sheet = book["东华镇 上村"]
    assert headers(sheet) == [
        *("序号", "级别", "预警编号", "户编号", "户主姓名", "组", "列入依据", "与上月比", "主要原因（按作用大小）"),
        *("建议措施", "办理期限", "走访日期", "走访结果", "已采取措施", "走访人", "备注", "名单日期"),
    ]
    first = [cell.value for cell in sheet[HEADER + 1]]
    assert first[:4] == [1, "红色", 1001, "00532300000000000000"]
    assert first[6:10] == [
        *("风险排序", "本月新列入", "1. 因病：近12个月自付医疗费 8,400 元\n2. 因残"),
        "医疗救助：自付仍有困难的继续救助\n务工就业，至少一人",
    ]
    assert first[10] == datetime(2020, 3, 7)
    assert first[11:16] == [None] * 5
    why = {row[6].value for one in lists(book) for row in one.iter_rows(min_row=HEADER + 1)}
    assert why == {"风险排序", "住D级危房", "随机抽查", "村内新发现"}


def test_rules_that_list_nobody_are_told_last_and_apart(policy, tmp_path):
    rules = {"model": "monitored+house_d", "rule": "house_d+monitored", "random": None}
    visits = make_visits()
    both = visits.lines.with_columns(override=pl.col("listed_for").replace_strict(rules, return_dtype=pl.String))
    write_visit_workbook(replace(visits, lines=both), tmp_path / "both.xlsx", policy=policy)
    book = openpyxl.load_workbook(tmp_path / "both.xlsx")
    why = {row[5].value for one in lists(book) for row in one.iter_rows(min_row=HEADER + 1)}
    besides = "住D级危房\n另：监测对象，风险未消除"
    assert why == {f"风险排序\n{besides}", besides, "随机抽查", "村内新发现"}


def test_whatever_the_records_hold_stays_text(book):
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert {cell.value for cell in book["东华镇 上村"]["E"][HEADER:-3]} == {"=1+1"}


def test_findings_and_measures_are_chosen_from_the_hidden_sheet_and_the_day_of_the_list_is_hidden(book):
    sheet = book["东华镇 上村"]
    asked = {str(one.sqref): (one.type, one.formula1, one.errorStyle) for one in sheet.data_validations.dataValidation}
    measures = f"'_codes'!$D$2:$D${1 + sum(cell.value is not None for cell in book['_codes']['D'])}"
    assert asked["M6:M13"] == ("list", "'_codes'!$C$2:$C$8", None)
    assert asked["N6:N13"] == ("list", measures, "warning")
    assert asked["L6:L13"][0] == "date"
    assert book["_codes"].sheet_state == "veryHidden"
    assert [row[0].value for row in book["_codes"]["C2:C3"]] == ["生活稳定", "有返贫风险"]
    assert sheet.column_dimensions[get_column_letter(17)].hidden
    assert sheet.print_area.endswith(f"$P${sheet.max_row}")


def test_the_cover_says_what_becomes_of_each_finding_and_where_each_village_is(book):
    texts = "\n".join(str(cell.value) for row in book["说明"].iter_rows() for cell in row if cell.value)
    assert "记为已走访，并提请销号" in texts
    assert "23 户：风险排序 12，因必访情形 6，复访 0，已不在系统数据中 0，期满回访 0，随机抽查 5" in texts
    assert "2020-03-07 至 2020-03-21" in texts
    links = {cell.value: cell.hyperlink.location for row in book["说明"].iter_rows() for cell in row if cell.hyperlink}
    assert links["东华镇 上村"] == "'东华镇 上村'!A1"


def test_in_english_only_the_records_own_words_are_chinese(written):
    sheet = openpyxl.load_workbook(written("en")).worksheets[2]
    assert all(header.isascii() for header in headers(sheet))
    assert all(
        row[at].value is None or row[at].value.isascii() for row in sheet.iter_rows(min_row=6) for at in (1, 6, 7, 9)
    )


def test_the_same_visits_give_the_same_bytes(tmp_path, policy):
    for name in ("one.xlsx", "two.xlsx"):
        write_visit_workbook(make_visits(), tmp_path / name, policy=policy)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_nobody_to_visit_is_a_workbook_too(tmp_path, policy):
    write_visit_workbook(make_visits(0), tmp_path / "none.xlsx", policy=policy)
    assert openpyxl.load_workbook(tmp_path / "none.xlsx").sheetnames == ["说明", "_codes"]


def test_a_language_without_words_is_refused(tmp_path, policy):
    with pytest.raises(InputError) as caught:
        write_visit_workbook(make_visits(), tmp_path / "v.xlsx", policy=policy, lang="fr")
    assert caught.value.code == "lang_unknown"


def test_a_deadline_that_is_past_is_marked(policy, tmp_path):
    visits = make_visits()
    late = visits.lines.with_columns(deadline=pl.lit(date(2020, 1, 7)))
    write_visit_workbook(replace(visits, lines=late), tmp_path / "late.xlsx", policy=policy)
    sheet = openpyxl.load_workbook(tmp_path / "late.xlsx")["东华镇 上村"]
    assert sheet.cell(6, headers(sheet).index("列入依据") + 1).value.startswith("已逾期：应于 2020-01-07 前办理\n")
