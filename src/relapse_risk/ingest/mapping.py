"""How a source is understood before it is read: every file, sheet and header, and what is unknown."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from relapse_risk.ingest.copies import SeenSheets, distinct_files
from relapse_risk.ingest.headers import Aliases
from relapse_risk.ingest.layout import understand, unread_headers
from relapse_risk.ingest.masking import shown_header
from relapse_risk.ingest.sheet_schema import IDENTIFYING, NUMBERS
from relapse_risk.ingest.sources import Sheet, TableFrame, find_files, open_file
from relapse_risk.policy import Policy, read_policy
from relapse_risk.records import TABLES

__all__ = ["describe_source"]

_HEADERS = pl.Schema(
    {
        "source": pl.String,
        "sheet": pl.String,
        "row": pl.UInt32,
        "header": pl.String,
        "table": pl.String,
        "column": pl.String,
        "factor": pl.Float64,
        "status": pl.String,
    }
)


def describe_source(source: str | Path, *, policy: Policy | None = None) -> pl.DataFrame:
    """Return how every header of every sheet of a source is understood.

    Parameters
    ----------
    source : str or Path
        As `read_records`.
    policy : Policy, optional
        Wordings of sheets and headers; built-in by default.

    Returns
    -------
    pl.DataFrame
        One row per header and table it feeds: source, sheet, row (in which the headers begin, as a spreadsheet shows
        it), header, table, column, factor (by which amounts are multiplied) and status: ``read``, ``joined`` (an
        identity number: read to join, then dropped), ``dropped`` (identifies a person), ``not_needed``,
        ``twice`` (an earlier header stands for the column), ``elsewhere`` (not read; the tables that know it, and that
        the sheet does not feed, stand under table), ``unknown``. A sheet of which nothing is known is one row
        of status ``sheet_unknown``, ``sheet_empty`` or ``sheet_same`` (a copy of an earlier sheet); a file that
        holds no records one of ``file_not_read``, a copy of another file one of ``file_same``.

    Raises
    ------
    InputError
        As `read_records`, where a sheet cannot be read.
    """
    aliases = Aliases.of((policy or read_policy()).aliases)
    files, others = find_files(source)
    files, copies = distinct_files(files)
    seen = SeenSheets()
    rows = [row for file in files for piece in open_file(file) for row in _described(piece, aliases, seen)]
    rows += [{"source": told["source"], "status": code} for code, told in copies]
    rows += [{"source": name, "status": "file_not_read"} for name in others]
    return pl.DataFrame(rows, schema=_HEADERS)


def _described(piece: Sheet | TableFrame, aliases: Aliases, seen: SeenSheets) -> Iterator[dict[str, object]]:
    if isinstance(piece, TableFrame):
        for name in piece.frame.columns:
            known = "read" if name in TABLES[piece.table].columns else "unknown"
            yield {"source": piece.source, "header": name, "table": piece.table, "column": name, "status": known}
        return
    place = {"source": piece.source, "sheet": piece.name}
    if copy := seen.copy_of(piece):
        yield {**place, "status": copy[0]}
        return
    found = understand(piece, aliases)
    if found.headers is None:
        yield {**place, "status": found.notes[0][0]}
        return
    for layout in found.layouts:
        for header in layout.headers:
            shown = shown_header(found.headers.cells[header.place])
            told = {"table": layout.table, "column": header.alias.column, "factor": float(header.alias.factor)}
            status = _status(header.alias.column)
            yield {**place, "row": found.headers.begins + 1, "header": shown, **told, "status": status}
        if layout.year:
            told = {"table": layout.table, "column": "year", "factor": 1.0, "status": "read"}
            yield {**place, "row": layout.year.row + 1, "header": layout.year.wording, **told}
    for at, status, tables in unread_headers(found.headers, found.layouts, aliases):
        shown = shown_header(found.headers.cells[at])
        yield {**place, "row": found.headers.begins + 1, "header": shown, "table": tables or None, "status": status}


def _status(column: str) -> str:
    if column in NUMBERS:
        return "joined"
    return "dropped" if column in IDENTIFYING else "read"
