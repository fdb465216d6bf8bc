"""Cells that hold a day or a year, in every form that exports write one."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache

from relapse_risk.ingest.cells import Cell, Read, Reading, compact, plain

__all__ = ["read_date", "read_date_of_birth", "read_year", "since_1904"]

_YEARS = range(1900, 2101)
_EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet's serial numbers after February 1900
_SERIALS = range(61, 80000)  # 1 March 1900, where serial numbers become unambiguous, to 2119
_DAYS_TO_1904 = 1462  # between the two days from which spreadsheets count
_CENTURY = 50  # two digits below it are of 2000 on, the others of 1900 on

_SPACES = re.compile(r"\s+")
_TIME = re.compile(r"(?<=\d|日)(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})[日号]?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
_MONTH = re.compile(r"(\d{4})(?:年(\d{1,2})月份?|[-/.](\d{1,2})|(\d{2}))")
_SHORT = re.compile(r"(\d{2})年(\d{1,2})月(?:份|(\d{1,2})[日号])?")
_PERIOD = re.compile(
    r"\d{2}(?:\d{2})?年?度?(?:[上下]半年|第?[一二三四1-4]季度?|[Qq][1-4]|全年|年?[初中末底]|\d{1,2}月[上中下]旬|年度?)"
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_ANY_SERIAL = re.compile(r"(\d{2,5})(?:\.\d+)?")
_YEAR = re.compile(r"(\d{4})(?:\.0+)?(?:年度?)?")
_TENTH = re.compile(r"\d{4}\.1")


def read_date(cell: Cell) -> Reading:
    """Read a day in any form an export writes one; a month alone is its last day, with a remark.

    A longer time (half a year, a quarter) is no day, and 2019.1 as a number may be January or October: nothing is
    guessed. A year of two digits is read with a remark.

    Examples
    --------
    >>> cells = "2019-03-05", "2019/3/5", "20190305", "２０１９年３月５日", 43529.0
    >>> {read_date(cell).value.isoformat() for cell in cells}
    {'2019-03-05'}
    >>> read_date("2019年2月")
    Reading(value=datetime.date(2019, 2, 28), rule='month_as_last_day')
    >>> read_date("19年2月3日").rule, read_date("2019年上半年").rule, read_date(2019.1).rule
    ('short_year', 'period_not_day', 'month_ambiguous')
    >>> read_date("3/5/2019").rule, read_date("2019-02-30").rule
    ('unreadable', 'impossible_date')
    """
    found = _read(cell)
    if found.rule == "unreadable" and (short := _SHORT.fullmatch(_text(cell))):
        year, month, day = (int(part or 0) for part in short.groups())
        full = (2000 if year < _CENTURY else 1900) + year
        read = _day(full, month, day) if day else _month_end(full, month)
        return Reading(read.value, "short_year") if day and read.value else read
    return found


def read_date_of_birth(cell: Cell) -> Reading:
    """Read a day as `read_date`, but for years of two digits: who was born in 23 may be a child or a hundred years old.

    Examples
    --------
    >>> read_date_of_birth("1965年3月").value, read_date_of_birth("23年3月").rule
    (datetime.date(1965, 3, 31), 'unreadable')
    """
    return _read(cell)


def since_1904(read: Read) -> Read:
    """Return what reads the days of a workbook that counts them from 1904: its serial numbers stand for later ones.

    Examples
    --------
    >>> since_1904(read_date)(42067.0), since_1904(read_date)("2019-03-05")
    (Reading(value=datetime.date(2019, 3, 5), rule=None), Reading(value=datetime.date(2019, 3, 5), rule=None))
    """

    def read_later(cell: Cell) -> Reading:
        serial = _serial(cell)
        return read(cell) if serial is None else read(float(serial + _DAYS_TO_1904))

    return read_later


@lru_cache(maxsize=1 << 14, typed=True)  # the same days stand in many columns; 1.0 is not True
def _read(cell: Cell) -> Reading:
    if isinstance(cell, datetime):
        return _in_range(cell.date())
    if isinstance(cell, date):
        return _in_range(cell)
    if isinstance(cell, str) and _ISO.fullmatch(cell):  # as most exports write days
        return _day(int(cell[:4]), int(cell[5:7]), int(cell[8:]))
    text = _text(cell)
    if day := _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        return _day(*(int(part) for part in day.groups()))
    if isinstance(cell, float) and _TENTH.fullmatch(text):
        return Reading(rule="month_ambiguous")
    if month := _MONTH.fullmatch(text):
        return _month_end(*(int(part) for part in month.groups() if part))
    if (serial := _serial(cell)) is not None:
        return Reading(_EPOCH + timedelta(days=serial))
    return Reading(rule="period_not_day" if _PERIOD.fullmatch(text) else "unreadable")


def _text(cell: Cell) -> str:
    return _SPACES.sub("", _TIME.sub("", plain(cell)))


def _serial(cell: Cell) -> int | None:
    """Return the number of a day in a spreadsheet."""
    if isinstance(cell, bool | date):
        return None
    # Of text only five digits are a serial number; 1931 in a cell of numbers is more likely a year.
    found = _SERIAL.fullmatch(_text(cell)) if isinstance(cell, str) else _ANY_SERIAL.fullmatch(_text(cell))
    serial = int(found[1]) if found else 0
    return serial if serial in _SERIALS and serial not in _YEARS else None


def _day(year: int, month: int, day: int) -> Reading:
    try:
        return _in_range(date(year, month, day))
    except ValueError:
        return Reading(rule="impossible_date")


def _month_end(year: int, month: int) -> Reading:
    if year not in _YEARS or month not in range(1, 13):
        return Reading(rule="impossible_date")
    return Reading(date(year, month, monthrange(year, month)[1]), "month_as_last_day")


def _in_range(day: date) -> Reading:
    return Reading(day) if day.year in _YEARS else Reading(rule="impossible_date")


def read_year(cell: Cell) -> Reading:
    """Read a calendar year, alone or of a day or month.

    Examples
    --------
    >>> read_year(2016.0).value, read_year("２０１６年度").value, read_year("2016年12月").value, read_year("16").rule
    (2016, 2016, 2016, 'unreadable')
    """
    year = _YEAR.fullmatch(compact(cell))
    if year is not None:
        return Reading(int(year[1])) if int(year[1]) in _YEARS else Reading(rule="unreadable")
    # A serial number of a spreadsheet may as well be a slip of the pen.
    day = None if isinstance(cell, int | float) or _SERIAL.fullmatch(plain(cell)) else _read(cell).value
    return Reading(day.year) if isinstance(day, date) else Reading(rule="unreadable")
