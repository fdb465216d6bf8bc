"""Days and spans of calendar months: the as-of day, the windows before it, the horizon after it."""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from numbers import Integral
from typing import Self

import numpy as np
import polars as pl

from relapse_risk.errors import InputError

__all__ = ["FIRST_YEAR", "LAST_YEAR", "MOST_HORIZON", "AsOf", "Horizon", "Window", "add_months", "parse_day"]

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Days outside of these years are mistakes."""

MOST_HORIZON = 120
"""Months; what lies further ahead nobody has seen in records like these."""

_MOST_WINDOW = 1200

# Year first, whatever stands between; day and month first differ by country and are refused.
_WRITTEN_DAY = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})[日号]?|(\d{4})(\d{2})(\d{2})"
)
_WRITTEN_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月?|(\d{2}))")


def parse_day(day: "str | date | np.datetime64 | AsOf") -> date:
    """Return a calendar day from text, a date, a NumPy or pandas time, or an as-of day.

    Text has the year first: 2019-12-31, 2019/12/31, 2019.12.31, 20191231, 2019年12月31日, in full-width signs too.

    Raises
    ------
    InputError
        If it is not a day (``day_unreadable``), a month without a day (``day_is_month``), or not one from 1900 to 2100
        (``day_out_of_range``).

    Examples
    --------
    >>> {parse_day(day).isoformat() for day in ("2019-12-31", "2019/12/31", "20191231", "２０１９年１２月３１日")}
    {'2019-12-31'}
    """
    if isinstance(day, AsOf):
        return day.day
    found = _day(day)
    if found is None and isinstance(day, str) and (end := _month_end(_plain(day))):
        raise InputError("day_is_month", day=day, end=end)
    if found is None:
        raise InputError("day_unreadable", day=day if isinstance(day, str) else type(day).__name__)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InputError("day_out_of_range", day=found, first=FIRST_YEAR, last=LAST_YEAR)
    return found


def _day(day: object) -> date | None:
    if isinstance(day, np.datetime64):
        day = day.astype("datetime64[D]").item()
    if isinstance(day, datetime):
        return day.date() if day == day else None  # pandas has a time that is none and equals nothing
    if not isinstance(day, str):
        return day if isinstance(day, date) else None
    written = _WRITTEN_DAY.fullmatch(_plain(day))
    try:
        return date(*(int(part) for part in written.groups() if part and part.isdecimal())) if written else None
    except ValueError:
        return None


def _month_end(text: str) -> date | None:
    """Return the last day of a month that stands without a day; None where the text is none."""
    written = _WRITTEN_MONTH.fullmatch(text)
    year, month = (int(part) for part in written.groups() if part) if written else (0, 0)
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        return None
    return date(year, month, calendar.monthrange(year, month)[1])


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


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


def _refuse_months(months: int, most: int) -> None:
    if isinstance(months, bool) or not isinstance(months, Integral) or not 1 <= months <= most:
        raise InputError("months_out_of_range", months=months, most=most)


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
        """Make one from text as `parse_day` reads it, a date or another as-of day."""
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
        _refuse_months(self.months, _MOST_WINDOW)

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
        _refuse_months(self.months, MOST_HORIZON)

    def end(self, as_of: AsOf) -> date:
        """Return the last day of the horizon."""
        return add_months(as_of.day, self.months)
