"""Sheets of exports: rows under headers, in any order and wording, made into record tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Cell, CellColumn, Reader, compact, plain, read_cells, read_identity
from relapse_risk.ingest.headers import Aliases, Header, find_export_date, find_header_row
from relapse_risk.ingest.intake import Note, Part, carried, remarks
from relapse_risk.ingest.masking import shown_header
from relapse_risk.ingest.rows import PROBLEMS, ROW, placed, settle
from relapse_risk.ingest.shapes import IDENTIFYING, belongs, columns_of, dated_by_year, lacking, shaped
from relapse_risk.ingest.sources import Sheet
from relapse_risk.ingest.wordings import Wordings

__all__ = ["read_sheet"]

_Made = tuple[Part, list[Note]]

_NUMBERS_OF_PERSONS = ("id_number", "head_id_number")


@dataclass(frozen=True, kw_only=True)
class _Body:
    """The rows of a sheet that may be records, and where they stand."""

    sheet: Sheet
    rows: list[Sequence[Cell]]
    numbers: pl.Series
    passed_over: int
    exported_on: date | None


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """The headers of a sheet that one table understands."""

    table: str
    headers: tuple[Header, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(header.alias.column for header in self.headers))


@dataclass(frozen=True, kw_only=True)
class _Block:
    """The cells of a sheet, read as one table's."""

    layout: _Layout
    frame: pl.DataFrame
    problems: pl.DataFrame
    notes: list[Note]


def read_sheet(sheet: Sheet, wordings: Wordings, carry: Sequence[str] = ()) -> tuple[list[Part], list[Note]]:
    """Read a sheet into the tables it feeds.

    Parameters
    ----------
    sheet : Sheet
    wordings : Wordings
    carry : sequence of str
        Identifying columns of households to hand on beside the records.

    Returns
    -------
    list of Part
        Empty where no table is known for the sheet, or it is empty.
    list of Note

    Raises
    ------
    InputError
        If a sheet of a known table has no row of headers (``headers_missing``) or lacks a column that the table cannot
        be made without (``sheet_without_key``).
    """
    place = {"source": sheet.source, "sheet": sheet.name}
    if not any(plain(cell) for row in sheet.rows for cell in row):
        return [], [("sheet_empty", place)]
    stem = (sheet.source.rpartition(".")[0],) if sheet.alone else ()
    tables = wordings.aliases.tables_of(sheet.name, *stem)
    if not tables:
        return [], [("sheet_unknown", place)]
    at = find_header_row(sheet.rows, tables, wordings.aliases)
    if at is None:
        raise InputError("headers_missing", table=tables[0], **place)
    layouts, notes = _layouts(sheet, at, tables, wordings.aliases)
    body = _body(sheet, at, wordings.aliases)
    blocks = [_read_block(layout, body, wordings, carry) for layout in layouts]
    parts = list(_parts(blocks, body, wordings, carry))
    return [part for part, _ in parts], [
        *notes,
        *(note for block in blocks for note in block.notes),
        *(note for _, told in parts for note in told),
    ]


def _layouts(sheet: Sheet, at: int, tables: Sequence[str], aliases: Aliases) -> tuple[list[_Layout], list[Note]]:
    found = [_layout(sheet, at, table, aliases) for table in tables]
    first = found[0][0]
    if missing := lacking(first.table, first.columns):
        raise InputError(
            "sheet_without_key",
            source=sheet.source,
            sheet=sheet.name,
            table=first.table,
            lacking=", ".join(missing),
            found=", ".join(first.columns) or "-",
        )
    layouts = [layout for layout, _ in found if layout is first or _feeds(layout, [other for other, _ in found])]
    notes = [note for layout, own in found if layout in layouts for note in own]
    unknown = [cell for cell in sheet.rows[at] if not aliases.is_known(cell)]
    place = {"source": sheet.source, "sheet": sheet.name}
    return layouts, notes + [("header_unknown", {**place, "header": shown_header(cell)}) for cell in unknown]


