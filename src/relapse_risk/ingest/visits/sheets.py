"""Sheets of filled-in visits: where their headers are, which rows are lines, what each cell says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.ingest.cell_columns import CellColumn, read_cells
from relapse_risk.ingest.cells import Cell, compact, plain
from relapse_risk.ingest.sources import Sheet
from relapse_risk.ingest.visits.visit_dictionary import FILLED, VisitDictionary
from relapse_risk.ingest.visits.visit_intake import CODES, PLACE, REJECTED, FilledSheet
from relapse_risk.policy.mechanism import VISIT_MARK

__all__ = ["VisitRows", "as_filled", "heads_of_alerts", "is_machine", "listed_of", "lost_lines", "read_lines"]

_SEARCHED = 20  # rows from the top in which headers are looked for
_DIGESTS_AT = 4  # the column of the hidden sheet, from 0, in which the heads of the households stand as digests
_RULES: Mapping[tuple[str, str], str] = {
    ("visited_on", "impossible_date"): "day_impossible",
    ("visited_on", "unreadable"): "day_unreadable",
    ("visited_on", "month_as_last_day"): "day_unreadable",
    ("visited_on", "error_value"): "day_unreadable",
    ("visited_on", "formula_without_value"): "day_unreadable",
    ("finding", "error_value"): "finding_unknown",
    ("finding", "formula_without_value"): "finding_unknown",
    ("measure", "error_value"): "measure_unknown",
    ("measure", "formula_without_value"): "measure_unknown",
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
        One row per line: source, sheet, row, what is read back (null where it says nothing or could not be read), found
        (whether it is of a household that was not listed) and filled (whether a visit is filled in).
    faults : pl.DataFrame
        Cells for which a line is refused (``REJECTED``).
    """

    frame: pl.DataFrame
    faults: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """Lines of a sheet before their cells are read: where each stands, its cells by column, whose day was merged."""

    places: Sequence[tuple[str, str, int]]
    cells: Mapping[str, Sequence[Cell]]
    spread_days: Sequence[bool]


def is_machine(sheet: Sheet) -> bool:
    """Return whether a sheet is the one that is not for people, whatever it is called."""
    return bool(sheet.rows) and bool(sheet.rows[0]) and sheet.rows[0][0] == VISIT_MARK


def listed_of(sheet: Sheet) -> pl.DataFrame:
    """Return alert_id and household_id of every alert that the workbook was written for, of its hidden sheet."""
    pairs = [[plain(cell) or None for cell in row[: len(CODES)]] for row in sheet.rows[1:]]
    found = [pair for pair in pairs if len(pair) == len(CODES) and any(pair)]
    return pl.DataFrame(found, schema=dict.fromkeys(CODES, pl.String), orient="row").cast(CODES, strict=False)


def heads_of_alerts(sheet: Sheet) -> pl.DataFrame:
    """Return alert_id and head of every alert that the workbook was written for with a name, of its hidden sheet."""
    found = [(plain(row[0]), plain(row[_DIGESTS_AT])) for row in sheet.rows[1:] if len(row) > _DIGESTS_AT]
    schema = {"alert_id": pl.String, "written_head": pl.String}
    pairs = pl.DataFrame([pair for pair in found if all(pair)], schema=schema, orient="row")
    return pairs.with_columns(pl.col("alert_id").cast(pl.Int64, strict=False)).drop_nulls()


def as_filled(sheet: Sheet, dictionary: VisitDictionary) -> FilledSheet:
    """Return a sheet as it came."""
    at, places = _headers(sheet.rows[:_SEARCHED], dictionary)
    head = sheet.rows[at] if _is_filled_in(places) else ()
    return FilledSheet(head=head, rows=dict(enumerate(_spread(sheet), start=1)))


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
    found = [dictionary.marks_found(why) for why in frame["why"]]
    frame = frame.drop("why").with_columns(found=pl.Series(found, dtype=pl.Boolean))
    repeated = pl.Series([one for part in parts for one in part.spread_days], dtype=pl.Boolean)
    # A day merged over many rows makes none of them a visit: somebody went to those with anything of their own.
    own_day = pl.col("visited_on").is_not_null() & ~repeated
    said = pl.any_horizontal(own_day, *(pl.col(name).is_not_null() for name in FILLED if name != "visited_on"))
    unread = frame.join(faults, on=places.columns, how="semi").select(*places.columns, unread=pl.lit(True))
    marked = frame.join(unread, on=places.columns, how="left", maintain_order="left")
    return VisitRows(frame=marked.with_columns(filled=said | pl.col("unread").fill_null(False)), faults=faults), others


