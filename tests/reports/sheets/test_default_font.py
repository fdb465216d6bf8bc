"""The default font of a workbook, in whose digits columns are measured."""

from zipfile import ZipFile

import xlsxwriter

from relapse_risk.reports.sheets import LETTERS


def styles_of(path):
    with xlsxwriter.Workbook(str(path), LETTERS) as book:
        book.add_worksheet()
    return ZipFile(path).read("xl/styles.xml").decode()


def test_it_is_the_same_in_every_workbook_of_a_process_and_none_of_the_theme(tmp_path):
    first, second = styles_of(tmp_path / "first.xlsx"), styles_of(tmp_path / "second.xlsx")
    assert first == second
    assert "scheme" not in first
