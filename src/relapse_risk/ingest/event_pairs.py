"""Two lists of the same events, row against row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from relapse_risk.ingest.sides import stated_columns
from relapse_risk.policy import Tolerances

__all__ = ["EventComparison", "Key", "agree", "differing", "join_sides", "paired"]

_DEPARTMENT = "_listed"  # ending of the department's columns beside the register's
_PAIRS = pl.Schema({"_at": pl.UInt32, "_at" + _DEPARTMENT: pl.UInt32})


@dataclass(frozen=True, kw_only=True)
class Key:
    """By what rows of two lists may be the same event.

    Attributes
    ----------
    same : tuple of str
        Columns that are equal.
    day : str or None
        A day that agrees.
    once : bool
        Whether this is a number of the event alone, which says something only where it is once on either side.
    """

    same: tuple[str, ...]
    day: str | None = None
    once: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it needs."""
        return (*self.same, self.day) if self.day else self.same


@dataclass(frozen=True, kw_only=True)
class EventComparison:
    """A comparison of two lists of the same events.

    Attributes
    ----------
    comparison : str
        Its wording is in ``reconcile.toml``.
    table : str
    keys : tuple of Key
        Tried in this order on what the ones before left over.
    compared : tuple of str
        Columns of which a pair is asked whether they agree; the first amount that both (else one) say is
        summed up.
    day : str
        The column of the event's day: only years the department's list speaks of are asked of the register.
    kind : str or None
        A column of kinds: only kinds the department's list speaks of are asked of the register.
    apart : tuple of str
        Columns by which rows of one key of the table are two events, and no versions of one.
    """

    comparison: str
    table: str
    keys: tuple[Key, ...]
    compared: tuple[str, ...]
    day: str
    kind: str | None = None
    apart: tuple[str, ...] = ()


def agree(name: str, dtype: pl.DataType, tolerances: Tolerances) -> pl.Expr:
    """Return whether a column of the register agrees with the department's; null where either is blank."""
    register, department = pl.col(name), pl.col(name + _DEPARTMENT)
    if dtype.is_float():
        larger = pl.max_horizontal(register.abs(), department.abs())
        return (register - department).abs() <= pl.max_horizontal(pl.lit(tolerances.yuan), larger * tolerances.share)
    if dtype == pl.Date:
        near = (register - department).dt.total_days().abs() <= tolerances.days
        one_month = register.dt.month_start() == department.dt.month_start()
        return near | (one_month & ((register == register.dt.month_end()) | (department == department.dt.month_end())))
    return register == department


def differing(names: Sequence[str], both: pl.DataFrame, tolerances: Tolerances) -> pl.Expr:
    """Return the columns in which pairs do not agree, joined by ``+``; null where there are none."""
    found = [
        pl.when(~agree(name, both.schema[name], tolerances)).then(pl.lit(name))
        for name in names
        if name in both.columns and name + _DEPARTMENT in both.columns
    ]
    differing_columns = pl.concat_str(found, separator="+", ignore_nulls=True) if found else pl.lit("")
    return pl.when(differing_columns != "").then(differing_columns)


def join_sides(
    register: pl.DataFrame, department: pl.DataFrame, on: Sequence[str], how: Literal["inner", "full"]
) -> pl.DataFrame:
    """Join the department's rows to the register's; their columns end in ``_listed``."""
    named = department.rename(lambda name: name + _DEPARTMENT)
    return register.join(named, left_on=on, right_on=[name + _DEPARTMENT for name in on], how=how, coalesce=False)


def paired(
    register: pl.DataFrame, department: pl.DataFrame, event: EventComparison, tolerances: Tolerances
) -> pl.DataFrame:
    """Return which rows of two lists are the same event: their positions ``_at`` and ``_at_listed``, each at most once.

    Of several rows that may be the same, those that agree in more columns go together first, then those with nearer
    amounts, then those on nearer days.
    """
    found = pl.DataFrame(schema=_PAIRS)
    register, department = register.with_row_index("_at"), department.with_row_index("_at")
    for key in event.keys:
        if (
            not len(stated_columns(register, key.columns))
            == len(stated_columns(department, key.columns))
            == len(key.columns)
        ):
            continue
        alike = _best_first(_candidates(register, department, key, tolerances), event, tolerances)
        found = pl.concat([found, pl.DataFrame(list(_one_each(alike)), schema=_PAIRS, orient="row")])
        register = register.filter(~pl.col("_at").is_in(found["_at"].implode()))
        department = department.filter(~pl.col("_at").is_in(found["_at" + _DEPARTMENT].implode()))
    return found


def _candidates(register: pl.DataFrame, department: pl.DataFrame, key: Key, tolerances: Tolerances) -> pl.DataFrame:
    both = join_sides(_usable(register, key), _usable(department, key), on=key.same, how="inner")
    return both if key.day is None else both.filter(agree(key.day, both.schema[key.day], tolerances))


def _usable(frame: pl.DataFrame, key: Key) -> pl.DataFrame:
    usable = frame.drop_nulls(list(key.columns))
    return usable.filter(pl.struct(key.same).is_unique()) if key.once else usable


def _best_first(both: pl.DataFrame, event: EventComparison, tolerances: Tolerances) -> pl.DataFrame:
    names = [name for name in event.compared if name in both.columns and name + _DEPARTMENT in both.columns]
    apart = [(pl.col(name) - pl.col(name + _DEPARTMENT)).abs() for name in names if both.schema[name].is_float()]
    unlike = [~agree(name, both.schema[name], tolerances).fill_null(True) for name in names]
    days = [] if event.day not in both.columns else [pl.col(event.day) - pl.col(event.day + _DEPARTMENT)]
    ranked = both.with_columns(
        _unlike=pl.sum_horizontal(pl.lit(0), *unlike),
        _apart=pl.sum_horizontal(pl.lit(0.0), *apart),
        _gap=pl.sum_horizontal(pl.lit(0), *(gap.dt.total_days().abs() for gap in days)),
    )
    return ranked.sort("_unlike", "_apart", "_gap", *_PAIRS, nulls_last=True).select(*_PAIRS)


def _one_each(alike: pl.DataFrame) -> Iterator[tuple[int, int]]:
    register: set[int] = set()
    department: set[int] = set()
    for at, at_listed in alike.iter_rows():
        if at not in register and at_listed not in department:
            register.add(at)
            department.add(at_listed)
            yield at, at_listed
