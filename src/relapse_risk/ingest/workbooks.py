"""Workbooks: their sheets, whatever format a file is of, and what is told of them besides the values of their cells."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import python_calamine
from lxml import etree
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Cell, FaultyCell
from relapse_risk.ingest.compound_files import BinaryWorkbook, CompoundFile
from relapse_risk.ingest.other_archives import facts_of_archive
from relapse_risk.ingest.sheet_facts import SheetFacts, facts_of_part, is_list_of_sheets, named_apart, parts_of

__all__ = ["Sheet", "UnreadSheet", "binary_sheets", "zipped_sheets"]

_CODE_PAGE_OF_UTF16 = (1200).to_bytes(2, "little")
_CODE_PAGES = {936: "gb18030", 950: "big5hkscs", 10008: "gb18030"}  # the rest are called cp and their number


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
    first_row : int
        How many rows of the sheet stand above, where this is one of several lists on it.
    since_1904 : bool
        Whether its serial numbers of days count from 1904.
    notes : tuple of (str, Mapping)
        What is told of it besides its cells (hidden rows and columns).
    """

    source: str
    name: str
    alone: bool
    rows: Sequence[Sequence[Cell]]
    share: float = 1.0
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    first_row: int = 0
    since_1904: bool = False
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, kw_only=True)
class UnreadSheet:
    """A sheet that is not read.

    Attributes
    ----------
    source, name : str
    why : (str, Mapping)
        A note: hidden (``sheet_hidden``), or one that reaches too far (``sheet_too_far``).
    share : float
        The share of its file that is done with it, 0 to 1.
    """

    source: str
    name: str
    why: tuple[str, Mapping[str, Any]]
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class _Book:
    """An open workbook, and what is known of its sheets besides."""

    source: str
    names: Sequence[str]
    workbook: CalamineWorkbook
    facts: Callable[[int], SheetFacts]
    since_1904: bool = False
    text: Callable[[str], str] = field(default=str)


def zipped_sheets(source: str, content: Path | bytes, *, hidden: bool) -> Iterator[Sheet | UnreadSheet]:
    """Yield the sheets of an .xlsx, .xlsm, .xlsb or .ods workbook."""
    with zipfile.ZipFile(content if isinstance(content, Path) else io.BytesIO(content)) as archive:
        others: list[SheetFacts] = []
        try:
            parts, since_1904 = parts_of(archive)
        except (KeyError, etree.XMLSyntaxError):
            parts, (others, since_1904) = [], facts_of_archive(archive)
        # By its path alone the reader takes a workbook for what its suffix says.
        if isinstance(content, Path) and parts and content.suffix.lower() in (".xlsx", ".xlsm"):
            workbook = python_calamine.load_workbook(content)
        else:
            workbook = python_calamine.load_workbook(io.BytesIO(_bytes_of(content)))
        names = workbook.sheet_names
        if parts and len(set(names)) < len(names):
            workbook = python_calamine.load_workbook(_with_distinct_names(archive))
        parts = parts if len(parts) == len(names) else [None] * len(names)
        by_place = others if len(others) == len(names) else None
        book = _Book(
            source=source,
            names=names,
            workbook=workbook,
            facts=by_place.__getitem__ if by_place is not None else lambda at: facts_of_part(archive, parts[at]),
            since_1904=since_1904,
        )
        yield from _sheets(book, hidden)


