"""Workbooks .ods and .xlsb: errors, hidden rows and merged cells are told and read as in .xlsx."""

import io
import struct
import zipfile

import pytest
import xlsxwriter

from relapse_risk.ingest import read_records

INCOMES = ["户编号", "年度", "家庭人口数", "工资性收入"]
ROWS = [INCOMES, ["h1", 2020, 3, "#DIV/0!"], [None, 2019, 3, "#REF!"], ["h3", 2020, 2, 100]]
CODES = {"#DIV/0!": 7, "#REF!": 23}


def record(kind, content=b""):
    """Return a record of .xlsb: its kind and length are numbers of seven bits a byte."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, more = b"", len(content)
    while not length or more:
        length, more = length + bytes([more & 0x7F | (0x80 if more > 127 else 0)]), more >> 7
    return head + length + content


def texted(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def cell(column, value):
    place = struct.pack("<II", column, 0)
    if isinstance(value, str):
        return record(3, place + bytes([CODES[value]])) if value in CODES else record(6, place + texted(value))
    return record(5, place + struct.pack("<d", value))


def xlsb(rows, hidden, merged):
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1))
    sheet += record(60, struct.pack("<IIIIH", 1, 1, 2048, 0, 1)) + record(145)
    for at, row in enumerate(rows):
        sheet += record(0, struct.pack("<IIHBBB", at, 0, 0, 0, 0x10 if at == hidden else 0, 0) + bytes(4))
        sheet += b"".join(cell(column, value) for column, value in enumerate(row) if value is not None)
    sheet += record(146) + record(176, struct.pack("<IIII", *merged)) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + texted("rId1") + texted("收入"))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    link = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    members = {
        "xl/workbook.bin": book + record(144) + record(132),
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{space}">{link}</Relationships>'.encode(),
        "xl/worksheets/sheet1.bin": sheet,
    }
    return zipped(members)


def ods(rows, hidden, merged):
    names = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
    spaces = "".join(f' xmlns:{name}="{names.format(name)}"' for name in ("office", "table", "text"))
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    body = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
    for at, row in enumerate(rows):
        seen = ' table:visibility="collapse"' if at == hidden else ""
        cells = "".join(_open_cell(value, (at, column), merged) for column, value in enumerate(row))
        body += f"<table:table-row{seen}>{cells}</table:table-row>"
    book = f'<office:spreadsheet><table:table table:name="收入">{body}</table:table></office:spreadsheet>'
    content = f"<office:document-content{spaces}><office:body>{book}</office:body></office:document-content>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return zipped(
        {"mimetype": kind.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}
    )


def _open_cell(value, at, merged):
    top, low, left, _ = merged
    span = f' table:number-rows-spanned="{low - top + 1}"' if at == (top, left) else ""
    if value is None:
        return "<table:covered-table-cell/>"
    if value in CODES:
        kind = 'table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
    if isinstance(value, str):
        return f'<table:table-cell{span} office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture(params=[ods, xlsb])
def written(request, tmp_path):
    """Write the rows, of which the last is hidden, with the first household merged over two rows."""
    path = tmp_path / f"县.{request.param.__name__}"
    path.write_bytes(request.param(ROWS, hidden=3, merged=(1, 2, 0, 0)))
    return path


def test_errors_are_told_cell_by_cell(written):
    blanked = read_records(written).blanked
    assert blanked.select("row", "column", "rule", "value_masked").rows() == [
        (2, "wage", "error_value", "#DIV/0!"),
        (3, "wage", "error_value", "#REF!"),
    ]


def test_hidden_rows_and_columns_are_told(written):
    notes = dict(read_records(written).notes)
    assert notes["rows_hidden"]["count"] == notes["columns_hidden"]["count"] == 1


def test_merged_cells_are_read_in_every_row_of_their_range(written):
    intake = read_records(written)
    assert sorted(intake.records.table("incomes")["household_id"]) == ["h1", "h1", "h3"]
    assert intake.changes.filter(change="merged")["cells"].to_list() == [1]


@pytest.mark.parametrize("make", [ods, xlsb])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_part_that_is_cut_short_is_one_clear_line(tmp_path, make, share):
    with zipfile.ZipFile(io.BytesIO(make(ROWS, hidden=3, merged=(1, 2, 0, 0)))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "content.xml" if make is ods else "xl/worksheets/sheet1.bin"
    members[name] = members[name][: int(len(members[name]) * share)]
    (tmp_path / f"县.{make.__name__}").write_bytes(zipped(members))
    (tmp_path / "households.csv").write_text("household_id,recorded_on\nh1,2020-12-01\n")
    intake = read_records(tmp_path)
    assert intake.records.table("households").height == 1


def test_comments_and_pictures_are_told_since_they_are_not_read(tmp_path):
    dot = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
    )
    with xlsxwriter.Workbook(tmp_path / "县.xlsx") as book:
        sheet = book.add_worksheet("户信息")
        for at, row in enumerate([["户编号", "户类型", "家庭人口数"], ["h1", "脱贫户", 3]]):
            sheet.write_row(at, 0, row)
        sheet.write_comment("A2", "已死亡，待注销")
        sheet.write_comment("B2", "待核实")
        sheet.insert_image("E2", "证件.png", {"image_data": io.BytesIO(dot)})
    notes = dict(read_records(tmp_path / "县.xlsx").notes)
    assert (notes["comments_unread"]["count"], notes["pictures_unread"]["count"]) == (2, 1)
