"""Sheets of a workbook: one to be read, written from the top down; and lists to be printed and filled in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from relapse_risk.policy import Texts
from relapse_risk.reports.sheets.styles import Styles, row_height
from relapse_risk.reports.wording import Fact, Grid

__all__ = [
    "HEADER_ROW",
    "LETTERS",
    "Head",
    "SheetColumn",
    "SheetPage",
    "Spans",
    "ask_for_day",
    "set_up_list",
    "write_list",
]

HEADER_ROW = 4
"""Of a list: title and texts stand above it."""
LETTERS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Settings of a workbook in which whatever records hold stays text."""

Spans = Sequence[tuple[int, int]]
"""The first and last column of a sheet that each column of a table takes."""

Head = Sequence[tuple[str, str, float]]
"""Texts above a list: each with its look, and the least height of its row."""

_A4 = 9


@dataclass(frozen=True, kw_only=True)
class SheetColumn:
    """A column of a list.

    Attributes
    ----------
    header : str
    width : float
    look : str or sequence of str
        Of its cells; where they differ, of each.
    cells : sequence
        A text, a number or a day for each line, None where it is empty; empty itself where a column is to be filled in.
    hidden : bool
        Whether it is there for reading back only.
    """

    header: str
    width: float
    look: str | Sequence[str] = "centre"
    cells: Sequence[str | float | date | None] = ()
    hidden: bool = False


class SheetPage:
    """A sheet to be read, written from the top down.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
        An empty one.
    styles : Styles
    widths : sequence of float
        Of its columns.
    text_of : callable
        What a heading says, by its key.
    """

    def __init__(self, sheet: Any, styles: Styles, widths: Sequence[float], text_of: Callable[[str], str]) -> None:
        self._sheet, self._styles, self._widths, self._text_of = sheet, styles, widths, text_of
        self._last = len(widths) - 1
        self._row = 0
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)

    def heading(self, key: str) -> None:
        """Write a heading under an empty row."""
        self._row += 1
        self.text(self._text_of(key), "heading", 22)

    def text(self, text: str, look: str, least: float = 18) -> None:
        """Write a text over the whole width."""
        self._merged(0, self._last, text, look)
        self._next([(text, sum(self._widths))], least)

    def facts(self, facts: Sequence[Fact]) -> None:
        """Write labels with their values."""
        for label, value in facts:
            self._sheet.write_string(self._row, 0, label, self._styles["label"])
            self._merged(1, self._last, value, "text")
            self._next([(label, self._widths[0]), (value, sum(self._widths[1:]))], 18)

    def grid(
        self, grid: Grid, *, spans: Spans | None = None, firsts: Sequence[str] = (), links: Sequence[str] = ()
    ) -> None:
        """Write a table.

        Parameters
        ----------
        grid : Grid
        spans : sequence of (int, int), optional
            The first and last column of the sheet that each of its columns takes; one each if not given.
        firsts : sequence of str
            The looks of the first cells of its first rows.
        links : sequence of str
            The sheets that the first cells of its first rows lead to.
        """
        spans = spans or [(place, place) for place in range(len(grid.headers))]
        self._cells(grid.headers, spans, ["header"] * len(grid.headers))
        looks = ["right" if place in grid.numbers else "text" for place in range(len(grid.headers))]
        for at, row in enumerate(grid.rows):
            first = firsts[at] if at < len(firsts) else looks[0]
            if at < len(links):
                target = links[at].replace("'", "''")
                self._sheet.write_url(self._row, 0, f"internal:'{target}'!A1", self._styles["link"], row[0])
            self._cells(row, spans, ["link" if at < len(links) else first, *looks[1:]])

    def set_up(self) -> None:
        """Set the printed page."""
        self._sheet.set_portrait()
        self._sheet.set_paper(_A4)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        self._sheet.set_footer("&C&P / &N")
        self._sheet.hide_gridlines(2)

    def _cells(self, texts: Sequence[str], spans: Spans, looks: Sequence[str]) -> None:
        spans = spans[: len(texts)]
        for text, (first, last), look in zip(texts, spans, looks, strict=True):
            self._merged(first, last, text, look)
        self._next([(t, sum(self._widths[a : b + 1])) for t, (a, b) in zip(texts, spans, strict=True)], 18)

    def _merged(self, first: int, last: int, text: str, look: str) -> None:
        if last > first:
            self._sheet.merge_range(self._row, first, self._row, last, "", self._styles[look])
        self._sheet.write_string(self._row, first, text, self._styles[look])

    def _next(self, texts: Sequence[tuple[str, float]], least: float) -> None:
        self._sheet.set_row(self._row, row_height(texts, least))
        self._row += 1


def write_list(sheet: Any, styles: Styles, head: Head, columns: Sequence[SheetColumn], room: float) -> None:
    """Write a list on an empty sheet: texts over its whole width, headers, and lines high enough for what they say.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    head : Head
        As many texts as there are rows above the headers.
    columns : sequence of SheetColumn
    room : float
        The least height of a line, in points.
    """
    widths = [column.width for column in columns]
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, None, {"hidden": True} if column.hidden else None)
    shown = sum(not column.hidden for column in columns)
    _write_head(sheet, styles, head, widths[:shown])
    for place, column in enumerate(columns):
        sheet.write_string(HEADER_ROW, place, column.header, styles["header"])
    sheet.set_row(HEADER_ROW, row_height([(column.header, column.width) for column in columns], 24))
    for line in range(max((len(column.cells) for column in columns), default=0)):
        at = HEADER_ROW + 1 + line
        cells = [column.cells[line] if column.cells else None for column in columns]
        sheet.set_row(at, row_height([(c, w) for c, w in zip(cells, widths, strict=True) if isinstance(c, str)], room))
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            look = column.look if isinstance(column.look, str) else column.look[line]
            _write_cell(sheet, at, place, cell, styles[look])


def _write_head(sheet: Any, styles: Styles, head: Head, widths: Sequence[float]) -> None:
    whole = sum(widths)
    for row, (text, look, least) in enumerate(head):
        sheet.set_row(row, row_height([(text, whole)], least) if text else least)
        if text:
            sheet.merge_range(row, 0, row, len(widths) - 1, "", styles[look])
            sheet.write_string(row, 0, text, styles[look])


def _write_cell(sheet: Any, row: int, place: int, cell: str | float | date | None, style: Any) -> None:
    if cell is None or cell == "":
        sheet.write_blank(row, place, None, style)
    elif isinstance(cell, str):
        sheet.write_string(row, place, cell, style)
    elif isinstance(cell, date):
        sheet.write_datetime(row, place, cell, style)
    else:
        sheet.write_number(row, place, cell, style)


def set_up_list(sheet: Any, *, rows: int, columns: int, kept_left: int, left: str, right: str) -> None:
    """Set filters, panes and the printed page of a list, and what is left and right in its footer."""
    last_row, last = HEADER_ROW + max(rows, 1), columns - 1
    sheet.autofilter(HEADER_ROW, 0, last_row, last)
    sheet.freeze_panes(HEADER_ROW + 1, kept_left)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(HEADER_ROW)
    sheet.print_area(0, 0, last_row, last)
    sheet.set_footer(f"&L{left}&C&P / &N&R{right}")


def ask_for_day(sheet: Any, *, rows: int, column: int, texts: Texts) -> None:
    """Let only days be written into a column of a list."""
    days = {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1)}
    days["error_message"] = texts("roster", "date_wanted")
    sheet.data_validation(HEADER_ROW + 1, column, HEADER_ROW + max(rows, 1), column, days)
