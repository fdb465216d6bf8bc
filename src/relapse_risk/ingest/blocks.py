"""Sheets of exports: rows under headers, in any order and wording, read into columns of declared types."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from relapse_risk.ingest.cell_columns import CellColumn, Reader, read_cells
from relapse_risk.ingest.cell_dates import since_1904
from relapse_risk.ingest.cells import Cell, compact, is_digits, read_identity
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.headers import Header, HeaderRow
from relapse_risk.ingest.identifier_forms import without_worded
from relapse_risk.ingest.intake import Note, remarks
from relapse_risk.ingest.layout import TableMapping, own_columns, understand
from relapse_risk.ingest.masking import shown_header
from relapse_risk.ingest.partial_lists import names_some
from relapse_risk.ingest.proposals import unread_note
from relapse_risk.ingest.relation_words import read_sex_of_relation
from relapse_risk.ingest.rows import CHANGES, PROBLEMS, ROW, placed
from relapse_risk.ingest.sheet_body import Body, take_body
from relapse_risk.ingest.sheet_schema import IDENTIFYING, NUMBERS, OF_HOUSEHOLDS, belongs, columns_of, marks
from relapse_risk.ingest.sources import Sheet
from relapse_risk.ingest.statuses import with_one_status
from relapse_risk.ingest.value_parts import or_place

__all__ = ["Block", "read_sheet"]

# One amount beside several events may be that of all of them together: it counts once, in the first row.
_ADDED_UP = ("illness", "disasters", "employment", "loans", "assistance")
_TOLD = 5  # rows that are named in a note


@dataclass(frozen=True, kw_only=True)
class Block:
    """The rows of a sheet that belong to one table, with their cells read.

    Attributes
    ----------
    source, sheet, table : str
    columns : tuple of str
        What the sheet has of the table's columns.
    frame : pl.DataFrame
        The rows with their number (``ROW``); cells that could not be read are null.
    problems : pl.DataFrame
        Those cells (``PROBLEMS``).
    changes : pl.DataFrame
        How many cells were read from another form (``CHANGES``).
    skipped : int
        Rows of the sheet that are no records.
    exported_on : date or None
        The day the sheet says it was exported.
    derived : bool
        Whether its rows are made of those of another block, and stand in no sheet by themselves.
    names_some : bool
        Whether it is a list of persons that names only some members of households.
    """

    source: str
    sheet: str
    table: str
    columns: tuple[str, ...]
    frame: pl.DataFrame
    problems: pl.DataFrame
    changes: pl.DataFrame
    skipped: int
    exported_on: date | None
    derived: bool = False
    names_some: bool = False


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """The cells of a sheet, read as one table's."""

    layout: TableMapping
    frame: pl.DataFrame
    problems: pl.DataFrame
    changes: pl.DataFrame
    notes: list[Note]


def read_sheet(sheet: Sheet, dictionary: ExportDictionary, carry: Sequence[str] = ()) -> tuple[list[Block], list[Note]]:
    """Read a sheet for the tables it feeds.

    Parameters
    ----------
    sheet : Sheet
    dictionary : Wordings
    carry : sequence of str
        Identifying columns of households to pass on along with the records.

    Returns
    -------
    list of Block
        Empty where the sheet is not read, see `understand`.
    list of Note
        Where it is not read, only why.
    """
    found = understand(sheet, dictionary.aliases)
    if found.unread is not None or found.headers is None:
        return [], [unread_note(sheet, found, dictionary)]
    body = take_body(sheet, found.headers, dictionary.aliases, found.keys)
    read = [_read(layout, body, dictionary, carry) for layout in found.layouts]
    of_sheet = [*_rows_of_words(body), *_empty_columns(body, found.headers, dictionary.codebook.blanks["anywhere"])]
    blocks = [
        replace(block, names_some=names_some(sheet, layout, dictionary.aliases))
        for block, layout in zip(_blocks(read, body), found.layouts, strict=True)
    ]
    if any(block.names_some for block in blocks):
        of_sheet.append(("list_of_some_members", {"source": sheet.source, "sheet": sheet.name}))
    return blocks, [*sheet.notes, *found.notes, *of_sheet, *(note for cells in read for note in cells.notes)]


