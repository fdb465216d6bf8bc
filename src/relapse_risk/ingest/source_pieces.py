"""Files opened one after the other: what cannot be opened is told, and the next one is opened."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from relapse_risk.databases import is_database, read_tables
from relapse_risk.errors import InputError
from relapse_risk.ingest.copies import SeenSheets, distinct_files
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.sources import File, Sheet, TableFrame, UnreadSheet, find_files, open_file
from relapse_risk.progress import Progress, silent
from relapse_risk.records import TABLES, SourceSheet

__all__ = ["Piece", "not_taken", "open_source"]

Piece = Sheet | TableFrame | SourceSheet
"""A sheet, a record table, or what became of a file or sheet that is neither."""

# What holds no records, or only those of another: nothing is lost by it.
_NOT_NEEDED = ("sheet_empty", "sheet_no_list", "sheet_hidden", "sheet_same", "file_same", "file_not_read")


def open_source(source: str | Path, hidden: bool = False, progress: Progress = silent) -> Iterator[Piece]:
    """Open the files of a path, sheet by sheet, or the tables of a database; copies of others are told and passed by.

    Raises
    ------
    InputError
        As `find_files`, and as `read_tables`.
    """
    if is_database(source):
        for table, frame in read_tables(source, tuple(TABLES)).items():
            yield TableFrame(source=table, table=table, frame=frame)
        return
    files, others = find_files(source)
    files, copies = distinct_files(files)
    yield from (not_taken(note) for note in copies)
    yield from (not_taken(("file_not_read", {"source": name})) for name in others)
    seen = SeenSheets()
    for piece in _opened(files, hidden, progress):
        copy = seen.copy_of(piece) if isinstance(piece, Sheet) else None
        yield not_taken(copy) if copy else piece


def not_taken(note: Note, rows: int = 0) -> SourceSheet:
    """Return what became of a file or sheet of which a note tells why it is not read."""
    code, details = note
    return SourceSheet(
        source=details["source"],
        sheet=details.get("sheet"),
        status="not_needed" if code in _NOT_NEEDED else "unread",
        rows=rows,
        reason=code,
        details=details,
    )


def _opened(files: Sequence[File], hidden: bool, progress: Progress) -> Iterator[Piece]:
    for place, file in enumerate(files):
        for piece in _pieces(file, hidden):
            yield piece
            if not isinstance(piece, SourceSheet) or piece.sheet is None:
                share = 1.0 if isinstance(piece, SourceSheet) else piece.share
                progress("reading", (place + share) / len(files))


def _pieces(file: File, hidden: bool) -> Iterator[Piece]:
    try:
        for piece in open_file(file, hidden=hidden):
            yield not_taken(piece.why) if isinstance(piece, UnreadSheet) else piece
    except InputError as error:
        details: dict[str, Any] = {"source": file.name, **error.details}
        yield not_taken((error.code, details))
