"""How cells are typed: every column of a county has its form, and some of its cells another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from relapse_risk.records import TABLES
from relapse_risk.synthetic.dialects.layouts import dialect_data

__all__ = ["DAY", "NUMBER", "TEXT", "Cells", "day_text", "typed"]

TEXT, NUMBER, DAY = range(3)
"""What a cell is: text, a number, or a number shown as a day."""

_SERIAL_DAY_0 = date(1899, 12, 30)
_FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
_AMOUNTS = {
    name
    for table in TABLES.values()
    for name, column in table.columns.items()
    if (column.unit or "").startswith("yuan")
} | {"paid_by_critical", "paid_by_aid"}


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of a column.

    Attributes
    ----------
    text : pl.Series
        What is written; null where a cell is empty.
    kind : np.ndarray
        `TEXT`, `NUMBER` or `DAY`.

    Examples
    --------
    >>> cells = Cells(text=pl.Series(["3", None]), kind=np.array([NUMBER, TEXT]))
    >>> cells.text.is_null().to_list()
    [False, True]
    """

    text: pl.Series
    kind: np.ndarray


@dataclass(frozen=True, kw_only=True)
class _Form:
    write: Callable[[pl.Series], pl.Series]
    kind: int = TEXT


@dataclass(frozen=True, kw_only=True)
class _Habit:
    """Forms a column may have, forms that break it with their weights, and how often they do (``[habits]``)."""

    usual: Sequence[_Form]
    odd: Mapping[_Form, float]
    breaks: str


def typed(values: pl.Series, rng: np.random.Generator) -> Cells:
    """Write a column as typed: one random form for all of it, another for a few of its cells.

    Parameters
    ----------
    values : pl.Series
        Texts, days, flags, whole numbers or amounts.
    rng : np.random.Generator

    Examples
    --------
    >>> cells = typed(pl.Series("year", [2019, 2020]), np.random.default_rng(0))
    >>> cells.text.to_list()
    ['2019', '2020']
    """
    habit = _habit_of(values)
    forms = [habit.usual[int(rng.integers(len(habit.usual)))], *habit.odd]
    weights = np.array(list(habit.odd.values()))
    broken = rng.random(values.len()) < dialect_data().habits[habit.breaks]
    which = np.where(broken, 1 + rng.choice(weights.size, values.len(), p=weights / weights.sum()), 0)
    text = forms[0].write(values)
    for place in range(1, len(forms)):
        rows = np.nonzero(which == place)[0]
        if rows.size:
            text = text.scatter(rows, forms[place].write(values.gather(rows)))
    return Cells(text=text, kind=np.array([form.kind for form in forms], dtype=np.uint8)[which])


def day_text(form: str) -> str:
    """Return the pattern of a form of days."""
    return {"iso": "%Y-%m-%d", "slash": "%Y/%m/%d", "compact": "%Y%m%d"}[form]


def _habit_of(values: pl.Series) -> _Habit:
    if values.dtype == pl.Date:
        return _DATES
    if values.dtype == pl.Boolean:
        return _FLAGS
    if values.dtype.is_integer():
        return _WHOLE
    if values.dtype.is_float():
        return _YUAN if values.name in _AMOUNTS else _MEASURES
    return _TEXTS


def _pattern(pattern: str) -> _Form:
    return _Form(write=lambda days: days.dt.strftime(pattern))


def _serial(days: pl.Series) -> pl.Series:
    return (days - _SERIAL_DAY_0).dt.total_days().cast(pl.String)


def _plain(values: pl.Series) -> pl.Series:
    return values.cast(pl.String)


def _each(write: Callable[..., str]) -> Callable[[pl.Series], pl.Series]:
    """Write cells one by one: only for the few that break a habit."""
    return lambda values: pl.Series([None if value is None else write(value) for value in values], dtype=pl.String)


def _flag(yes: str, no: str, kind: int = TEXT) -> _Form:
    said = {True: yes, False: no}
    return _Form(write=lambda flags: flags.replace_strict(said, default=None, return_dtype=pl.String), kind=kind)


def _ten_thousands(amount: float) -> str:
    return f"{amount / 10_000:.10f}".rstrip("0").rstrip(".") + "万元"


def _full_width(value: object) -> str:
    return str(value).translate(_FULL_WIDTH)


def _full_width_digits(text: str) -> str:
    return text.translate({at: full for at, full in _FULL_WIDTH.items() if chr(at).isdecimal()})


def _parted(text: str) -> str:
    """Put an ideographic space between the first two signs of a word."""
    return text if text.isascii() else text[:1] + "\u3000" + text[1:]


def _apostrophe(text: str) -> str:
    return "'" + text if text.isdecimal() else text


_ISO, _SLASH, _COMPACT = _pattern("%Y-%m-%d"), _pattern("%Y/%-m/%-d"), _pattern("%Y%m%d")
_NUMBER_OF_DAY, _DAY_CELL = _Form(write=_serial, kind=NUMBER), _Form(write=_serial, kind=DAY)
_AS_NUMBER, _AS_TEXT = _Form(write=_plain, kind=NUMBER), _Form(write=_plain)
_WIDE = _Form(write=_each(_full_width))
_MONTHS = dialect_data().habits["month"]

_DAYS = (_ISO, _SLASH, _COMPACT, _NUMBER_OF_DAY, _DAY_CELL)
_DATES = _Habit(
    usual=_DAYS,
    odd={
        **dict.fromkeys((*_DAYS, _pattern("%Y年%-m月%-d日")), (1 - _MONTHS) / 6),
        _pattern("%Y年%-m月"): _MONTHS,
    },
    breaks="date",
)
_YUAN = _Habit(
    usual=(_AS_NUMBER, _AS_NUMBER, _AS_TEXT),
    odd={
        _Form(write=_each(lambda amount: f"{amount:,}元")): 0.35,
        _Form(write=_each(lambda amount: f"{amount:,}")): 0.2,
        _Form(write=_each(_ten_thousands)): 0.25,
        _WIDE: 0.2,
    },
    breaks="amount",
)
_MEASURES = _Habit(usual=(_AS_NUMBER,), odd={_WIDE: 1.0}, breaks="whole")
_WHOLE = _Habit(usual=(_AS_NUMBER, _AS_NUMBER, _AS_TEXT), odd={_WIDE: 1.0}, breaks="whole")
_FLAGS = _Habit(
    usual=(_flag("是", "否"), _flag("有", "无"), _flag("1", "0", NUMBER)),
    odd={_flag("是", "否"): 0.3, _flag("有", "无"): 0.2, _flag("1", "0", NUMBER): 0.25, _flag("1", "0"): 0.25},
    breaks="flag",
)
_TEXTS = _Habit(
    usual=(_AS_TEXT,),
    odd={
        _Form(write=_each(lambda text: text + " ")): 0.25,
        _Form(write=_each(lambda text: " " + text)): 0.15,
        _Form(write=_each(lambda text: "\u3000" + text)): 0.2,
        _Form(write=_each(_parted)): 0.15,
        _Form(write=_each(_full_width_digits)): 0.15,
        _Form(write=_each(_apostrophe)): 0.1,
    },
    breaks="text",
)
