"""The audit's workbooks as they come back: which lines are filled in, and what each says of which finding."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.cell_columns import Reader, read_cells
from relapse_risk.ingest.cell_dates import read_date
from relapse_risk.ingest.cells import Cell, Reading, compact, plain, read_number, whole
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.opened_files import open_all
from relapse_risk.ingest.sheet_schema import IDENTIFYING, columns_of
from relapse_risk.ingest.sources import Sheet, find_files
from relapse_risk.ingest.visits.visit_intake import FilledSheet
from relapse_risk.policy import Texts

__all__ = ["RETURNED", "ReturnedLines", "as_text", "read_cell_as", "read_returned"]

_COLUMNS = pl.Schema(
    [
        *(("source", pl.String), ("sheet", pl.String), ("row", pl.Int64)),
        *(("household_id", pl.String), ("person_id", pl.String), ("code", pl.String)),
        *(("corrected_on", pl.Date), ("remark", pl.String)),
    ]
)
RETURNED = pl.Schema(
    [
        *(("file", pl.String), ("page", pl.String), ("line", pl.UInt32)),
        *_COLUMNS.items(),
        ("day_lost", pl.Boolean),
    ]
)
"""Columns of the lines that were filled in: where each stands now, what it was asked, and what it answers."""

_WHERE = {"source", "sheet", "row"}
_VALUE = "corrected_value"
_ANSWERS = (_VALUE, "corrected_on", "remark")
_REMOVED = "delete"
_CENT = 2  # decimals in which amounts are the same
_SEARCHED = 20  # rows from the top in which headers are looked for


@dataclass(frozen=True, kw_only=True, eq=False)
class ReturnedLines:
    """Lines of the audit's workbooks that were filled in.

    Attributes
    ----------
    frame : pl.DataFrame
        ``RETURNED``. A remark may hold names: it is used to know that there is one, and written nowhere.
    values : sequence of Cell
        What each line says that the cell was corrected to, as it was written; None where it says nothing.
    read : int
        Lines in all, filled in or not.
    sheets : Mapping of (str, str) to FilledSheet
        By file and sheet.
    unread : Mapping of str to InputError
        The files that could not be read, and why.
    """

    frame: pl.DataFrame
    values: Sequence[Cell]
    read: int
    sheets: Mapping[tuple[str, str], FilledSheet]
    unread: Mapping[str, InputError]


def read_returned(source: str | Path) -> ReturnedLines:
    """Read the audit's workbooks back, in either language: sheets renamed, sorted, copied together.

    Parameters
    ----------
    source : str or Path
        A workbook, or a folder or archive of workbooks.

    Raises
    ------
    InputError
        If there is no such path or no readable file, or no sheet has the headers (``corrections_without_headers``).
    """
    found, _ = find_files(source)
    opened, unread = open_all([file for file in found if file.suffix != ".parquet"])
    names = _names()
    taken = [
        (sheet, at, places)
        for sheets in opened.values()
        for sheet in sheets
        for at, places in [_headers(sheet, names)]
        if places
    ]
    if not taken:
        headers = ", ".join(Texts("zh")("audit", name) for name in ("source", "sheet", "row", _VALUE))
        raise InputError("corrections_without_headers", source=Path(source).name, headers=headers)
    lines = [
        (sheet, number, {name: row[place] for name, place in places.items() if place < len(row)})
        for sheet, at, places in taken
        for number, row in enumerate(sheet.rows[at + 1 :], start=at + 2)
        if any(plain(row[places[name]]) for name in _WHERE)
    ]
    filled = [line for line in lines if any(plain(line[2].get(name)) for name in _ANSWERS)]
    return ReturnedLines(
        frame=_frame(filled),
        values=[cells[_VALUE] if plain(cells.get(_VALUE)) else None for _, _, cells in filled],
        read=len(lines),
        sheets={
            (sheet.source, sheet.name): FilledSheet(head=sheet.rows[at], rows=dict(enumerate(sheet.rows, start=1)))
            for sheet, at, _ in taken
        },
        unread=unread,
    )


def _names() -> Mapping[str, str]:
    """Return which column a header is, in compact form, in either language."""
    wanted = (*_COLUMNS, _VALUE)
    return {compact(Texts(lang)("audit", name)).lower(): name for lang in ("zh", "en") for name in wanted}


def _headers(sheet: Sheet, names: Mapping[str, str]) -> tuple[int, Mapping[str, int]]:
    """Return the row of the headers and the place of each that is read; none where they are not those of a list."""
    for at, row in enumerate(sheet.rows[:_SEARCHED]):
        named = {names.get(compact(cell).lower()): place for place, cell in enumerate(row)}
        places = {name: place for name, place in named.items() if name}
        if places.keys() >= _WHERE and not places.keys().isdisjoint(_ANSWERS):
            return at, places
    return 0, {}


def _frame(lines: Sequence[tuple[Sheet, int, Mapping[str, Cell]]]) -> pl.DataFrame:
    text = Reader(read=lambda cell: Reading(plain(cell)), dtype=pl.String())
    readers = {
        "row": Reader(read=whole(read_number({})), dtype=pl.Int64()),
        "corrected_on": Reader(read=read_date, dtype=pl.Date()),
    }
    read = {name: read_cells([cells.get(name) for _, _, cells in lines], readers.get(name, text)) for name in _COLUMNS}
    at = pl.int_range(len(lines), dtype=pl.UInt32, eager=True)
    lost = at.is_in(read["corrected_on"].issues.filter("lost")["at"].implode())
    placed = {
        "file": pl.Series([sheet.source for sheet, _, _ in lines], dtype=pl.String),
        "page": pl.Series([sheet.name for sheet, _, _ in lines], dtype=pl.String),
        "line": pl.Series([number for _, number, _ in lines], dtype=pl.UInt32),
    }
    return pl.DataFrame({**placed, **{name: column.values for name, column in read.items()}, "day_lost": lost})


def read_cell_as(
    cell: Cell, table: str, column: str, dictionary: ExportDictionary, removals: Container[str]
) -> tuple[str | None, str | None, bool]:
    """Return what a cell says a column was corrected to: as it is shown, as it is compared, and whether it is lost.

    Names and numbers of persons are not compared, nor that a row was taken out.
    """
    text = plain(cell)
    if not text:
        return None, None, False
    if compact(cell).lower() in removals:
        return _REMOVED, None, False
    if column in IDENTIFYING:
        return text, None, False
    read = read_cells([cell], dictionary.reader(table, column, columns_of(table)[column]))
    value = pl.DataFrame({column: read.values}).select(as_text(table, column)).item()
    return value or text, value, read.issues["lost"].any()


def as_text(table: str, column: str) -> pl.Expr:
    """Return a column as texts of which two are the same where they say the same."""
    dtype = columns_of(table)[column].dtype
    own = pl.col(column).cast(dtype)
    return (own.round(_CENT) if dtype.is_float() else own).cast(pl.String)
