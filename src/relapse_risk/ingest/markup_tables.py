"""Tables of markup that bear the name of a workbook: HTML (whole or as a web archive) and SpreadsheetML of 2003."""

import email
import email.policy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree, html

from relapse_risk.ingest.cells import Cell, FaultyCell
from relapse_risk.ingest.sheet_facts import AREA, cell_name
from relapse_risk.ingest.workbooks import Sheet, UnreadSheet

__all__ = ["html_of_archive", "html_sheets", "is_html", "is_spreadsheet_xml", "xml_sheets"]

_HEAD = 4096
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SPACES = re.compile(r"[ \t\r\f\v]*\n[ \t\r\n\f\v]*|[ \t\r\f\v]+")
_WORKBOOK = re.compile(r"<(?:\w+:)?Workbook[\s>]")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_SS = f"{{{_SPREADSHEET}}}"


def is_html(text: str) -> bool:
    """Return whether a text is a page with a table."""
    return _begins_with_tag(text) and "<table" in text.lower()


def is_spreadsheet_xml(text: str) -> bool:
    """Return whether a text is a workbook as Excel 2003 writes it in XML."""
    head = text[:_HEAD]
    return _begins_with_tag(text) and _SPREADSHEET in head and _WORKBOOK.search(head) is not None


def _begins_with_tag(text: str) -> bool:
    return text[:_HEAD].lstrip("\ufeff \t\r\n").startswith("<")


def html_of_archive(content: bytes) -> bytes | None:
    """Return the page of a web archive (MHTML); None where it holds none."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    pages = [part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/html"]
    found = [page for page in pages if isinstance(page, bytes) and b"<table" in page.lower()]
    return found[0] if found else None


@dataclass(kw_only=True)
class _Grid:
    """A sheet that is being filled."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    taken: set[tuple[int, int]] = field(default_factory=set)
    hidden: int = 0

    def put(self, row: int, column: int, cell: Cell, down: int, right: int) -> None:
        if cell != "":
            self.cells[row, column] = cell
        if down or right:
            self.merged.append(((row, column), (row + down, column + right)))

    def sheet(self, source: str, name: str, alone: bool, share: float) -> Sheet | UnreadSheet:
        height = max((row for row, _ in self.cells), default=-1) + 1
        width = max((column for _, column in self.cells), default=-1) + 1
        where = {"source": source, "sheet": name}
        if height * width > max(AREA, 100 * len(self.cells)):
            why: Mapping[str, Any] = {**where, "cells": cell_name(height - 1, width - 1)}
            return UnreadSheet(source=source, name=name, why=("sheet_too_far", why), share=share)
        rows: list[list[Cell]] = [[""] * width for _ in range(height)]
        for (row, column), cell in self.cells.items():
            rows[row][column] = cell
        notes = [("rows_hidden", {**where, "count": self.hidden})] if self.hidden else []
        merged = [(first, last) for first, last in self.merged if first[0] < height and first[1] < width]
        return Sheet(source=source, name=name, alone=alone, rows=rows, share=share, merged=merged, notes=tuple(notes))


