"""Sources: the files of a folder or an archive, the sheets of a workbook, frames of any kind."""

import codecs
import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import python_calamine

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Cell
from relapse_risk.ingest.masking import shown_header
from relapse_risk.records import TABLES

__all__ = [
    "ArrowFrame",
    "File",
    "Sheet",
    "TableFrame",
    "decoded",
    "find_files",
    "open_file",
    "open_frames",
    "separator_of",
]

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_READ = (*WORKBOOKS, ".csv", ".parquet")
# Nobody's records: lock files of an open workbook, and what systems leave in folders.
_HIDDEN = (".", "~$", "__MACOSX")
_SEPARATORS = (",", "\t", ";")
_HEAD = 4096  # signs, or bytes, by which a file of text is judged
_UTF8_NAME = 0x800  # flag of an archive's entry whose name is UTF-8


class ArrowFrame(Protocol):
    """A frame of any library that speaks the Arrow PyCapsule protocol."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the frame as a stream."""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that may hold records.

    Attributes
    ----------
    name : str
        Its name, without the folder.
    content : Path or bytes
    """

    name: str
    content: Path | bytes

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return Path(self.name).stem

    @property
    def suffix(self) -> str:
        """The suffix in lower case, with its dot."""
        return Path(self.name).suffix.lower()

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def read(self) -> bytes:
        """Return its bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet of cells.

    Attributes
    ----------
    source : str
        The file it is of.
    name : str
    alone : bool
        Whether the file holds no other sheet, and so may be named for this one.
    rows : sequence of sequence of Cell
        From the first row on, all of one length.
    share : float
        The share of its file that is read with it, 0 to 1.
    merged : sequence of ((int, int), (int, int))
        The first and the last cell of each merged range, by row and column from 0; only the first has a content.
    """

    source: str
    name: str
    alone: bool
    rows: Sequence[Sequence[Cell]]
    share: float = 1.0
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()


@dataclass(frozen=True, kw_only=True)
class TableFrame:
    """A frame in the record tables' own names.

    Attributes
    ----------
    source : str
    table : str
    frame : pl.DataFrame
    first_row : int
        What the source counts its first row of data as.
    share : float
        The share of its file that is read with it, 0 to 1.
    """

    source: str
    table: str
    frame: pl.DataFrame
    first_row: int = 1
    share: float = 1.0


def find_files(source: str | Path) -> tuple[list[File], list[str]]:
    """Return the files under a path that may hold records, in the order of their names, and the names of the others.

    Raises
    ------
    InputError
        If there is no such path (``source_unknown``), it is a file of another kind (``source_unsupported``) or not an
        archive (``file_unreadable``), or no file in it may hold records (``nothing_to_read``).
    """
    path = Path(source)
    if path.is_file() and path.suffix.lower() in _READ:
        return [File(name=path.name, content=path)], []
    seen = sorted((file for file in _inside(path) if not file.name.startswith(_HIDDEN)), key=lambda file: file.name)
    files = [file for file in seen if _may_hold_records(file)]
    others = [file.name for file in seen if file not in files]
    if not files:
        raise InputError("nothing_to_read", source=path, found=", ".join(others) or "-")
    return files, others


def _inside(path: Path) -> list[File]:
    if path.is_dir():
        return [File(name=entry.name, content=entry) for entry in path.iterdir() if entry.is_file()]
    if not path.is_file():
        raise InputError("source_unknown", source=path)
    if path.suffix.lower() == ".zip":
        return list(_archived(path))
    raise InputError("source_unsupported", source=path.name)


def _may_hold_records(file: File) -> bool:
    return file.suffix in _READ


def _archived(path: Path) -> Iterator[File]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            folders = {_entry_name(entry).rpartition("/")[0] for entry in entries}
            # Of an archive of one folder, its files; else those at the top: what lies deeper is something else.
            top = next(iter(folders)) if len(folders) == 1 else ""
            for entry in entries:
                folder, _, name = _entry_name(entry).rpartition("/")
                if folder == top:
                    yield File(name=name, content=archive.read(entry))
    except PermissionError as error:
        raise InputError("no_permission", path=path.name) from error
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError) as error:
        raise InputError("file_unreadable", source=path.name, kind=".zip") from error


def _entry_name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    try:  # Chinese Windows writes its own encoding, which is then read as that of old DOS
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def open_file(file: File) -> Iterator[Sheet | TableFrame]:
    """Open a file, sheet by sheet.

    Raises
    ------
    InputError
        If it is damaged, locked, or not what its suffix says (``file_unreadable``), if there is no permission to read
        it (``no_permission``), or a record table has a column twice (``columns_twice``).
    """
    try:
        yield from _opened(file)
    except PermissionError as error:
        raise InputError("no_permission", path=file.name) from error
    # What a parser says may quote what it could not read: it is not passed on.
    except (python_calamine.CalamineError, pl.exceptions.PolarsError, csv.Error, UnicodeError, OSError) as error:
        raise InputError("file_unreadable", source=file.name, kind=file.suffix) from error


def _opened(file: File) -> Iterator[Sheet | TableFrame]:
    if file.suffix in WORKBOOKS:
        yield from _sheets(file)
    elif file.suffix == ".parquet":
        yield _framed(file, _without_index(pl.read_parquet(file.content)), first_row=1)
    else:
        yield _texts(file)


def _framed(file: File, frame: pl.DataFrame, first_row: int) -> Sheet | TableFrame:
    """Return a frame as the record table it is named for, else as the sheet of an export."""
    if _is_record_table(file, frame.columns):
        return TableFrame(source=file.name, table=file.stem, frame=frame, first_row=first_row)
    rows: list[list[Cell]] = [list(frame.columns), *(list(row) for row in frame.iter_rows())]
    return Sheet(source=file.name, name=file.stem, alone=True, rows=rows)


def _is_record_table(file: File, columns: Sequence[str]) -> bool:
    return file.stem in TABLES and (not columns or not {*columns}.isdisjoint(TABLES[file.stem].columns))


def _sheets(file: File) -> Iterator[Sheet]:
    content = io.BytesIO(file.content) if isinstance(file.content, bytes) else file.content
    workbook = python_calamine.load_workbook(content)
    names = workbook.sheet_names
    # While what stands in one sheet is made sense of, the next one is taken apart in a thread beside.
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = [beside.submit(workbook.get_sheet_by_name, name) for name in names[:1]]
        for count, name in enumerate(names, start=1):
            sheet = coming.pop().result()
            coming = [beside.submit(workbook.get_sheet_by_name, following) for following in names[count : count + 1]]
            rows = sheet.to_python(skip_empty_area=False)
            merged, alone = sheet.merged_cell_ranges or (), len(names) == 1
            yield Sheet(source=file.name, name=name, alone=alone, rows=rows, share=count / len(names), merged=merged)


def _texts(file: File) -> Sheet | TableFrame:
    """Return a file of text as the record table it is named for, else as the sheet of an export."""
    text = decoded(file.read())
    if not text.strip():
        return Sheet(source=file.name, name=file.stem, alone=True, rows=[])
    separator = separator_of(text)
    headers = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    if not _is_record_table(file, headers):
        return Sheet(source=file.name, name=file.stem, alone=True, rows=_text_rows(text, separator))
    if twice := [name for name, count in Counter(headers).items() if count > 1]:
        raise InputError("columns_twice", source=file.name, columns=", ".join(map(shown_header, twice)))
    # What a column we know says is read cell by cell; of the others the type is all there is.
    ours = dict.fromkeys(TABLES[file.stem].columns, pl.String)
    frame = pl.read_csv(text.encode(), separator=separator, schema_overrides=ours, infer_schema_length=None)
    return TableFrame(source=file.name, table=file.stem, frame=frame, first_row=2)


def _text_rows(text: str, separator: str) -> list[list[Cell]]:
    rows: list[list[Cell]] = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def separator_of(text: str) -> str:
    """Return the sign that most often parts the first lines: comma, tab or semicolon.

    Examples
    --------
    >>> separator_of("户编号;年度;人均纯收入")
    ';'
    """
    head = text[:_HEAD]
    return max(_SEPARATORS, key=head.count)


def decoded(content: bytes) -> str:
    """Return the text of bytes in UTF-8, UTF-16 (with or without a mark) or GB18030.

    Raises
    ------
    UnicodeDecodeError
        If they are none of these.

    Examples
    --------
    >>> [decoded("户编号".encode(name)) for name in ("utf-8", "utf-8-sig", "gb18030", "utf-16")] == ["户编号"] * 4
    True
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    head = content[:_HEAD]
    if 0 in head:  # neither UTF-8 nor GB18030 text has any
        return content.decode("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def open_frames(frames: Mapping[str, Any]) -> Iterator[TableFrame]:
    """Take frames in, whatever library they are of.

    Raises
    ------
    InputError
        If one is named for no table (``table_unknown``), or is no frame (``frame_unreadable``).
    """
    for table, frame in frames.items():
        if table not in TABLES:
            raise InputError("table_unknown", table=table, known=", ".join(TABLES))
        yield TableFrame(source=table, table=table, frame=_polars(table, frame))


def _polars(table: str, frame: Any) -> pl.DataFrame:
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    if not hasattr(frame, "__arrow_c_stream__"):
        raise InputError("frame_unreadable", table=table, found=type(frame).__name__)
    return _without_index(pl.DataFrame(frame))


def _without_index(frame: pl.DataFrame) -> pl.DataFrame:
    # The index of a pandas frame travels along; it is no record.
    return frame.drop(name for name in frame.columns if name.startswith("__index_level_"))
