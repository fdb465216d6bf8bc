from datetime import date
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest

from relapse_risk.audit import LOCATED, AuditResult, run_audit
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records, read_returned
from relapse_risk.reports import render_audit_page, write_audit_workbook, write_split_audit
from tests.reports.invented_audits import FOUND, RULES, SOURCE, finding, findings, make_audit, make_clean, make_large

LISTED = 2_000  # lines of a rule in the workbook
FOLDED = 300  # lines of a hint, from which it has one line a village

HEADER = 5


@pytest.fixture(scope="module")
def book_of(tmp_path_factory):
    """Return the function that writes an audit and opens it."""

    def opened(content, lang="zh"):
        path = tmp_path_factory.mktemp("book") / "audit.xlsx"
        write_audit_workbook(content, path, lang=lang)
        return openpyxl.load_workbook(path)

    return opened


@pytest.fixture(scope="module")
def book(book_of):
    return book_of(make_audit())


def headers(sheet):
    return [cell.value for cell in sheet[HEADER]]


def listed(sheet):
    """Return the lines of a sheet by header."""
    rows = sheet.iter_rows(min_row=HEADER + 1, values_only=True)
    return [dict(zip(headers(sheet), row, strict=True)) for row in rows]


def rows_of(sheet):
    return [[value for value in row if value not in (None, "")] for row in sheet.iter_rows(values_only=True)]


def texts(sheet):
    return "\n".join(str(value) for row in rows_of(sheet) for value in row)


def row_starting(sheet, first):
    return next(row for row in rows_of(sheet) if row and row[0] == first)


def test_one_sheet_a_failed_rule_the_gravest_first(book):
    assert book.sheetnames == [
        *("封面", "全部问题", "日期不存在", "不是已知的取值", "证件号码校验码不对", "贷款金额超过小额信贷上限"),
        *("该户该年度没有户主", "收入集中在贫困线上方"),
    ]
    assert book.active.title == "封面"


def test_every_line_says_where_it_is_and_what_is_wrong(book):
    sheet = book["贷款金额超过小额信贷上限"]
    assert listed(sheet) == [
        {
            "文件": SOURCE,
            "工作表": "小额信贷",
            "行号": row,
            "户编号": household,
            "列": "贷款金额",
            "单元格内容": "99999",
            "问题等级": "有误",
            "问题": "贷款金额超过小额信贷上限",
            "怎样处理": "核对原始材料，改正金额与单位（元、万元）",
            "状态": "未改正",
            "改正为": None,
            "改正日期": None,
            "备注": None,
            "识别码（请勿改动）": "loans/principal/loan_over_ceiling",
        }
        for row, household in ((4, "5323000000000002"), (12, "=1+1"))
    ]


def test_every_finding_and_every_anomaly_is_listed_once(book):
    found = [
        (line["工作表"], line["行号"], line.get("户编号")) for sheet in book.worksheets[2:] for line in listed(sheet)
    ]
    wanted = [
        *FOUND.select("sheet", "row", "household_id").rows(),
        *(("收入", row, f"5323{row:012d}") for row in (5, 8)),
    ]
    assert sorted(found, key=str) == sorted(wanted, key=str)


def test_refused_rows_come_first_within_a_rule(book):
    lines = listed(book["不是已知的取值"])
    assert [(line["问题等级"], line["行号"]) for line in lines] == [("未采用", 30), ("有误", 5)]


def test_what_is_new_is_told_from_what_is_still_open(book):
    assert {line["状态"] for line in listed(book["日期不存在"])} == {"新发现"}
    assert {line["状态"] for line in listed(book["贷款金额超过小额信贷上限"])} == {"未改正"}


def test_without_an_earlier_audit_nothing_is_open_or_new(book_of):
    book = book_of(make_audit(before=None))
    assert "状态" not in headers(book["日期不存在"])
    assert "与上次核查相比" not in texts(book["封面"])


def test_the_cover_counts_what_was_read_and_found(book):
    cover = book["封面"]
    assert row_starting(cover, SOURCE) == [SOURCE, "小额信贷", "小额信贷", "91", "90", "1", "3", "5"]
    assert row_starting(cover, "合计")[:5] == ["合计", "1", "2", "2", "7"]  # of the closing, which stands above
    assert row_starting(cover, "未采用") == ["未采用", "该行没有采用，须改正后重新导出", "2", "2"]
    assert row_starting(cover, "不是已知的取值") == ["不是已知的取值", "单元格", "1", "1", "900", "0"]
    assert row_starting(cover, "其他写法的日期，按同一天读取")[1:] == ["1,008", "2"]
    assert "未识别工作表“附件”" in texts(cover)
    assert "37 格日期只写到月" in texts(cover)


