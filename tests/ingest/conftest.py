"""Workbooks and wordings for the tests of reading."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from relapse_risk.ingest import ExportDictionary, read_records
from relapse_risk.policy import read_policy

Rows = Sequence[Sequence[object]]


@pytest.fixture(scope="session")
def dictionary() -> ExportDictionary:
    return ExportDictionary.of(read_policy())


@pytest.fixture(scope="session")
def write_workbook() -> Callable[[Path, Mapping[str, Rows]], Path]:
    def write(path: Path, sheets: Mapping[str, Rows]) -> Path:
        with xlsxwriter.Workbook(path) as book:
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for row, cells in enumerate(rows):
                    for column, cell in enumerate(cells):
                        if isinstance(cell, date):
                            sheet.write_datetime(row, column, cell, day)
                        elif isinstance(cell, str):
                            sheet.write_string(row, column, cell)
                        elif cell is not None:
                            sheet.write(row, column, cell)
        return path

    return write


@pytest.fixture
def read_sheets(tmp_path, write_workbook):
    """Read a workbook of these sheets, each with a title and an export date above its headers."""

    def read(sheets: Mapping[str, Rows], **options):
        titled = {
            name: [["导出表"], ["单位：某县", "导出日期：2020年12月31日"], *rows] for name, rows in sheets.items()
        }
        return read_records(write_workbook(tmp_path / "county.xlsx", titled), **options)

    return read
