"""Sheets that hold several lists side by side, each with headers and rows of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from relapse_risk.ingest.cells import Cell, plain
from relapse_risk.ingest.headers import Aliases, heading_of
from relapse_risk.ingest.sheet_facts import cell_name
from relapse_risk.ingest.sheet_schema import KEYS
from relapse_risk.ingest.sources import Sheet

__all__ = ["lists_beside"]

_SEARCHED = 20  # rows from the top in which headers are looked for
_FEWEST = 3  # known headers that a list has
_DEEPEST = 3  # rows over headers in which a title may stand


def lists_beside(sheet: Sheet, aliases: Aliases) -> list[Sheet]:
    """Return the lists of a sheet from left to right, most often one: the sheet itself.

    Two lists stand beside one another where each has known headers and a column that names whom its rows are of, with
    an empty column between them or with the first header once more at the beginning of the second; and where their rows
    differ: in whom they name, or in where they end. One list that names its households twice is one. A list is named by
    the title over it, where that is the name of a sheet; else the first as the sheet, the others are counted.
    """
    edges = [(0, 0), *_edges(sheet.rows, aliases)]
    if len(edges) == 1:
        return [sheet]
    width = len(sheet.rows[0])
    ends = [*(end for end, _ in edges[1:]), width]
    spans = [(begin, end) for (_, begin), end in zip(edges, ends, strict=True)]
    columns = ", ".join(f"{_letters(begin)}–{_letters(end - 1)}" for begin, end in spans)
    note = ("sheet_holds_beside", {"source": sheet.source, "sheet": sheet.name, "columns": columns})
    parts = [_part(sheet, begin, end) for begin, end in spans]
    named = [_named(part, count, aliases) for count, part in enumerate(parts, start=1)]
    return [replace(named[0], notes=(*sheet.notes, note)), *named[1:]]


def _edges(rows: Sequence[Sequence[Cell]], aliases: Aliases) -> Iterator[tuple[int, int]]:
    """Yield where each further list begins, behind the end of the one before."""
    head = next((at for at, row in enumerate(rows[:_SEARCHED]) if _knows(row, aliases) >= 2 * _FEWEST), None)
    if head is None:
        return
    before = 0
    for end, begin in _gaps(rows, head):
        left, right = ([row[span] for row in rows] for span in (slice(before, end), slice(begin, None)))
        if _are_apart(left, right, head, aliases):
            yield end, begin
            before = begin


def _knows(row: Sequence[Cell], aliases: Aliases) -> int:
    return sum(isinstance(cell, str) and bool(aliases.knowing(cell)) for cell in row)


def _gaps(rows: Sequence[Sequence[Cell]], head: int) -> Iterator[tuple[int, int]]:
    """Yield where a list may end and another begin: around an empty column, or where the first header stands again."""
    headers = [heading_of(cell) for cell in rows[head]]
    filled = [at for at, header in enumerate(headers) if header]
    first = headers[filled[0]]
    for before, after in pairwise(filled):
        between = range(before + 1, after)
        # A column whose header is merged over it is none that is empty.
        empty = any(all(not plain(row[at]) for row in rows[head:]) for at in between)
        if empty or headers[after] == first:
            yield before + 1, after


def _are_apart(left: Sequence[Sequence[Cell]], right: Sequence[Sequence[Cell]], head: int, aliases: Aliases) -> bool:
    """Return whether what stands left and right of an edge are two lists: rows of one are not those of the other."""
    if min(_knows(left[head], aliases), _knows(right[head], aliases)) < _FEWEST:
        return False
    one, other = _keys(left[head], aliases), _keys(right[head], aliases)
    if not one or not other:
        return False
    if _title(right[:head], aliases):
        return True
    shared = [(one[column], other[column]) for column in one.keys() & other.keys()]
    pairs = list(zip(left[head:], right[head:], strict=True))
    return _last(left) != _last(right) or any(plain(a[at]) != plain(b[to]) for at, to in shared for a, b in pairs)


def _keys(headers: Sequence[Cell], aliases: Aliases) -> dict[str, int]:
    """Return the columns that name whom a row is of, with their places; of several of one meaning the first."""
    found: dict[str, int] = {}
    for place, cell in enumerate(headers):
        known = [aliases.understood(cell, table) for table in aliases.knowing(cell)]
        for column in {alias.column for alias in known if alias} & {*KEYS}:
            found.setdefault(column, place)
    return found


def _last(rows: Sequence[Sequence[Cell]]) -> int:
    return max((at for at, row in enumerate(rows) if any(plain(cell) for cell in row)), default=-1)


def _part(sheet: Sheet, begin: int, end: int) -> Sheet:
    merged = [
        ((top, left - begin), (bottom, min(right, end - 1) - begin))
        for (top, left), (bottom, right) in sheet.merged
        if begin <= left < end
    ]
    return replace(sheet, rows=[row[begin:end] for row in sheet.rows], merged=merged, alone=False, notes=())


def _named(part: Sheet, count: int, aliases: Aliases) -> Sheet:
    head = next(at for at, row in enumerate(part.rows) if _knows(row, aliases) >= _FEWEST)
    if title := _title(part.rows[:head], aliases):
        return replace(part, name=title)
    return part if count == 1 else replace(part, name=f"{part.name} #{count}")


def _title(rows: Sequence[Sequence[Cell]], aliases: Aliases) -> str | None:
    """Return what the last rows over the headers say is listed, as the name of a sheet or in words of one."""
    cells = (plain(cell) for row in rows[-_DEEPEST:] for cell in row)
    return next((title for title in cells if title and (aliases.tables_of(title) or aliases.hinted_by(title))), None)


def _letters(column: int) -> str:
    return cell_name(0, column).rstrip("1")
