"""Worksheets: their looks, widths and names, and lists that are filled in."""

from relapse_risk.reports.sheets.styles import Styles, fitted_width, row_height, sheet_names
from relapse_risk.reports.sheets.worksheets import (
    HEADER_ROW,
    LETTERS,
    Head,
    ListEdges,
    SheetColumn,
    SheetPage,
    Spans,
    ask_for_day,
    place_in_book,
    write_list,
)

__all__ = [
    "HEADER_ROW",
    "LETTERS",
    "Head",
    "ListEdges",
    "SheetColumn",
    "SheetPage",
    "Spans",
    "Styles",
    "ask_for_day",
    "fitted_width",
    "place_in_book",
    "row_height",
    "sheet_names",
    "write_list",
]
