"""Sheets and headers: the table of a sheet, the row of its headers, the column of each header."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, reduce
from itertools import zip_longest
from typing import Self

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Cell, compact, plain
from relapse_risk.ingest.header_parts import Forms, by_form, forms_of, header_forms
from relapse_risk.ingest.sheet_names import tables_by_words
from relapse_risk.ingest.sheet_schema import columns_of
from relapse_risk.policy import AliasesFile, HeaderAlias, MadeFor, SheetNames, near_names
from relapse_risk.records import TABLES

__all__ = ["Aliases", "Header", "HeaderRow", "find_header_row", "heading_of", "likely_header_row"]

_SEARCHED = 20  # rows from the top in which headers are looked for
_LEAST_CELLS = 3  # a list of something has so many in a row; a page of remarks has not
_ANY = "any"
_OFFICE = re.compile(r"^.*[_—-]")


@dataclass(frozen=True, kw_only=True)
class Header:
    """A header of a sheet that was understood.

    Attributes
    ----------
    place : int
        The position of its column, from 0.
    alias : HeaderAlias
    """

    place: int
    alias: HeaderAlias


@dataclass(frozen=True, kw_only=True)
class HeaderRow:
    """Where the headers of a sheet stand.

    Attributes
    ----------
    cells : tuple of Cell
    begins, ends : int
        The position of their first row, and of the first row under them.
    """

    cells: tuple[Cell, ...]
    begins: int
    ends: int


@dataclass(frozen=True, kw_only=True)
class Aliases:
    """Wordings of sheets and headers (``aliases.toml``), in compact form.

    Attributes
    ----------
    sheets : Mapping of str to tuple of str
        The tables a sheet feeds.
    headers : Mapping of str to Mapping of str to HeaderAlias
        What a header stands for, by table.
    forms : Mapping of str to Mapping of str to Forms
        What makes headers equal, by table and kind of column.
    listed : Mapping of str to Mapping of (str, str) to str
        By table: a kind of column and a form, and the header in ``headers`` that has it; none where two differ.
    own : Mapping of str to frozenset of str
        Headers that stand for a column in one table only.
    ignored : frozenset of str
        Headers that are understood and not needed.
    totals : re.Pattern
        What stands in a row that adds others up.
    remarks : frozenset of str
        What rows that are no records begin with.
    export_labels : tuple of str
        What stands before an export date.
    units : Mapping of str to Decimal
        What an amount in a unit is multiplied by.
    names : SheetNames
        What names of sheets and files say.
    told_by : Mapping of str to tuple of str
        Words by which a sheet says which of the columns that a header may stand for is meant.
    made_for : tuple of MadeFor
        The sheets that a file of proposals was made for.
    """

    sheets: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, Mapping[str, HeaderAlias]]
    forms: Mapping[str, Mapping[str, Forms]]
    listed: Mapping[str, Mapping[tuple[str, str], str]]
    own: Mapping[str, frozenset[str]]
    ignored: frozenset[str]
    totals: re.Pattern[str]
    remarks: frozenset[str]
    export_labels: tuple[str, ...]
    units: Mapping[str, Decimal]
    names: SheetNames
    told_by: Mapping[str, tuple[str, ...]]
    made_for: tuple[MadeFor, ...]

    @classmethod
    def of(cls, file: AliasesFile, path: str = "aliases.toml") -> Self:
        """Make one from the content of an aliases file; the path is named where it is refused.

        Raises
        ------
        InputError
            If it names a table (``alias_of_unknown_table``) or a column (``alias_of_unknown_column``) that is not
            there.
        """
        _refuse_unknown(file, path)
        headers = _header_aliases(file.headers)
        forms = forms_of(file.parts, headers)
        return cls(
            sheets=_sheet_aliases(file.sheets),
            headers=headers,
            forms=forms,
            listed={table: by_form(table, aliases, forms[table]) for table, aliases in headers.items()},
            own=_own_headers(file.headers),
            ignored=frozenset(map(heading_of, file.ignored.headers)),
            totals=_totals(file.rows.totals),
            remarks=frozenset(map(compact, file.rows.remarks)),
            export_labels=tuple(map(compact, file.export_date.labels)),
            units={compact(unit): factor for unit, factor in file.units.items()},
            names=file.names,
            told_by=file.told_by,
            made_for=file.made_for,
        )

    def tables_of(self, *names: str) -> tuple[str, ...]:
        """Return the tables that a sheet of the first of these names that is known feeds.

        A name behind an office's (扶贫办_帮扶措施) is known too.
        """
        for name in (*names, *(_OFFICE.sub("", name) for name in names)):
            if (known := self.sheets.get(heading_of(name))) is not None:
                return known
        return ()

    def hinted_by(self, *names: str) -> tuple[str, ...]:
        """Return the tables that words of these names stand for."""
        return tables_by_words(names, self.sheets, self.names.endings)

    def understood(self, cell: Cell, table: str) -> HeaderAlias | None:
        """Return what a header stands for in a table: as it is listed, else by its parts."""
        listed, unit = self._listed(heading_of(cell), table)
        if listed is None:
            return None
        alias = self.headers[table][listed]
        if unit is None:
            return alias
        return alias.model_copy(update={"factor": unit})

    def is_total(self, text: str) -> bool:
        """Return whether a cell, in compact form, says that its row adds others up: 合计, 上河村小计:, 总计(元)."""
        return not text.isascii() and self.totals.fullmatch(text) is not None

    def is_remark(self, text: str) -> bool:
        """Return whether a cell, in compact form, begins a remark or a signature: 填表人:, 单位负责人(签字):."""
        return not text.isascii() and text.partition(":")[0].partition("(")[0] in self.remarks

    @cached_property
    def _wordings(self) -> frozenset[str]:
        return frozenset().union(self.ignored, *self.headers.values())

    def is_header(self, cell: Cell) -> bool:
        """Return whether a text stands over columns of some table, alone or with a unit in brackets."""
        if not isinstance(cell, str) or cell.isascii():
            return False
        heading = heading_of(cell)
        return heading in self._wordings or heading.partition("(")[0] in self._wordings

    def is_own(self, cell: Cell, table: str) -> bool:
        """Return whether a header stands for a column of this table and of no other."""
        return self._owner(heading_of(cell)) == (table,)

    def _owner(self, heading: str) -> tuple[str, ...]:
        return tuple(table for table in self.headers if self._listed(heading, table)[0] in self.own[table])

    @cached_property
    def _found(self) -> dict[tuple[str, str], tuple[str | None, Decimal | None]]:
        """What was looked up so far: the same cells stand in many rows that may be headers."""
        return {}

    def _listed(self, heading: str, table: str) -> tuple[str | None, Decimal | None]:
        """Return the listed header that a header equals, and the unit in brackets behind it."""
        if (heading, table) not in self._found:
            self._found[heading, table] = self._looked_up(heading, table)
        return self._found[heading, table]

    def _looked_up(self, heading: str, table: str) -> tuple[str | None, Decimal | None]:
        aliases = self.headers[table]
        if heading in aliases:
            return heading, None
        # A unit in brackets behind a known header is that header, in that unit.
        name, opening, unit = _name_and_unit(heading)
        if not opening or unit not in self.units:
            return self._by_parts(heading, table), None
        listed = name if name in aliases else self._by_parts(name, table)
        return listed, self.units[unit]

    def _by_parts(self, heading: str, table: str) -> str | None:
        """Return the listed header that a header equals by its parts; None if none, or several that say different."""
        if heading.isascii():
            return None
        listed = self.listed[table]
        every = ((kind, form) for kind, forms in self.forms[table].items() for form in header_forms(heading, forms))
        found = {listed[form]: self.headers[table][listed[form]] for form in every if form in listed}
        return next(iter(found)) if len({(one.column, one.negated, one.part) for one in found.values()}) == 1 else None

    def fed_with(self, table: str) -> frozenset[str]:
        """Return the other tables that sheets of a table's own kind feed."""
        return frozenset(other for tables in self.sheets.values() if tables[0] == table for other in tables[1:])

    def names_of(self, table: str) -> tuple[str, ...]:
        """Return the names of sheets that list this table first."""
        return tuple(name for name, tables in self.sheets.items() if tables[0] == table)

    def is_ignored(self, cell: Cell) -> bool:
        """Return whether a header is empty, or known as not needed, with or without a unit in brackets behind it."""
        heading = heading_of(cell)
        name, opening, unit = _name_and_unit(heading)
        return not heading or heading in self.ignored or (bool(opening) and unit in self.units and name in self.ignored)

    def knowing(self, cell: Cell) -> tuple[str, ...]:
        """Return the tables for which a header is understood."""
        heading = heading_of(cell)
        return tuple(table for table in self.headers if self._listed(heading, table)[0] is not None)


