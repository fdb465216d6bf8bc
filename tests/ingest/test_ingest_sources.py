import io
import zipfile
from datetime import date

import openpyxl
import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records

ROWS = [
    ["户编号", "户类型", "填报日期"],
    ["5323111012010001", "脱贫户", "2019-12-02"],
    ["5323111012010002", "一般农户", "2019/12/3"],
]
FRAME = pl.DataFrame({"household_id": ["h1", "h2"], "recorded_on": [date(2019, 12, 1)] * 2})


def error_of(source) -> InputError:
    with pytest.raises(InputError) as raised:
        read_records(source)
    assert "\n" not in str(raised.value)
    return raised.value


def zipped(path, members, flag_names=True):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def csv_text(rows) -> str:
    return "\r\n".join(",".join(map(str, row)) for row in rows) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_of_an_office_is_read_in_the_encodings_offices_use(tmp_path, encoding):
    (tmp_path / "户信息.csv").write_bytes(csv_text(ROWS).encode(encoding))
    intake = read_records(tmp_path / "户信息.csv")
    assert intake.records.table("households")["household_type"].to_list() == ["exited", "general"]
    assert intake.accounts.select("sheet", "read", "kept").rows() == [("户信息", 2, 2)]


def test_the_file_is_named_for_its_only_sheet(tmp_path, write_workbook):
    write_workbook(tmp_path / "户信息.xlsx", {"Sheet1": ROWS})
    assert read_records(tmp_path).records.table("households").height == 2


def test_a_folder_is_read_in_whole_and_what_is_no_record_is_named(tmp_path, write_workbook):
    write_workbook(tmp_path / "county.xlsx", {"户信息": ROWS})
    FRAME.write_parquet(tmp_path / "households.parquet")
    FRAME.reverse().write_parquet(tmp_path / "scores.parquet")
    (tmp_path / "README.md").write_text("read me")
    (tmp_path / "~$county.xlsx").write_text("lock")
    (tmp_path / ".DS_Store").write_text("x")
    (tmp_path / "truth").mkdir()
    FRAME.write_parquet(tmp_path / "truth" / "households.parquet")
    intake = read_records(tmp_path)
    assert intake.records.table("households").height == 4
    assert ("file_not_read", {"source": "README.md"}) in intake.notes
    assert ("sheet_no_list", {"source": "scores.parquet", "sheet": "scores"}) in intake.notes


@pytest.mark.parametrize("folder", ["", "exports/"])
def test_an_archive_is_read_like_its_folder(tmp_path, write_workbook, folder):
    workbook = write_workbook(tmp_path / "county.xlsx", {"户信息": ROWS}).read_bytes()
    frame = io.BytesIO()
    FRAME.write_parquet(frame)
    archive = zipped(
        tmp_path / "e.zip", {f"{folder}county.xlsx": workbook, f"{folder}households.parquet": frame.getvalue()}
    )
    assert read_records(archive).records.table("households").height == 4


def test_names_that_chinese_windows_wrote_into_an_archive_are_understood(tmp_path):
    archive = zipped(tmp_path / "e.zip", {"HHHH.csv": csv_text(ROWS)})
    # The archive's name field is as long as the name in the old encoding: two bytes a sign.
    archive.write_bytes(archive.read_bytes().replace(b"HHHH", "杂项".encode("gb18030")))
    assert error_of(archive).details["found"] == "杂项"


def test_dates_of_another_writer_of_workbooks_are_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "户信息"
    for row in [*ROWS[:1], ["h1", "脱贫户", date(2019, 12, 2)]]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read_records(tmp_path / "a.xlsx").records.table("households")["recorded_on"].to_list() == [date(2019, 12, 2)]


def test_an_empty_sheet_among_full_ones_is_told(tmp_path, write_workbook):
    intake = read_records(write_workbook(tmp_path / "c.xlsx", {"户信息": ROWS, "灾害": []}))
    assert intake.notes == (("sheet_empty", {"source": "c.xlsx", "sheet": "灾害"}),)


