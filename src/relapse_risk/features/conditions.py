"""Conditions of data files as Polars expressions: the one place where they are compiled."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.features.declare import Builder
from relapse_risk.features.lower_bounds import PARTLY
from relapse_risk.policy import ColumnCondition, near_names
from relapse_risk.policy.mechanism import AssessmentLevel

__all__ = [
    "all_of",
    "any_of",
    "check_code",
    "check_column",
    "check_conditions",
    "codes_of",
    "first_level",
    "is_met",
]

_UNKNOWN = pl.lit(None, dtype=pl.Boolean)


def is_met(condition: ColumnCondition, columns: Collection[str]) -> pl.Expr:
    """Return whether a condition is met: true, false, or null where the row does not say.

    A sum of which a part is unknown (``PARTLY``) is at least what is known: it may be known to reach a bound, and to
    exceed one that it must not, but never to stay below.

    Parameters
    ----------
    condition : ColumnCondition
    columns : collection of str
        Those there are; of a condition on another it is not known whether it is met.

    Examples
    --------
    >>> frame = pl.DataFrame({"ratio": [9.0, 1.0, None], "grade": ["D", None, "A"]})
    >>> poor, unsafe = ColumnCondition(column="ratio", below=1.5), ColumnCondition(column="grade", **{"is": "D"})
    >>> frame.select(is_met(one, frame.columns) for one in (poor, unsafe)).rows()
    [(False, True), (True, None), (None, False)]
    """
    if condition.column not in columns:
        return _UNKNOWN
    column, bound = pl.col(condition.column), condition.bound
    if bound is None:
        return column.cast(pl.String) == condition.code
    met = _compared(column.cast(pl.Float64).fill_nan(None), condition.test, bound)
    partly = PARTLY.get(condition.column)
    if partly not in columns:
        return met
    # Of more than what is known, what is reached stays reached and what is exceeded stays exceeded.
    sure = met if condition.test in ("at_least", "above") else ~met
    return pl.when((pl.col(str(partly)).cast(pl.Float64) == 0) | sure).then(met)


def _compared(value: pl.Expr, test: str, bound: float) -> pl.Expr:
    if test == "at_least":
        return value >= bound
    if test == "at_most":
        return value <= bound
    return value > bound if test == "above" else value < bound


def any_of(conditions: Sequence[ColumnCondition], columns: Collection[str]) -> pl.Expr:
    """Return whether one of several conditions holds: true, false, or null where that is not known.

    Of a condition on a column that is not there it is not known whether it is met.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [1.0, 0.0, 0.0, None], "b": [None, None, 0.0, 1.0]})
    >>> asked = [ColumnCondition(column=name, at_least=1) for name in ("a", "b", "c")]
    >>> found = frame.select(any=any_of(asked, frame.columns), all=all_of(asked, frame.columns))
    >>> found["any"].to_list(), found["all"].to_list()
    ([True, None, None, True], [None, False, False, None])
    """
    return pl.any_horizontal(_met(conditions, columns)) if conditions else _UNKNOWN


def all_of(conditions: Sequence[ColumnCondition], columns: Collection[str]) -> pl.Expr:
    """Return whether all of several conditions hold, as `any_of`."""
    return pl.all_horizontal(_met(conditions, columns)) if conditions else _UNKNOWN


def first_level(levels: Mapping[str, AssessmentLevel], columns: Collection[str]) -> pl.Expr:
    """Return the first level whose conditions hold; null if an earlier one is unknown, or none holds.

    Parameters
    ----------
    levels : Mapping of str to AssessmentLevel
        By code. A level without conditions takes whom none before it took.
    columns : collection of str
        Those there are.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> levels = read_policy().mechanism.classes.factor["depth"].level
    >>> frame = pl.DataFrame({"income_lowest": [0.4, 0.9, 2.0, None], "below_line_count": [1, 1, 0, None]})
    >>> frame.select(first_level(levels, frame.columns)).to_series().to_list()
    ['deep', 'poor', 'above', None]
    """
    found: pl.Expr = pl.lit(None, dtype=pl.String)
    for code, level in reversed(list(levels.items())):
        met = _level_met(level, columns)
        found = pl.when(met).then(pl.lit(code)).when(~met).then(found)
    return found


def check_conditions(
    table: str,
    conditions: Iterable[tuple[str, ColumnCondition]],
    frame: pl.DataFrame,
    missing: Collection[str],
    *,
    file: str,
    codes: Mapping[str, Collection[str]],
) -> None:
    """Raise if a condition of a data file cannot be meant.

    Parameters
    ----------
    table : str
        Where they are in the mechanism.
    conditions : iterable of (str, ColumnCondition)
        With the key of each in the table.
    frame : pl.DataFrame
        The columns there are.
    missing : collection of str
        Columns that these records have not, and others might.
    file : str
        The file they stand in (`Policy.file`).
    codes : Mapping of str to collection of str
        What columns of codes may hold (`codes_of`); one that is not named may hold any.

    Raises
    ------
    InputError
        If there is no such column (``condition_column``, with the names most like it), it holds codes where a number is
        asked for or the other way about (``condition_kind``), or never the code asked for (``condition_code``).
    """
    for key, condition in conditions:
        name, column = f"{table}.{key}" if key else table, condition.column
        check_column(name, column, frame.columns, missing, file=file)
        if column in frame.columns and not _fits(frame.schema[column], condition.code is not None):
            raise InputError("condition_kind", path=file, name=name, column=column)
        check_code(name, condition, codes, file=file)


def check_column(name: str, column: str, columns: Collection[str], missing: Collection[str], *, file: str) -> None:
    """Raise if a data file names a column that there is none of, under the key `name`; else as `check_conditions`.

    Raises
    ------
    InputError
        With the names most like it (``condition_column``).
    """
    if column not in columns and column not in missing:
        like = near_names(column, sorted({*columns, *missing}))
        raise InputError("condition_column", path=file, name=name, column=column, like=like)


def check_code(name: str, condition: ColumnCondition, codes: Mapping[str, Collection[str]], *, file: str) -> None:
    """Raise if a condition asks for a code that its column never holds: nobody would meet it, in silence.

    Parameters
    ----------
    name : str
        Its key in the file.
    condition : ColumnCondition
    codes : Mapping of str to collection of str
        What columns of codes may hold (`codes_of`).
    file : str
        The file it stands in (`Policy.file`).

    Raises
    ------
    InputError
        If there is no such code (``condition_code``).
    """
    column, code = condition.column, condition.code
    if code is not None and code not in codes.get(column, (code,)):
        known = ", ".join(codes[column])
        raise InputError("condition_code", path=file, name=name, column=column, found=code, known=known)


def codes_of(builders: Iterable[Builder]) -> dict[str, tuple[str, ...]]:
    """Return the codes of each feature that is read from a column of codes.

    Examples
    --------
    >>> from relapse_risk.features import DEFAULT_BUILDERS
    >>> codes_of(DEFAULT_BUILDERS)["house_grade"]
    ('A', 'B', 'C', 'D')
    """
    return {feature.name: feature.codes for builder in builders for feature in builder.features if feature.codes}


def _fits(dtype: pl.DataType, code: bool) -> bool:
    return dtype == pl.Null or (dtype == pl.String if code else dtype.is_numeric() or dtype == pl.Boolean)


def _met(conditions: Sequence[ColumnCondition], columns: Collection[str]) -> list[pl.Expr]:
    return [is_met(condition, columns) for condition in conditions]


def _level_met(level: AssessmentLevel, columns: Collection[str]) -> pl.Expr:
    met = [all_of(level.all_of, columns)] if level.all_of else []
    met += [any_of(level.any_of, columns)] if level.any_of else []
    return pl.all_horizontal(met) if met else pl.lit(True)
