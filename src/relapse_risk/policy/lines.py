"""Poverty lines by year."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Self

import polars as pl
from pydantic import AfterValidator, Field

from relapse_risk.errors import InputError
from relapse_risk.policy.model import PolicyModel, refuse

__all__ = ["Lines", "LinesByYear", "LinesFile"]

_FIRST, _LAST = 1900, 2100


def _year(text: str) -> str:
    if not (text.isascii() and text.isdecimal() and _FIRST <= int(text) <= _LAST):
        refuse("allowed_year", first=_FIRST, last=_LAST)
    return text


class LineOfYear(PolicyModel):
    """The poverty line of a year, yuan per person, and where it stands."""

    yuan: float = Field(gt=0)
    source: str = ""


LinesByYear = Annotated[Mapping[Annotated[str, AfterValidator(_year)], LineOfYear], Field(min_length=1)]
"""A table of lines in a data file: [….2020] yuan = 4000."""


class LinesFile(PolicyModel):
    """What ``lines.toml`` holds."""

    lines: LinesByYear


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


def _is_amount(yuan: object) -> bool:
    return isinstance(yuan, int | float) and not isinstance(yuan, bool) and isfinite(yuan) and yuan > 0
