"""How a sheet is laid out: the tables it feeds, which of its headers each understands, the rows that are records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from relapse_risk.ingest.ambiguous_headers import is_ambiguous, settled_ambiguous
from relapse_risk.ingest.cells import Cell, compact, plain
from relapse_risk.ingest.fingerprints import compared_with_saved
from relapse_risk.ingest.forms import is_form
from relapse_risk.ingest.headers import Aliases, Header, HeaderRow, find_header_row, likely_header_row
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.masking import shown_header
from relapse_risk.ingest.rival_headers import groups_above, settled_rivals
from relapse_risk.ingest.sheet_names import columns_worded
from relapse_risk.ingest.sheet_schema import (
    IDENTIFYING,
    KEYS,
    OF_HOUSEHOLDS,
    belongs,
    columns_of,
    missing_columns,
)
from relapse_risk.ingest.sheet_tables import StatedYear, is_shown, missing_of, stated_year, tables_of_sheet
from relapse_risk.ingest.sources import Sheet

__all__ = ["SheetMapping", "TableMapping", "own_columns", "understand", "unread_headers"]


_SEARCHED = 40  # rows under the first header in which others may stand
_FEWEST = 3  # of them


@dataclass(frozen=True, kw_only=True)
class TableMapping:
    """The headers of a sheet that one table understands.

    Attributes
    ----------
    table : str
    headers : tuple of Header
    year : StatedYear or None
        The year that the title names, where the table has years and no header stands for one.
    """

    table: str
    headers: tuple[Header, ...]
    year: StatedYear | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns they stand for, each once, and the year of the title."""
        year = ("year",) if self.year else ()
        return (*dict.fromkeys(header.alias.column for header in self.headers), *year)