def _rows_of_words(body: Body) -> Iterator[Note]:
    """Tell the rows that hold one text alone, the first few by their numbers."""
    if body.worded:
        rows = [*map(str, body.worded[:_TOLD]), *(["…"] if len(body.worded) > _TOLD else [])]
        place = {"source": body.sheet.source, "sheet": body.sheet.name or ""}
        yield "rows_of_words", {**place, "count": len(body.worded), "rows": ", ".join(rows)}


def _read(layout: TableMapping, body: Body, dictionary: ExportDictionary, carry: Sequence[str]) -> _Cells:
    columns: dict[str, pl.Series] = {ROW: body.numbers}
    problems = [PROBLEMS.to_frame()]
    notes: list[Note] = []
    changes: list[tuple[str, str, int]] = []
    if layout.year:
        columns["year"] = pl.repeat(layout.year.year, body.numbers.len(), dtype=pl.Int64, eager=True)
    for name in dict.fromkeys(header.alias.column for header in layout.headers):
        headers = [header for header in layout.headers if header.alias.column == name]
        read = [_read_column(header, layout, body, dictionary) for header in headers]
        if name not in IDENTIFYING or name in (*carry, *NUMBERS):
            columns[name] = _added([column.values for column in read])
        notes += _blank_parts(read, name, body)
        issues = pl.concat([column.issues for column in read])
        if issues.height:
            problems.append(placed(issues.filter("lost"), name, body.numbers))
            notes += remarks(issues, name, body.sheet.source, body.sheet.name)
        changes += [(name, kind, count) for column in read for kind, count in column.changes.items()]
    frame = _with_sex_of_relation(pl.DataFrame(columns), layout, body, dictionary)
    frame = _with_implied(frame, layout, body, dictionary)
    frame, unread, more = with_one_status(frame, pl.concat(problems), body.sheet.source, body.sheet.name)
    notes += more
    return _Cells(
        layout=layout,
        frame=_without_broken_sums(frame, unread, layout),
        problems=unread,
        changes=_counted(changes, layout.table, body),
        notes=notes,
    )


def _counted(changes: Sequence[tuple[str, str, int]], table: str, body: Body) -> pl.DataFrame:
    place = (body.sheet.source, body.sheet.name, table)
    return pl.DataFrame([(*place, *change) for change in changes], schema=CHANGES, orient="row")


def _read_column(header: Header, layout: TableMapping, body: Body, dictionary: ExportDictionary) -> CellColumn:
    name, table = header.alias.column, layout.table
    column = columns_of(table)[name]
    cells, filled = body.cells(header.place)
    if filled and column.dtype.is_float() and table in _ADDED_UP:
        read = read_cells(body.columns[header.place], dictionary.reader(table, name, column, header.alias.factor))
        return replace(read, changes={**read.changes, "merged_once": len(filled)})
    if name in NUMBERS:
        numbers = Reader(read=read_identity, dtype=column.dtype, is_value=is_digits)
        return _with_merged(read_cells(cells, numbers), filled)
    reader = dictionary.reader(table, name, column, header.alias.factor)
    if dictionary.codebook.topic_of.get(f"{table}.{name}", name) == "region":
        reader = reader.reading_by(or_place(reader.read, dictionary.codebook.topics["province_of_work"]))
    reader = dictionary.codebook.restoring_zeros(_counted_from(body, reader), table, name, column, cells)
    read = read_cells(cells, reader)
    for since in dictionary.codebook.years(table, name):
        reader = dictionary.reader(table, name, column, header.alias.factor, since)
        read = _since(read, read_cells(cells, reader), _rows_since(since, layout, body, dictionary))
    read = without_worded(_with_merged(read, filled), name)
    return replace(read, values=~read.values) if header.alias.negated else read


def _with_merged(read: CellColumn, filled: list[int]) -> CellColumn:
    """Return a column with the count of its cells that stand in a merged range and say what the first of it says."""
    said = read.values.gather(filled).count() if filled else 0
    return replace(read, changes={**read.changes, "merged": said}) if said else read


def _counted_from(body: Body, reader: Reader) -> Reader:
    """Return what reads a column of days in a workbook that counts them from 1904; any other reader as it is."""
    shifted = body.sheet.since_1904 and reader.dtype == pl.Date()
    return reader.reading_by(since_1904(reader.read)) if shifted else reader


