"""Poverty lines and monitoring lines by year."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Self

import polars as pl
from pydantic import AfterValidator, Field

from relapse_risk.errors import InputError
from relapse_risk.policy.model import PolicyModel, refuse

__all__ = ["Lines", "LinesByYear", "LinesFile", "MonitoringLines"]

_FIRST, _LAST = 1900, 2100
_DEFAULT = "default"


def _year(text: str) -> str:
    if not (text.isascii() and text.isdecimal() and _FIRST <= int(text) <= _LAST):
        refuse("allowed_year", first=_FIRST, last=_LAST)
    return text


class LineOfYear(PolicyModel):
    """A line of a year, yuan per person, and where it is."""

    yuan: float = Field(gt=0)
    source: str = ""


LinesByYear = Annotated[Mapping[Annotated[str, AfterValidator(_year)], LineOfYear], Field(min_length=1)]
"""A table of lines in a data file: [….2020] yuan = 4000."""


class MonitoringTable(PolicyModel):
    """The monitoring lines: ``factor`` times the poverty line before the first year, then by province and year."""

    factor: float = Field(gt=0)
    line: Mapping[str, LinesByYear]


class LinesFile(PolicyModel):
    """What ``lines.toml`` holds: poverty lines and monitoring lines."""

    lines: LinesByYear
    monitoring: MonitoringTable


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Poverty lines, yuan per person-year, by calendar year.

    A year without a line takes the last one before it; a year before the first has none.

    Raises
    ------
    InputError
        If there is none (``lines_empty``), one of no year from 1900 to 2100 (``line_year``), or one that is no amount
        (``line_yuan``).

    Examples
    --------
    >>> lines = Lines(by_year={2018: 2995.0, 2019: 3218.0})
    >>> lines.of_year(2023), lines.is_own(2023), lines.of_year(2000)
    (3218.0, False, None)
    """

    by_year: Mapping[int, float]

    def __post_init__(self) -> None:
        if not self.by_year:
            raise InputError("lines_empty")
        for year, yuan in self.by_year.items():
            if not isinstance(year, int) or not _FIRST <= year <= _LAST:
                raise InputError("line_year", year=year)
            if not _is_amount(yuan):
                raise InputError("line_yuan", year=year)

    @classmethod
    def of_table(cls, table: LinesByYear) -> Self:
        """Make one from a table of a data file."""
        return cls(by_year={int(year): table[year].yuan for year in sorted(table)})

    def of_year(self, year: int) -> float | None:
        """Return the line that holds in a year, yuan per person-year."""
        own = self.year_of(year)
        return None if own is None else self.by_year[own]

    def year_of(self, year: int) -> int | None:
        """Return the year whose line holds in a year: its own, else the last one before it that has one."""
        return max((own for own in self.by_year if own <= year), default=None)

    def is_own(self, year: int) -> bool:
        """Return whether the year has a line of its own."""
        return year in self.by_year

    def of_years(self, years: pl.Expr) -> pl.Expr:
        """Return the line of each year in a column of years."""
        held = pl.lit(None, dtype=pl.Float64)
        for year, line in sorted(self.by_year.items()):
            held = pl.when(years >= year).then(line).otherwise(held)
        return held


@dataclass(frozen=True, kw_only=True)
class MonitoringLines:
    """The lines below which a household above the poverty line is near-poor; never the poverty line itself.

    Attributes
    ----------
    factor : float
        Before the first year with a line: how many poverty lines.
    of_provinces : Mapping of str to Lines
        By the first characters of a province's name.
    usual : Lines
        Of other provinces.

    Examples
    --------
    >>> lines = MonitoringLines(factor=1.5, of_provinces={}, usual=Lines(by_year={2020: 5000.0}))
    >>> years = pl.DataFrame({"year": [2019, 2022], "poverty": [3218.0, 4000.0], "province": ["云南省", None]})
    >>> years.select(lines.of_years(pl.col("year"), pl.col("poverty"), pl.col("province"))).to_series().to_list()
    [4827.0, 5000.0]
    """

    factor: float
    of_provinces: Mapping[str, Lines]
    usual: Lines

    @classmethod
    def of_table(cls, table: MonitoringTable) -> Self:
        """Make one from a table of a data file."""
        lines = {province: Lines.of_table(years) for province, years in table.line.items()}
        return cls(factor=table.factor, usual=lines.pop(_DEFAULT), of_provinces=lines)

    def of_years(self, years: pl.Expr, poverty: pl.Expr, province: pl.Expr) -> pl.Expr:
        """Return the monitoring line of each row: of its province, else the usual one, else by its poverty line."""
        of_place = pl.lit(None, dtype=pl.Float64)
        for name, lines in self.of_provinces.items():
            of_place = pl.when(province.str.starts_with(name)).then(lines.of_years(years)).otherwise(of_place)
        return pl.coalesce(of_place, self.usual.of_years(years), poverty * self.factor)


def _is_amount(yuan: object) -> bool:
    return isinstance(yuan, int | float) and not isinstance(yuan, bool) and isfinite(yuan) and yuan > 0