def _layout(sheet: Sheet, at: int, table: str, aliases: Aliases) -> tuple[_Layout, list[Note]]:
    headers: list[Header] = []
    notes: list[Note] = []
    for place, cell in enumerate(sheet.rows[at]):
        alias = aliases.understood(cell, table)
        if alias is None:
            continue
        rivals = [header for header in headers if header.alias.column == alias.column]
        if all(header.alias.part and alias.part for header in rivals):
            headers.append(Header(place=place, alias=alias))
        else:
            told = {"source": sheet.source, "sheet": sheet.name, "header": shown_header(cell), "column": alias.column}
            notes.append(("header_twice", told))
    return _Layout(table=table, headers=tuple(headers)), notes


def _feeds(layout: _Layout, layouts: Sequence[_Layout]) -> bool:
    return not lacking(layout.table, layout.columns) and bool(_own(layout, layouts))


def _own(layout: _Layout, layouts: Sequence[_Layout]) -> list[str]:
    """Return the columns that only this table understands: by them a row speaks of it."""
    shared = {header.place for other in layouts if other.table != layout.table for header in other.headers}
    own = [header.alias.column for header in layout.headers if header.place not in shared]
    return [column for column in own if column not in IDENTIFYING and column != belongs(layout.table)]


def _body(sheet: Sheet, at: int, aliases: Aliases) -> _Body:
    under = list(enumerate(sheet.rows[at + 1 :], start=at + 2))
    kept = [(number, row) for number, row in under if _may_be_record(row, sheet.rows[at], aliases)]
    return _Body(
        sheet=sheet,
        rows=[row for _, row in kept],
        numbers=pl.Series([number for number, _ in kept], dtype=pl.UInt32),
        passed_over=len(under) - len(kept),
        exported_on=find_export_date(sheet.rows[:at], aliases),
    )


def _may_be_record(row: Sequence[Cell], header_row: Sequence[Cell], aliases: Aliases) -> bool:
    """Return whether a row is neither blank nor a total, a remark or the headers once more."""
    cells = [cell for cell in row if cell != "" and cell is not None]
    first = next((text for cell in cells if (text := compact(cell))), "")
    if not first or first in aliases.totals or row == header_row:
        return False
    return len(cells) > 1 or first.partition(":")[0] not in aliases.remarks


def _read_block(layout: _Layout, body: _Body, wordings: Wordings, carry: Sequence[str]) -> _Block:
    columns: dict[str, pl.Series] = {ROW: body.numbers}
    problems = [PROBLEMS.to_frame()]
    notes: list[Note] = []
    for name in layout.columns:
        if name in IDENTIFYING and name not in (*carry, *_NUMBERS_OF_PERSONS):
            continue
        headers = [header for header in layout.headers if header.alias.column == name]
        read = [_read_column(header, layout.table, body, wordings, carry) for header in headers]
        columns[name] = _added([column.values for column in read])
        told = pl.concat([column.told for column in read])
        problems.append(placed(told.filter("lost"), name, body.numbers))
        notes += remarks(told, name, body.sheet.source, body.sheet.name)
    frame = pl.DataFrame(columns)
    unread = pl.concat(problems)
    return _Block(layout=layout, frame=_without_broken_sums(frame, unread, layout), problems=unread, notes=notes)


def _read_column(header: Header, table: str, body: _Body, wordings: Wordings, carry: Sequence[str]) -> CellColumn:
    name = header.alias.column
    column = columns_of(table)[name]
    cells = [row[header.place] for row in body.rows]
    if name in IDENTIFYING and name not in carry:
        return read_cells(cells, Reader(read=read_identity, dtype=column.dtype))
    read = read_cells(cells, wordings.reader(table, name, column, header.alias.factor))
    if not header.alias.negated:
        return read
    return CellColumn(values=~read.values, told=read.told)