def _since(before: CellColumn, since: CellColumn, rows: pl.Series) -> CellColumn:
    """Return a column as it was read, and some of its rows as they are to be read since a year."""
    at = rows.arg_true().cast(pl.UInt32).implode()
    issues = [before.issues.filter(~pl.col("at").is_in(at)), since.issues.filter(pl.col("at").is_in(at))]
    return replace(before, values=since.values.zip_with(rows, before.values), issues=pl.concat(issues).sort("at"))


def _rows_since(year: int, layout: TableMapping, body: Body, dictionary: ExportDictionary) -> pl.Series:
    """Return which rows are of a year or later: by the day or the year they bear, else by the title or the export."""
    of_export = body.exported_on.year if body.exported_on else None
    of_rows = pl.repeat(layout.year.year if layout.year else of_export, len(body.numbers), dtype=pl.Int64)
    frame = pl.DataFrame({"export": pl.select(of_rows).to_series()})
    for name in ("year", "recorded_on"):
        for header in (one for one in layout.headers if one.alias.column == name):
            reader = dictionary.reader(layout.table, name, columns_of(layout.table)[name])
            values = read_cells(body.cells(header.place)[0], reader).values
            frame = frame.with_columns(
                values.dt.year().cast(pl.Int64).alias(name) if name != "year" else values.alias(name)
            )
    known = [name for name in ("recorded_on", "year", "export") if name in frame.columns]
    return frame.select((pl.coalesce(known) >= year).fill_null(False)).to_series()


def _with_implied(frame: pl.DataFrame, layout: TableMapping, body: Body, dictionary: ExportDictionary) -> pl.DataFrame:
    """Add what the cells of a column say of another one; the other's own cells count before it."""
    columns, codebook = columns_of(layout.table), dictionary.codebook
    for header in layout.headers:
        cells, _ = body.cells(header.place)
        for target, topic in codebook.implied_by(header.alias.column, columns).items():
            found = read_cells(cells, codebook.implied(topic, columns[target])).values
            for since in codebook.years("", topic):
                later = read_cells(cells, codebook.implied(topic, columns[target], since)).values
                found = later.zip_with(_rows_since(since, layout, body, dictionary), found)
            own = [target] if target in frame.columns else []
            frame = frame.with_columns(pl.coalesce(*own, found).alias(target)) if found.count() else frame
    return frame


def _with_sex_of_relation(
    frame: pl.DataFrame, layout: TableMapping, body: Body, dictionary: ExportDictionary
) -> pl.DataFrame:
    """Add the sex that the words of relations say (``_relation_sex``), for the audit alone."""
    places = [header.place for header in layout.headers if header.alias.column == "relation"]
    read = read_sex_of_relation(dictionary.codebook.topics["relation_word_sex"])
    reader = Reader(read=read, dtype=pl.String())
    said = [read_cells(body.cells(place)[0], reader).values for place in places]
    return frame.with_columns(pl.coalesce(said).alias("_relation_sex")) if said else frame


def _blank_parts(parts: Sequence[CellColumn], column: str, body: Body) -> list[Note]:
    """Tell in how many rows a sum is of some of its parts alone, since the others are blank."""
    if len(parts) == 1:
        return []
    blank = pl.DataFrame({str(place): part.values.is_null() for place, part in enumerate(parts)}).with_row_index("at")
    lost = pl.concat([part.issues.filter("lost") for part in parts])
    some = pl.any_horizontal(pl.exclude("at")) & ~pl.all_horizontal(pl.exclude("at"))
    count = blank.filter(some).join(lost, on="at", how="anti").height
    place = {"source": body.sheet.source, "sheet": body.sheet.name or "", "column": column}
    return [("parts_blank", {**place, "count": count})] if count else []


def _empty_columns(body: Body, headers: HeaderRow, silent: Container[str]) -> list[Note]:
    """Return a note of the headers under which no row says anything; `silent` wordings, in lower case, say nothing."""
    if body.numbers.is_empty():
        return []
    named = [(header, cells) for header, cells in zip(headers.cells, body.columns, strict=False) if compact(header)]
    empty = [shown_header(header) for header, cells in named if _is_blank(cells, silent)]
    if not empty:
        return []
    place = {"source": body.sheet.source, "sheet": body.sheet.name or ""}
    return [("column_empty", {**place, "headers": ", ".join(dict.fromkeys(empty))})]


