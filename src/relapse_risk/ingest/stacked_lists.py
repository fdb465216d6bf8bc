"""Sheets that hold several lists, beside or under one another, each with headers of its own."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress, count, pairwise
from operator import or_

from relapse_risk.ingest.cells import Cell, compact, plain
from relapse_risk.ingest.headers import Aliases
from relapse_risk.ingest.lists_beside import lists_beside
from relapse_risk.ingest.sources import Sheet

__all__ = ["lists_of"]

_FEWEST = 3  # headers in a row of them
_SHARE = 0.6  # of the cells of a row that are known as headers
_DEEPEST = 3  # rows that headers of one list may take


def lists_of(sheet: Sheet, aliases: Aliases) -> list[Sheet]:
    """Return the lists of a sheet from left to right and from top to bottom, most often one: the sheet itself.

    What stands side by side is parted first (`lists_beside`). Under one another, a list begins with a row of known
    headers that differ from those of the list above, and with the title over it. The first keeps the name of the sheet,
    and so do others with much the same headers in another order; the rest are named by their title, where it is the
    name of a sheet, or counted.
    """
    return [one for side in lists_beside(sheet, aliases) for one in _under_one_another(side, aliases)]


def _under_one_another(sheet: Sheet, aliases: Aliases) -> list[Sheet]:
    heads = _rows_of_headers(sheet.rows, aliases)
    if len(heads) < 2:
        return [sheet]
    begins = [0, *(_with_title(sheet.rows, head, above) for above, head in pairwise(heads))]
    ends = [*begins[1:], len(sheet.rows)]
    details = {"source": sheet.source, "sheet": sheet.name, "rows": ", ".join(str(head + 1) for head in heads)}
    parts = [_part(sheet, begin, end) for begin, end in zip(begins, ends, strict=True)]
    like_first = [_is_like(sheet.rows[heads[0]], sheet.rows[head]) for head in heads[1:]]
    named = [
        part if alike else _named(part, count, aliases)
        for count, (part, alike) in enumerate(zip(parts[1:], like_first, strict=True), start=2)
    ]
    return [replace(parts[0], notes=(*sheet.notes, ("sheet_holds_lists", details))), *named]


def _rows_of_headers(rows: Sequence[Sequence[Cell]], aliases: Aliases) -> list[int]:
    """Return the positions of the rows of headers, those of one list once."""
    if not rows or not rows[0]:
        return []
    first, second = 0, min(1, len(rows[0]) - 1)
    firsts, seconds = [row[first] for row in rows], [row[second] for row in rows]
    likely = {cell for cell in {*firsts, *seconds} if aliases.is_header(cell)}
    is_likely = likely.__contains__
    begins = compress(count(), map(or_, map(is_likely, firsts), map(is_likely, seconds)))
    found: list[int] = []
    seen: list[list[str]] = []
    for at in begins:
        headers = [compact(cell) for cell in rows[at]]
        within = found and at - found[-1] < _DEEPEST
        if not within and headers not in seen and _is_of_headers(rows[at], aliases):
            found.append(at)
            seen.append(headers)
    return found


def _is_of_headers(row: Sequence[Cell], aliases: Aliases) -> bool:
    texts = [cell for cell in row if plain(cell)]
    known = sum(aliases.is_ignored(cell) or bool(aliases.knowing(cell)) for cell in texts)
    return known >= _FEWEST and known >= _SHARE * len(texts)


def _is_like(first: Sequence[Cell], other: Sequence[Cell]) -> bool:
    """Return whether most headers of a row stand in another one too."""
    own, others = ({compact(cell) for cell in row if plain(cell)} for row in (first, other))
    return len(own & others) >= _SHARE * len(own | others)


def _with_title(rows: Sequence[Sequence[Cell]], head: int, above: int) -> int:
    """Return where a list begins, with the rows over its headers that are titles: of one cell, or of none."""
    begin = head
    while begin - 1 > above and sum(bool(plain(cell)) for cell in rows[begin - 1]) <= 1:
        begin -= 1
    return begin


def _part(sheet: Sheet, begin: int, end: int) -> Sheet:
    merged = [
        ((top - begin, left), (bottom - begin, right))
        for (top, left), (bottom, right) in sheet.merged
        if begin <= top and bottom < end
    ]
    return replace(
        sheet, rows=sheet.rows[begin:end], merged=merged, first_row=sheet.first_row + begin, alone=False, notes=()
    )


def _named(part: Sheet, count: int, aliases: Aliases) -> Sheet:
    titles = [plain(cell) for row in part.rows[:_DEEPEST] for cell in row if aliases.tables_of(plain(cell))]
    return replace(part, name=titles[0] if titles else f"{part.name} #{count}")
