"""Sources: the files of a folder or an archive, the sheets of a workbook, frames of any kind."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import python_calamine

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Cell
from relapse_risk.records import TABLES

__all__ = ["ArrowFrame", "File", "Sheet", "TableFrame", "find_files", "open_file", "open_frames"]

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_READ = (*WORKBOOKS, ".csv", ".parquet")
# Nobody's records: lock files of an open workbook, and what systems leave in folders.
_HIDDEN = (".", "~$", "__MACOSX")
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
    """

    source: str
    name: str
    alone: bool
    rows: Sequence[Sequence[Cell]]
    share: float = 1.0


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
    return file.suffix in (*WORKBOOKS, ".csv") or (file.suffix == ".parquet" and file.stem in TABLES)


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
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InputError("file_unreadable", source=path.name, problem=error) from error


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
        If it is damaged, locked, or not what its suffix says (``file_unreadable``).
    """
    if file.suffix in WORKBOOKS:
        yield from _sheets(file)
    elif file.stem in TABLES:
        first_row = 1 if file.suffix == ".parquet" else 2
        yield TableFrame(source=file.name, table=file.stem, frame=_frame(file), first_row=first_row)
    elif file.suffix == ".csv":
        yield Sheet(source=file.name, name=file.stem, alone=True, rows=_text_rows(file))
    else:
        raise InputError("table_unknown", table=file.stem, known=", ".join(TABLES))


def _sheets(file: File) -> Iterator[Sheet]:
    try:
        content = io.BytesIO(file.content) if isinstance(file.content, bytes) else file.content
        workbook = python_calamine.load_workbook(content)
        names = workbook.sheet_names
        for count, name in enumerate(names, start=1):
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield Sheet(source=file.name, name=name, alone=len(names) == 1, rows=rows, share=count / len(names))
    except (python_calamine.CalamineError, OSError) as error:
        raise InputError("file_unreadable", source=file.name, problem=error) from error


def _frame(file: File) -> pl.DataFrame:
    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file.content)
        text = _decoded(file).encode()
        # What a column we know says is read cell by cell; of the others the type is all there is.
        ours = dict.fromkeys(TABLES[file.stem].columns, pl.String)
        return pl.read_csv(text, schema_overrides=ours, infer_schema_length=None)
    except pl.exceptions.NoDataError:
        return pl.DataFrame()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError("file_unreadable", source=file.name, problem=str(error).partition("\n")[0]) from error


def _text_rows(file: File) -> list[list[Cell]]:
    try:
        rows: list[list[Cell]] = [list(row) for row in csv.reader(io.StringIO(_decoded(file), newline=""))]
    except csv.Error as error:
        raise InputError("file_unreadable", source=file.name, problem=error) from error
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _decoded(file: File) -> str:
    content = file.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("file_unreadable", source=file.name, problem="neither UTF-8 nor GB18030 text")


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
    taken = pl.DataFrame(frame)
    # The index of a pandas frame travels along; it is no record.
    return taken.drop(name for name in taken.columns if name.startswith("__index_level_"))
