"""Reading the cells of a canonical column into its type; what cannot be read is null."""

from datetime import time

import polars as pl
from polars.datatypes import DataTypeClass

__all__ = ["read_cells", "stated"]

# Beyond this, a float no longer holds every whole number: an identifier in it is already ruined.
_EXACT = 2**53
# A time in UTC is left out: the day it falls on where the household lives may be another.
_ISO_DAY = r"^(\d{4}-\d{2}-\d{2})(?:[T ][^ZzUG+]*(?:\+(?:0[1-9]|1\d).*)?)?$"
_UTC = ("UTC", "GMT", "UCT", "ZULU", "UNIVERSAL", "GREENWICH", "GMT0", "GMT+0", "GMT-0", "+00:00")
_FLAGS = {"true": True, "false": False, "1": True, "0": False}


def stated(name: str, source: pl.DataType) -> pl.Expr:
    """Return what the cells of a column say: texts without surrounding space, null where blank or not a number.

    A cell that holds a list, bytes or an object says something that nobody can read.
    """
    cell = pl.col(name)
    if _is_no_cell(source):
        return pl.when(cell.is_not_null()).then(pl.lit(str(source.base_type())))
    if source in (pl.String, pl.Categorical, pl.Enum):
        text = cell.cast(pl.String).str.strip_chars()
        return pl.when(text != "").then(text)
    return cell.fill_nan(None) if source.is_float() else cell


def read_cells(cell: pl.Expr, source: pl.DataType, target: pl.DataType | DataTypeClass) -> pl.Expr:
    """Return what the cells of a column say (`stated`) in another type, null where it cannot be read as that.

    Numbers are read from texts, whole numbers from floats that are whole, days from ISO texts and from times (in UTC
    only if all of a column are midnights: a day is a local one), flags from true / false and 1 / 0, texts from whole
    numbers (an identifier that a float holds exactly is read as its digits; one it cannot hold exactly is not).
    """
    if _is_no_cell(source):
        return _nothing(target)
    if source == target and not source.is_float():
        return cell
    if target == pl.Date:
        return _day(cell, source)
    if target == pl.Boolean:
        return _flag(cell, source)
    if target == pl.String:
        if source.is_decimal():
            return cell.cast(pl.String).str.replace(r"\.0+$", "")
        return (_whole(cell) if source.is_float() else cell).cast(pl.String, strict=False)
    return _number(cell, source, whole=target == pl.Int64)


def _day(cell: pl.Expr, source: pl.DataType) -> pl.Expr:
    if isinstance(source, pl.Datetime):
        midnights = (cell.dt.time() == time()).all()
        return pl.when(midnights).then(cell.dt.date()) if _is_utc(source.time_zone) else cell.dt.date()
    if source in (pl.String, pl.Categorical, pl.Enum):
        return cell.str.extract(_ISO_DAY).str.to_date("%Y-%m-%d", strict=False)
    return _nothing(pl.Date())


def _is_utc(time_zone: str | None) -> bool:
    return time_zone is not None and time_zone.removeprefix("Etc/").upper() in _UTC


def _flag(cell: pl.Expr, source: pl.DataType) -> pl.Expr:
    if source.is_numeric():
        cell = _whole(cell)
    elif source.is_temporal():
        return _nothing(pl.Boolean())
    return cell.cast(pl.String).str.to_lowercase().replace_strict(_FLAGS, default=None, return_dtype=pl.Boolean)


def _number(cell: pl.Expr, source: pl.DataType, *, whole: bool) -> pl.Expr:
    if source.is_temporal() or source == pl.Boolean:
        return _nothing(pl.Int64() if whole else pl.Float64())
    if source.is_integer():
        return cell.cast(pl.Int64 if whole else pl.Float64, strict=False)
    number = cell.cast(pl.Float64, strict=False)
    return _whole(number) if whole else pl.when(number.is_finite()).then(number)


def _whole(number: pl.Expr) -> pl.Expr:
    """Return numbers as whole ones, null where they are not, or too large to be sure."""
    exact = (number == number.round()) & (number.abs() < _EXACT)
    return pl.when(exact).then(number).cast(pl.Int64, strict=False)


def _is_no_cell(source: pl.DataType) -> bool:
    if source == pl.Duration:
        return True
    texts = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null)
    return not (source.is_numeric() or source.is_temporal() or source in texts)


def _nothing(dtype: pl.DataType | DataTypeClass) -> pl.Expr:
    return pl.lit(None, dtype=dtype)
