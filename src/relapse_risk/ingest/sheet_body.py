"""The rows of a sheet that are records: no totals, no remarks, no titles, no headers once more."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import compress, zip_longest
from operator import and_

import polars as pl

from relapse_risk.ingest.cell_dates import read_date
from relapse_risk.ingest.cells import Cell, compact, plain
from relapse_risk.ingest.headers import Aliases, HeaderRow
from relapse_risk.ingest.sources import Sheet

__all__ = ["Body", "take_body"]

_FEWEST = 3  # columns of a list in which a row of one text is none of its records
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, kw_only=True)
class Body:
    """The rows of a sheet that may be records, and where they are.

    Attributes
    ----------
    sheet : Sheet
    columns : list of sequence of Cell
    numbers : pl.Series
        The number of each row as a spreadsheet shows it.
    skipped : int
        Rows under the headers that are no records.
    exported_on : date or None
        The day above the headers.
    worded : tuple of int
        The numbers of rows that hold one text alone, where a record has its first cell or its key: no records.
    merged : Mapping of int to sequence of (int, int)
        By the place of a column, the numbers of the first and the last row of each range that is merged down it.
    """

    sheet: Sheet
    columns: list[Sequence[Cell]]
    numbers: pl.Series
    skipped: int
    exported_on: date | None
    worded: tuple[int, ...] = ()
    merged: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def cells(self, place: int) -> tuple[Sequence[Cell], list[int]]:
        """Return a column as every row of a merged range has it, and the positions of the cells that were filled so."""
        cells = self.columns[place]
        if place not in self.merged:
            return cells, []
        numbers, made, filled = self.numbers.to_list(), list(cells), []
        for first, last in self.merged[place]:
            for at in range(bisect_right(numbers, first), bisect_right(numbers, last)):
                if not plain(made[at]):
                    made[at] = self.sheet.rows[first - 1 - self.sheet.first_row][place]
                    filled.append(at)
        return made, filled


def _find_export_date(rows: Sequence[Sequence[Cell]], aliases: Aliases) -> date | None:
    """Return the export date that stands in the rows above the headers, in the cell of its label or in the next."""
    for row in rows:
        cells = [cell for cell in row if plain(cell)]
        for cell, following in zip_longest(cells, cells[1:]):
            day = _export_date(cell, following, aliases.export_labels)
            if day is not None:
                return day
    return None


def _export_date(cell: Cell, following: Cell, labels: Sequence[str]) -> date | None:
    text = plain(cell)
    for label in labels:
        if compact(text).startswith(label):
            stated = text.partition(":")[2] or following
            day = read_date(stated).value
            return day if isinstance(day, date) else None
    return None


def take_body(sheet: Sheet, headers: HeaderRow, aliases: Aliases, keys: Sequence[int] = ()) -> Body:
    """Return the rows under the headers that may be records.

    Parameters
    ----------
    sheet : Sheet
    headers : HeaderRow
    aliases : Aliases
    keys : sequence of int
        The places of the columns that name a household, a person, a loan or a village: a row with one of them is no
        total, whatever else stands in it.
    """
    under = sheet.rows[headers.ends :]
    rows = _Rows(repeated=[list(row) for row in sheet.rows[headers.begins : headers.ends]], aliases=aliases, keys=keys)
    # Most rows begin with a cell that is no total, no remark and no header, and name somebody: the others are looked
    # at whole.
    plainly = _where([row[0] for row in under], rows.begins_record)
    if keys:
        named = _where([row[keys[0]] for row in under], rows.names)
        plainly = list(map(and_, plainly, named))
    first = sheet.first_row + headers.ends + 1
    merged = _merged_down(sheet, headers)
    blocks = {number - first for spans in merged.values() for top, low in spans for number in range(top, low + 1)}
    worded = {*rows.worded(under)} - blocks
    kept = [
        at not in worded and (whole or rows.may_be_record(row))
        for at, (whole, row) in enumerate(zip(plainly, under, strict=True))
    ]
    return Body(
        sheet=sheet,
        columns=list(zip(*compress(under, kept), strict=True)) if any(kept) else [() for _ in headers.cells],
        numbers=pl.Series(list(compress(range(first, first + len(under)), kept)), dtype=pl.UInt32),
        skipped=len(under) - sum(kept),
        exported_on=_find_export_date(sheet.rows[: headers.begins], aliases),
        worded=tuple(first + at for at in sorted(worded)),
        merged=merged,
    )


def _where(cells: Sequence[Cell], holds: Callable[[Cell], bool]) -> list[bool]:
    """Return of which cells something holds, each distinct cell judged once."""
    known = {cell: holds(cell) for cell in set(cells)}
    return list(map(known.__getitem__, cells))


def _merged_down(sheet: Sheet, headers: HeaderRow) -> Mapping[int, Sequence[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (top, left), (bottom, _) in sheet.merged:
        if headers.ends <= top < bottom:
            found[left].append((sheet.first_row + top + 1, sheet.first_row + bottom + 1))
    return dict(found)


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """What tells the rows of a sheet that are no records."""

    repeated: Sequence[Sequence[Cell]]
    aliases: Aliases
    keys: Sequence[int]

    @cached_property
    def _repeated_firsts(self) -> frozenset[Cell]:
        return frozenset(row[0] for row in self.repeated)

    def begins_record(self, cell: Cell) -> bool:
        return self.names(cell) and cell not in self._repeated_firsts

    def names(self, cell: Cell) -> bool:
        """Return whether a cell of a key says whom its row is of."""
        key = compact(cell)
        return bool(key) and not self.aliases.is_total(key) and not self.aliases.is_remark(key)

    def worded(self, rows: Sequence[Sequence[Cell]]) -> Iterator[int]:
        """Yield the positions of rows that hold one text and nothing else, in the first column or that of a key.

        Titles that stand again on every page, names of villages over their households. Totals, remarks and headers are
        known for what they are, and a list of few columns may have nothing else to say.
        """
        if not rows or len(rows[0]) < _FEWEST:
            return
        for place in dict.fromkeys((0, *self.keys[:1])):
            cells = [row[place] for row in rows]
            for at in compress(range(len(rows)), _where(cells, self._is_worded)):
                if not any(cell not in ("", None) for cell in (*rows[at][:place], *rows[at][place + 1 :])):
                    yield at

    def _is_worded(self, cell: Cell) -> bool:
        if not isinstance(cell, str) or cell.isascii() or _HAN.search(cell) is None:
            return False
        return self.names(cell)

    def may_be_record(self, row: Sequence[Cell]) -> bool:
        """Return whether a row is neither blank nor a total, a remark or the headers once more."""
        texts = [text for cell in row if cell != "" and cell is not None and (text := compact(cell))]
        if not texts or list(row) in self.repeated:
            return False
        if self.aliases.is_remark(texts[0]) and (len(texts) == 1 or self._names_nobody(row)):
            return False
        # 合计 in the place of a key, and beside it the number of persons in that of another: no key.
        if any(self.aliases.is_total(compact(row[place])) for place in self.keys):
            return False
        return not self._names_nobody(row) or not any(map(self.aliases.is_total, texts))

    def _names_nobody(self, row: Sequence[Cell]) -> bool:
        return not any(self.names(row[place]) for place in self.keys)
