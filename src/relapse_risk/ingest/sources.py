"""Sources: the files of a folder or an archive, the sheets of a workbook, frames of any kind."""

import codecs
import csv
import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import python_calamine
from lxml import etree

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Cell
from relapse_risk.ingest.compound_files import COMPOUND_MARK
from relapse_risk.ingest.markup_tables import html_of_archive, html_sheets, is_html, is_spreadsheet_xml, xml_sheets
from relapse_risk.ingest.masking import shown_header
from relapse_risk.ingest.workbooks import Sheet, UnreadSheet, binary_sheets, zipped_sheets
from relapse_risk.records import TABLES

__all__ = [
    "File",
    "Sheet",
    "TableFrame",
    "UnreadSheet",
    "decoded",
    "find_files",
    "open_file",
    "separator_of",
    "without_index",
]

_TEXTS = (".csv",)
_READ = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", *_TEXTS, ".parquet")
# What a file is stands in its first bytes: half of the files called .xls are something else.
_ZIP_MARK = b"PK\x03\x04"
_OLD_MARKS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")  # Excel 2, 3 and 4
_DOCUMENT_MARKS = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff")  # and pictures
_ARCHIVE = re.compile(rb"(?i)\s*(?:mime-version|from|subject|content-type|x-\S+|snapshot-\S+)\s*:")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")
_UNREADABLE = (
    python_calamine.CalamineError,
    pl.exceptions.PolarsError,
    csv.Error,
    etree.LxmlError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    LookupError,  # and its KeyError and IndexError
    NotImplementedError,
    OSError,
    RuntimeError,  # an archive that needs a password
    ValueError,  # and its UnicodeError
)
# Nobody's records: lock files of an open workbook, and what systems leave in folders.
_HIDDEN = (".", "~$", "__MACOSX")
_SEPARATORS = (",", "\t", ";")
_UNNAMED = re.compile(r"(?:Unnamed: \d+)?")  # as pandas names the column of an index
_HEAD = 4096  # signs, or bytes, by which a file of text is judged
_UTF8_NAME = 0x800  # flag of an archive's entry whose name is UTF-8


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

    def head(self) -> bytes:
        """Return its first bytes."""
        if isinstance(self.content, bytes):
            return self.content[:_HEAD]
        with self.content.open("rb") as stream:
            return stream.read(_HEAD)

    def read(self) -> bytes:
        """Return its bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


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


def open_file(file: File, *, hidden: bool = False) -> Iterator[Sheet | UnreadSheet | TableFrame]:
    """Open a file, sheet by sheet, as what it is, whatever its name says.

    Parameters
    ----------
    file : File
    hidden : bool
        Whether hidden sheets are read too.

    Raises
    ------
    InputError
        If it is damaged or none of the kinds of file that are read (``file_unreadable``), needs a password
        (``file_locked``), is a workbook of Excel 4 or older (``file_too_old``) or a document (``file_is_document``), if
        there is no permission to read it (``no_permission``), or a record table has a column twice
        (``columns_twice``).
    """
    try:
        yield from _opened(file, hidden)
    except PermissionError as error:
        raise InputError("no_permission", path=file.name) from error
    except python_calamine.PasswordError as error:
        raise InputError("file_locked", source=file.name) from error
    # What a parser says may quote what it could not read: it is not passed on.
    except _UNREADABLE as error:
        raise InputError("file_unreadable", source=file.name, kind=file.suffix) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of a reader that gave up; it is no Exception
            raise
        raise InputError("file_unreadable", source=file.name, kind=file.suffix) from error


def _opened(file: File, hidden: bool) -> Iterator[Sheet | UnreadSheet | TableFrame]:
    head = file.head()
    if file.suffix == ".parquet":
        yield _framed(file, without_index(pl.read_parquet(file.content)), first_row=1)
    elif head.startswith(_ZIP_MARK):
        yield from zipped_sheets(file.name, file.content, hidden=hidden)
    elif head.startswith(COMPOUND_MARK):
        yield from binary_sheets(file.name, file.read(), hidden=hidden)
    elif head.startswith(_OLD_MARKS):
        raise InputError("file_too_old", source=file.name)
    elif head.startswith(_DOCUMENT_MARKS):
        raise InputError("file_is_document", source=file.name)
    else:
        yield from _of_text(file, hidden)


def _of_text(file: File, hidden: bool) -> Iterator[Sheet | UnreadSheet | TableFrame]:
    content = file.read()
    if _ARCHIVE.match(content[:_HEAD]):
        content = html_of_archive(content) or b""
    text = decoded(content)
    if is_spreadsheet_xml(text):
        yield from xml_sheets(file.name, text, hidden=hidden)
    elif is_html(text):
        yield from html_sheets(file.name, file.stem, text)
    elif file.suffix in _TEXTS or _is_list(text):
        yield _texts(file, text)
    else:
        raise InputError("file_unreadable", source=file.name, kind=file.suffix)


def _is_list(text: str) -> bool:
    """Return whether a text looks like lines of cells."""
    return bool(text.strip()) and not _CONTROL.search(text[:_HEAD]) and text[:_HEAD].count(separator_of(text)) > 0


def _framed(file: File, frame: pl.DataFrame, first_row: int) -> Sheet | TableFrame:
    """Return a frame as the record table it is named for, else as the sheet of an export."""
    if _is_record_table(file, frame.columns):
        return TableFrame(source=file.name, table=file.stem, frame=frame, first_row=first_row)
    rows: list[list[Cell]] = [list(frame.columns), *(list(row) for row in frame.iter_rows())]
    return Sheet(source=file.name, name=file.stem, alone=True, rows=rows)


def _is_record_table(file: File, columns: Sequence[str]) -> bool:
    return file.stem in TABLES and (not columns or not {*columns}.isdisjoint(TABLES[file.stem].columns))


def _texts(file: File, text: str) -> Sheet | TableFrame:
    """Return a file of text as the record table it is named for, else as the sheet of an export."""
    if not text.strip():
        return Sheet(source=file.name, name=file.stem, alone=True, rows=[])
    separator = separator_of(text)
    text = _with_whole_cells(text, separator)
    headers = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    if not _is_record_table(file, headers):
        return Sheet(source=file.name, name=file.stem, alone=True, rows=_text_rows(text, separator))
    if twice := [name for name, count in Counter(headers).items() if count > 1]:
        raise InputError("columns_twice", source=file.name, columns=", ".join(map(shown_header, twice)))
    # What a column we know says is read cell by cell; of the others the type is all there is.
    as_text = dict.fromkeys(TABLES[file.stem].columns, pl.String)
    frame = pl.read_csv(text.encode(), separator=separator, schema_overrides=as_text, infer_schema_length=None)
    return TableFrame(source=file.name, table=file.stem, frame=without_index(frame), first_row=2)


def _with_whole_cells(text: str, separator: str) -> str:
    """Return a text in which every cell written as ="a,b" is one: a reader sees quotes only where a cell begins."""
    if '="' not in text:
        return text
    quoted = re.compile(rf'(?m)(^|{separator})(="(?:[^"\n]|"")*")(?={separator}|\r?$)')
    return quoted.sub(lambda found: f"{found[1]}{_escaped(found[2])}" if separator in found[2] else found[0], text)


def _escaped(cell: str) -> str:
    return f'"{cell.replace(chr(34), chr(34) * 2)}"'


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


def without_index(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame without the row numbers that pandas wrote beside its columns: they are no record.

    Examples
    --------
    >>> without_index(pl.DataFrame({"": [0, 1], "size": [4, 3]})).columns
    ['size']
    """
    return frame.drop(name for name in frame.columns if _is_index(name, frame[name]))


def _is_index(name: str, column: pl.Series) -> bool:
    if name.startswith("__index_level_"):
        return True
    return bool(_UNNAMED.fullmatch(name)) and column.dtype.is_integer() and column.n_unique() == column.len()