def html_sheets(source: str, stem: str, text: str) -> Iterator[Sheet | UnreadSheet]:
    """Yield the tables of a page that hold no other table; a cell over several rows or columns is a merged one."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=False)
    page = html.document_fromstring(_DECLARATION.sub("", text).encode(), parser=parser)
    tables = [table for table in page.iter("table") if table.find(".//table") is None]
    tables = [table for table in tables if table.find(".//tr") is not None]
    names = [name for element in page.iter() if _local(element) == "x:name" and (name := _text(element))]
    for place, table in enumerate(tables):
        name = names[place] if len(names) == len(tables) else stem if len(tables) == 1 else f"Sheet{place + 1}"
        yield _html_grid(table).sheet(source, name, len(tables) == 1, (place + 1) / len(tables))


def _local(element: Any) -> str:
    return element.tag.lower() if isinstance(element.tag, str) else ""


def _html_grid(table: Any) -> _Grid:
    grid = _Grid()
    lines = list(table.iter("tr"))
    for row, line in enumerate(lines):
        column = 0
        filled = False
        for cell in line.iterchildren("td", "th"):
            while (row, column) in grid.taken:
                column += 1
            down = min(_count(cell.get("rowspan")), len(lines) - row) - 1
            right = _count(cell.get("colspan")) - 1
            grid.taken.update(
                (row + below, column + across) for below in range(1, down + 1) for across in range(right + 1)
            )
            if len(grid.taken) > AREA:
                raise ValueError("more merged cells than a sheet has")
            value = _html_value(cell)
            filled |= value != ""
            grid.put(row, column, value, down, right)
            column += right + 1
        grid.hidden += filled and bool(_HIDDEN.search(line.get("style", "")))
    return grid


def _count(said: str | None) -> int:
    return min(max(int(said), 1), 1 << 10) if said and said.strip().isdecimal() else 1


def _html_value(cell: Any) -> Cell:
    number = cell.get("x:num")
    if number:
        try:
            return float(number)
        except ValueError:
            pass
    for line in cell.iter("br"):
        line.tail = "\n" + (line.tail or "")
    return _text(cell)


def _text(element: Any) -> str:
    return _SPACES.sub(lambda found: "\n" if "\n" in found[0] else " ", element.text_content()).strip()


def xml_sheets(source: str, text: str, *, hidden: bool) -> Iterator[Sheet | UnreadSheet]:
    """Yield the sheets of a workbook as Excel 2003 writes it in XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    book = etree.fromstring(_DECLARATION.sub("", text).encode(), parser)
    since_1904 = book.find(f"{_EXCEL}ExcelWorkbook/{_EXCEL}Date1904") is not None
    sheets = list(book.iterchildren(f"{_SS}Worksheet"))
    shown = [hidden or (one.findtext(f".//{_EXCEL}Visible") or "Visible") == "Visible" for one in sheets]
    for place, (sheet, wanted) in enumerate(zip(sheets, shown, strict=True), start=1):
        name, share = sheet.get(f"{_SS}Name", ""), place / len(sheets)
        if not wanted:
            why = ("sheet_hidden", {"source": source, "sheet": name})
            yield UnreadSheet(source=source, name=name, why=why, share=share)
            continue
        made = _xml_grid(sheet).sheet(source, name, sum(shown) == 1, share)
        yield replace(made, since_1904=since_1904) if isinstance(made, Sheet) else made


def _xml_grid(sheet: Any) -> _Grid:
    grid = _Grid()
    row = -1
    for line in sheet.iterfind(f"{_SS}Table/{_SS}Row"):
        row = _index(line, row)
        column = -1
        for cell in line.iterchildren(f"{_SS}Cell"):
            column = _index(cell, column)
            down, right = (_number(cell.get(f"{_SS}{name}")) for name in ("MergeDown", "MergeAcross"))
            grid.put(row, column, _xml_value(cell), down, right)
            column += right
        grid.hidden += line.get(f"{_SS}Hidden") == "1" and len(line) > 0
        row += _number(line.get(f"{_SS}Span"))
    return grid


def _index(element: Any, before: int) -> int:
    said = _number(element.get(f"{_SS}Index"))
    return said - 1 if said else before + 1


def _number(said: str | None) -> int:
    return int(said) if said and said.isdecimal() and len(said) < 8 else 0


def _xml_value(cell: Any) -> Cell:
    data = cell.find(f"{_SS}Data")
    text = "" if data is None else "".join(data.itertext())
    kind = None if data is None else data.get(f"{_SS}Type")
    if not text:
        lost = cell.get(f"{_SS}Formula") is not None and kind != "String"
        return FaultyCell(rule="formula_without_value", text="=") if lost else ""
    if kind == "Error":
        return FaultyCell(rule="error_value", text=text)
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    return text == "1" if kind == "Boolean" else text
