import re
from dataclasses import replace
from datetime import date
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest

from relapse_risk.ingest import read_visits
from relapse_risk.policy import read_policy
from relapse_risk.reports import write_workbook
from tests.reports.invented_rosters import ACCOUNTS, make_assumed, make_content

HEADER = 5


@pytest.fixture(scope="module")
def content():
    return make_content()


@pytest.fixture(scope="module")
def book_of(tmp_path_factory):
    """Return the function that writes a roster and opens it."""

    def opened(content, **settings):
        path = tmp_path_factory.mktemp("book") / "roster.xlsx"
        write_workbook(content, path, **settings)
        return openpyxl.load_workbook(path)

    return opened


@pytest.fixture(scope="module")
def sheet(book_of, content):
    return book_of(content).worksheets[2]


def headers(sheet):
    return [cell.value for cell in sheet[HEADER]]


def column(sheet, header):
    place = headers(sheet).index(header)
    return [row[place] for row in sheet.iter_rows(min_row=HEADER + 1)]


def texts(sheet):
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def test_one_row_a_listed_household_first_rank_first(sheet, content):
    assert [cell.value for cell in column(sheet, "户编号")] == content.listed["household_id"].to_list()
    assert [cell.value for cell in column(sheet, "风险排名")] == list(range(1, 61))


def test_title_day_and_how_to_read_it_stand_above(sheet):
    assert sheet["A1"].value == "返贫风险走访名单"
    assert "2019-12-31" in sheet["A2"].value
    assert "2020-12-31" in sheet["A2"].value
    assert "100 户中预计约有 3 户" in sheet["A3"].value
    assert headers(sheet)[:4] == ["序号", "风险排名", "级别", "户编号"]


def test_probabilities_are_numbers_shown_as_per_cent_with_their_interval(sheet, content):
    cells = column(sheet, "返贫概率")
    assert [cell.value for cell in cells] == pytest.approx(content.listed["probability"].to_list(), abs=1e-12)
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("n", "0.0%")}
    first = content.listed.row(0, named=True)
    assert column(sheet, "90% 区间")[0].value == f"{100 * first['lower']:.1f}–{first['upper']:.1%}（宽）"
    assert {cell.value[-2] for cell in column(sheet, "90% 区间")} <= set("窄中宽")


def test_reasons_stand_one_a_line_with_their_figures(sheet, content):
    for cell, reasons in zip(column(sheet, "主要原因（按作用大小）"), content.listed["reason_3"], strict=True):
        lines = [line for line in cell.value.split("\n") if not line.startswith("※")]
        assert len(lines) == (3 if reasons else 2)
        assert [line[:2] for line in lines] == ["1.", "2.", "3."][: len(lines)]
        assert cell.alignment.wrap_text


def test_stale_incomes_are_marked(sheet, content):
    marked = ["※" in cell.value for cell in column(sheet, "主要原因（按作用大小）")]
    assert marked == content.listed["stale"].to_list()
    assert any(marked)


def test_whatever_the_records_hold_stays_text(book_of):
    content = make_content(60, capacity=60)
    book = book_of(content, accounts=None, carried=content.places.select("household_id", head_name=pl.lit("=1+1")))
    sheet = book.worksheets[2]
    found = {cell.value: cell for cell in column(sheet, "户编号")}
    for code in set(content.listed["household_id"]) & {"=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2+3"}:
        assert found[code].data_type == "s"
    assert "0012345678901234567890" in found
    assert {cell.number_format for cell in found.values()} == {"@"}
    assert {(cell.value, cell.data_type) for cell in column(sheet, "户主姓名")} == {("=1+1", "s")}
    assert not [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]


def test_no_cell_is_a_formula_in_the_file_itself(content, tmp_path):
    write_workbook(content, tmp_path / "roster.xlsx", split_by="town")
    with ZipFile(tmp_path / "roster.xlsx") as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 7
    assert not [sheet for sheet in sheets if b"<f>" in sheet]


