"""Which tables a sheet feeds: those its name stands for, and those that its headers show by themselves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from relapse_risk.ingest.cells import Cell, plain
from relapse_risk.ingest.headers import Aliases, HeaderRow, find_header_row
from relapse_risk.ingest.sheet_names import columns_worded
from relapse_risk.ingest.sheet_schema import IDENTIFYING, columns_of, missing_columns
from relapse_risk.ingest.sources import Sheet
from relapse_risk.periods import FIRST_YEAR, LAST_YEAR
from relapse_risk.records import ADDRESS_COLUMNS, TABLES

__all__ = ["StatedYear", "is_shown", "missing_of", "stated_year", "tables_of_sheet"]

_ENOUGH = 3  # columns of a table's own by which its headers alone show it
_FEW = 2  # where one of them is needed by the table, or a name says what it lists
_ANYBODYS = {*IDENTIFYING, *ADDRESS_COLUMNS}  # columns that lists of any kind have
_YEAR_OF_TITLE = re.compile(r"(\d{4})年度")


@dataclass(frozen=True, kw_only=True)
class StatedYear:
    """The year that a sheet is of, as its title says.

    Attributes
    ----------
    year : int
    row : int
        The position of the row that says it, from 0.
    wording : str
        The words that say it.
    """

    year: int
    row: int
    wording: str


def stated_year(rows: Sequence[Sequence[Cell]]) -> StatedYear | None:
    """Return the year that the rows above the headers name (2023年度); None where they name none, or several.

    Examples
    --------
    >>> stated_year([["2023年度监测对象信息表"], ["单位：某县"]]).year
    2023
    >>> stated_year([["2022年度、2023年度监测对象信息表"]]) is None
    True
    """
    found = [
        StatedYear(year=int(match[1]), row=at, wording=match[0])
        for at, row in enumerate(rows)
        for cell in row
        for match in _YEAR_OF_TITLE.finditer(plain(cell))
        if FIRST_YEAR <= int(match[1]) <= LAST_YEAR
    ]
    return found[0] if len({one.year for one in found}) == 1 else None


def tables_of_sheet(sheet: Sheet, aliases: Aliases) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tables a sheet feeds, and those of them that its name as a whole does not say.

    A table that the name does not stand for is fed where the sheet has all it needs of it and three or more headers
    that stand for columns of this table alone, or two, one of them needed. A sheet whose name is not known also feeds
    the other tables that sheets of this kind feed. Where no table is shown so, words of its name, else of that of its
    file, may say what it lists, if two of its headers are of that table. Where one table alone can be made of a sheet,
    with a header that no other knows and three of its columns, it is that one. Else the sheet is taken for the table
    with the most headers of its own, so that the message can say what is missing. Nothing is guessed from fewer.
    """
    stem = (sheet.source.rpartition(".")[0],) if sheet.alone else ()
    named = aliases.tables_of(sheet.name, *stem)
    if named and (found := find_header_row(sheet.rows, named, aliases)) is not None:
        more = [name for name in _shown(sheet, dict.fromkeys(TABLES, found), aliases) if name not in named]
        return (*named, *more), tuple(more)
    headers = {table: find_header_row(sheet.rows, [table], aliases) for table in TABLES}
    present = {table: found for table, found in headers.items() if found is not None}
    hinted = aliases.hinted_by(sheet.name, *stem)
    shown = (
        _shown(sheet, present, aliases)
        or _backed(hinted, present, aliases)
        or named
        or _only_possible(sheet, present, aliases)
        or _most_likely(present, hinted, aliases)
    )
    kin = {other for table in shown for other in aliases.fed_with(table)}
    tables = (*shown, *(table for table in TABLES if table in kin and table not in shown))
    return tables, tuple(table for table in tables if table not in named)


def _shown(sheet: Sheet, headers: dict[str, HeaderRow], aliases: Aliases) -> tuple[str, ...]:
    """Return the tables with enough headers of their own of which nothing needed is missing."""
    return tuple(
        table
        for table, found in headers.items()
        if is_shown(found, table, aliases) and not _missing(sheet, found, table, aliases)
    )


def is_shown(found: HeaderRow, table: str, aliases: Aliases) -> bool:
    """Return whether enough headers are of this table alone."""
    own = _own_columns(found, table, aliases)
    return len(own) >= _ENOUGH or (len(own) >= _FEW and not own.isdisjoint(TABLES[table].required))


def _backed(hinted: tuple[str, ...], headers: dict[str, HeaderRow], aliases: Aliases) -> tuple[str, ...]:
    """Return the tables that a name hints at, where headers bear it out."""
    if not hinted or hinted[0] not in headers:
        return ()
    return hinted if len(_columns(headers[hinted[0]], hinted[0], aliases) - _ANYBODYS) >= _FEW else ()


def _only_possible(sheet: Sheet, headers: dict[str, HeaderRow], aliases: Aliases) -> tuple[str, ...]:
    """Return the one table that lacks nothing and has a header of its own, where enough of its columns are there."""
    possible = [
        table
        for table, found in headers.items()
        if _own_columns(found, table, aliases) and not _missing(sheet, found, table, aliases)
    ]
    enough = [
        one for one in possible if len(_columns(headers[one], one, aliases) - {*_ANYBODYS, "recorded_on"}) >= _ENOUGH
    ]
    return tuple(enough) if len(possible) == 1 else ()


def _most_likely(headers: dict[str, HeaderRow], hinted: tuple[str, ...], aliases: Aliases) -> tuple[str, ...]:
    """Return the table with the most headers of its own; of several the one with the most in all, or of the name."""
    ranks = {
        table: (len(own), len(_columns(found, table, aliases)), table in hinted)
        for table, found in headers.items()
        if len(own := _own_columns(found, table, aliases)) >= _ENOUGH
    }
    return tuple(table for table, rank in ranks.items() if rank == max(ranks.values()))


def _columns(found: HeaderRow, table: str, aliases: Aliases) -> set[str]:
    return {alias.column for cell in found.cells if (alias := aliases.understood(cell, table))}


def _own_columns(found: HeaderRow, table: str, aliases: Aliases) -> set[str]:
    own = [aliases.understood(cell, table) for cell in found.cells if aliases.is_own(cell, table)]
    return {alias.column for alias in own if alias}


def _missing(sheet: Sheet, found: HeaderRow, table: str, aliases: Aliases) -> tuple[str, ...]:
    columns = _columns(found, table, aliases)
    year = {"year"} if "year" in columns_of(table) and stated_year(sheet.rows[: found.begins]) else set()
    return missing_columns(table, columns | year)


def missing_of(sheet: Sheet, found: HeaderRow, tables: str, aliases: Aliases) -> str:
    """Return what a sheet lacks of each of some tables, in words; a dash for one that lacks nothing."""
    missing = {table: _missing(sheet, found, table, aliases) for table in tables.split(", ")}
    return "; ".join(columns_worded(columns, aliases.headers[table]) or "-" for table, columns in missing.items())
