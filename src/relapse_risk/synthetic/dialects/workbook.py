"""Workbooks of many plain rows: whole columns of cells are made into a sheet's XML at once.

A library that writes cell by cell takes ten times as long for the millions of cells of a register.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import polars as pl

from relapse_risk.synthetic.dialects.habits import DAY, NUMBER, TEXT, Cells

__all__ = ["Workbook", "open_workbook"]

_CHUNK = 20_000  # rows made at once
_LEVEL = 1  # of compression: higher ones take much longer for little
_ANCIENT = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever they are written
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="SimSun"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(kw_only=True)
class Workbook:
    """A workbook that is being written, sheet by sheet.

    Attributes
    ----------
    archive : ZipFile
    names : list of str
        Of the sheets so far.
    """

    archive: ZipFile
    names: list[str]

    def add(
        self,
        name: str,
        top: Sequence[Sequence[str]],
        columns: Sequence[Cells],
        numbers: np.ndarray,
        last: Sequence[str | float | None] = (),
    ) -> None:
        """Add a sheet.

        Parameters
        ----------
        name : str
        top : sequence of sequence of str
            The rows above the records; the first holds the title, which is merged over all columns.
        columns : sequence of Cells
            The cells of the records.
        numbers : array of int, shape (n_rows,)
            The row each record is in; rows between them stay blank.
        last : sequence of str or float or None
            A row below the records.
        """
        self.names.append(name)
        with self.archive.open(_entry(f"xl/worksheets/sheet{len(self.names)}.xml"), "w", force_zip64=True) as file:
            _write(file, f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>')
            for number, row in enumerate(top, start=1):
                _write(file, _row(row, number))
            for begin in range(0, numbers.size, _CHUNK):
                _write(file, _rows(columns, numbers, slice(begin, begin + _CHUNK)))
            if last:
                _write(file, _row(last, (int(numbers[-1]) if numbers.size else len(top)) + 1))
            merged = f'<mergeCells count="1"><mergeCell ref="A1:{_letters(len(columns) - 1)}1"/></mergeCells>'
            _write(file, f"</sheetData>{merged}</worksheet>")


@contextmanager
def open_workbook(path: Path, created: date) -> Iterator[Workbook]:
    """Give a workbook to fill; it says it was made on the given day, whenever it is."""
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        book = Workbook(archive=archive, names=[])
        yield book
        for name, text in _parts(book.names, created).items():
            archive.writestr(_entry(name), _HEAD + text)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _ANCIENT)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _write(file: IO[bytes], text: str) -> None:
    file.write(text.encode())


def _letters(column: int) -> str:
    """Return the name of a column counted from 0."""
    more, last = divmod(column, 26)
    return (_letters(more - 1) if more else "") + chr(ord("A") + last)


def _row(cells: Sequence[str | float | None], number: int) -> str:
    made = [
        f'<c r="{_letters(place)}{number}"{_content(cell)}'
        for place, cell in enumerate(cells)
        if cell not in (None, "")
    ]
    return f'<row r="{number}">{"".join(made)}</row>'


def _content(cell: str | float | None) -> str:
    if isinstance(cell, str):
        return f' t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f"><v>{cell}</v></c>"


def _rows(columns: Sequence[Cells], numbers: np.ndarray, part: slice) -> str:
    row = pl.Series("row", numbers[part]).cast(pl.String)
    cells = [_cells(column, row, part, _letters(place)) for place, column in enumerate(columns)]
    frame = pl.DataFrame([row, *(made.alias(f"c{place}") for place, made in enumerate(cells))])
    made = pl.concat_str(pl.lit('<row r="'), "row", pl.lit('">'), *frame.columns[1:], pl.lit("</row>"))
    return str(frame.select(made.str.join("")).item())


def _cells(column: Cells, row: pl.Series, part: slice, letters: str) -> pl.Series:
    """Return the XML of the cells of a column, empty where they are."""
    frame = pl.DataFrame({"row": row, "text": column.text[part], "kind": column.kind[part]})
    text = pl.col("text").str.replace_all("&", "&amp;", literal=True).str.replace_all("<", "&lt;", literal=True)
    begin = pl.lit(f'<c r="{letters}') + pl.col("row")
    # Spaces at an end are lost unless they are said to matter.
    keeps = pl.when(text.str.strip_chars() == text).then(pl.lit(">")).otherwise(pl.lit(' xml:space="preserve">'))
    forms = {
        TEXT: begin + '" t="inlineStr"><is><t' + keeps + text + "</t></is></c>",
        NUMBER: begin + '"><v>' + pl.col("text") + "</v></c>",
        DAY: begin + '" s="1"><v>' + pl.col("text") + "</v></c>",
    }
    present = sorted(set(np.unique(column.kind[part]).tolist()))
    made = forms[present[0]] if present else pl.lit("")
    for kind in present[1:]:
        made = pl.when(pl.col("kind") == kind).then(forms[kind]).otherwise(made)
    return frame.select(made.fill_null("").alias("made")).to_series()


def _parts(names: Sequence[str], created: date) -> dict[str, str]:
    """Return what a workbook holds beside its sheets."""
    count = range(1, len(names) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>' for at in count
    )
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, start=1)
    )
    links = "".join(_link(f"rId{at}", f"{_OFFICE}/worksheet", f"worksheets/sheet{at}.xml") for at in count)
    links += _link(f"rId{len(names) + 1}", f"{_OFFICE}/styles", "styles.xml")
    core = f"{_PACKAGE}/relationships/metadata/core-properties"
    rels = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    return {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"{rels}{links}</Relationships>",
        "xl/styles.xml": _STYLES,
        "docProps/core.xml": _core(created),
        "_rels/.rels": rels
        + _link("rId1", f"{_OFFICE}/officeDocument", "xl/workbook.xml")
        + _link("rId2", core, "docProps/core.xml")
        + "</Relationships>",
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>{types}'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
    }


def _link(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>'


def _core(created: date) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{created}T00:00:00Z</dcterms:created></cp:coreProperties>'
    )