def test_it_prints_one_page_wide_with_its_headers_title_day_and_number_on_every_page(sheet):
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == f"${HEADER}:${HEADER}"
    assert sheet.print_area.endswith(f"${HEADER + 60}")
    assert (sheet.oddHeader.left.text, sheet.oddHeader.right.text) == ("返贫风险走访名单", "2019-12-31")
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert "审核人" in sheet.oddFooter.left.text


def test_a_list_too_wide_for_a_page_goes_on_beside_it_with_its_households_repeated(book_of, content):
    carried = content.places.select("household_id", *(pl.lit("9" * 18).alias(f"number {n}") for n in range(6)))
    sheet = book_of(content, carried=carried).worksheets[2]
    assert not (sheet.sheet_properties.pageSetUpPr and sheet.sheet_properties.pageSetUpPr.fitToPage)
    kept = headers(sheet).index("户编号") + 1
    assert sheet.print_title_cols == f"$A:${openpyxl.utils.get_column_letter(kept)}"


def test_panes_are_frozen_beside_the_household_and_below_the_headers(sheet):
    assert sheet.freeze_panes == f"E{HEADER + 1}"
    assert sheet.auto_filter.ref.startswith(f"A{HEADER}:")


def test_columns_are_wide_enough_for_chinese(sheet):
    for header in ("乡镇", "村", "户类型"):
        place = headers(sheet).index(header)
        longest = max(2 * len(re.sub("[^一-鿿]", "", cell.value or "")) for cell in column(sheet, header))
        assert sheet.column_dimensions[openpyxl.utils.get_column_letter(place + 1)].width > longest


def test_tiers_differ_in_lightness_so_that_they_read_in_grey(sheet):
    lightness = {}
    for cell in column(sheet, "级别"):
        red, green, blue = bytes.fromhex(cell.fill.fgColor.rgb[-6:])
        lightness[cell.value] = 0.3 * red + 0.59 * green + 0.11 * blue
    assert list(lightness) == ["红色", "橙色", "黄色"]
    assert lightness["红色"] + 60 < lightness["橙色"] < lightness["黄色"] - 40


def test_there_is_room_to_fill_in_the_visit(sheet):
    assert headers(sheet)[-4:] == ["走访日期", "走访结果", "走访人", "备注"]
    assert all(cell.value is None for name in headers(sheet)[-4:] for cell in column(sheet, name))
    kinds = {validation.type: validation for validation in sheet.data_validations.dataValidation}
    assert set(kinds) == {"date", "list"}
    assert "已返贫" in kinds["list"].formula1
    assert all(sheet.row_dimensions[row].height >= 30 for row in range(HEADER + 1, HEADER + 61))


def test_a_roster_that_was_filled_in_is_read_back(book_of, content, tmp_path):
    book = book_of(content)
    sheet = book.worksheets[2]
    for name, cell in (("走访日期", date(2020, 1, 5)), ("走访结果", "生活稳定"), ("走访人", "李四")):
        sheet.cell(HEADER + 2, headers(sheet).index(name) + 1).value = cell
    book.save(tmp_path / "roster.xlsx")
    known = (
        content.listed.select("household_id").with_row_index("alert_id").with_columns(pl.col("alert_id").cast(pl.Int64))
    )
    intake = read_visits(tmp_path / "roster.xlsx", read_policy(), today=date(2020, 2, 1), known=known)
    assert intake.rejected.is_empty()
    assert intake.acts.select("alert_id", "household_id", "kind").rows() == [
        (1, content.listed["household_id"][1], kind) for kind in ("visited", "proposed")
    ]
    assert intake.accounts["not_filled"].sum() == content.listed.height - 1


