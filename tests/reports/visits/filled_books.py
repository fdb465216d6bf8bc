"""Filling in a visit workbook, and what became of its rows."""

from datetime import date

import polars as pl

HEADER = 5
TODAY = date(2020, 4, 15)
FILLED = {"走访日期": date(2020, 3, 5), "走访结果": "有返贫风险", "走访人": "李四"}


def headers(sheet):
    return [cell.value for cell in sheet[HEADER]]


def fill(sheet, row, **cells):
    for header, cell in cells.items():
        sheet.cell(row, headers(sheet).index(header) + 1).value = cell


def lists(book):
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"][1:]


def adds_up(accounts):
    return accounts.filter(pl.col("read") != pl.col("kept") + pl.col("refused") + pl.col("not_filled")).is_empty()


def rules(intake):
    return intake.rejected.select("row", "column", "rule").rows()
