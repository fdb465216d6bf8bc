"""Poverty lines by year."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Self

import polars as pl

from relapse_risk.errors import InputError

__all__ = ["Lines"]

_FIRST, _LAST = 1900, 2100


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
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Make one from the content of a lines file (table ``lines``: year = yuan)."""
        return cls(by_year=dict(sorted(_line(year, entry) for year, entry in data["lines"].items())))

    def of_year(self, year: int) -> float | None:
        """Return the line that holds in a year, yuan per person-year."""
        known = [y for y in self.by_year if y <= year]
        return self.by_year[max(known)] if known else None

    def is_own(self, year: int) -> bool:
        """Return whether the year has a line of its own."""
        return year in self.by_year

    def of_years(self, years: pl.Expr) -> pl.Expr:
        """Return the line of each year in a column of years."""
        held = pl.lit(None, dtype=pl.Float64)
        for year, line in sorted(self.by_year.items()):
            held = pl.when(years >= year).then(line).otherwise(held)
        return held


def _line(year: str, entry: Any) -> tuple[int, float]:
    if not (year.isascii() and year.isdecimal()):
        raise InputError("line_year", year=year)
    yuan: Any = entry.get("yuan") if isinstance(entry, Mapping) else None
    if not _is_amount(yuan):
        raise InputError("line_yuan", year=year)
    return int(year), float(yuan)


def _is_amount(yuan: Any) -> bool:
    return isinstance(yuan, int | float) and not isinstance(yuan, bool) and isfinite(yuan) and yuan > 0