def test_the_notes_say_what_a_reader_needs(book_of, content):
    book = book_of(content, accounts=ACCOUNTS)
    notes = texts(book.worksheets[0])
    assert book.sheetnames == ["说明", "汇总", "名单"]
    assert book.active.title == "名单"
    for needed in (
        *("60 户", "2019-12-31", "1,200", "34,343", "34,301", content.model.digest),
        *("加密散列值", "90% 区间", "负债、因学", "小额信贷", "登记为未脱贫"),
    ):
        assert needed in notes, needed


def test_the_notes_tell_no_number_of_relapses_of_assumed_probabilities(book_of, content):
    said = ("评估范围内预计返贫", "其中在按风险列入的户内", "平均概率")
    books = [book_of(one) for one in (content, make_assumed())]
    notes, assumed = (texts(book.worksheets[0]) for book in books)
    assert ["户返贫" in texts(book.worksheets[2]) for book in books] == [True, False]
    assert [one in notes for one in said] == [True] * 3
    assert [one in assumed for one in said] == [False] * 3


def test_the_notes_account_for_every_household(book_of, content):
    rows = [[cell.value for cell in row] for row in book_of(content).worksheets[0].iter_rows()]
    start = next(at for at, row in enumerate(rows) if row[0] == "去向")
    counts = []
    for row in rows[start + 1 :]:
        counts.append(int(row[6].replace(",", "")))
        if row[0] == "合计":
            break
    assert sum(counts[:-1]) == counts[-1] == content.risk.height


def test_a_score_that_is_no_forecast_says_so_on_every_sheet(book_of):
    remark = ("not_forecast", {"through": date(2020, 12, 31), "as_of": date(2019, 12, 31)})
    book = book_of(make_content(remarks=(remark,)), split_by="town")
    assert all("这不是预测" in texts(sheet) for sheet in book.worksheets)


def test_a_list_for_each_town_keeps_the_ranks_of_the_whole(book_of, content):
    book = book_of(content, split_by="town")
    assert book.sheetnames == ["说明", "汇总", "<b>苍岭< b>&镇", "=SUM(1,2)", "东华镇", "新村镇", "未注明"]
    assert book.active.title == "说明"
    ranks = [[cell.value for cell in column(sheet, "风险排名")] for sheet in book.worksheets[2:]]
    assert all(part == sorted(part) for part in ranks)
    assert sorted(rank for part in ranks for rank in part) == list(range(1, 61))


def test_villages_of_one_name_in_two_towns_have_a_list_each(book_of, content):
    book = book_of(content, split_by="village")
    assert "东华镇 第1村" in book.sheetnames
    listed = sum(len(column(sheet, "户编号")) for sheet in book.worksheets[2:])
    assert listed == 60


def test_in_english_only_the_records_own_words_are_chinese(book_of, content):
    sheet = book_of(content, lang="en").worksheets[2]
    assert headers(sheet)[:4] == ["No.", "Rank", "Tier", "Household"]
    for header in ("Tier", "Type", "Reasons (largest first)"):
        assert all(cell.value.isascii() or "※" in cell.value for cell in column(sheet, header))


@pytest.mark.parametrize("carried", [None, {"head_name": "张某某", "phone": "13800000000"}])
def test_carried_columns_are_text_beside_the_household(book_of, content, carried):
    frame = carried and content.places.select("household_id", **{name: pl.lit(text) for name, text in carried.items()})
    sheet = book_of(content, carried=frame).worksheets[2]
    beside = headers(sheet)[4:6]
    assert beside == (["户主姓名", "联系电话"] if carried else ["乡镇", "村"])
    if carried:
        assert {(cell.value, cell.data_type) for cell in column(sheet, "联系电话")} == {("13800000000", "s")}


def test_a_list_of_nobody_is_still_a_list(book_of):
    sheet = book_of(make_content(50, capacity=0)).worksheets[2]
    assert headers(sheet)[:4] == ["序号", "风险排名", "级别", "户编号"]
    assert [cell.value for cell in column(sheet, "户编号")] in ([], [None])


