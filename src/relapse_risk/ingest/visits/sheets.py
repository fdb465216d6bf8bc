"""Sheets of filled-in visits: where their headers stand, which rows are lines, what each cell says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.ingest.cells import Cell, CellColumn, compact, plain, read_cells
from relapse_risk.ingest.sources import Sheet
from relapse_risk.ingest.visits.visit_dictionary import FILLED, VisitDictionary
from relapse_risk.ingest.visits.visit_intake import CODES, PLACE, REJECTED
from relapse_risk.policy.mechanism import VISIT_MARK

__all__ = ["VisitRows", "is_machine", "listed_of", "lost_lines", "read_lines"]

_SEARCHED = 20  # rows from the top in which headers are looked for
_RULES: Mapping[tuple[str, str], str] = {
    ("visited_on", "impossible_date"): "day_impossible",
    ("visited_on", "unreadable"): "day_unreadable",
    ("visited_on", "month_as_last_day"): "day_unreadable",
    ("finding", "unknown_code"): "finding_unknown",
    ("finding", "garbled"): "finding_unknown",
    ("measure", "unknown_code"): "measure_unknown",
}
"""Why a row is refused for what a reader of cells says of a column; what it says of others refuses no row by itself."""


@dataclass(frozen=True, kw_only=True)
class VisitRows:
    """The lines of sheets, their cells read.

    Attributes
    ----------
    frame : pl.DataFrame
        One row per line: source, sheet, row, what is read back (null where it says nothing or could not be read) and
        filled (whether a visit is filled in).
    faults : pl.DataFrame
        Cells for which a line is refused (``REJECTED``).
    """

    frame: pl.DataFrame
    faults: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """Lines of a sheet before their cells are read: where each stands, and its cells by column."""

    places: Sequence[tuple[str, str, int]]
    cells: Mapping[str, Sequence[Cell]]


def is_machine(sheet: Sheet) -> bool:
    """Return whether a sheet is the one that is not for people, whatever it is called."""
    return bool(sheet.rows) and bool(sheet.rows[0]) and sheet.rows[0][0] == VISIT_MARK


def listed_of(sheet: Sheet) -> pl.DataFrame:
    """Return alert_id and household_id of every alert that the workbook was written for, of its hidden sheet."""
    pairs = [[plain(cell) or None for cell in row[: len(CODES)]] for row in sheet.rows[1:]]
    found = [pair for pair in pairs if len(pair) == len(CODES) and any(pair)]
    return pl.DataFrame(found, schema=dict.fromkeys(CODES, pl.String), orient="row").cast(CODES, strict=False)


def read_lines(sheets: Sequence[Sheet], dictionary: VisitDictionary) -> tuple[VisitRows, list[Sheet]]:
    """Read the rows of all sheets with the necessary headers; return the other sheets too."""
    taken = [_take(sheet, dictionary) for sheet in sheets]
    parts = [part for part in taken if part is not None]
    others = [sheet for sheet, part in zip(sheets, taken, strict=True) if part is None]
    placed = [place for part in parts for place in part.places]
    places = pl.DataFrame(placed, schema=PLACE, orient="row")
    # Each column of all sheets at once: a month has a sheet for every village.
    read = {
        name: read_cells([cell for part in parts for cell in part.cells[name]], reader)
        for name, reader in dictionary.readers.items()
    }
    faults = pl.concat([REJECTED.to_frame(), *(_faults(name, one, places) for name, one in read.items())])
    frame = places.with_columns(one.values.alias(name) for name, one in read.items())
    said = pl.any_horizontal(pl.col(name).is_not_null() for name in FILLED)
    unread = frame.join(faults, on=places.columns, how="semi").select(*places.columns, unread=pl.lit(True))
    marked = frame.join(unread, on=places.columns, how="left", maintain_order="left")
    return VisitRows(frame=marked.with_columns(filled=said | pl.col("unread").fill_null(False)), faults=faults), others


def lost_lines(sheets: Sequence[Sheet], households: frozenset[str]) -> VisitRows:
    """Return the rows of sheets without headers that hold the code of a household: each is refused."""
    found = [
        (sheet.source, sheet.name, number, None, "headers_missing", None)
        for sheet in sheets
        for number, row in enumerate(sheet.rows, start=1)
        if any(compact(cell) in households for cell in row)
    ]
    faults = pl.DataFrame(found, schema=REJECTED, orient="row")
    return VisitRows(frame=faults.select("source", "sheet", "row", filled=pl.lit(True)), faults=faults)


def _take(sheet: Sheet, dictionary: VisitDictionary) -> _Taken | None:
    """Take the lines out of a sheet; None where it has not the headers that are needed."""
    at, places = _headers(sheet.rows[:_SEARCHED], dictionary)
    if not (CODES.keys() & places.keys() and {"visited_on", "finding"} <= places.keys()):
        return None
    head = sheet.rows[at]
    kept = [(row, number) for number, row in enumerate(sheet.rows[at + 1 :], start=at + 2) if _has_content(row, head)]
    return _Taken(
        places=[(sheet.source, sheet.name, number) for _, number in kept],
        cells={name: [row[places[name]] if name in places else None for row, _ in kept] for name in dictionary.readers},
    )


def _headers(rows: Sequence[Sequence[Cell]], dictionary: VisitDictionary) -> tuple[int, Mapping[str, int]]:
    """Return the row in which most headers are understood, and where in it each column stands first."""
    found: list[dict[str, int]] = []
    for row in rows:
        names = [dictionary.column_of(cell) for cell in row]
        found.append({name: place for place, name in reversed(list(enumerate(names))) if name is not None})
    at = max(range(len(found)), key=lambda place: len(found[place]), default=0)
    return at, found[at] if found else {}


def _has_content(row: Sequence[Cell], head: Sequence[Cell]) -> bool:
    """Return whether a row is neither blank nor the headers once more."""
    return list(row) != list(head) and any(plain(cell) for cell in row)


def _faults(name: str, read: CellColumn, places: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of a column for which their row is refused."""
    issues = [
        (*places.row(at), name, _RULES[name, rule], shape)
        for at, rule, shape, _ in read.issues.rows()
        if (name, rule) in _RULES
    ]
    return pl.DataFrame(issues, schema=REJECTED, orient="row")
