"""The table of a sheet of which no header shows it, by what its headers may stand for."""

from collections.abc import Sequence

from relapse_risk.ingest.cells import Cell, plain
from relapse_risk.ingest.header_candidates import HeaderMatcher
from relapse_risk.ingest.headers import HeaderRow, heading_of
from relapse_risk.ingest.sheet_schema import IDENTIFYING, missing_columns
from relapse_risk.records import ADDRESS_COLUMNS, TABLES

__all__ = ["table_by_proposals"]

_ENOUGH = 3  # columns, besides those that lists of any kind have
_ANYBODYS = {*IDENTIFYING, *ADDRESS_COLUMNS, "household_id", "person_id", "recorded_on", "year"}


def table_by_proposals(headers: HeaderRow, matcher: HeaderMatcher) -> tuple[str, ...]:
    """Return the one table of which a sheet would lack nothing if every header stood for what it may; else none.

    It needs three columns that not every list has, and more of them than any other table.

    Examples
    --------
    >>> from relapse_risk.ingest.headers import Aliases
    >>> from relapse_risk.policy import WordingPartsFile, read_model, read_policy
    >>> matcher = HeaderMatcher(Aliases.of(read_policy().aliases), read_model(WordingPartsFile, "parts"))
    >>> cells = ("户编号", "目前家庭人口规模", "目前耕地面积", "目前住房等级")
    >>> table_by_proposals(HeaderRow(cells=cells, begins=0, ends=1), matcher)
    ('households',)
    """
    found = {table: _columns(headers.cells, table, matcher) for table in TABLES}
    own = {table: columns - _ANYBODYS for table, columns in found.items() if not missing_columns(table, columns)}
    most = max(map(len, own.values()), default=0)
    likely = tuple(table for table, columns in own.items() if len(columns) == most)
    return likely if most >= _ENOUGH and len(likely) == 1 else ()


def _columns(cells: Sequence[Cell], table: str, matcher: HeaderMatcher) -> set[str]:
    found: set[str] = set()
    for cell in filter(plain, cells):
        alias = matcher.aliases.understood(cell, table)
        if alias is None and (candidate := matcher.best(heading_of(cell), table)) is not None:
            alias = candidate.alias
        if alias is not None:
            found.add(alias.column)
    return found
