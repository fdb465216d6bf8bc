"""Sheets of a workbook: one to be read, written from the top down; and lists to be printed and filled in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from relapse_risk.policy import Texts
from relapse_risk.reports.sheets.printing import LISTS, PAGES, Paper, paper_for, print_on, printed_title
from relapse_risk.reports.sheets.styles import Styles, row_height
from relapse_risk.reports.wording import Fact, Grid

__all__ = [
    "HEADER_ROW",
    "LETTERS",
    "Head",
    "ListEdges",
    "SheetColumn",
    "SheetPage",
    "Spans",
    "ask_for_day",
    "place_in_book",
    "write_list",
]

HEADER_ROW = 4
"""Of a list: title and texts stand above it."""
LETTERS = {
    **{"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    "default_format_properties": {"font_name": "Verdana", "font_size": 8, "font_scheme": "none"},
}
"""Settings of a workbook in which whatever records hold stays text.

Columns are measured in digits of the default font, which no cell has. Those of Verdana 8 are 7 pixels wide, as those of
the usual Calibri 11 are; so they are of the DejaVu Sans that takes its place where it is missing. What takes
Calibri's is a third wider, and a page that is fitted to its columns becomes smaller by as much. It is said to be none
of the theme's fonts, for which others are taken; XlsxWriter by itself says so of a process's first workbook alone.
"""

_MOST_LINKS = 65_000
"""Of a sheet: a few more is as many as a spreadsheet takes."""

Spans = Sequence[tuple[int, int]]
"""The first and last column of a sheet that each column of a table takes."""

Head = Sequence[tuple[str, str, float]]
"""Texts above a list: each with its look, and the least height of its row."""


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
    least : float, optional
        How narrow it may become for all columns to fit on a page; as wide as asked for if not given.
    links : sequence of str
        Where in the workbook the text of each line leads to, see `place_in_book`; empty where it leads nowhere.
    """

    header: str
    width: float
    look: str | Sequence[str] = "centre"
    cells: Sequence[str | float | date | None] = ()
    hidden: bool = False
    least: float | None = None
    links: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ListEdges:
    """What of a list stays in sight, and what is printed around it.

    Attributes
    ----------
    kept_left : int
        Columns that stay in sight, and are repeated where a list is wider than a page.
    note : str
        At the foot of every page, beside its number and who signs it.
    day : str
        At the head of every page, beside the title.
    """

    kept_left: int
    note: str
    day: str


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
        self._row, self._title = 0, ""
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)

    def heading(self, key: str) -> None:
        """Write a heading under an empty row."""
        self._row += 1
        self.text(self._text_of(key), "heading", 22)

    def text(self, text: str, look: str, least: float = 18) -> None:
        """Write a text over the whole width; a title is at the head of every printed page, too."""
        if look == "title":
            self._title = text
        self._merged(0, self._last, text, look)
        self._next([(text, sum(self._widths))], least)

    def link(self, text: str, sheet: str) -> None:
        """Write a text that leads to another sheet."""
        self._merged(0, self._last, text, "link")
        self._sheet.write_url(self._row, 0, place_in_book(sheet), self._styles["link"], text)
        self._next([(text, sum(self._widths))], 18)

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
                self._sheet.write_url(self._row, 0, place_in_book(links[at]), self._styles["link"], row[0])
            self._cells(row, spans, ["link" if at < len(links) else first, *looks[1:]])

    def set_up(self) -> None:
        """Set the printed page."""
        paper, _ = paper_for(self._widths, self._widths, PAGES)
        print_on(self._sheet, paper)
        self._sheet.set_header(f"&L{self._styles.margin}{printed_title(self._title)}")
        self._sheet.set_footer(f"&C{self._styles.margin}{self._styles.page_number}")
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


def write_list(
    sheet: Any, styles: Styles, head: Head, columns: Sequence[SheetColumn], room: float, edges: ListEdges
) -> None:
    """Write a list on an empty sheet: texts over its whole width, headers, and lines high enough for what they say.

    It is printed so that its columns stand side by side and can be read.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    head : Head
        As many texts as there are rows above the headers; the first is the title.
    columns : sequence of SheetColumn
    room : float
        The least height of a line, in points.
    edges : ListEdges
    """
    seen = [column for column in columns if not column.hidden]
    paper, fitted = paper_for([one.width for one in seen], [one.least or one.width for one in seen], LISTS)
    found = iter(fitted)
    widths = [column.width if column.hidden else next(found) for column in columns]
    for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
        sheet.set_column(place, place, width, None, {"hidden": True} if column.hidden else None)
    _write_head(sheet, styles, head, fitted)
    for place, column in enumerate(columns):
        sheet.write_string(HEADER_ROW, place, column.header, styles["header"])
    sheet.set_row(HEADER_ROW, row_height([(one.header, w) for one, w in zip(columns, widths, strict=True)], 24))
    lines = max((len(column.cells) for column in columns), default=0)
    for line in range(lines):
        at = HEADER_ROW + 1 + line
        cells = [column.cells[line] if column.cells else None for column in columns]
        sheet.set_row(at, row_height([(c, w) for c, w in zip(cells, widths, strict=True) if isinstance(c, str)], room))
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            look = column.look if isinstance(column.look, str) else column.look[line]
            _write_cell(sheet, at, place, cell, styles[look])
    for place, column in enumerate(columns):
        _write_links(sheet, styles, place, column)
    _set_up(sheet, styles, head[0][0], edges, (max(lines, 1), len(seen)), paper)


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


def _write_links(sheet: Any, styles: Styles, place: int, column: SheetColumn) -> None:
    for line, target in enumerate(column.links[:_MOST_LINKS]):
        if target:
            sheet.write_url(HEADER_ROW + 1 + line, place, target, styles["link"], column.cells[line])


def place_in_book(sheet: str, row: int = 0) -> str:
    """Return what leads to a row of a sheet, counted from 0.

    Examples
    --------
    >>> place_in_book("Ta'u", 5)
    "internal:'Ta''u'!A6"
    """
    target = sheet.replace("'", "''")
    return f"internal:'{target}'!A{row + 1}"


def _set_up(
    sheet: Any, styles: Styles, title: str, edges: ListEdges, size: tuple[int, int], paper: Paper | None
) -> None:
    """Set filters, panes and the printed page of a list of so many lines and columns."""
    last_row, last = HEADER_ROW + size[0], size[1] - 1
    sheet.autofilter(HEADER_ROW, 0, last_row, last)
    sheet.freeze_panes(HEADER_ROW + 1, edges.kept_left)
    print_on(sheet, paper)
    sheet.repeat_rows(HEADER_ROW)
    if paper is None and edges.kept_left:
        sheet.repeat_columns(0, edges.kept_left - 1)
    sheet.print_area(0, 0, last_row, last)
    foot = {"L": styles.signatures, "C": styles.page_number, "R": edges.note}
    sheet.set_header(f"&L{styles.margin}{printed_title(title)}&R{styles.margin}{edges.day}")
    sheet.set_footer("".join(f"&{at}{styles.margin}{text}" for at, text in foot.items()))


def ask_for_day(sheet: Any, *, rows: int, column: int, texts: Texts) -> None:
    """Let only days be written into a column of a list."""
    days = {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1)}
    days["error_message"] = texts("roster", "date_wanted")
    sheet.data_validation(HEADER_ROW + 1, column, HEADER_ROW + max(rows, 1), column, days)