def test_progress_reaches_the_end(tmp_path, write_workbook):
    write_workbook(tmp_path / "a.xlsx", {"户信息": ROWS, "灾害": []})
    write_workbook(tmp_path / "b.xlsx", {"户信息": ROWS})
    issues = []
    read_records(tmp_path, progress=lambda stage, share: issues.append((stage, share)))
    assert [stage for stage, _ in issues] == ["reading"] * 3
    assert [share for _, share in issues] == [0.25, 0.5, 1.0]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"no workbook", "file_unreadable"),
        ("a.xlsx", b"PK\x03\x04 no workbook either", "file_unreadable"),
        ("a.xlsx", b"", "file_unreadable"),
        ("a.zip", b"no archive", "file_unreadable"),
        ("households.parquet", b"no table", "file_unreadable"),
        ("户信息.csv", b"\xff\xff\x00", "file_unreadable"),
        ("households.csv", b"", "nothing_but_headers"),
        ("户信息.csv", b"", "nothing_but_headers"),
        ("scores.parquet", b"", "file_unreadable"),
        ("a.docx", b"", "source_unsupported"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path, name, content, code):
    (tmp_path / name).write_bytes(content)
    error = error_of(tmp_path / name)
    assert error.code == code
    assert str(tmp_path) not in str(error)


def test_a_workbook_cut_short_is_one_clear_line(tmp_path, write_workbook):
    workbook = write_workbook(tmp_path / "c.xlsx", {"户信息": ROWS})
    workbook.write_bytes(workbook.read_bytes()[:-200])
    assert error_of(workbook).code == "file_unreadable"


def test_a_place_without_records_is_one_clear_line(tmp_path):
    assert error_of(tmp_path / "missing").code == "source_unknown"
    assert error_of(tmp_path).code == "nothing_to_read"
    (tmp_path / "notes.txt").write_text("x")
    error = error_of(tmp_path)
    assert error.code == "nothing_to_read"
    assert "notes.txt" in str(error)


TEXT = "户编号,户类型\r\nh1,脱贫户\r\nh2,一般农户\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_list_is_read_in_any_encoding_and_with_any_separator(tmp_path, encoding, separator):
    (tmp_path / "户信息.csv").write_bytes(TEXT.replace(",", separator).encode(encoding))
    table = read_records(tmp_path).records.table("households")
    assert table.rows() == [("h1", "exited"), ("h2", "general")]


def test_a_record_table_is_read_in_any_encoding(tmp_path):
    (tmp_path / "households.csv").write_bytes("household_id;size\nh1;3\n".encode("utf-16"))
    assert read_records(tmp_path).records.table("households").rows() == [("h1", 3)]


def test_what_a_parser_cannot_read_is_not_quoted(tmp_path):
    text = 'household_id,name\nh1,"张三丰110101199003071234\n'
    (tmp_path / "households.csv").write_text(text, encoding="utf-8")
    try:
        read_records(tmp_path)
    except InputError as error:
        assert "110101" not in str(error)
        assert "张三丰" not in str(error)


def test_columns_of_one_name_are_refused(tmp_path):
    (tmp_path / "households.csv").write_text("household_id,size,size\nh1,3,4\n", encoding="utf-8")
    assert error_of(tmp_path).code == "columns_twice"


def test_a_parquet_file_of_an_export_is_read_as_its_sheet(tmp_path):
    pl.DataFrame({"户编号": ["h1"], "户类型": ["脱贫户"]}).write_parquet(tmp_path / "户信息.parquet")
    assert read_records(tmp_path).records.table("households").rows() == [("h1", "exited")]


def test_a_file_named_for_a_table_whose_headers_are_an_exports_is_read_as_a_sheet(tmp_path):
    (tmp_path / "households.csv").write_text(TEXT, encoding="utf-8")
    assert read_records(tmp_path).records.table("households").height == 2
