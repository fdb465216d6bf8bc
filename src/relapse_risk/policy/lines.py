"""Poverty lines by year."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import polars as pl

from relapse_risk.errors import InputError

__all__ = ["Lines"]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Poverty lines, yuan per person-year, by calendar year.

    A year without a line takes the last one before it; a year before the first has none.

    Examples
    --------
    >>> lines = Lines(by_year={2018: 2995.0, 2019: 3218.0})
    >>> lines.of_year(2023), lines.is_own(2023), lines.of_year(2000)
    (3218.0, False, None)
    """

    by_year: Mapping[int, float]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Make one from the content of a lines file (table ``lines``: year = yuan)."""
        try:
            return cls(by_year={int(year): float(entry["yuan"]) for year, entry in sorted(data["lines"].items())})
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("lines_unreadable", problem=repr(error)) from error

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
