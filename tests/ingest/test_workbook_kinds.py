"""Workbooks of every kind that offices send under the name of one, and what is told of their sheets."""

import io
import struct
import zipfile
from datetime import date

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.ingest import describe_source, read_records
from tests.ingest.old_workbooks import binary, compound, label, labels, record

ROWS = [["户编号", "户类型", "填报日期"], ["5323111", "脱贫户", "2019-12-02"], ["5323112", "一般农户", "2019-12-03"]]
HEAD = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
HTML = (
    HEAD + "<table>" + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS) + "</table>"
)
XML_ROWS = "".join(
    f"<Row>{''.join(f'<Cell><Data ss:Type={chr(34)}String{chr(34)}>{cell}</Data></Cell>' for cell in row)}</Row>"
    for row in ROWS
)
SPACE = "urn:schemas-microsoft-com:office:spreadsheet"
XML = (
    f'<?xml version="1.0"?><Workbook xmlns="{SPACE}" xmlns:ss="{SPACE}" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    f'<Worksheet ss:Name="户信息"><Table>{XML_ROWS}</Table></Worksheet>'
    '<Worksheet ss:Name="旧户信息"><Table/><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>'
    "</Worksheet></Workbook>"
)
ARCHIVE = (
    'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n'
    f"Content-Transfer-Encoding: 8bit\r\n\r\n<html>{HTML}</html>\r\n--b--\r\n"
)
TEXT = "\r\n".join("\t".join(row) for row in ROWS)


def xlsx() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("户信息")
        for at, row in enumerate(ROWS):
            sheet.write_row(at, 0, row)
    return stream.getvalue()


