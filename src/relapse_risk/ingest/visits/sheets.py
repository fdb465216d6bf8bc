"""Sheets of filled-in visits: where their headers stand, which rows are lines, what each cell says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.ingest.cells import Cell, CellColumn, compact, plain, read_cells
from relapse_risk.ingest.sources import Sheet
from relapse_risk.ingest.visits.intake import CODES, REJECTED
from relapse_risk.ingest.visits.words import FILLED, VisitWordings
from relapse_risk.policy import VISIT_MARK

__all__ = ["Lines", "is_machine", "listed_of", "lost_lines", "read_lines"]

_SEARCHED = 20  # rows from the top in which headers are looked for
_RULES: Mapping[tuple[str, str], str] = {
    ("visited_on", "impossible_date"): "day_impossible",
    ("visited_on", "unreadable"): "day_unreadable",
    ("visited_on", "month_as_last_day"): "day_unreadable",
    ("finding", "unknown_code"): "finding_unknown",
    ("finding", "garbled"): "finding_unknown",
    ("measure", "unknown_code"): "measure_unknown",
    ("measure", "garbled"): "measure_unknown",
}
"""Why a row is refused for what a reader of cells says of a column; what it says of others refuses no row by itself."""


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The lines of a sheet, their cells read.

    Attributes
    ----------
    source, sheet : str
    frame : pl.DataFrame
        One row per line: what is read back (null where it says nothing or could not be read), filled (whether a visit
        is filled in), source, sheet, row.
    faults : pl.DataFrame
        Cells for which a line is refused (``REJECTED``).
    """

    source: str
    sheet: str
    frame: pl.DataFrame
    faults: pl.DataFrame


def is_machine(sheet: Sheet) -> bool:
    """Return whether a sheet is the one that is not for people, whatever it is called."""
    return bool(sheet.rows) and bool(sheet.rows[0]) and sheet.rows[0][0] == VISIT_MARK


def listed_of(sheet: Sheet) -> pl.DataFrame:
    """Return alert_id and household_id of every alert that the workbook was written for, of its hidden sheet."""
    pairs = [[plain(cell) or None for cell in row[: len(CODES)]] for row in sheet.rows[1:]]
    found = [pair for pair in pairs if len(pair) == len(CODES) and any(pair)]
    return pl.DataFrame(found, schema=dict.fromkeys(CODES, pl.String), orient="row").cast(CODES, strict=False)


def read_lines(sheet: Sheet, wordings: VisitWordings) -> Lines | None:
    """Read the lines of a sheet; None where it has not the headers that are needed."""
    at, places = _headers(sheet.rows[:_SEARCHED], wordings)
    if not (set(CODES) & places.keys() and {"visited_on", "finding"} <= places.keys()):
        return None
    head = sheet.rows[at]
    kept = [(row, number) for number, row in enumerate(sheet.rows[at + 1 :], start=at + 2) if _says(row, head)]
    numbers = pl.Series("row", [number for _, number in kept], dtype=pl.UInt32)
    nothing: list[Cell] = [None] * len(kept)
    read = {
        name: read_cells([row[places[name]] for row, _ in kept] if name in places else nothing, reader)
        for name, reader in wordings.readers.items()
    }
    faults = pl.concat([REJECTED.to_frame(), *(_faults(name, one, numbers, sheet) for name, one in read.items())])
    said = [pl.col(name).is_not_null() for name in FILLED]
    frame = pl.DataFrame({"row": numbers, **{name: one.values for name, one in read.items()}}).with_columns(
        source=pl.lit(sheet.source),
        sheet=pl.lit(sheet.name),
        filled=pl.any_horizontal(*said, pl.col("row").is_in(faults["row"].implode())),
    )
    return Lines(source=sheet.source, sheet=sheet.name, frame=frame, faults=faults)


def _faults(name: str, read: CellColumn, numbers: pl.Series, sheet: Sheet) -> pl.DataFrame:
    """Return the cells of a column for which their row is refused."""
    told = [
        (sheet.source, sheet.name, numbers[at], name, _RULES[name, rule], shape)
        for at, rule, shape, _ in read.told.rows()
        if (name, rule) in _RULES
    ]
    return pl.DataFrame(told, schema=REJECTED, orient="row")


def lost_lines(sheet: Sheet, households: frozenset[str]) -> Lines:
    """Return the rows of a sheet without headers that hold the code of a household: each is refused."""
    found = [
        (sheet.source, sheet.name, number, None, "headers_missing", None)
        for number, row in enumerate(sheet.rows, start=1)
        if any(compact(cell) in households for cell in row)
    ]
    faults = pl.DataFrame(found, schema=REJECTED, orient="row")
    return Lines(
        source=sheet.source,
        sheet=sheet.name,
        frame=faults.select("source", "sheet", "row", filled=pl.lit(True)),
        faults=faults,
    )


def _headers(rows: Sequence[Sequence[Cell]], wordings: VisitWordings) -> tuple[int, Mapping[str, int]]:
    """Return the row in which most headers are understood, and where in it each column stands first."""
    found: list[dict[str, int]] = []
    for row in rows:
        names = [wordings.column_of(cell) for cell in row]
        found.append({name: place for place, name in reversed(list(enumerate(names))) if name is not None})
    at = max(range(len(found)), key=lambda place: len(found[place]), default=0)
    return at, found[at] if found else {}


def _says(row: Sequence[Cell], head: Sequence[Cell]) -> bool:
    """Return whether a row is neither blank nor the headers once more."""
    return list(row) != list(head) and any(plain(cell) for cell in row)
