"""An office's own table of administrative divisions."""

import pytest
import xlsxwriter

from relapse_risk.errors import InputError
from relapse_risk.policy import read_divisions, read_policy

ROWS = [
    ("序号", "区划代码", "名称"),
    ("1", "533901000000", "甲县"),
    ("2", "533901203", "乙乡"),
    ("3", "533901203205", "丙村"),
]
NAMES = {"533901": "甲县", "533901203": "乙乡", "533901203205": "丙村"}


@pytest.fixture
def written(tmp_path):
    def write(rows, name="区划.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes("\r\n".join(",".join(row) for row in rows).encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_in_the_encodings_of_offices(written, encoding):
    assert dict(read_divisions(written(ROWS, encoding=encoding)).names) == NAMES


def test_a_workbook_is_read_though_codes_are_numbers_and_a_title_stands_above(tmp_path):
    path = tmp_path / "区划.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "甲县行政区划")
        for place, (number, code, name) in enumerate(ROWS, start=1):
            sheet.write_row(place, 0, [number, int(code) if code.isdecimal() else code, name])
    assert dict(read_policy(divisions=path).divisions.names) == NAMES


def test_columns_are_known_by_what_they_hold(written):
    rows = [("a", "b"), *((name, code) for _, code, name in ROWS[1:])]
    assert dict(read_divisions(written(rows)).names) == NAMES


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("代码", "县", "村"), ("533901203205", "甲县", "丙村")], "divisions_columns"),
        ([("代码", "备注")], "divisions_columns"),
        ([("代码", "名称"), ("533901", "甲县"), ("533901000000", "乙县")], "divisions_twice"),
    ],
)
def test_what_would_be_a_guess_is_refused(written, rows, code):
    with pytest.raises(InputError) as refused:
        read_divisions(written(rows))
    assert refused.value.code == code


def test_a_file_that_is_none_is_refused(tmp_path):
    broken = tmp_path / "x.xlsx"
    broken.write_bytes(b"no workbook")
    for path in (broken, tmp_path / "missing.csv", tmp_path):
        with pytest.raises(InputError) as refused:
            read_divisions(path)
        assert refused.value.code == "divisions_unreadable"


def test_no_table_is_built_in():
    assert not read_policy().divisions.names
