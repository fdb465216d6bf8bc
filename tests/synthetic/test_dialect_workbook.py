"""Workbooks made column by column: what goes in comes out."""

from datetime import date

import numpy as np
import polars as pl
import pytest
import python_calamine

from relapse_risk.synthetic.dialects import DAY, NUMBER, TEXT, Cells, open_workbook


def test_cells_come_out_as_they_went_in(tmp_path):
    texts = Cells(text=pl.Series(["a & <b>", " '1 ", None]), kind=np.full(3, TEXT))
    mixed = Cells(text=pl.Series(["1.5", "43529", "2019年"]), kind=np.array([NUMBER, DAY, TEXT]))
    wide = [Cells(text=pl.Series(["", None, "x"], dtype=pl.String), kind=np.full(3, TEXT)) for _ in range(30)]
    path = tmp_path / "book.xlsx"
    with open_workbook(path, date(2020, 12, 31)) as book:
        book.add("一", [["title"], ["h1", "h2"]], [texts, mixed, *wide], np.array([3, 5, 6]), ["合计", 2.5])
        book.add("二", [["nothing"]], [texts], np.array([], dtype=np.int64))
    read = python_calamine.CalamineWorkbook.from_path(path)
    assert read.sheet_names == ["一", "二"]
    rows = read.get_sheet_by_name("一").to_python(skip_empty_area=False)
    assert [row[:2] for row in rows] == [
        ["title", ""],
        ["h1", "h2"],
        ["a & <b>", 1.5],
        ["", ""],
        [" '1 ", date(2019, 3, 5)],
        ["", "2019年"],
        ["合计", 2.5],
    ]
    assert rows[5][2:] == ["x"] * 30
    assert read.get_sheet_by_name("二").to_python() == [["nothing"]]


@pytest.mark.parametrize("count", [5_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_a_workbook_of_many_rows_is_whole(tmp_path, count):
    cells = Cells(text=pl.Series(range(count)).cast(pl.String), kind=np.full(count, NUMBER))
    with open_workbook(tmp_path / "long.xlsx", date(2020, 12, 31)) as book:
        book.add("一", [["title"]], [cells], np.arange(count) + 2)
    rows = python_calamine.CalamineWorkbook.from_path(tmp_path / "long.xlsx").get_sheet_by_name("一").to_python()
    assert [row[0] for row in rows[1:]] == list(range(count))