def test_the_same_content_gives_the_same_bytes(content, tmp_path):
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(content, tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    with ZipFile(tmp_path / "one.xlsx") as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}
        core = book.read("docProps/core.xml").decode()
    assert core.count("2019-12-31T00:00:00Z") == 2  # created and modified: not the day of writing


def test_households_listed_by_rule_stand_among_the_others_with_the_rule_s_words(book_of):
    plain = make_content()
    scored = plain.at_risk.filter(pl.col("rank") > 60)["household_id"][0]
    outside = plain.risk.filter(pl.col("population") == "rule_only")["household_id"][0]
    met = {"household_id": [scored, outside, scored], "rule": ["drop_out", "relapsed", "uninsured"]}
    content = make_content(overrides=pl.DataFrame(met | {"tier": ["orange", "red", "none"]}))
    book = book_of(content)
    sheet = book.worksheets[2]
    codes = [cell.value for cell in column(sheet, "户编号")]
    assert len(codes) == 62
    wordings = dict(zip(codes, (cell.value for cell in column(sheet, "必访情形")), strict=True))
    assert wordings[scored] == "有儿童未在校\n有人未参保"
    assert wordings[outside] == "已录入返贫"
    assert set(wordings.values()) == {wordings[scored], wordings[outside], None}
    ranks = dict(zip(codes, (cell.value for cell in column(sheet, "风险排名")), strict=True))
    assert ranks[outside] is None
    assert ranks[scored] > 60
    assert "其中因必访情形列入 2" in sheet["A2"].value
    assert "62 户：按风险 60 户，因必访情形 2 户" in texts(book.worksheets[0])
    assert [cell.value for cell in column(sheet, "返贫概率")][codes.index(outside)] is None


def test_without_a_rule_met_there_is_no_column_of_rules(sheet):
    assert "必访情形" not in headers(sheet)


@pytest.mark.parametrize("split_by", [None, "town", "village"])
def test_the_summary_counts_every_village_and_leads_to_its_first_household(book_of, content, split_by):
    book = book_of(content, split_by=split_by)
    summary = book["汇总"]
    homes = content.places.rows_by_key("household_id", named=True, unique=True)
    listed = [homes[one] for one in content.listed["household_id"]]
    rows = [[cell.value for cell in row] for row in summary.iter_rows(min_row=HEADER + 1)]
    villages = [row for row in rows if row[1] != "小计"]
    assert sum(row[2] for row in villages) == sum(row[2] for row in rows if row[1] == "小计") == len(listed)
    for town, village, count, *tiers in villages:
        there = [one for one in listed if (one["town"] or "未注明", one["village"] or "未注明") == (town, village)]
        assert count == len(there) == sum(tiers[:3])
    for cell in summary["B"][HEADER:]:
        if cell.value != "小计":
            name, place = cell.hyperlink.location.rsplit("!", 1)
            target = book[name.strip("'")]
            code = target.cell(target[place].row, headers(target).index("户编号") + 1).value
            first = homes[code]
            assert (first["town"] or "未注明", first["village"] or "未注明") == (
                summary.cell(cell.row, 1).value,
                cell.value,
            )


def test_lines_are_numbered_and_tabs_have_the_colour_of_the_gravest_tier(book_of, content):
    book = book_of(content, split_by="town")
    for sheet in book.worksheets[2:]:
        numbers = [cell.value for cell in column(sheet, "序号")]
        assert numbers == list(range(1, len(numbers) + 1))
        gravest = next(cell for cell in column(sheet, "级别"))
        assert sheet.sheet_properties.tabColor.rgb[-6:] == gravest.fill.fgColor.rgb[-6:]


def test_where_no_place_is_known_there_is_no_summary(book_of, content):
    nowhere = replace(content, places=content.places.select("household_id"))
    assert book_of(nowhere).sheetnames == ["说明", "名单"]
