"""The declaration of a feature and of the function that builds a group of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.policy import REASONS
from relapse_risk.records import TABLES, AsOfView, Records

__all__ = ["UNITS", "Build", "Builder", "Feature"]

UNITS = ("yuan", "share", "ratio", "log", "log1p", "index", "persons", "count", "months", "years", "year", "none")
"""What a value is measured in. `share` reads as per cent, `ratio` as times; `log` is 0 at equality, `log1p` (signed) at
none; `none` is a flag or a code."""

_NONE_AT_ZERO = frozenset({"yuan", "share", "log1p", "persons", "count", "none"})

Build = Callable[[AsOfView], pl.DataFrame]
"""From what was known on a day to one row per household that has any of the builder's records."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One column: what it says, what it needs, how it reads.

    Attributes
    ----------
    name : str
        Column name, unique among all builders.
    table : str
        The record table it is made from.
    columns : tuple of str
        The columns it needs, besides the keys: ``column`` of `table`, ``table.column`` of another, ``a|b`` where either
        will do.
    reason : str
        The reason (a key of ``REASONS``) its effect is counted under.
    unit : str
        One of `UNITS`.
    zh, en : str
        What it is called.
    sign : int
        +1 if more of it raises the risk, -1 if more of it lowers it, 0 if nothing is assumed.
    kind : str
        ``number``, ``flag`` (0 or 1) or ``code`` (text).
    role : str
        ``predictor`` enters models; ``figure`` only fills sentences; ``fact`` is what only hard rules and classes need.
    empty : float or None
        The value of a household for which its builder has no row: 0 for events that did not happen, None for unknown.
        A table or column that says nothing of anybody (`is_recorded`) does not say so either: it is unknown of all.
    sentence : Mapping of str to str, or None
        By language, a sentence with placeholders, ``{feature}`` or for a change ``{feature:+}``, used where every value
        in it is there. Where this feature is zero and that means none (`zero_is_none`), it says nothing.
    absent : Mapping of str to str, or None
        The sentence where this feature is zero.
    words : str or None
        For codes, the topic of ``wordings.toml`` with the wording of each code.

    Raises
    ------
    InputError
        If the reason, the unit or another word is none of those above (``feature_word``).

    Examples
    --------
    >>> age = Feature(name="head_age", table="members", columns=("birth_date|birth_year",), reason="labour",
    ...               unit="years", zh="户主年龄", en="age of the head")
    >>> age.needs
    (('members', ('birth_date', 'birth_year')),)
    """

    name: str
    table: str
    columns: tuple[str, ...]
    reason: str
    unit: str
    zh: str
    en: str
    sign: int = 0
    kind: Literal["number", "flag", "code"] = "number"
    role: Literal["predictor", "figure", "fact"] = "predictor"
    empty: float | None = None
    sentence: Mapping[str, str] | None = None
    absent: Mapping[str, str] | None = None
    words: str | None = None

    def __post_init__(self) -> None:
        self._check("reason", self.reason, tuple(REASONS))
        self._check("unit", self.unit, UNITS)
        self._check("sign", self.sign, (-1, 0, 1))
        self._check("kind", self.kind, ("number", "flag", "code"))
        self._check("role", self.role, ("predictor", "figure", "fact"))

    def _check(self, part: str, found: object, allowed: tuple[object, ...]) -> None:
        if found not in allowed:
            raise InputError(
                "feature_word", name=self.name, part=part, found=found, allowed=", ".join(map(str, allowed))
            )

    @property
    def needs(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each column needed, as its table and the columns any one of which will do."""
        return tuple(_parsed(self.table, column) for column in self.columns)

    @property
    def zero_is_none(self) -> bool:
        """Whether a zero means that there is nothing, not that a quantity is zero."""
        return self.unit in _NONE_AT_ZERO

    @property
    def dtype(self) -> pl.DataType:
        """The type of its column."""
        return pl.String() if self.kind == "code" else pl.Float64()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes it may hold, where it bears the name of a column of codes, as it stands; empty if any may be."""
        if self.kind != "code" or self.columns != (self.name,) or self.table not in TABLES:
            return ()
        column = TABLES[self.table].columns.get(self.name)
        return column.codes if column is not None and column.closed else ()

    def is_recorded(self, known: Records) -> bool:
        """Return whether its table, and each column it needs, says something of somebody (`Records.tells`)."""
        return known.tells(self.table) and all(
            any(known.tells(table, column) for column in columns) for table, columns in self.needs
        )

    def lack(self, known: Records) -> str | None:
        """Return what it needs and the records do not have: ``table x`` or ``column y of x``; None if all is there."""
        for table, columns in ((self.table, ()), *self.needs):
            if not known.has(table):
                return f"table {table}"
            if columns and not any(known.has(table, column) for column in columns):
                return f"column {' or '.join(columns)} of {table}"
        return None


def _parsed(table: str, column: str) -> tuple[str, tuple[str, ...]]:
    *named, columns = column.split(".")
    return (named[0] if named else table), tuple(columns.split("|"))


@dataclass(frozen=True, kw_only=True)
class Builder:
    """A group of features and the function that makes them.

    Attributes
    ----------
    name : str
        What it is called in messages.
    features : tuple of Feature
        What it makes.
    build : callable
        Called with the view of the as-of day (`AsOfView`), only where some feature has all it needs; returns
        ``household_id`` (no household twice) and a column for each feature that has all it needs. Households left out
        get each feature's `empty`.
    """

    name: str
    features: tuple[Feature, ...]
    build: Build
