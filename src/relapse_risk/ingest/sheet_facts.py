"""What the sheets of an .xlsx workbook say besides the values of cells: errors, lost results, hidden rows, extent."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO
from zipfile import ZipFile

from lxml import etree

__all__ = ["AREA", "SheetFacts", "cell_name", "facts_of_part", "is_list_of_sheets", "named_apart", "parts_of"]

_BOOK = "xl/workbook.xml"
_CHUNK = 1 << 18  # of text that is looked at in one go, while it is still at hand
# The widest old .xls, whole. A sheet beyond it must hold a cell for every tenth byte that it takes in the file: cells
# are laid out in a block that reaches to the last of them, and one stray cell in XFD1048576 makes that 17 billion.
AREA = 65_536 * 256
"""Of a sheet that is read whatever it holds, in cells."""

_BYTES_PER_CELL = 10

_ROW_AT = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*?\br=\"(\d+)\"")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\b(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*>")
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d+)"[^>]*[^/]>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<',
    re.S,
)
_WITHOUT_RESULT = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_FILLED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d+)"(?:[^>]*[^/>])?>\s*<(?!/)')
_AT = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_LETTERS = re.compile(rb"[A-Z]*")
_OF_TEXT = re.compile(rb'\bt="(?:str|s|inlineStr|e)"')
_BESIDE = {
    "comments": ("/comments", re.compile(rb"<(?:\w+:)?comment\b")),
    "pictures": ("/drawing", re.compile(rb"<(?:\w+:)?pic\b")),
}
_BETWEEN = re.compile(rb'\b(min|max)="(\d+)"')


@dataclass(frozen=True, kw_only=True)
class SheetFacts:
    """What a sheet says besides the values of its cells.

    Attributes
    ----------
    errors : Mapping of (int, int) to str
        The cells that hold an error (#REF!), by row and column from 0.
    without_result : frozenset of (int, int)
        The cells with a formula whose result was not saved.
    hidden_rows, hidden_columns : frozenset of int
    merged : tuple of ((int, int), (int, int))
        The first and the last cell of each merged range, of workbooks of which the reader does not tell them.
    comments, pictures : int
        How many of them stand beside the cells: none is read.
    too_far : tuple of str
        The outermost cells, where the sheet reaches too far for what it holds.
    """

    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    without_result: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    comments: int = 0
    pictures: int = 0
    too_far: tuple[str, ...] = ()


def parts_of(archive: ZipFile) -> tuple[list[str | None], bool]:
    """Return where every sheet of an .xlsx workbook lies in it, and whether days are counted from 1904.

    In the order of the workbook; None for a sheet that is not there.

    Raises
    ------
    KeyError, etree.XMLSyntaxError
        If it is no such workbook.
    """
    names = {_plain_path(name): name for name in archive.namelist()}
    book = _tree(archive.read(names[_BOOK]))
    links = _tree(archive.read(names["xl/_rels/workbook.xml.rels"]))
    targets = {link.get("Id"): posixpath.join("/xl", link.get("Target", "")) for link in links}
    found = [
        next((targets.get(value) for name, value in sheet.attrib.items() if name.endswith("}id")), None)
        for sheet in book.iterfind("{*}sheets/{*}sheet")
    ]
    parts = [names.get(posixpath.normpath(path).lstrip("/").lower()) if path else None for path in found]
    settings = book.find("{*}workbookPr")
    since_1904 = settings is not None and settings.get("date1904") in ("1", "true")
    return parts, since_1904


def is_list_of_sheets(name: str) -> bool:
    """Return whether a member of an archive is the list of a workbook's sheets."""
    return _plain_path(name) == _BOOK


def named_apart(book: bytes) -> bytes:
    """Return a list of sheets in which the second sheet of a name is called so, with its place behind."""
    tree, seen = _tree(book), set()
    for place, sheet in enumerate(tree.iterfind("{*}sheets/{*}sheet"), start=1):
        name = sheet.get("name", "")
        sheet.set("name", f"{name} ({place})" if name in seen else name)
        seen.add(name)
    return bytes(etree.tostring(tree))


def _plain_path(name: str) -> str:
    return name.replace("\\", "/").lower()


def _tree(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def facts_of_part(archive: ZipFile, part: str | None) -> SheetFacts:
    """Go through the text of a sheet once, looking closely only where there is something to see."""
    if part is None:
        return SheetFacts()
    seen = _Seen()
    with archive.open(part) as stream:
        for segment in _segments(stream):
            seen.look(segment)
    beside = _beside(archive, part)
    if seen.area <= max(AREA, seen.size // _BYTES_PER_CELL):
        return replace(seen.facts(), comments=beside["comments"], pictures=beside["pictures"])
    with archive.open(part) as stream:
        right, low = _outermost(_segments(stream))
    if (right[1] + 1) * (low[0] + 1) <= max(AREA, seen.size // _BYTES_PER_CELL):
        return replace(seen.facts(), comments=beside["comments"], pictures=beside["pictures"])
    return SheetFacts(too_far=tuple(dict.fromkeys(cell_name(*cell) for cell in (right, low))))


def _beside(archive: ZipFile, part: str) -> Mapping[str, int]:
    """Return how many comments and pictures a sheet has, by the parts that it is linked to."""
    folder, name = posixpath.split(part)
    names = {_plain_path(one): one for one in archive.namelist()}
    links = names.get(_plain_path(f"{folder}/_rels/{name}.rels"))
    counts = dict.fromkeys(_BESIDE, 0)
    for link in _tree(archive.read(links)) if links else ():
        target = posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/")
        for what, (kind, pattern) in _BESIDE.items():
            if link.get("Type", "").endswith(kind) and (found := names.get(target.lower())):
                counts[what] += len(pattern.findall(archive.read(found)))
    return counts


def _segments(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the text in pieces that end before a row."""
    pieces: list[bytes] = []
    while chunk := stream.read(_CHUNK):
        cut = chunk.rfind(b"<row ")
        if cut < 0:  # with a prefix before every name
            cut = chunk.rfind(b"<", 0, max(chunk.rfind(b":row "), 0))
        if cut < 0:
            pieces.append(chunk)
        else:
            yield b"".join((*pieces, chunk[:cut]))
            pieces = [chunk[cut:]]
    yield b"".join(pieces)


class _Seen:
    """What was seen of a sheet so far."""

    def __init__(self) -> None:
        self.size = self.rows = self.columns = 0
        self.errors: dict[tuple[int, int], str] = {}
        self.without_result: set[tuple[int, int]] = set()
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()

    @property
    def area(self) -> int:
        return self.rows * self.columns

    def facts(self) -> SheetFacts:
        return SheetFacts(
            errors=self.errors,
            without_result=frozenset(self.without_result),
            hidden_rows=frozenset(self.hidden_rows),
            hidden_columns=frozenset(self.hidden_columns),
        )

    def look(self, segment: bytes) -> None:
        self.size += len(segment)
        last = segment.rfind(b"row ")
        for match in _ROW_AT.finditer(segment, max(segment.rfind(b"<", 0, last), 0) if last > 0 else len(segment)):
            self.rows = max(self.rows, int(match[1]))
        self.columns = max(self.columns, _widest(segment))
        # Single signs first: they are found fast, and most sheets have none of them.
        if b"d" in segment and b"hidden" in segment:
            self._look_for_hidden(segment)
        formulas = b"f" in segment and (b"<f" in segment or b":f" in segment)
        if (formulas or b"#" in segment) and b't="e"' in segment:
            found = _ERROR.findall(segment)
            self.errors |= {_place(column, row): value.decode(errors="replace") for column, row, value in found}
        for match in _WITHOUT_RESULT.finditer(segment) if formulas else ():
            if not _OF_TEXT.search(match[1]) and (at := _AT.search(match[1])):
                self.without_result.add(_place(at[1], at[2]))

    def _look_for_hidden(self, segment: bytes) -> None:
        self.hidden_rows |= {int(row) - 1 for row in _HIDDEN_ROW.findall(segment)}
        for match in _HIDDEN_COLUMN.finditer(segment):
            ends = {name: int(value) for name, value in _BETWEEN.findall(match[0])}
            self.hidden_columns |= set(range(ends.get(b"min", 1) - 1, min(ends.get(b"max", 0), 1 << 14)))


def _widest(segment: bytes) -> int:
    """Return how many columns the rows reach over; the last cell of each is the farthest."""
    ends = {row[at + 4 : at + 7] for row in segment.split(b"row>") if (at := row.rfind(b' r="')) >= 0}
    return max((_column(letters[0]) + 1 for end in ends if (letters := _LETTERS.match(end))), default=0)


def _outermost(segments: Iterator[bytes]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the cell farthest to the right and the lowest one, of those with a content."""
    right = low = (0, 0)
    for segment in segments:
        for column, row in _FILLED.findall(segment):
            cell = _place(column, row)
            right = max(right, cell, key=lambda one: one[1])
            low = max(low, cell, key=lambda one: one[0])
    return right, low


def _place(column: bytes, row: bytes) -> tuple[int, int]:
    return int(row) - 1, _column(column)


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _letters(column: int) -> str:
    column, letters = column + 1, ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """Return what a spreadsheet calls a cell, by row and column from 0.

    Examples
    --------
    >>> cell_name(0, 0), cell_name(1_048_575, 16_383)
    ('A1', 'XFD1048576')
    """
    return f"{_letters(column)}{row + 1}"
