"""Sheets and lists as a dialect writes them: headers in order, wordings of codes (``policy/data/dialects.toml``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from relapse_risk.policy import CodesFile, DialectColumn, DialectsFile, WordingByDialect, read_model

__all__ = ["DialectSheet", "dialect_data", "layouts", "worded"]


@dataclass(frozen=True, kw_only=True)
class DialectSheet:
    """A sheet of a workbook, or a list.

    Attributes
    ----------
    dialect, name : str
    view : str
        The view that is written in it.
    headers : Mapping of str to DialectColumn
        What is under each header, in order.
    totals : tuple of str
        Columns that are added up in a last row; empty if there is none.
    """

    dialect: str
    name: str
    view: str
    headers: Mapping[str, DialectColumn]
    totals: tuple[str, ...] = ()

    def header_of(self, column: str) -> str | None:
        """Return the header under which a fault in a column is seen; None if it is not."""
        return next((header for header, under in self.headers.items() if column in (under.column, under.shows)), None)


def dialect_data() -> DialectsFile:
    """Return the wordings and habits of the dialects."""
    return read_model(DialectsFile, "dialects")


@cache
def layouts(dialect: str) -> tuple[DialectSheet, ...]:
    """Return the sheets of a dialect in order.

    Examples
    --------
    >>> [layout.name for layout in layouts("registry")][:3]
    ['户信息', '家庭成员', '收入']
    """
    return tuple(
        DialectSheet(
            dialect=dialect,
            name=name,
            view=sheet.view,
            headers=sheet.columns,
            totals=sheet.totals,
        )
        for name, sheet in dialect_data().sheets_of(dialect).items()
    )


def worded(frame: pl.DataFrame, table: str, layout: DialectSheet) -> pl.DataFrame:
    """Return a view with its codes in the dialect's wordings; other values stay unchanged."""
    topic_of, wordings = read_model(CodesFile, "codes").dictionary, dialect_data().wordings
    for under in layout.headers.values():
        topic = topic_of.get(f"{table}.{under.column}", under.column)
        if topic in wordings:
            said = _said(frame[under.column], wordings[topic], layout.dialect)
            frame = frame.with_columns(pl.col(under.column).replace(said))
    return frame


def _said(codes: pl.Series, wordings: Mapping[str, WordingByDialect], dialect: str) -> dict[str, str]:
    """Return what each value of a column is written as; of several codes the wordings stand side by side."""
    return {value: _side_by_side(value, wordings, dialect) for value in codes.drop_nulls().unique().to_list()}


def _side_by_side(value: str, wordings: Mapping[str, WordingByDialect], dialect: str) -> str:
    return ",".join(wordings[code].of(dialect) if code in wordings else code for code in value.split("+"))