def test_rules_that_were_not_run_stand_under_what_they_lack(book):
    cover = book["封面"]
    assert row_starting(cover, "收入·收入期截止")[1:] == ["2", "年度与收入期间不一致；收入期间超过一年"]
    assert row_starting(cover, "小额信贷·证件号码")[1:] == ["1", "贷款记录的证件号码有误"]
    assert row_starting(cover, "收入·工资性收入")[1:] == ["1", "多户数据完全相同"]


def test_departments_are_held_beside_the_register(book):
    assert row_starting(book["封面"], "小额信贷逐笔比对 (元)")[1:4] == ["一致", "1", "1"]
    conflict = next(row for row in rows_of(book["封面"]) if row[:1] == ["不一致"])
    assert conflict == ["不一致", "1", "1", "50,000", "5,000", "-45,000"]
    assert "没有表 医疗" in texts(book["封面"])


def test_only_flagged_tests_are_told_and_never_as_accusations(book):
    cover = book["封面"]
    assert row_starting(cover, "532311101201（村） · 2019") == [
        *("532311101201（村） · 2019", "收入集中在贫困线上方", "收入·人均纯收入"),
        *("24", "23", "1.8", "<0.0001", "<0.0001"),
    ]
    assert "532311101202" not in texts(cover)
    assert "更不是指责" in texts(cover)


def test_the_cover_leads_to_every_sheet(book):
    links = {link.location for link in (cell.hyperlink for row in book["封面"].iter_rows() for cell in row) if link}
    assert links == {f"'{name}'!A1" for name in book.sheetnames[1:]}


def test_closed_open_and_new_by_rule(book):
    cover = book["封面"]
    rows = [row for row in rows_of(cover) if len(row) == 5]
    assert ["同一笔贷款重复", "1", "1", "0", "0"] in rows
    assert ["of_old", "0", "1", "0", "0"] in rows
    assert ["贷款金额超过小额信贷上限", "0", "0", "2", "0"] in rows


def test_lists_can_be_printed_filtered_and_filled_in(book):
    for sheet in book.worksheets[2:]:
        last = HEADER + len(listed(sheet))
        assert sheet.freeze_panes == f"D{HEADER + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{HEADER}:")
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows == f"${HEADER}:${HEADER}"
        assert sheet.print_area.endswith(f"${last}")
        assert headers(sheet)[-4:] == ["改正为", "改正日期", "备注", "识别码（请勿改动）"]
        day, code = (openpyxl.utils.get_column_letter(len(headers(sheet)) - back) for back in (2, 0))
        assert sheet.column_dimensions[code].hidden
        (validation,) = sheet.data_validations.dataValidation
        assert (validation.type, str(validation.sqref).split(":")[0]) == ("date", f"{day}{HEADER + 1}")


def test_whatever_the_records_hold_stays_text(book):
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [cell for cell in cells if cell.value == "=1+1"]


@pytest.mark.slow
def test_of_very_many_lines_the_first_are_listed_and_the_others_told_of(book_of):
    sheet = book_of(make_large(LISTED + 1_234)).worksheets[2]
    assert [line["行号"] for line in listed(sheet)] == list(range(2, LISTED + 2))
    assert "1,234 条见 audit.parquet" in sheet["A4"].value
    assert f"共 {LISTED + 1_234:,} 条" in sheet["A2"].value


def test_as_many_lines_as_are_listed_are_not_cut(book_of):
    sheet = book_of(make_large(LISTED)).worksheets[2]
    assert sheet["A4"].value is None


def test_an_audit_that_found_nothing_is_a_cover_that_says_so(book_of):
    book = book_of(make_clean())
    assert book.sheetnames == ["封面"]
    assert "没有发现问题" in texts(book["封面"])
    assert row_starting(book["封面"], "合计") == ["合计", "1,212", "1,210", "2", "5", "5"]
    assert "未注明" in texts(book["封面"])


def test_in_english_sheets_bear_the_ids_of_rules(book_of):
    book = book_of(make_audit(), lang="en")
    assert book.sheetnames[:4] == ["Cover", "All findings", "impossible_date", "unknown_code"]
    sheet = book["loan_over_ceiling"]
    assert headers(sheet)[:5] == ["Source", "Sheet", "Row", "Household", "Column"]
    assert listed(sheet)[0]["Standing"] == "Open"
    assert listed(sheet)[0]["What is wrong"] == "The loan exceeds the ceiling of microcredit"
    assert row_starting(book["Cover"], "Refused")[2:] == ["2", "2"]
    assert {text for text in texts(sheet).split("\n") if not text.isascii()} == {SOURCE, "小额信贷"}