def _with_distinct_names(archive: zipfile.ZipFile) -> io.BytesIO:
    """Return a workbook in which every sheet has a name of its own: of two with one name only the first is found."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as made:
        for name in archive.namelist():
            made.writestr(name, named_apart(archive.read(name)) if is_list_of_sheets(name) else archive.read(name))
    copy.seek(0)
    return copy


def _bytes_of(content: Path | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def binary_sheets(source: str, content: bytes, *, hidden: bool) -> Iterator[Sheet | UnreadSheet]:
    """Yield the sheets of an .xls workbook of Excel 5 or later, or of an .et workbook, which is the same.

    Raises
    ------
    InputError
        If it needs a password (``file_locked``), or is no workbook (``file_unreadable``).
    """
    file = CompoundFile.of(content)
    if "EncryptedPackage" in file.streams:
        raise InputError("file_locked", source=source)
    name = next((one for one in ("Workbook", "Book") if one in file.streams), None)
    if name is None:
        raise InputError("file_unreadable", source=source, kind=".xls")
    binary = BinaryWorkbook.of(file.read(name))
    if binary.locked:
        raise InputError("file_locked", source=source)
    text: Callable[[str], str] = str
    if binary.code_page is not None and binary.code_page_at is not None:
        content, text = _as_single_bytes(content, file.offset(name, binary.code_page_at), binary.code_page)
    workbook = python_calamine.load_workbook(io.BytesIO(content))
    names = list(map(text, workbook.sheet_names))
    known = binary.sheets if len(binary.sheets) == len(names) else [SheetFacts()] * len(names)
    book = _Book(
        source=source, names=names, workbook=workbook, facts=known.__getitem__, since_1904=binary.since_1904, text=text
    )
    yield from _sheets(book, hidden)


def _as_single_bytes(content: bytes, at: int, page: int) -> tuple[bytes, Callable[[str], str]]:
    """Return a workbook of Excel 5 or 95 whose texts come as a sign a byte, and what makes texts of them.

    The reader takes each byte for a sign, whatever the code page: of one that has signs of two bytes nothing would be
    left. As signs of UTF-16 the bytes come through as they are.
    """
    encoding = _CODE_PAGES.get(page, f"cp{page}")
    patched = content[:at] + _CODE_PAGE_OF_UTF16 + content[at + len(_CODE_PAGE_OF_UTF16) :]
    return patched, lambda text: text.encode("latin-1").decode(encoding)


def _sheets(book: _Book, hidden: bool) -> Iterator[Sheet | UnreadSheet]:
    """Yield the sheets of a workbook, by their place: two may have one name."""
    described = book.workbook.sheets_metadata
    sheets = [at for at, one in enumerate(described) if one.typ == SheetTypeEnum.WorkSheet]
    wanted = [at for at in sheets if hidden or described[at].visible == SheetVisibleEnum.Visible]
    # While what stands in one sheet is made sense of, the next one is taken apart in a thread beside.
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = {at: reader.submit(_taken_apart, book, at) for at in wanted[:1]}
        for count, at in enumerate(sheets, start=1):
            name, share = book.names[at], count / len(sheets)
            where = {"source": book.source, "sheet": name}
            if at not in coming:
                yield UnreadSheet(source=book.source, name=name, why=("sheet_hidden", where), share=share)
                continue
            sheet, facts = coming.pop(at).result()
            following = wanted[wanted.index(at) + 1 :][:1]
            coming = {other: reader.submit(_taken_apart, book, other) for other in following}
            if sheet is None:
                why = ("sheet_too_far", {**where, "cells": ", ".join(facts.too_far)})
                yield UnreadSheet(source=book.source, name=name, why=why, share=share)
            else:
                yield _sheet(book, name, sheet, facts, alone=len(wanted) == 1, share=share)


def _taken_apart(book: _Book, at: int) -> tuple[CalamineSheet | None, SheetFacts]:
    facts = book.facts(at)
    return None if facts.too_far else book.workbook.get_sheet_by_index(at), facts


def _sheet(book: _Book, name: str, sheet: CalamineSheet, facts: SheetFacts, *, alone: bool, share: float) -> Sheet:
    rows = cast("list[list[Cell]]", sheet.to_python(skip_empty_area=False))
    if book.text is not str:
        rows = [[book.text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    for at, text in facts.errors.items():
        _put(rows, at, FaultyCell(rule="error_value", text=text))
    for at in facts.without_result:
        _put(rows, at, FaultyCell(rule="formula_without_value", text="="))
    where = {"source": book.source, "sheet": name}
    return Sheet(
        source=book.source,
        name=name,
        alone=alone,
        rows=rows,
        share=share,
        merged=sheet.merged_cell_ranges or facts.merged,
        since_1904=book.since_1904,
        notes=tuple(_notes_of(rows, facts, where)),
    )


def _put(rows: list[list[Cell]], at: tuple[int, int], cell: FaultyCell) -> None:
    row, column = at
    if row < len(rows) and column < len(rows[row]) and rows[row][column] in ("", None):
        rows[row][column] = cell


def _notes_of(
    rows: Sequence[Sequence[Cell]], facts: SheetFacts, where: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Tell of rows and columns that are hidden or filtered out and hold something, which are read like the others.

    And of comments and pictures, which are not read.
    """
    filled = sum(any(cell not in ("", None) for cell in rows[at]) for at in facts.hidden_rows if at < len(rows))
    if filled:
        yield "rows_hidden", {**where, "count": filled}
    columns = [at for at in facts.hidden_columns if rows and at < len(rows[0])]
    filled = sum(any(row[at] not in ("", None) for row in rows) for at in columns)
    if filled:
        yield "columns_hidden", {**where, "count": filled}
    if facts.comments:
        yield "comments_unread", {**where, "count": facts.comments}
    if facts.pictures:
        yield "pictures_unread", {**where, "count": facts.pictures}
