"""Copies: a file or a sheet that holds the same as another one is read once."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.sources import File, Sheet
from relapse_risk.records import TABLES

__all__ = ["SeenSheets", "distinct_files"]

Key = tuple[int, int, int]

_LEAST_ROWS = 2  # sheets of headers alone are alike without being copies


class SeenSheets:
    """The sheets read so far, by what stands in their cells.

    Sheets that differ anywhere, if only in the day of export above their headers, are versions, not copies.
    """

    def __init__(self) -> None:
        self._first: dict[Key, tuple[str, str]] = {}

    def copy_of(self, sheet: Sheet) -> Note | None:
        """Return the note on a sheet that repeats an earlier one cell by cell; None for any other."""
        if len(sheet.rows) < _LEAST_ROWS:
            return None
        place = (sheet.source, sheet.name)
        source, name = self._first.setdefault(_key(sheet), place)
        if (source, name) == place:
            return None
        return "sheet_same", {"source": sheet.source, "sheet": sheet.name, "first": source, "first_sheet": name}


def _key(sheet: Sheet) -> Key:
    rows = sheet.rows
    return len(rows), len(rows[0]), hash(tuple(hash(tuple(row)) for row in rows))


def distinct_files(files: Sequence[File]) -> tuple[list[File], list[Note]]:
    """Return the files of which each content stands once, and a note on every other one.

    Of files with the same bytes the one that is named for a record table is read, else the one with the shortest name.

    Examples
    --------
    >>> names = {"a (1).csv": b"1", "a.csv": b"1", "b.csv": b"2"}
    >>> files = [File(name=name, content=content) for name, content in names.items()]
    >>> kept, notes = distinct_files(files)
    >>> [file.name for file in kept], notes
    (['a.csv', 'b.csv'], [('file_same', {'source': 'a (1).csv', 'first': 'a.csv'})])
    """
    by_size: dict[int, list[File]] = defaultdict(list)
    for file in files:
        by_size[file.size].append(file)
    same: dict[tuple[int, bytes], list[File]] = defaultdict(list)
    for size, alike in by_size.items():
        for file in alike:
            # One alone of its size is a copy of nothing and need not be read for that.
            same[size, _digest(file) if len(alike) > 1 else b""].append(file)
    firsts = {file.name: min(group, key=_preferred).name for group in same.values() for file in group}
    kept = [file for file in files if firsts[file.name] == file.name]
    return kept, [
        ("file_same", {"source": file.name, "first": firsts[file.name]}) for file in files if file not in kept
    ]


def _preferred(file: File) -> tuple[bool, int, str]:
    return file.stem not in TABLES, len(file.name), file.name


def _digest(file: File) -> bytes:
    try:
        return hashlib.sha256(file.read()).digest()
    except OSError:  # told where the file is read
        return file.name.encode()