def rewritten(path, member, old, new):
    """Replace a text in a member of a workbook."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in members[member]
    members[member] = members[member].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


KINDS = {
    "HTML": HTML.encode("gb18030"),
    "web archive": ARCHIVE.encode("gb18030"),
    "SpreadsheetML": XML.encode(),
    "renamed .xlsx": xlsx(),
    "text with tabs": TEXT.encode("gb18030"),
    "text with commas": TEXT.replace("\t", ",").encode("utf-16"),
    "Excel 5": binary({"户信息": labels(ROWS)}),
}


@pytest.mark.parametrize("suffix", [".xls", ".et", ".xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_read_as_what_it_is_whatever_its_name_says(tmp_path, kind, suffix):
    (tmp_path / f"户信息{suffix}").write_bytes(KINDS[kind])
    table = read_records(tmp_path).records.table("households")
    expected = [("5323111", date(2019, 12, 2), "exited"), ("5323112", date(2019, 12, 3), "general")]
    assert table.select("household_id", "recorded_on", "household_type").rows() == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "file_locked"),
        (binary({"户信息": b""}, further=record(0x2F, bytes(6))), "file_locked"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", "file_too_old"),
        (b"%PDF-1.4", "file_is_document"),
        (compound({"WordDocument": b"x"}), "file_unreadable"),
        (binary({"户信息": labels(ROWS)})[:700], "file_unreadable"),
        (b"\x00\x01\x02\x03" * 100, "file_unreadable"),
    ],
)
def test_what_cannot_be_read_is_called_by_its_name(tmp_path, content, code):
    (tmp_path / "户信息.xls").write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_records(tmp_path / "户信息.xls")
    assert raised.value.code == code
    assert "\n" not in str(raised.value)


def test_errors_and_hidden_rows_of_a_binary_workbook_are_told(tmp_path):
    rows = [["户编号", "家庭人口数", "户类型"], ["h1", "4", "脱贫户"]]
    error = record(0x205, struct.pack("<HHHBB", 2, 1, 0, 23, 1))
    formula = record(0x06, struct.pack("<HHHBxBxxxHHI", 3, 1, 0, 2, 7, 0xFFFF, 0, 0) + struct.pack("<H", 0))
    hidden = record(0x208, struct.pack("<HHHHHHI", 3, 0, 3, 255, 0, 0, 0x20))
    cells = label(2, 0, "h2") + label(2, 2, "脱贫户") + error + label(3, 0, "h3") + formula + label(3, 2, "脱贫户")
    (tmp_path / "a.xls").write_bytes(binary({"户信息": hidden + labels(rows) + cells}))
    intake = read_records(tmp_path / "a.xls")
    assert intake.blanked.select("row", "column", "rule", "value_masked").rows() == [
        (3, "size", "error_value", "#REF!"),
        (4, "size", "error_value", "#DIV/0!"),
    ]
    assert ("rows_hidden", {"source": "a.xls", "sheet": "户信息", "count": 1}) in intake.notes


def test_errors_and_formulas_without_results_are_told_cell_by_cell(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "户信息"
    for row in [
        ["户编号", "家庭人口数", "耕地面积(亩)", "户类型"],
        ["h1", "=1+1", 2, "脱贫户"],
        ["h2", 3, "#REF!", "脱贫户"],
    ]:
        sheet.append(row)
    sheet["C3"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    blanked = read_records(tmp_path / "a.xlsx").blanked
    assert blanked.select("row", "column", "rule", "value_masked").rows() == [
        (2, "size", "formula_without_value", "="),
        (3, "farmland_mu", "error_value", "#REF!"),
    ]


def test_a_formula_whose_result_is_no_text_says_nothing(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("户信息")
        sheet.write_row(0, 0, ["户编号", "家庭人口数", "户类型"])
        sheet.write_row(1, 0, ["h1", None, "脱贫户"])
        sheet.write_formula(1, 1, '=""', None, "")
    rewritten(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", '<c r="B2"><f>', '<c r="B2" t="str"><f>')
    assert read_records(tmp_path / "a.xlsx").blanked.is_empty()


def test_errors_in_text_are_told_as_errors(tmp_path):
    (tmp_path / "户信息.csv").write_text("户编号,家庭人口数,户类型\nh1,#N/A,脱贫户\nh2,####,#REF!\n", encoding="utf-8")
    blanked = read_records(tmp_path).blanked
    assert blanked["rule"].to_list() == ["error_value"] * 3
    assert blanked["column"].to_list() == ["size", "household_type", "size"]


@pytest.fixture
def with_hidden_sheet(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("户信息", "农户信息"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ROWS[0])
            sheet.write_row(1, 0, [f"{name}1", *ROWS[1][1:]])
            if name == "农户信息":
                sheet.hide()
            else:
                sheet.set_row(1, None, None, {"hidden": True})
                sheet.set_column(1, 1, None, None, {"hidden": True})
    return tmp_path / "a.xlsx"


def test_a_hidden_sheet_is_told_and_read_only_if_asked(with_hidden_sheet):
    place = {"source": "a.xlsx", "sheet": "农户信息"}
    intake = read_records(with_hidden_sheet)
    assert intake.records.table("households").height == 1
    assert ("sheet_hidden", place) in intake.notes
    asked = read_records(with_hidden_sheet, hidden_sheets=True)
    assert asked.records.table("households").height == 2
    assert all(code != "sheet_hidden" for code, _ in asked.notes)
    described = describe_source(with_hidden_sheet)
    assert "sheet_hidden" in described.filter(pl.col("sheet") == "农户信息").to_dicts()[0].values()


def test_hidden_rows_and_columns_are_read_and_told(with_hidden_sheet):
    notes = dict(read_records(with_hidden_sheet).notes)
    assert notes["rows_hidden"]["count"] == notes["columns_hidden"]["count"] == 1


def test_what_stands_far_down_a_long_sheet_is_told_too(tmp_path):
    last = 3_000
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet("户信息")
        sheet.write_row(0, 0, [*ROWS[0], "家庭人口数", "地址"])
        for row in range(1, last + 1):
            if row == last:
                sheet.set_row(row, None, None, {"hidden": True})
            sheet.write_row(row, 0, [f"h{row}", *ROWS[1][1:], 3, "上河村" * 20])
        sheet.write_formula(last, 3, "=1/0", None, "#DIV/0!")
    intake = read_records(tmp_path / "a.xlsx")
    assert intake.blanked.select("row", "column", "rule").rows() == [(last + 1, "size", "error_value")]
    assert dict(intake.notes)["rows_hidden"]["count"] == 1


@pytest.mark.parametrize("cell", ["XFD1048576", "XFD10000", "B1048576"])
def test_a_stray_cell_far_away_is_one_line_and_the_other_sheets_are_read(tmp_path, cell):
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.title = "户信息"
    far = book.create_sheet("灾害")
    far["A1"] = "户编号"
    for column in range(2, 30):
        far.cell(row=1, column=column).value = "受灾时间"
    far[cell] = "x"
    book.save(tmp_path / "a.xlsx")
    intake = read_records(tmp_path / "a.xlsx")
    assert intake.records.table("households").height == 2
    (details,) = (details for code, details in intake.notes if code == "sheet_too_far")
    assert details["sheet"] == "灾害"
    assert cell in details["cells"]


def test_formats_far_away_are_no_cells(tmp_path):
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.title = "户信息"
    book.active["XFD1048576"].number_format = "0.00"
    book.save(tmp_path / "a.xlsx")
    assert read_records(tmp_path / "a.xlsx").records.table("households").height == 2


def test_two_sheets_of_one_name_are_both_read(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("户信息", "户信息2"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ROWS[0])
            sheet.write_row(1, 0, [name, *ROWS[1][1:]])
    rewritten(tmp_path / "a.xlsx", "xl/workbook.xml", "户信息2", "户信息")
    households = read_records(tmp_path / "a.xlsx").records.table("households")
    assert sorted(households["household_id"]) == ["户信息", "户信息2"]


def test_a_page_with_cells_over_several_rows_and_columns_keeps_its_columns(tmp_path):
    page = "<table><tr><td colspan=3>名单</td></tr><tr><td>户编号</td><td>户类型</td><td>家庭人口数</td></tr>"
    page += "<tr><td rowspan=2>h1</td><td>脱贫户</td><td>3</td></tr><tr><td>脱贫户</td><td>4</td></tr></table>"
    (tmp_path / "户信息.xls").write_text(page, encoding="utf-8")
    intake = read_records(tmp_path)
    assert intake.rows["households"]["size"].to_list() == [3, 4]


BROKEN = {
    "cut short": lambda content, at: content[:at],
    "one byte": lambda content, at: content[:at] + b"\xff" + content[at + 1 :],
}


@given(st.sampled_from(sorted(KINDS)), st.sampled_from(sorted(BROKEN)), st.floats(0, 0.999))
@settings(max_examples=20, deadline=None)
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path_factory, kind, how, share):
    path = tmp_path_factory.mktemp("damaged") / "户信息.xls"
    path.write_bytes(BROKEN[how](KINDS[kind], int(share * len(KINDS[kind]))))
    try:
        read_records(path)
    except InputError as error:
        assert "\n" not in str(error).strip()


@pytest.mark.parametrize("code", ["sheet_hidden", "sheet_too_far"])
def test_a_workbook_whose_only_list_is_not_read_is_one_clear_line(tmp_path, code):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("户信息")
    for row in ROWS:
        sheet.append(row)
    if code == "sheet_hidden":
        sheet.sheet_state = "hidden"
    else:
        sheet["XFD1048576"] = "x"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError) as raised:
        read_records(tmp_path / "a.xlsx")
    assert raised.value.code == code
    assert "户信息" in str(raised.value)


def test_a_table_without_columns_is_told_as_empty(tmp_path):
    pl.DataFrame().write_parquet(tmp_path / "户信息.parquet")
    (tmp_path / "户信息.csv").write_text(TEXT.replace("\t", ","), encoding="utf-8")
    intake = read_records(tmp_path)
    assert intake.records.table("households").height == 2
    assert "sheet_empty" in dict(intake.notes)