def _totals(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of the words for a total, with the area or page that is added up before and a unit behind."""
    known = "|".join(map(re.escape, map(compact, words)))
    return re.compile(rf"[\u3400-\u9fff]{{0,10}}(?:{known})(?:\([^)]*\)|:.*)?")


def heading_of(cell: Cell) -> str:
    """Return a header as headers are compared."""
    # An asterisk marks a column that must be filled in.
    return compact(cell).strip("*").lower()


def _name_and_unit(heading: str) -> tuple[str, str, str]:
    """Return a header without the unit in brackets behind it, the bracket, and the unit: 收入(单位:万元)."""
    name, opening, unit = heading.removesuffix(")").rpartition("(")
    return name, opening, unit.removeprefix("单位").removeprefix(":")


def _sheet_aliases(data: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return {
        **{table: (table,) for table in TABLES},
        **{heading_of(sheet): tables for sheet, tables in data.items()},
    }


def _header_aliases(data: Mapping[str, Mapping[str, HeaderAlias]]) -> Mapping[str, Mapping[str, HeaderAlias]]:
    written = {
        table: {heading_of(header): alias for header, alias in aliases.items()} for table, aliases in data.items()
    }
    return {
        table: {
            header: alias
            for header, alias in {**_own_names(table), **written.get(_ANY, {}), **written.get(table, {})}.items()
            if alias.column in columns_of(table)
        }
        for table in TABLES
    }


def _own_headers(data: Mapping[str, Mapping[str, HeaderAlias]]) -> Mapping[str, frozenset[str]]:
    written = {table: {heading_of(header) for header in data.get(table, {})} for table in TABLES}
    named = Counter(header for headers in written.values() for header in headers)
    return {table: frozenset(one for one in headers if named[one] == 1) for table, headers in written.items()}


def _own_names(table: str) -> Mapping[str, HeaderAlias]:
    return {column: HeaderAlias(column=column) for column in columns_of(table)}


def _refuse_unknown(file: AliasesFile, path: str) -> None:
    """Raise if an aliases file names a table or a column that there is not."""
    named = [(f"sheets.{sheet}", table) for sheet, tables in file.sheets.items() for table in tables]
    named += [(f"headers.{table}", table) for table in file.headers if table != _ANY]
    for key, table in named:
        if table not in TABLES:
            like, known = near_names(table, TABLES), ", ".join(TABLES)
            raise InputError("alias_of_unknown_table", path=path, key=key, table=table, like=like, known=known)
    everywhere = {column: None for table in TABLES for column in columns_of(table)}
    for table, aliases in file.headers.items():
        known_columns = everywhere if table == _ANY else columns_of(table)
        for header, alias in aliases.items():
            if alias.column not in known_columns:
                key, like = f"headers.{table}.{header}", near_names(alias.column, known_columns)
                raise InputError("alias_of_unknown_column", path=path, key=key, column=alias.column, like=like)


def find_header_row(rows: Sequence[Sequence[Cell]], tables: Sequence[str], aliases: Aliases) -> HeaderRow | None:
    """Return the headers among the first rows: the one to three rows in which most are understood; None if none.

    Where headers stand in several rows, a group above its parts, a part is understood by itself or behind its group
    (残疾 above 类别), and a header that spans the rows by its upper cell.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> aliases = Aliases.of(read_policy().aliases)
    >>> rows = [["户信息导出表"], ["单位：某县"], ["户编号", "户类型"], ["5323", "脱贫户"]]
    >>> find_header_row(rows, ["households"], aliases).begins
    2
    >>> rows = [["户编号", "收入（元）", ""], ["", "工资性收入", "转移性收入"], ["5323", 1, 2]]
    >>> found = find_header_row(rows, ["incomes"], aliases)
    >>> found.cells, found.ends
    (('户编号', '工资性收入', '转移性收入'), 2)
    """
    searched = rows[:_SEARCHED]
    known = _Known(tables=tables, aliases=aliases)
    single = [known.count(row) for row in searched]
    best = max(single, default=0)
    if best == 0:
        return None
    at = single.index(best)
    likely = likely_header_row(rows) if best == 1 else None
    if likely is not None and likely.begins < at:
        return likely  # one known header under a row that looks like headers is a cell: 村委会, where somebody works
    found = HeaderRow(cells=tuple(searched[at]), begins=at, ends=at + 1)
    for begins, ends in ((at - 1, at + 1), (at, at + 2), (at - 2, at + 1), (at - 1, at + 2), (at, at + 3)):
        if begins >= 0 and ends <= len(searched):
            cells = reduce(known.joined, searched[begins + 1 : ends], tuple(searched[begins]))
            if known.count(cells) > best:
                best, found = known.count(cells), HeaderRow(cells=cells, begins=begins, ends=ends)
    return found


def likely_header_row(rows: Sequence[Sequence[Cell]]) -> HeaderRow | None:
    """Return what seems to be the headers of a list of which nothing is known; None of what is no list.

    Headers are the first row of texts that is as long as any, with rows under it.

    Examples
    --------
    >>> likely_header_row([["某表", "", ""], ["甲", "乙", "丙"], ["a", 1, 2], ["b", 3, 4]]).begins
    1
    >>> likely_header_row([["说明", ""], ["本表按月填报", ""], ["一、", "甲"]]) is None
    True
    """
    filled = [sum(bool(plain(cell)) for cell in row) for row in rows[:_SEARCHED]]
    widest = max(filled, default=0)
    texts = [all(isinstance(cell, str) or not plain(cell) for cell in row) for row in rows[:_SEARCHED]]
    at = next((at for at, count in enumerate(filled) if texts[at] and 2 * count > widest), None)
    if at is None or widest < _LEAST_CELLS or not any(filled[at + 1 :]):
        return None
    return HeaderRow(cells=tuple(rows[at]), begins=at, ends=at + 1)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """Which headers are understood for any of some tables."""

    tables: Sequence[str]
    aliases: Aliases

    def is_understood(self, cell: Cell) -> bool:
        return any(self.aliases.understood(cell, table) for table in self.tables)

    def count(self, cells: Sequence[Cell]) -> int:
        return sum(map(self.is_understood, cells))

    def joined(self, upper: Sequence[Cell], lower: Sequence[Cell]) -> tuple[Cell, ...]:
        """Return the headers of two rows."""
        group: Cell = ""
        cells: list[Cell] = []
        for above, below in zip_longest(upper, lower, fillvalue=""):
            group = above if plain(above) else group
            cells.append(self._header(above, group, below))
        return tuple(cells)

    def _header(self, above: Cell, group: Cell, below: Cell) -> Cell:
        if not plain(below):
            return above
        if self.is_understood(below):
            return below
        joined = (f"{plain(group)}{plain(below)}", self._behind(plain(below), plain(group)))
        return next(filter(self.is_understood, joined), below)

    def _behind(self, below: str, group: str) -> str:
        """Return a header with what its group is about behind it: 工资性 under 收入情况(万元) is 工资性收入(万元)."""
        subject, opening, unit = compact(group).partition("(")
        ending = next((one for one in self.aliases.names.endings if subject.endswith(one)), "")
        return f"{below}{subject.removesuffix(ending)}{opening}{unit}"