def _added(parts: Sequence[pl.Series]) -> pl.Series:
    if len(parts) == 1:
        return parts[0]
    frame = pl.DataFrame({str(place): part for place, part in enumerate(parts)})
    said = pl.any_horizontal(pl.all().is_not_null())
    return frame.select(pl.when(said).then(pl.sum_horizontal(pl.all()))).to_series()


def _without_broken_sums(frame: pl.DataFrame, problems: pl.DataFrame, layout: _Layout) -> pl.DataFrame:
    """Blank sums of which a part could not be read."""
    sums = {header.alias.column for header in layout.headers if header.alias.part}
    for name in sums:
        broken = problems.filter(pl.col("column") == name)[ROW].implode()
        frame = frame.with_columns(pl.when(~pl.col(ROW).is_in(broken)).then(name).alias(name))
    return frame


def _parts(blocks: Sequence[_Block], body: _Body, wordings: Wordings, carry: Sequence[str]) -> Iterator[_Made]:
    masks = _spoken(blocks)
    nobodys = int((~pl.DataFrame(masks).select(pl.any_horizontal(pl.all())).to_series()).sum())
    for place, (block, mask) in enumerate(zip(blocks, masks, strict=True)):
        passed_over = 0 if place else body.passed_over + nobodys
        yield _part(block, mask, body, passed_over, wordings, carry)


def _spoken(blocks: Sequence[_Block]) -> list[pl.Series]:
    """Return, for every table, the rows that speak of it; rows that speak of none are the first table's."""
    layouts = [block.layout for block in blocks]
    said = pl.DataFrame([_says(block, layouts).alias(block.layout.table) for block in blocks])
    first, *others = said.columns
    firsts = pl.col(first) | ~pl.any_horizontal(pl.lit(False), *others)
    return said.with_columns(firsts & _not_denied(blocks[0])).get_columns()


def _says(block: _Block, layouts: Sequence[_Layout]) -> pl.Series:
    """Return which rows have something in the columns that only this table understands, unless they deny it."""
    own = _own(block.layout, layouts)
    unread = block.problems.filter(pl.col("column").is_in(own))[ROW].implode()
    said = pl.any_horizontal(*(pl.col(name).is_not_null() for name in own), pl.col(ROW).is_in(unread))
    flag = belongs(block.layout.table)
    known = pl.coalesce(flag, said) if flag in block.frame.columns else said
    return block.frame.select(known).to_series()


def _not_denied(block: _Block) -> pl.Series:
    flag = belongs(block.layout.table)
    said = pl.col(flag).fill_null(True) if flag in block.frame.columns else pl.repeat(True, pl.len())
    return block.frame.select(said).to_series()


def _part(
    block: _Block, mask: pl.Series, body: _Body, passed_over: int, wordings: Wordings, carry: Sequence[str]
) -> _Made:
    table = block.layout.table
    settled = settle(
        block.frame.filter(mask),
        block.problems,
        source=body.sheet.source,
        sheet=body.sheet.name,
        table=table,
        passed_over=passed_over,
    )
    dated = dated_by_year(settled.kept, table, body.exported_on)
    kind_of_disease = wordings.codebook.topics["illness_kind_of_disease"]
    part = Part(
        table=table,
        frame=shaped(table, dated, kind_of_disease).drop(ROW, *IDENTIFYING, strict=False),
        rejected=settled.rejected,
        blanked=settled.blanked,
        account=settled.account,
        carried=carried(settled.kept, table, carry),
        exported_on=body.exported_on,
    )
    by_year = _undated(settled.kept) - _undated(dated)
    place = {"source": body.sheet.source, "sheet": body.sheet.name}
    return part, [("year_as_last_day", {**place, "count": by_year})] if by_year else []


def _undated(frame: pl.DataFrame) -> int:
    return frame["recorded_on"].null_count() if "recorded_on" in frame.columns else frame.height