def located(found, **places):
    """Return where rows are: by household, the village of each; all of 2020 but where a year is given by row."""
    years = places.pop("years", {})
    rows = found.select(LOCATED.names()[:5]).unique(maintain_order=True)
    return pl.DataFrame(
        [
            (*row, years.get(row[2], 2020), "甲县", places["towns"].get(row[4]), places["villages"].get(row[4]))
            for row in rows.rows()
        ],
        schema=LOCATED,
        orient="row",
    )


TOWNS = {"5323000000000002": "城关镇", "5323000000000003": "城关镇", "5323000000000004": "河口乡"}
VILLAGES = {"5323000000000002": "东村", "5323000000000003": "西村", "5323000000000004": "东村"}


@pytest.mark.parametrize(
    ("lang", "level", "names"),
    [
        ("zh", "town", ["地点不明", "城关镇", "河口乡"]),
        ("en", "town", ["unplaced", "城关镇", "河口乡"]),
        ("zh", "village", ["地点不明", "城关镇 东村", "城关镇 西村", "河口乡 东村"]),
    ],
)
def test_each_place_has_a_workbook_with_its_own_findings_alone(tmp_path, lang, level, names):
    content = make_audit(before=None, anomalies=None, located=located(FOUND, towns=TOWNS, villages=VILLAGES))
    paths = write_split_audit(content, tmp_path / "places", level=level, lang=lang)
    assert sorted(path.stem for path in paths) == sorted(name.replace(" ", "_") for name in names)
    homes = {}
    for path in paths:
        book = openpyxl.load_workbook(path)
        said = "\n".join(texts(sheet) for sheet in book)
        homes[path.stem] = {home for home in {*TOWNS, *FOUND["household_id"]} if home and home in said}
        assert "1,120" not in said  # rows that were read of all
    assert homes.pop(names[0]) == {*FOUND["household_id"]} - {*TOWNS, None}
    assert sorted(home for own in homes.values() for home in own) == sorted(TOWNS)
    town = openpyxl.load_workbook(next(path for path in paths if "城关镇" in path.stem))
    assert {line["乡镇" if lang == "zh" else "Town"] for sheet in town.worksheets[2:] for line in listed(sheet)} == {
        "城关镇"
    }


def test_places_that_no_record_tells_cannot_be_split_by(tmp_path):
    with pytest.raises(InputError) as refused:
        write_split_audit(make_audit(), tmp_path / "places", level="town")
    assert refused.value.code == "split_level"
    assert not (tmp_path / "places").exists()


def of_years():
    """Return one person's wrong day of birth in three years, twice in the last; and another person's, once."""
    born = ("members", "birth_date")
    one, other = ("5323000000000003", "p1", "2050-01-01"), ("5323000000000003", "p2", "2050-01-01")
    return findings(
        [
            *(finding("born_in_future", "warn", row, *born, *one) for row in (3, 14, 25, 26)),
            finding("born_in_future", "warn", 7, *born, *other),
            *(finding("loan_over_ceiling", "warn", row, household="5323000000000003") for row in (3, 14)),
        ]
    )


@pytest.mark.parametrize(("lang", "years"), [("zh", "2018、2019、2020"), ("en", "2018, 2019, 2020")])
def test_a_persons_fault_over_the_years_is_one_line_with_years_and_rows(book_of, lang, years):
    found = of_years()
    of = located(found, towns={}, villages={}, years={3: 2018, 14: 2019, 25: 2020, 26: 2020, 7: 2018})
    rules = pl.concat([RULES, RULES.head(1).with_columns(rule=pl.lit("born_in_future"))])
    content = make_audit(audit=AuditResult(findings=found, rules=rules), before=None, anomalies=None, located=of)
    assert content.table.height == 7
    book = book_of(content, lang)
    sheets = {sheet.title: sheet for sheet in book.worksheets[2:]}
    persons = next(sheet for sheet in sheets.values() if listed(sheet)[0].get("年度" if lang == "zh" else "Years"))
    lines = [[line for line in row if line not in ("", None)] for row in persons.iter_rows(min_row=6, values_only=True)]
    assert [(row[2], years in row) for row in lines] == [(3, True), (7, False), (26, False)]
    assert {"zh": "14、25", "en": "14, 25"}[lang] in lines[0]
    loans = next(sheet for sheet in sheets.values() if sheet is not persons)
    assert len(listed(loans)) == 2


