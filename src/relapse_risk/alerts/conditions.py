"""Conditions written in data files, held against what is known of each household."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.models import conditions_met
from relapse_risk.policy import ColumnCondition, validated

__all__ = ["Condition", "all_of", "any_of", "check_conditions", "columns_of", "first_level"]

Condition = Mapping[str, Any]
"""``column`` and one of ``at_least``, ``at_most``, ``above``, ``below`` (a number) or ``is`` (a code)."""

_LISTS = ("all", "any", "of", "never", "when", "held", "shock")


def any_of(frame: pl.DataFrame, conditions: Sequence[Condition]) -> pl.Series:
    """Return whether one of several conditions holds, row by row: true, false, or null where that is not known.

    Conditions whose column is not there are left out; if that leaves none, nothing is known.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [1.0, 0.0, 0.0, None], "b": [None, None, 0.0, 1.0]})
    >>> asked = [{"column": name, "at_least": 1} for name in ("a", "b", "c")]
    >>> any_of(frame, asked).to_list(), all_of(frame, asked).to_list()
    ([True, None, False, True], [None, False, False, None])
    """
    return _joined(frame, conditions, pl.any_horizontal)


def all_of(frame: pl.DataFrame, conditions: Sequence[Condition]) -> pl.Series:
    """Return whether all of several conditions hold, as `any_of`."""
    return _joined(frame, conditions, pl.all_horizontal)


def first_level(frame: pl.DataFrame, levels: Mapping[str, Mapping[str, Any]]) -> pl.Series:
    """Return the first level whose conditions hold; null where one before it is not known, or none holds.

    Parameters
    ----------
    frame : pl.DataFrame
    levels : Mapping of str to Mapping
        By code, ``all`` and ``any``: lists of conditions. A level without either takes whom none before it took.

    Examples
    --------
    >>> levels = {"low": {"all": [{"column": "x", "below": 1}]}, "rest": {}}
    >>> first_level(pl.DataFrame({"x": [0.5, 2.0, None]}), levels).to_list()
    ['low', 'rest', None]
    """
    nothing = frame.select(pl.repeat(None, pl.len(), dtype=pl.String)).to_series()
    found, still_open = nothing, nothing.is_null()
    for code, level in levels.items():
        met = _level_met(frame, level)
        took = still_open & met.fill_null(False)
        found = pl.select(pl.when(took).then(pl.lit(code)).otherwise(found)).to_series()
        still_open = still_open & ~met.fill_null(True)
    return found


def columns_of(entry: Mapping[str, Any]) -> Iterator[str]:
    """Return the columns that the conditions of an entry of a data file look at."""
    for key in _LISTS:
        yield from (condition["column"] for condition in entry.get(key, ()))


def check_conditions(name: str, entry: Mapping[str, Any], frame: pl.DataFrame, lacking: Iterable[str]) -> None:
    """Raise if a condition of an entry of a data file cannot be meant.

    Parameters
    ----------
    name : str
        Of the entry, as it stands in the file.
    entry : Mapping
        With lists of conditions, or itself a condition.
    frame : pl.DataFrame
        The columns there are.
    lacking : iterable of str
        Columns that these records have not, and others might.

    Raises
    ------
    InputError
        As `validated`; if a column means nothing (``condition_column``), or holds codes where a number is asked
        for or the other way about (``condition_kind``).
    """
    conditions = [c for key in _LISTS for c in entry.get(key, ())] or ([entry] if "column" in entry else [])
    for condition in conditions:
        validated(ColumnCondition, condition, name)
        column = condition["column"]
        if column not in frame.columns and column not in set(lacking):
            raise InputError("condition_column", name=name, column=column)
        if column in frame.columns and not _fits(frame.schema[column], "is" in condition):
            raise InputError("condition_kind", name=name, column=column)


def _fits(dtype: pl.DataType, code: bool) -> bool:
    return dtype == pl.Null or (dtype == pl.String if code else dtype.is_numeric() or dtype == pl.Boolean)


def _level_met(frame: pl.DataFrame, level: Mapping[str, Any]) -> pl.Series:
    parts = [joined(frame, level[key]) for key, joined in (("all", all_of), ("any", any_of)) if key in level]
    if not parts:
        return frame.select(pl.repeat(True, pl.len())).to_series()
    return pl.select(pl.all_horizontal(parts)).to_series()


def _joined(frame: pl.DataFrame, conditions: Sequence[Condition], how: Any) -> pl.Series:
    asked = {str(place): ColumnCondition(**condition) for place, condition in enumerate(conditions)}
    met = conditions_met(asked, frame)
    if not met.width:
        return frame.select(pl.repeat(None, pl.len(), dtype=pl.Boolean)).to_series()
    return met.select(how(pl.all())).to_series()
