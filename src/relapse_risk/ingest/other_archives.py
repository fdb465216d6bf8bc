"""What the sheets of .ods and .xlsb workbooks say besides the values of cells, as `facts_of_part` does of .xlsx."""

import posixpath
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from zipfile import ZipFile

from lxml import etree

from relapse_risk.ingest.compound_files import ERRORS
from relapse_risk.ingest.sheet_facts import SheetFacts

__all__ = ["facts_of_archive"]

_OPEN_DOCUMENT = "content.xml"
_BINARY = "xl/workbook.bin"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_HIDDEN = ("collapse", "filter")
_WIDEST = 1 << 14
# Kinds of records of .xlsb.
_ROW, _COLUMNS, _MERGED, _SHEET, _BOOK = 0, 60, 176, 156, 153
_ERROR = (3, 11)  # a cell, and a formula, whose value is an error


@dataclass(kw_only=True)
class _Seen:
    """What was seen of a sheet so far."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    without_result: set[tuple[int, int]] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    def facts(self) -> SheetFacts:
        return SheetFacts(
            errors=self.errors,
            without_result=frozenset(self.without_result),
            hidden_rows=frozenset(self.rows),
            hidden_columns=frozenset(self.columns),
            merged=tuple(self.merged),
        )


def facts_of_archive(archive: ZipFile) -> tuple[list[SheetFacts], bool]:
    """Return the facts of every sheet of an .ods or .xlsb workbook, in its order, and whether days count from 1904.

    Empty of an archive that is neither.
    """
    names = set(archive.namelist())
    if _OPEN_DOCUMENT in names:
        return list(_of_open_document(archive)), False
    return _of_binary(archive) if _BINARY in names else ([], False)


def _of_open_document(archive: ZipFile) -> Iterator[SheetFacts]:
    seen, row, column = _Seen(), 0, 0
    tags = [_TABLE + name for name in ("table", "table-row", "table-column")]
    with archive.open(_OPEN_DOCUMENT) as stream:
        for _, element in etree.iterparse(stream, tag=tags, resolve_entities=False, no_network=True, huge_tree=True):
            if element.tag == _TABLE + "table":
                yield seen.facts()
                seen, row, column = _Seen(), 0, 0
            elif element.tag == _TABLE + "table-column":
                repeated = int(element.get(_TABLE + "number-columns-repeated", "1"))
                if element.get(_TABLE + "visibility") in _HIDDEN:
                    seen.columns |= {*range(column, min(column + repeated, _WIDEST))}
                column += repeated
            else:
                repeated = int(element.get(_TABLE + "number-rows-repeated", "1"))
                _look_at_row(seen, element, row, repeated)
                row += repeated
            element.clear()


def _look_at_row(seen: _Seen, element: etree._Element, row: int, repeated: int) -> None:
    if element.get(_TABLE + "visibility") in _HIDDEN:
        seen.rows |= {*range(row, row + min(repeated, _WIDEST))}
    column = 0
    for cell in element:
        if cell.get(_KIND) == "error":
            seen.errors[row, column] = "".join(cell.itertext()).strip() or "#N/A"
        elif cell.get(_TABLE + "formula") and cell.get(_OFFICE + "value-type") is None:
            seen.without_result.add((row, column))
        down, right = (int(cell.get(f"{_TABLE}number-{name}-spanned", "1")) for name in ("rows", "columns"))
        if down > 1 or right > 1:
            seen.merged.append(((row, column), (row + down - 1, column + right - 1)))
        column += int(cell.get(_TABLE + "number-columns-repeated", "1"))


def _of_binary(archive: ZipFile) -> tuple[list[SheetFacts], bool]:
    links = etree.fromstring(archive.read("xl/_rels/workbook.bin.rels"), etree.XMLParser(resolve_entities=False))
    targets = {link.get("Id"): posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))) for link in links}
    names, since_1904 = set(archive.namelist()), False
    found: list[SheetFacts] = []
    for kind, data in _records(archive.read(_BINARY)):
        if kind == _BOOK:
            since_1904 = bool(data[0] & 1)
        elif kind == _SHEET:
            length = struct.unpack_from("<I", data, 8)[0]
            part = targets.get(data[12 : 12 + 2 * length].decode("utf-16-le"), "").lstrip("/")
            found.append(_of_binary_sheet(archive.read(part)) if part in names else SheetFacts())
    return found, since_1904


def _of_binary_sheet(content: bytes) -> SheetFacts:
    seen, row = _Seen(), 0
    for kind, data in _records(content):
        if kind == _ROW:
            row = struct.unpack_from("<I", data)[0]
            seen.rows |= {row} if data[11] & 0x10 else set()
        elif kind in _ERROR:
            seen.errors[row, struct.unpack_from("<I", data)[0]] = ERRORS.get(data[8], "#N/A")
        elif kind == _COLUMNS:
            first, last, _, _, flags = struct.unpack_from("<IIIIH", data)
            seen.columns |= {*range(first, min(last + 1, _WIDEST))} if flags & 1 else set()
        elif kind == _MERGED:
            top, low, left, right = struct.unpack_from("<IIII", data)
            seen.merged.append(((top, left), (low, right)))
    return seen.facts()


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the content of each record; both numbers before it are of seven bits a byte."""
    at = 0
    while at < len(content):
        kind, at = content[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | content[at] << 7, at + 1
        length = 0
        for place in range(4):
            length, at = length | (content[at] & 0x7F) << 7 * place, at + 1
            if not content[at - 1] & 0x80:
                break
        yield kind, content[at : at + length]
        at += length