@pytest.mark.parametrize("day", [date(2020, 12, 31), None])
def test_an_audit_gives_the_same_bytes_on_any_day(tmp_path, day):
    for name in ("one.xlsx", "two.xlsx"):
        write_audit_workbook(make_audit(exported_on=day), tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    with ZipFile(tmp_path / "one.xlsx") as book:
        core = book.read("docProps/core.xml").decode()
    assert core.count(f"{day or '1980-01-01'}T00:00:00Z") == 2  # created and modified: not the day of writing


def test_no_name_and_no_number_of_a_person_is_in_either_report(tmp_path):
    """Of who it is only the codes of household and person are in the workbook, and nothing on the page."""
    person = {"household_id": ["H-77"], "person_id": ["P-88"], "year": [2019], "recorded_on": [date(2019, 12, 31)]}
    who = {
        "name": ["欧阳某"],
        "id_number": ["99999919850230123X"],
        "relation": ["head"],
        "birth_date": [date(1985, 2, 3)],
    }
    members = pl.DataFrame({**person, **who})
    households = pl.DataFrame({"household_id": ["H-99"], "head_name": ["司马某"], "recorded_on": [date(2019, 12, 31)]})
    intake = read_records({"members": members, "households": households})
    content = make_audit(
        audit=run_audit(intake),
        before=None,
        anomalies=None,
        reconciliation=None,
        accounts=intake.accounts,
        changes=intake.changes,
        notes=intake.notes,
    )
    write_audit_workbook(content, tmp_path / "audit.xlsx")
    text = "\n".join(texts(sheet) for sheet in openpyxl.load_workbook(tmp_path / "audit.xlsx"))
    page = render_audit_page(content)
    assert "H-77" in text
    assert "P-88" in text
    for secret in ("欧阳", "司马", "99999919850230123", "1985"):
        assert secret not in text
        assert secret not in page
    for code in ("H-77", "P-88", "H-99"):
        assert code not in page


def of_villages(count, severity="note"):
    """Return an audit of a hint: so many lines in one village, three in another one, one nowhere known."""
    rows = range(2, count + 6)
    found = findings([finding("loan_over_ceiling", severity, row, household=f"h{row // 2}") for row in rows])
    villages = pl.Series(["甲村"] * count + ["乙村"] * 3 + [None])
    places = {"county": pl.lit("丁县"), "town": pl.lit("丙镇"), "village": villages}
    located = found.with_columns(year=None, **places).select(LOCATED.names()).cast(LOCATED)
    audit = AuditResult(findings=found, rules=RULES)
    return make_audit(audit=audit, located=located, before=None, anomalies=None)


def test_very_many_hints_are_one_line_a_village_and_stand_whole_in_its_own_workbook(book_of, tmp_path):
    content = of_villages(FOLDED)
    sheet = book_of(content).worksheets[2]
    assert [tuple(line.values()) for line in listed(sheet)] == [
        ("丁县", "丙镇", "甲村", FOLDED, FOLDED // 2),
        ("丁县", "丙镇", "乙村", 3, 2),
        ("丁县", "丙镇", "地点不明", 1, 1),
    ]
    assert "--split-by village" in sheet["A4"].value
    written = write_split_audit(content, tmp_path, level="village")
    lines = {path.stem: len(listed(openpyxl.load_workbook(path).worksheets[2])) for path in written}
    assert sorted(lines.values()) == [1, 3, FOLDED]
    assert content.table.height == FOLDED + 4


def test_few_hints_and_whatever_is_wrong_are_listed_line_by_line(book_of):
    assert len(listed(book_of(of_villages(5)).worksheets[2])) == 9
    assert len(listed(book_of(of_villages(FOLDED, "warn")).worksheets[2])) == FOLDED + 4


@pytest.mark.parametrize("content", [make_audit(), of_villages(6)])
def test_one_sheet_has_every_finding_by_place_and_leads_to_the_sheet_of_its_rule(book_of, content):
    book = book_of(content)
    sheet = book["全部问题"]
    lines = listed(sheet)
    assert sorted((line["工作表"], line["行号"], line["问题"]) for line in lines) == sorted(
        (line["工作表"], line["行号"], line["问题"]) for one in book.worksheets[2:] for line in listed(one)
    )
    villages = [line.get("行政村") for line in lines]
    assert villages == sorted(villages, key=lambda village: (village is None, str(village)))
    links = {cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {line["问题"]: f"'{line['问题']}'!A1" for line in lines}
    assert not {"改正为", "改正日期", "备注"} & set(headers(sheet))


def test_the_sheet_of_all_findings_is_not_read_back(tmp_path):
    write_audit_workbook(of_villages(3), tmp_path / "audit.xlsx")
    assert read_returned(tmp_path / "audit.xlsx").read == 7
