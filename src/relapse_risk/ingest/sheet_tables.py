"""Which tables a sheet feeds: those its name stands for, and those that its headers show by themselves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from relapse_risk.ingest.cells import Cell, plain
from relapse_risk.ingest.headers import Aliases, HeaderRow, find_header_row
from relapse_risk.ingest.sheet_schema import columns_of, missing_columns
from relapse_risk.ingest.sources import Sheet
from relapse_risk.periods import FIRST_YEAR, LAST_YEAR
from relapse_risk.records import TABLES

__all__ = ["StatedYear", "stated_year", "tables_of_sheet"]

_ENOUGH = 3  # columns of a table's own by which its headers alone show it
_FEW = 2  # where one of them is needed by the table, and no other table is shown either
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
    """Return the tables a sheet feeds, and those of them that only its headers show.

    A table that the name does not stand for is fed where the sheet has all it needs of it and three or more headers
    that stand for columns of this table alone. A sheet whose name is not known also feeds the other tables that
    sheets of this kind feed. Where no table is shown so, two such headers are enough for the only table that has them
    and all it needs, one of them among what it needs; else the sheet is taken for the table with the most headers of
    its own, so that the message can say what is missing. Nothing is guessed from fewer.
    """
    stem = (sheet.source.rpartition(".")[0],) if sheet.alone else ()
    if named := aliases.tables_of(sheet.name, *stem):
        found = find_header_row(sheet.rows, named, aliases)
        shown = () if found is None else _shown(sheet, dict.fromkeys(TABLES, found), aliases)
        more = tuple(table for table in shown if table not in named)
        return (*named, *more), more
    headers = {table: find_header_row(sheet.rows, [table], aliases) for table in TABLES}
    present = {table: found for table, found in headers.items() if found is not None}
    shown = _shown(sheet, present, aliases) or _only_one(sheet, present, aliases) or _most_likely(present, aliases)
    kin = {other for table in shown for other in aliases.fed_with(table)}
    tables = (*shown, *(table for table in TABLES if table in kin and table not in shown))
    return tables, tables


def _shown(sheet: Sheet, headers: dict[str, HeaderRow], aliases: Aliases) -> tuple[str, ...]:
    """Return the tables with enough headers of their own of which nothing needed is missing."""
    return tuple(
        table
        for table, found in headers.items()
        if len(_own_columns(found, table, aliases)) >= _ENOUGH and not _missing(sheet, found, table, aliases)
    )


def _only_one(sheet: Sheet, headers: dict[str, HeaderRow], aliases: Aliases) -> tuple[str, ...]:
    own = {table: _own_columns(found, table, aliases) for table, found in headers.items()}
    found = tuple(
        table
        for table, columns in own.items()
        if len(columns) >= _FEW
        and not columns.isdisjoint(TABLES[table].required)
        and not _missing(sheet, headers[table], table, aliases)
    )
    return found if len(found) == 1 else ()


def _most_likely(headers: dict[str, HeaderRow], aliases: Aliases) -> tuple[str, ...]:
    counts = {table: len(_own_columns(found, table, aliases)) for table, found in headers.items()}
    most = max(counts.values(), default=0)
    best = [table for table, count in counts.items() if count == most]
    return (best[0],) if most >= _ENOUGH and len(best) == 1 else ()


def _own_columns(found: HeaderRow, table: str, aliases: Aliases) -> set[str]:
    own = [aliases.understood(cell, table) for cell in found.cells if aliases.is_own(cell, table)]
    return {alias.column for alias in own if alias}


def _missing(sheet: Sheet, found: HeaderRow, table: str, aliases: Aliases) -> tuple[str, ...]:
    columns = {alias.column for cell in found.cells if (alias := aliases.understood(cell, table))}
    year = {"year"} if "year" in columns_of(table) and stated_year(sheet.rows[: found.begins]) else set()
    return missing_columns(table, columns | year)
