"""Poverty lines and monitoring lines by year."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Annotated, Self

import polars as pl
from pydantic import AfterValidator, Field

from relapse_risk.errors import InputError
from relapse_risk.policy.model import PolicyModel, refuse

__all__ = ["PLACE_LEVELS", "Lines", "LinesByYear", "LinesFile", "MonitoringLines"]

_FIRST, _LAST = 1900, 2100
_DEFAULT = "default"

PLACE_LEVELS = ("province", "prefecture", "county")
"""Of whom a monitoring line may be, the largest first."""


def _year(text: str) -> str:
    if not (text.isascii() and text.isdecimal() and _FIRST <= int(text) <= _LAST):
        refuse("allowed_year", first=_FIRST, last=_LAST)
    return text


def _place(text: str) -> str:
    is_code = text.isascii() and text.isdecimal()
    if text != text.strip() or (len(text) not in (2, 4, 6) if is_code else len(text) < 2):
        refuse("allowed_place")
    return text


class LineOfYear(PolicyModel):
    """A line of a year, yuan per person, and where it is."""

    yuan: float = Field(gt=0)
    source: str = ""


LinesByYear = Annotated[Mapping[Annotated[str, AfterValidator(_year)], LineOfYear], Field(min_length=1)]
"""A table of lines in a data file: [….2020] yuan = 4000."""


class MonitoringTable(PolicyModel):
    """The monitoring lines: ``factor`` times the poverty line before the first year, then by place and year."""

    factor: float = Field(gt=0)
    line: Mapping[Annotated[str, AfterValidator(_place)], LinesByYear]


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
    of_places : Mapping of str to Lines
        By the first characters of the name of a province, prefecture or county, or by its code (2, 4 or 6 digits). The
        smallest place that has a line decides.
    usual : Lines
        Of other places.
    given : frozenset of str
        The places of a user's own file.

    Examples
    --------
    >>> yunnan, dayao = Lines(by_year={2021: 6100.0}), Lines(by_year={2023: 7000.0})
    >>> lines = MonitoringLines(
    ...     factor=1.5, of_places={"云南": yunnan, "大姚": dayao}, usual=Lines(by_year={2020: 5000.0})
    ... )
    >>> homes = pl.DataFrame({"year": [2019, 2022, 2022, 2023], "poverty": [3218.0, 4000.0, 4000.0, 4000.0],
    ...     "province": ["云南省", None, "云南省", "云南省"], "county": "大姚县"})
    >>> homes.select(lines.of_years(pl.col("year"), pl.col("poverty"), homes.columns)).to_series().to_list()
    [4827.0, 5000.0, 6100.0, 7000.0]
    """

    factor: float
    of_places: Mapping[str, Lines]
    usual: Lines
    given: frozenset[str] = field(default=frozenset(), repr=False)  # a policy says itself alike in every process

    @classmethod
    def of_table(cls, table: MonitoringTable, built_in: MonitoringTable) -> Self:
        """Make one from a table of a data file, and from that which a user's own file overrides."""
        lines = {place: Lines.of_table(years) for place, years in table.line.items()}
        given = {place for place, years in table.line.items() if years != built_in.line.get(place)} - {_DEFAULT}
        return cls(factor=table.factor, usual=lines.pop(_DEFAULT), of_places=lines, given=frozenset(given))

    def is_of(self, place: str, columns: Collection[str]) -> pl.Expr:
        """Return whether each household, of which these columns are known, lives in a place."""
        if place.isdecimal():
            return _starts("village_code", place, columns)
        return pl.any_horizontal(_starts(level, place, columns) for level in PLACE_LEVELS)

    def place_of(self, years: pl.Expr, columns: Collection[str]) -> pl.Expr:
        """Return the place whose line holds for each row in a year, null for the usual one."""
        held = pl.lit(None, dtype=pl.String)
        for level, column in enumerate(PLACE_LEVELS):
            for place in sorted(self.of_places, key=len):
                code = place.isdecimal()
                if code and len(place) != 2 * (level + 1):
                    continue
                here = _starts("village_code" if code else column, place, columns)
                known = self.of_places[place].of_years(years).is_not_null()
                held = pl.when(here & known).then(pl.lit(place)).otherwise(held)
        return held

    def of_years(self, years: pl.Expr, poverty: pl.Expr, columns: Collection[str]) -> pl.Expr:
        """Return the monitoring line of each row: of its place, else the usual one, else by its poverty line.

        Parameters
        ----------
        years, poverty : pl.Expr
            The year, and its poverty line.
        columns : collection of str
            The columns there are; of these `PLACE_LEVELS` and village_code are used.
        """
        place, of_place = self.place_of(years, columns), pl.lit(None, dtype=pl.Float64)
        for name, lines in self.of_places.items():
            of_place = pl.when(place == name).then(lines.of_years(years)).otherwise(of_place)
        return pl.coalesce(of_place, self.usual.of_years(years), poverty * self.factor)


def _starts(column: str, text: str, columns: Collection[str]) -> pl.Expr:
    if column not in columns:
        return pl.lit(False)
    return pl.col(column).cast(pl.String).str.starts_with(text).fill_null(False)


def _is_amount(yuan: object) -> bool:
    return isinstance(yuan, int | float) and not isinstance(yuan, bool) and isfinite(yuan) and yuan > 0