@dataclass(frozen=True, kw_only=True)
class SheetMapping:
    """How a sheet was understood.

    Attributes
    ----------
    headers : HeaderRow or None
        Where they are, or seem to be where nothing is known of them; None where there are none.
    layouts : tuple of TableMapping
        By table; of a sheet that is not read, what the tables it might feed understand.
    unread : Note or None
        Why the sheet is not read; None where it is.
    notes : tuple of Note
        What else is told of a sheet that is read.
    """

    headers: HeaderRow | None = None
    layouts: tuple[TableMapping, ...] = ()
    unread: Note | None = None
    notes: tuple[Note, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns without which a sheet that is not read is none of its first table."""
        return missing_columns(self.layouts[0].table, self.layouts[0].columns) if self.unread and self.layouts else ()

    @property
    def keys(self) -> tuple[int, ...]:
        """The places of the columns that name a household, a person, a loan or a village."""
        return tuple(
            dict.fromkeys(one.place for layout in self.layouts for one in layout.headers if one.alias.column in KEYS)
        )


def understand(sheet: Sheet, aliases: Aliases) -> SheetMapping:
    """Return where the headers of a sheet are and what each table it feeds understands of them, or why none does.

    A sheet is not read (``unread``) where it is empty (``sheet_empty``), holds no list (``sheet_no_list``) or one that
    no table is known for (``sheet_unknown``), has no row of headers (``headers_missing``) or has them in a column
    (``sheet_sideways``), is a form of one household (``sheet_form``), or misses columns that its table cannot be made
    without (``sheet_without_key``).
    """
    place = {"source": sheet.source, "sheet": sheet.name}
    if not any(plain(cell) for row in sheet.rows for cell in row):
        return SheetMapping(unread=("sheet_empty", place))
    if is_form(sheet.rows, aliases):
        return SheetMapping(unread=("sheet_form", place))
    tables, shown = tables_of_sheet(sheet, aliases)
    if not tables:
        found = likely_header_row(sheet.rows)
        return SheetMapping(headers=found, unread=("sheet_unknown" if found else "sheet_no_list", place))
    found = find_header_row(sheet.rows, tables, aliases)
    if found is None:
        details = {**place, "table": tables[0]}
        return SheetMapping(headers=likely_header_row(sheet.rows), unread=("headers_missing", details))
    if _is_sideways(sheet.rows, found, aliases):
        return SheetMapping(headers=found, unread=("sheet_sideways", place))
    layouts, notes = _layouts(sheet, found, tables, aliases)
    if not layouts:
        return _without_key(sheet, found, tables, aliases)
    by_headers = [layout.table for layout in layouts if layout.table in shown]
    if by_headers:
        code = "sheet_by_headers" if by_headers == [layout.table for layout in layouts] else "sheet_holds_more"
        notes = [(code, {**place, "tables": ", ".join(by_headers)}), *notes]
    saved = compared_with_saved(sheet.source, sheet.name, found.cells, aliases.made_for)
    return SheetMapping(headers=found, layouts=tuple(layouts), notes=(*notes, *saved))


def _is_sideways(rows: Sequence[Sequence[Cell]], found: HeaderRow, aliases: Aliases) -> bool:
    """Return whether more headers stand under the first one than beside it: a household has a column, and no row."""
    place = next((at for at, cell in enumerate(found.cells) if aliases.is_header(cell)), None)
    if place is None:
        return False
    beside = sum(map(aliases.is_header, found.cells))
    under = {compact(row[place]) for row in rows[found.ends :][:_SEARCHED] if aliases.is_header(row[place])}
    return len(under) > max(beside, _FEWEST - 1)


def _layouts(
    sheet: Sheet, found: HeaderRow, tables: Sequence[str], aliases: Aliases
) -> tuple[list[TableMapping], list[Note]]:
    """Return what each table that the sheet feeds understands of its headers; empty where it feeds none."""
    year = stated_year(sheet.rows[: found.begins])
    read = [_layout(sheet, found, table, year, aliases) for table in tables]
    if _has_row_a_person([layout for layout, _ in read]):
        read = [(_without_persons(layout), own) for layout, own in read]
    whole = [layout for layout, _ in read if not missing_columns(layout.table, layout.columns)]
    first, every = read[0][0], [layout for layout, _ in read]
    layouts = [one for one in whole if one is first or _speaks(one, every, found, aliases)]
    if first not in whole:
        layouts = [one for one in layouts if is_shown(found, one.table, aliases)]
    notes = [note for layout, own in read if layout in layouts for note in own]
    place = {"source": sheet.source, "sheet": sheet.name}
    if year and any(layout.year for layout in layouts):
        notes.append(("year_of_title", {**place, "year": year.year}))
    return layouts, [*notes, *_strange(sheet, found, layouts, aliases)]


def _speaks(layout: TableMapping, layouts: Sequence[TableMapping], found: HeaderRow, aliases: Aliases) -> bool:
    """Return whether a sheet of another table speaks of this one too.

    Of relapses a day alone does not (认定日期 beside 识别日期): a flag does, a second column, or a header that says so.
    """
    own = own_columns(layout, layouts)
    flag = belongs(layout.table)
    if flag is None or flag in layout.columns or len(own) > 1:
        return bool(own)
    said = [compact(found.cells[header.place]) for header in layout.headers if header.alias.column in own]
    return any(name in header for header in said for name in aliases.names_of(layout.table))


def _strange(sheet: Sheet, found: HeaderRow, layouts: Sequence[TableMapping], aliases: Aliases) -> Iterator[Note]:
    """Yield the notes on headers that are not known, and on those of tables that the sheet does not feed."""
    place = {"source": sheet.source, "sheet": sheet.name}
    elsewhere: dict[str, list[str]] = {}
    for at, why, tables in unread_headers(found, layouts, aliases):
        if why == "unknown":
            yield "header_unknown", {**place, "header": shown_header(found.cells[at])}
        elif why == "elsewhere":
            elsewhere.setdefault(tables, []).append(shown_header(found.cells[at]))
    for tables, headers in elsewhere.items():
        missing = missing_of(sheet, found, tables, aliases)
        yield "headers_elsewhere", {**place, "headers": ", ".join(headers), "tables": tables, "missing": missing}


def _has_row_a_person(layouts: Sequence[TableMapping]) -> bool:
    return any(layout.table == "members" and "relation" in layout.columns for layout in layouts)


def _without_persons(layout: TableMapping) -> TableMapping:
    """Return what a table of households understands of a sheet of a row a person: name and number are the person's."""
    if layout.table not in OF_HOUSEHOLDS:
        return layout
    own = tuple(header for header in layout.headers if header.alias.column not in ("name", "id_number"))
    return replace(layout, headers=own)


def _without_key(sheet: Sheet, found: HeaderRow, tables: Sequence[str], aliases: Aliases) -> SheetMapping:
    """Return a sheet that feeds no table, with what its first one lacks and the headers that might be that."""
    year = stated_year(sheet.rows[: found.begins])
    layouts = tuple(_layout(sheet, found, table, year, aliases)[0] for table in tables)
    strange = [at for at, why, _ in unread_headers(found, layouts, aliases) if why in ("unknown", "elsewhere")]
    details = {
        "source": sheet.source,
        "sheet": sheet.name,
        "table": tables[0],
        "missing": columns_worded(missing_columns(tables[0], layouts[0].columns), aliases.headers[tables[0]]),
        "headers": ", ".join(shown_header(found.cells[at]) for at in strange) or "-",
    }
    return SheetMapping(headers=found, layouts=layouts, unread=("sheet_without_key", details))


def unread_headers(
    found: HeaderRow, layouts: Sequence[TableMapping], aliases: Aliases
) -> Iterator[tuple[int, str, str]]:
    """Yield the positions of headers that stand for no column of these tables, with why and the tables that know them.

    Why: ``not_needed``; ``twice`` (an earlier header stands for the column); ``either`` (it may stand for several, and
    the sheet does not say for which); ``elsewhere`` (other tables know it, which the sheet does not feed); ``unknown``.
    """
    taken = {header.place for layout in layouts for header in layout.headers}
    for place, cell in enumerate(found.cells):
        if place in taken or not plain(cell):
            continue
        known = aliases.knowing(cell)
        if any(is_ambiguous(cell, layout.table, aliases) for layout in layouts):
            yield place, "either", ""
        elif any(layout.table in known for layout in layouts):
            yield place, "twice", ""
        elif aliases.is_ignored(cell):
            yield place, "not_needed", ""
        else:
            yield place, "elsewhere" if known else "unknown", ", ".join(known)


def _layout(
    sheet: Sheet, found: HeaderRow, table: str, year: StatedYear | None, aliases: Aliases
) -> tuple[TableMapping, list[Note]]:
    known = [(place, aliases.understood(cell, table)) for place, cell in enumerate(found.cells)]
    groups = groups_above(sheet.rows, found)
    understood = [Header(place=place, alias=alias) for place, alias in known if alias]
    candidates, left_open = settled_ambiguous(understood, sheet, found, groups, table, aliases)
    headers, left = settled_rivals(candidates, groups, table, aliases)
    shown = [" · ".join(filter(None, map(shown_header, pair))) for pair in zip(groups, found.cells, strict=True)]
    place = {"source": sheet.source, "sheet": sheet.name}
    notes: list[Note] = [
        (why, {**place, "header": shown[one.place], "column": one.alias.column, "taken": shown[taken.place]})
        for why, one, taken in left
    ]
    for one in left_open:
        columns = columns_worded((one.alias.column, *one.alias.rivals), aliases.headers[table])
        notes.append(("header_either", {**place, "header": shown[one.place], "columns": columns}))
    needed = "year" in columns_of(table) and all(header.alias.column != "year" for header in headers)
    return TableMapping(table=table, headers=tuple(headers), year=year if needed else None), notes


def own_columns(layout: TableMapping, layouts: Sequence[TableMapping]) -> list[str]:
    """Return the columns that only this table understands: by them a row speaks of it."""
    shared = {header.place for other in layouts if other.table != layout.table for header in other.headers}
    own = [header.alias.column for header in layout.headers if header.place not in shared]
    return [column for column in own if column not in IDENTIFYING and column != belongs(layout.table)]