def lost_lines(sheets: Sequence[Sheet], households: frozenset[str], dictionary: VisitDictionary) -> VisitRows:
    """Return the rows of sheets without headers that hold the code of a household: each is refused.

    A list of households with no column to be filled in (of those who wait) is no such sheet.
    """
    found = [
        (sheet.source, sheet.name, number, None, "headers_missing", None)
        for sheet in sheets
        if not _only_lists(_headers(sheet.rows[:_SEARCHED], dictionary)[1])
        for number, row in enumerate(sheet.rows, start=1)
        if any(compact(cell) in households for cell in row)
    ]
    faults = pl.DataFrame(found, schema=REJECTED, orient="row")
    return VisitRows(
        frame=faults.select("source", "sheet", "row", found=pl.lit(False), filled=pl.lit(True)), faults=faults
    )


def _take(sheet: Sheet, dictionary: VisitDictionary) -> _Taken | None:
    """Take the lines out of a sheet; None where it has not the headers that are needed."""
    at, places = _headers(sheet.rows[:_SEARCHED], dictionary)
    if not _is_filled_in(places):
        return None
    head, day, own, filled = sheet.rows[at], places["visited_on"], sheet.rows, _spread(sheet)
    kept = [number for number, row in enumerate(own[at + 1 :], start=at + 2) if _has_content(row, head, dictionary)]
    rows = [filled[number - 1] for number in kept]
    return _Taken(
        places=[(sheet.source, sheet.name, number) for number in kept],
        cells={name: [row[places[name]] if name in places else None for row in rows] for name in dictionary.readers},
        spread_days=[not plain(own[number - 1][day]) for number in kept],
    )


def _is_filled_in(places: Mapping[str, int]) -> bool:
    return bool(CODES.keys() & places.keys()) and {"visited_on", "finding"} <= places.keys()


def _only_lists(places: Mapping[str, int]) -> bool:
    return "household_id" in places and places.keys().isdisjoint(FILLED)


def _spread(sheet: Sheet) -> Sequence[Sequence[Cell]]:
    """Return the rows of a sheet, the content of cells merged down a column in each of them."""
    down = [(top, bottom, left) for (top, left), (bottom, right) in sheet.merged if left == right and top < bottom]
    if not down:
        return sheet.rows
    rows = [list(row) for row in sheet.rows]
    for top, bottom, column in down:
        for row in rows[top + 1 : bottom + 1]:
            row[column] = rows[top][column]
    return rows


def _headers(rows: Sequence[Sequence[Cell]], dictionary: VisitDictionary) -> tuple[int, Mapping[str, int]]:
    """Return the row in which most headers are understood, and where in it each column stands first."""
    found: list[dict[str, int]] = []
    for row in rows:
        names = [dictionary.column_of(cell) for cell in row]
        found.append({name: place for place, name in reversed(list(enumerate(names))) if name is not None})
    at = max(range(len(found)), key=lambda place: len(found[place]), default=0)
    return at, found[at] if found else {}


def _has_content(row: Sequence[Cell], head: Sequence[Cell], dictionary: VisitDictionary) -> bool:
    """Return whether a row is neither blank, but for the mark of a household found, nor the headers once more."""
    return list(row) != list(head) and any(plain(cell) and not dictionary.marks_found(cell) for cell in row)


def _faults(name: str, read: CellColumn, places: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of a column for which their row is refused."""
    issues = [
        (*places.row(at), name, _RULES[name, rule], shape)
        for at, rule, shape, _ in read.issues.rows()
        if (name, rule) in _RULES
    ]
    return pl.DataFrame(issues, schema=REJECTED, orient="row")
