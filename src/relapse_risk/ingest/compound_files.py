"""Compound files (OLE): which streams one holds, where the bytes of each lie, and what a stream of Excel's says."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from relapse_risk.ingest.sheet_facts import SheetFacts

__all__ = ["COMPOUND_MARK", "ERRORS", "BinaryWorkbook", "CompoundFile"]

COMPOUND_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What such a file begins with."""

_LAST = 0xFFFFFFF0  # signs of a chain of sectors from here on: an end, or no sector
_HEADER, _ENTRY = 512, 128
_STREAM, _ROOT = 2, 5  # kinds of entries of the directory

# Records of Excel's stream (MS-XLS 2.3).
_FORMULA, _EOF, _DATE_1904, _FILE_PASS, _CODE_PAGE = 0x06, 0x0A, 0x22, 0x2F, 0x42
_COLUMNS, _BOUND_SHEET, _ERROR, _ROW, _BEGIN = 0x7D, 0x85, 0x205, 0x208, 0x809
_BIFF5 = 0x500
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


@dataclass(frozen=True, kw_only=True)
class CompoundFile:
    """A compound file, with the extents of its streams.

    Attributes
    ----------
    content : bytes
    streams : Mapping of str to sequence of (int, int)
        By name, where in the content the stream lies: offset and length of each of its sectors, in order.
    """

    content: bytes
    streams: Mapping[str, Sequence[tuple[int, int]]]

    @classmethod
    def of(cls, content: bytes) -> "CompoundFile":
        """Take one apart.

        Raises
        ------
        ValueError, IndexError, struct.error
            If it is cut short, or its sectors run in a circle.
        """
        big, small = (1 << shift for shift in struct.unpack_from("<HH", content, 0x1E))
        if not _HEADER <= big <= 4096 or not 0 < small <= big:
            raise ValueError("sectors of no possible size")
        table = _numbers(content, _table_sectors(content, big), big)
        directory = _extents(table, struct.unpack_from("<I", content, 0x30)[0], big)
        entries = [
            content[at + place : at + place + _ENTRY] for at, size in directory for place in range(0, size, _ENTRY)
        ]
        entries = [entry for entry in entries if len(entry) == _ENTRY]
        root = next((entry for entry in entries if entry[66] == _ROOT), None)
        within = _extents(table, _start(root), big) if root else []
        small_table = _numbers(content, list(_chain(table, struct.unpack_from("<I", content, 0x3C)[0])), big)
        least = struct.unpack_from("<I", content, 0x38)[0]
        streams: dict[str, Sequence[tuple[int, int]]] = {}
        for entry in (entry for entry in entries if entry[66] == _STREAM):
            size = struct.unpack_from("<I", entry, 120)[0]
            if size >= least:
                extents = _extents(table, _start(entry), big)
            else:
                places = (sector * small for sector in _chain(small_table, _start(entry)))
                extents = [(within[place // big][0] + place % big, small) for place in places]
            streams[_name(entry)] = list(_cut(extents, size))
        return cls(content=content, streams=streams)

    def read(self, name: str) -> bytes:
        """Return the bytes of a stream."""
        return b"".join(self.content[at : at + size] for at, size in self.streams[name])

    def offset(self, name: str, place: int) -> int:
        """Return where in the content a byte of a stream lies."""
        for at, size in self.streams[name]:
            if place < size:
                return at + place
            place -= size
        raise ValueError("beyond the stream")


def _table_sectors(content: bytes, big: int) -> list[int]:
    """Return the sectors that hold the table of sectors: the first 109 stand in the header, the rest in a chain."""
    found = list(struct.unpack_from("<109I", content, 0x4C))
    following, count = struct.unpack_from("<II", content, 0x44)
    for _ in range(min(count, len(content) // big)):
        if following >= _LAST:
            break
        *more, following = struct.unpack_from(f"<{big // 4}I", content, (following + 1) * big)
        found += more
    return [sector for sector in found if sector < _LAST]


def _numbers(content: bytes, sectors: Sequence[int], big: int) -> list[int]:
    return [one for sector in sectors for one in struct.unpack_from(f"<{big // 4}I", content, (sector + 1) * big)]


def _chain(table: Sequence[int], first: int) -> Iterator[int]:
    sector, left = first, len(table)
    while sector < _LAST:
        if sector >= len(table) or left <= 0:
            raise ValueError("sectors that lead nowhere")
        yield sector
        sector, left = table[sector], left - 1


def _extents(table: Sequence[int], first: int, big: int) -> list[tuple[int, int]]:
    return [((sector + 1) * big, big) for sector in _chain(table, first)]


def _cut(extents: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    for at, length in extents:
        if size <= 0:
            return
        yield at, min(length, size)
        size -= length


def _start(entry: bytes) -> int:
    return int(struct.unpack_from("<I", entry, 116)[0])


def _name(entry: bytes) -> str:
    length = struct.unpack_from("<H", entry, 64)[0]
    return entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", errors="replace")


@dataclass(frozen=True, kw_only=True)
class BinaryWorkbook:
    """What Excel's stream says besides the values of cells.

    Attributes
    ----------
    sheets : sequence of SheetFacts
        In the order of the workbook.
    since_1904 : bool
        Whether days are counted from 1904.
    locked : bool
        Whether it is encrypted.
    code_page : int or None
        Of texts of one byte a sign (Excel 5 and 95); None in newer ones.
    code_page_at : int or None
        Where in the stream that number stands.
    """

    sheets: Sequence[SheetFacts]
    since_1904: bool
    locked: bool
    code_page: int | None
    code_page_at: int | None

    @classmethod
    def of(cls, stream: bytes) -> "BinaryWorkbook":
        """Go through the records of a stream.

        Raises
        ------
        ValueError, struct.error
            If it is cut short or no workbook of Excel 5 or later.
        """
        if len(stream) < 8 or struct.unpack_from("<H", stream)[0] != _BEGIN:
            raise ValueError("no beginning of a workbook")
        old = struct.unpack_from("<H", stream, 4)[0] == _BIFF5
        found = {kind: at for kind, at, _ in _records(stream, 0) if kind != _BOUND_SHEET}
        bound = [at for kind, at, _ in _records(stream, 0) if kind == _BOUND_SHEET]
        locked = _FILE_PASS in found
        page = found.get(_CODE_PAGE) if old else None
        return cls(
            sheets=[] if locked else [_sheet(stream, struct.unpack_from("<I", stream, at)[0]) for at in bound],
            since_1904=_DATE_1904 in found and struct.unpack_from("<H", stream, found[_DATE_1904])[0] == 1,
            locked=locked,
            code_page=None if page is None else struct.unpack_from("<H", stream, page)[0],
            code_page_at=page,
        )


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, place and length of each record of a part of the stream, without those of charts within."""
    at, deep, header = start, 0, struct.Struct("<HH")
    while at + 4 <= len(stream):
        kind, length = header.unpack_from(stream, at)
        deep += (kind == _BEGIN) - (kind == _EOF)
        if deep == 1:
            yield kind, at + 4, length
        if deep <= 0:
            return
        at += 4 + length
    raise ValueError("the stream ends within a part")


def _sheet(stream: bytes, start: int) -> SheetFacts:
    errors: dict[tuple[int, int], str] = {}
    rows: set[int] = set()
    columns: set[int] = set()
    for kind, at, _ in _records(stream, start):
        if kind == _ERROR:
            row, column, _, code, is_error = struct.unpack_from("<HHHBB", stream, at)
            if is_error:
                errors[row, column] = ERRORS.get(code, "#N/A")
        elif kind == _FORMULA:
            row, column, _, result, code, mark = struct.unpack_from("<HHHBxBxxxH", stream, at)
            if mark == 0xFFFF and result == 2:
                errors[row, column] = ERRORS.get(code, "#N/A")
        elif kind == _ROW:
            row, flags = struct.unpack_from("<H10xI", stream, at)
            rows |= {row} if flags & 0x20 else set()
        elif kind == _COLUMNS:
            first, last, _, _, flags = struct.unpack_from("<HHHHH", stream, at)
            columns.update(range(first, min(last, 255) + 1) if flags & 1 else ())
    return SheetFacts(errors=errors, hidden_rows=frozenset(rows), hidden_columns=frozenset(columns))
