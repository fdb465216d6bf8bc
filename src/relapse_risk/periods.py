"""Days and spans of calendar months: the as-of day, the windows before it, the horizon after it."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

import polars as pl

from relapse_risk.errors import InputError

__all__ = ["AsOf", "Horizon", "Window", "add_months", "parse_day"]


def parse_day(day: "str | date | AsOf") -> date:
    """Return a calendar day from an ISO string, a date or an as-of day.

    Raises
    ------
    InputError
        If the text is not an ISO date (``day_unreadable``).

    Examples
    --------
    >>> parse_day("2019-12-31")
    datetime.date(2019, 12, 31)
    """
    if isinstance(day, AsOf):
        return day.day
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise InputError("day_unreadable", day=day) from error


def add_months(day: date, months: int) -> date:
    """Return the day `months` calendar months later (earlier if negative).

    The last day of a month goes to the last day of a month, so that quarter ends stay quarter ends.

    Examples
    --------
    >>> add_months(date(2019, 6, 30), 6)
    datetime.date(2019, 12, 31)
    >>> add_months(date(2019, 1, 15), -1)
    datetime.date(2018, 12, 15)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    at_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if at_end else min(day.day, last))


def _positive(months: int) -> None:
    if months < 1:
        raise InputError("months_not_positive", months=months)


@dataclass(frozen=True, order=True)
class AsOf:
    """The day a prediction is made: what was recorded by the end of it may be used, nothing else.

    Examples
    --------
    >>> AsOf.of("2019-12-31").year
    2019
    """

    day: date

    @classmethod
    def of(cls, day: "str | date | AsOf") -> Self:
        """Make one from an ISO string, a date or another as-of day."""
        return cls(parse_day(day))

    @property
    def year(self) -> int:
        """The calendar year of the day."""
        return self.day.year

    def __str__(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True, kw_only=True)
class Window:
    """The `months` calendar months that end with the as-of day: (as_of - months, as_of].

    Examples
    --------
    >>> Window(months=12).begin(AsOf.of("2019-12-31"))
    datetime.date(2018, 12, 31)
    """

    months: int

    def __post_init__(self) -> None:
        _positive(self.months)

    def begin(self, as_of: AsOf) -> date:
        """Return the day before the first day of the window."""
        return add_months(as_of.day, -self.months)

    def holds(self, day: pl.Expr, as_of: AsOf) -> pl.Expr:
        """Return whether each date lies in the window (null stays null)."""
        return (day > self.begin(as_of)) & (day <= as_of.day)


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """The `months` calendar months after the as-of day: (as_of, as_of + months].

    Examples
    --------
    >>> Horizon(months=12).end(AsOf.of("2019-12-31"))
    datetime.date(2020, 12, 31)
    """

    months: int = 12

    def __post_init__(self) -> None:
        _positive(self.months)

    def end(self, as_of: AsOf) -> date:
        """Return the last day of the horizon."""
        return add_months(as_of.day, self.months)