def _is_blank(cells: Sequence[Cell], silent: Container[str]) -> bool:
    return all(not (text := compact(cell).lower()) or text in silent for cell in cells)


def _added(parts: Sequence[pl.Series]) -> pl.Series:
    if len(parts) == 1:
        return parts[0]
    frame = pl.DataFrame({str(place): part for place, part in enumerate(parts)})
    present = pl.any_horizontal(pl.all().is_not_null())
    return frame.select(pl.when(present).then(pl.sum_horizontal(pl.all()))).to_series()


def _without_broken_sums(frame: pl.DataFrame, problems: pl.DataFrame, layout: TableMapping) -> pl.DataFrame:
    """Blank sums of which a part could not be read."""
    sums = {header.alias.column for header in layout.headers if header.alias.part}
    for name in sums:
        broken = problems.filter(pl.col("column") == name)[ROW].implode()
        frame = frame.with_columns(pl.when(~pl.col(ROW).is_in(broken)).then(name).alias(name))
    return frame


def _blocks(read: Sequence[_Cells], body: Body) -> list[Block]:
    masks = _rows_by_table(read)
    frames = [
        _once(cells.frame.filter(mask), cells.layout.table, read) for cells, mask in zip(read, masks, strict=True)
    ]
    repeated = [int(mask.sum()) - frame.height for frame, mask in zip(frames, masks, strict=True)]
    nobodys = int((~pl.DataFrame(masks).select(pl.any_horizontal(pl.all())).to_series()).sum())
    return [
        Block(
            source=body.sheet.source,
            sheet=body.sheet.name,
            table=cells.layout.table,
            columns=cells.layout.columns,
            frame=frame,
            problems=cells.problems,
            changes=cells.changes,
            skipped=more + (0 if place else body.skipped + nobodys),
            exported_on=body.exported_on,
        )
        for place, (cells, frame, more) in enumerate(zip(read, frames, repeated, strict=True))
    ]


def _once(frame: pl.DataFrame, table: str, read: Sequence[_Cells]) -> pl.DataFrame:
    """Return the rows of a household beside each of its members once."""
    with_members = any(cells.layout.table == "members" for cells in read)
    if table not in OF_HOUSEHOLDS or not with_members:
        return frame
    return frame.unique([name for name in frame.columns if name != ROW], keep="first", maintain_order=True)


def _rows_by_table(read: Sequence[_Cells]) -> list[pl.Series]:
    """Return, for every table, the rows that speak of it; rows that speak of none are the first table's."""
    layouts = [cells.layout for cells in read]
    present = pl.DataFrame([_has_own_values(cells, layouts).alias(cells.layout.table) for cells in read])
    first, *others = present.columns
    firsts = pl.col(first) | ~pl.any_horizontal(pl.lit(False), *others)
    return present.with_columns(firsts & _not_denied(read[0])).get_columns()


def _has_own_values(cells: _Cells, layouts: Sequence[TableMapping]) -> pl.Series:
    """Return which rows have something in the columns that only this table understands, unless they deny it."""
    first = cells.layout is layouts[0]
    marked = () if first else [name for name in marks(cells.layout.table) if name in cells.layout.columns]
    own = [name for name in marked or own_columns(cells.layout, layouts) if name in cells.frame.columns]
    unread = cells.problems.filter(pl.col("column").is_in(own))[ROW].implode()
    present = pl.any_horizontal(*(pl.col(name).is_not_null() for name in own), pl.col(ROW).is_in(unread))
    flag = belongs(cells.layout.table)
    known = pl.coalesce(flag, present) if flag in cells.frame.columns else present
    return cells.frame.select(known).to_series()


def _not_denied(cells: _Cells) -> pl.Series:
    flag = belongs(cells.layout.table)
    present = pl.col(flag).fill_null(True) if flag in cells.frame.columns else pl.repeat(True, pl.len())
    return cells.frame.select(present).to_series()
