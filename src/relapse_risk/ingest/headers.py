"""Sheets and headers: which table a sheet feeds, in which row its headers stand, which column each of them is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Cell, compact, plain, read_date
from relapse_risk.ingest.shapes import columns_of
from relapse_risk.records import TABLES

__all__ = ["Alias", "Aliases", "Header", "find_export_date", "find_header_row"]

_SEARCHED = 20  # rows from the top in which headers are looked for
_ANY = "any"


@dataclass(frozen=True, kw_only=True)
class Alias:
    """What a header wording stands for.

    Attributes
    ----------
    column : str
        The column of the table.
    factor : Decimal
        What a cell without a unit of its own is multiplied by.
    negated : bool
        Whether yes means no.
    part : bool
        Whether several such headers are added up into the column.
    """

    column: str
    factor: Decimal = Decimal(1)
    negated: bool = False
    part: bool = False

    @classmethod
    def of(cls, entry: str | Mapping[str, Any]) -> Self:
        """Make one from an entry of an aliases file."""
        if isinstance(entry, str):
            return cls(column=entry)
        known = {**entry, "factor": Decimal(str(entry.get("factor", 1)))}
        return cls(**known)


@dataclass(frozen=True, kw_only=True)
class Header:
    """A header of a sheet that was understood.

    Attributes
    ----------
    place : int
        The position of its column, from 0.
    alias : Alias
    """

    place: int
    alias: Alias


@dataclass(frozen=True, kw_only=True)
class Aliases:
    """Wordings of sheets and headers (``aliases.toml``), in compact form.

    Attributes
    ----------
    sheets : Mapping of str to tuple of str
        The tables a sheet feeds.
    headers : Mapping of str to Mapping of str to Alias
        What a header stands for, by table.
    ignored : frozenset of str
        Headers that are understood and not needed.
    totals, remarks : frozenset of str
        What rows that are no records begin with.
    export_labels : tuple of str
        What stands before an export date.
    units : Mapping of str to Decimal
        What an amount in a unit is multiplied by.
    """

    sheets: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, Mapping[str, Alias]]
    ignored: frozenset[str]
    totals: frozenset[str]
    remarks: frozenset[str]
    export_labels: tuple[str, ...]
    units: Mapping[str, Decimal]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Make one from the content of an aliases file.

        Raises
        ------
        InputError
            If it names a table or a column that does not exist, or is not written like ours (``aliases_unusable``).
        """
        try:
            return cls(
                sheets=_sheet_aliases(data["sheets"]),
                headers=_header_aliases(data["headers"]),
                ignored=frozenset(_heading(header) for header in data["ignored"]["headers"]),
                totals=frozenset(compact(total) for total in data["rows"]["totals"]),
                remarks=frozenset(compact(remark) for remark in data["rows"]["remarks"]),
                export_labels=tuple(compact(label) for label in data["export_date"]["labels"]),
                units={compact(unit): Decimal(str(factor)) for unit, factor in data["units"].items()},
            )
        except (AttributeError, KeyError, TypeError, ArithmeticError) as error:
            raise InputError("aliases_unusable", problem=repr(error)) from error

    def tables_of(self, *names: str) -> tuple[str, ...]:
        """Return the tables that a sheet of the first of these names that is known feeds."""
        for name in names:
            if (known := self.sheets.get(_heading(name))) is not None:
                return known
        return ()

    def understood(self, cell: Cell, table: str) -> Alias | None:
        """Return what a header stands for in a table."""
        heading = _heading(cell)
        aliases = self.headers[table]
        if heading in aliases:
            return aliases[heading]
        # A unit in brackets behind a known header is that header, in that unit.
        name, opening, unit = heading.removesuffix(")").rpartition("(")
        if opening and name in aliases and unit in self.units:
            alias = aliases[name]
            return Alias(column=alias.column, factor=self.units[unit], negated=alias.negated, part=alias.part)
        return None

    def is_known(self, cell: Cell) -> bool:
        """Return whether a header is empty, understood for any table, or known as not needed."""
        heading = _heading(cell)
        return not heading or heading in self.ignored or any(self.understood(cell, table) for table in self.headers)


def _heading(cell: Cell) -> str:
    # An asterisk marks a column that must be filled in.
    return compact(cell).strip("*").lower()


def _sheet_aliases(data: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return {
        **{table: (table,) for table in TABLES},
        **{_heading(sheet): _tables(entry) for sheet, entry in data.items()},
    }


def _tables(entry: str | Sequence[str]) -> tuple[str, ...]:
    tables = (entry,) if isinstance(entry, str) else tuple(entry)
    for table in tables:
        if table not in TABLES:
            raise InputError("table_unknown", table=table, known=", ".join(TABLES))
    return tables


def _header_aliases(data: Mapping[str, Any]) -> Mapping[str, Mapping[str, Alias]]:
    written = {
        table: {_heading(header): Alias.of(entry) for header, entry in entries.items()}
        for table, entries in data.items()
    }
    _refuse_unknown(written)
    return {
        table: {
            header: alias
            for header, alias in {**_own_names(table), **written.get(_ANY, {}), **written.get(table, {})}.items()
            if alias.column in columns_of(table)
        }
        for table in TABLES
    }


def _own_names(table: str) -> Mapping[str, Alias]:
    return {column: Alias(column=column) for column in columns_of(table)}


def _refuse_unknown(written: Mapping[str, Mapping[str, Alias]]) -> None:
    everywhere = {column for table in TABLES for column in columns_of(table)}
    for table, aliases in written.items():
        if table != _ANY and table not in TABLES:
            raise InputError("table_unknown", table=table, known=", ".join(TABLES))
        known = everywhere if table == _ANY else columns_of(table)
        for header, alias in aliases.items():
            if alias.column not in known:
                raise InputError("alias_of_unknown_column", header=header, table=table, column=alias.column)


def find_header_row(rows: Sequence[Sequence[Cell]], tables: Sequence[str], aliases: Aliases) -> int | None:
    """Return the position of the row, among the first, in which most headers are understood; None if there is none.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> rows = [["户信息导出表"], ["单位：某县"], ["户编号", "户类型"], ["5323", "脱贫户"]]
    >>> find_header_row(rows, ["households"], Aliases.from_data(read_policy().aliases))
    2
    """
    counts = [sum(any(aliases.understood(cell, table) for table in tables) for cell in row) for row in rows[:_SEARCHED]]
    most = max(counts, default=0)
    return counts.index(most) if most > 0 else None


def find_export_date(rows: Sequence[Sequence[Cell]], aliases: Aliases) -> date | None:
    """Return the export date that stands in the rows above the headers, in the cell of its label or in the next.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> find_export_date([["单位：某县", "导出日期：2020年12月31日"]], Aliases.from_data(read_policy().aliases))
    datetime.date(2020, 12, 31)
    """
    for row in rows:
        cells = [cell for cell in row if plain(cell)]
        for cell, following in zip(cells, [*cells[1:], None], strict=True):
            day = _export_date(cell, following, aliases.export_labels)
            if day is not None:
                return day
    return None


def _export_date(cell: Cell, following: Cell, labels: Sequence[str]) -> date | None:
    text = plain(cell)
    for label in labels:
        if compact(text).startswith(label):
            told = text.partition(":")[2] or following
            day = read_date(told).value
            return day if isinstance(day, date) else None
    return None
