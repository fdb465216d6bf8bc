"""Days in a column of texts, in other forms than 2019-12-31: read where only one day can be meant."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from relapse_risk.ingest.cells import Read

__all__ = ["DayForms", "day_forms"]

_CLOCK = re.compile(r"(?<=\d)(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp][Mm])?$")
_UTC = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?:[Zz]|UTC|GMT|[+-]00(?::?00)?)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_DIGITS = re.compile(r"(\d+)(?:\.0)?")
_COMPACT = (8, 14)  # digits of a day, and of a day with its time; other numbers may count days from anywhere
_NAMED = re.compile(r"[-,./\s]+")
_NAMED_FORMS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y")
_MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class DayForms:
    """What the texts of a column say as days.

    Attributes
    ----------
    days : Mapping of str to date
    notes : Mapping of str to str
        Of each text that was read, the code of the note that tells how.
    rules : Mapping of str to str
        Why others were not: ``day_order_unknown`` or ``utc_time``.
    """

    days: Mapping[str, date] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)


def day_forms(texts: Iterable[str], read: Read) -> DayForms:
    """Read the distinct texts of a column as days, as far as nothing is guessed.

    Whether the day or the month comes first (03/04/2018) is what other texts of the column show (31/12/2018); if none
    does, or they contradict each other, no such text is read unless both are the same. A month alone is no day. Times
    in UTC are days only if all of them are midnights: else the day where the household lives may be another.

    Parameters
    ----------
    texts : iterable of str
    read : Read
        Reads the forms that begin with the year.

    Examples
    --------
    >>> from relapse_risk.ingest.cell_dates import read_date
    >>> found = day_forms(["12/31/2018", "03/04/2018"], read_date)
    >>> [day.isoformat() for day in found.days.values()], set(found.notes.values())
    (['2018-03-04', '2018-12-31'], {'days_month_first'})
    >>> day_forms(["03.04.2018", "05.05.2018"], read_date).rules
    {'03.04.2018': 'day_order_unknown'}
    >>> day_forms(["2018-12-30T16:00:00Z"], read_date).rules
    {'2018-12-30T16:00:00Z': 'utc_time'}
    """
    plain = {text: _CLOCK.sub("", text.strip()) for text in sorted(texts)}
    stamps = {text: stamp for text in plain if (stamp := _UTC.fullmatch(text.strip()))}
    parts = {text: found for text, one in plain.items() if (found := _YEAR_LAST.fullmatch(one))}
    others = {text: one for text, one in plain.items() if text not in stamps and text not in parts}
    of_stamps, of_parts = _stamps(stamps), _year_last(parts)
    days = {text: day for text, one in others.items() if (day := _year_first(one, read))}
    days |= _named({text: one for text, one in others.items() if text not in days})
    return DayForms(
        days={**days, **of_stamps.days, **of_parts.days},
        notes={**dict.fromkeys([*days, *of_stamps.days], "cells_in_other_form"), **of_parts.notes},
        rules={**of_stamps.rules, **of_parts.rules},
    )


def _stamps(stamps: Mapping[str, re.Match[str]]) -> DayForms:
    if any(stamp[2].strip("0:.") for stamp in stamps.values()):
        return DayForms(rules=dict.fromkeys(stamps, "utc_time"))
    days = {text: _day(*map(int, stamp[1].split("-"))) for text, stamp in stamps.items()}
    return DayForms(days={text: day for text, day in days.items() if day})


def _year_last(parts: Mapping[str, re.Match[str]]) -> DayForms:
    """Read days whose year comes last, in the order that those show which can only be in one."""
    numbers = {text: (int(found[1]), int(found[3]), int(found[4])) for text, found in parts.items()}
    day_first = any(first > _MONTHS >= second for first, second, _ in numbers.values())
    month_first = any(second > _MONTHS >= first for first, second, _ in numbers.values())
    sure = {text: one for text, one in numbers.items() if day_first != month_first or one[0] == one[1]}
    found = {
        text: _day(year, first, second) if month_first else _day(year, second, first)
        for text, (first, second, year) in sure.items()
    }
    days = {text: day for text, day in found.items() if day}
    code = "days_month_first" if month_first else "days_day_first"
    notes = dict.fromkeys(days, code if day_first != month_first else "cells_in_other_form")
    return DayForms(days=days, notes=notes, rules=dict.fromkeys(numbers.keys() - sure.keys(), "day_order_unknown"))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year_first(text: str, read: Read) -> date | None:
    digits = _DIGITS.fullmatch(text)
    if digits and len(digits[1]) not in _COMPACT:
        return None
    found = read(digits[1] if digits else text)
    return found.value if found.rule is None and isinstance(found.value, date) else None


def _named(texts: Mapping[str, str]) -> dict[str, date]:
    """Read days whose month has its English name."""
    words = pl.Series([_NAMED.sub(" ", text).strip() for text in texts.values()], dtype=pl.String)
    forms = [words.str.to_date(form, strict=False) for form in _NAMED_FORMS]
    return {text: day for form in forms for text, day in zip(texts, form, strict=True) if day is not None}
