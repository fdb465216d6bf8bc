"""What coded cells say: dictionaries from data, and the reader each column is read with."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import (
    Cell,
    Read,
    Reading,
    compact,
    read_date,
    read_identifier,
    read_number,
    read_text,
    read_year,
    whole,
)
from relapse_risk.policy import REASONS
from relapse_risk.records import Column

__all__ = ["Codebook", "read_code", "typed_reader"]

_BETWEEN = re.compile(r"[,;、/+|]")
_IDENTIFIERS = ("household_id", "person_id", "loan_id", "event_id", "village_code")


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """Dictionaries of wordings (``codes.toml``).

    Attributes
    ----------
    topics : Mapping of str to Mapping
        Wording to code, by topic.
    topic_of : Mapping of str to str
        The topic of ``table.column``, where it is not the column's own name.
    blanks : Mapping of str to frozenset of str
        Wordings that say nothing: anywhere, in text, in dates.
    """

    topics: Mapping[str, Mapping[str, Any]]
    topic_of: Mapping[str, str]
    blanks: Mapping[str, frozenset[str]]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Make one from the content of a codes file.

        Raises
        ------
        InputError
            If it is not tables of wordings (``codes_unusable``).
        """
        try:
            blanks = {kind: frozenset(compact(word).lower() for word in words) for kind, words in data["blank"].items()}
            topics = {
                topic: {compact(wording).lower(): code for wording, code in wordings.items()}
                for topic, wordings in data.items()
                if topic not in ("blank", "dictionary")
            }
            topic_of = dict(data["dictionary"])
        except (AttributeError, KeyError, TypeError) as error:
            raise InputError("codes_unusable", problem=repr(error)) from error
        causes = {compact(wording): reason.code for reason in REASONS.values() for wording in reason.cause}
        topics["cause"] = {**{code: code for code in REASONS}, **causes, **topics.get("cause", {})}
        return cls(topics=topics, topic_of=topic_of, blanks=blanks)

    def wordings(self, table: str, name: str, column: Column) -> Mapping[str, Any] | None:
        """Return the dictionary of a column, its codes among the wordings; None if it has none."""
        if column.dtype == pl.Boolean():
            return self.topics["flag"]
        topic = self.topics.get(self.topic_of.get(f"{table}.{name}", name))
        if topic is None and not column.codes:
            return None
        codes = {code.lower(): int(code) if column.dtype.is_integer() else code for code in column.codes}
        return {
            **codes,
            **{code: code for code in (topic or {}).values() if code and isinstance(code, str)},
            **(topic or {}),
        }

    def blanks_of(self, column: Column) -> Iterable[str]:
        """Return the wordings that say nothing in a column."""
        if column.dtype == pl.Date():
            return self.blanks["anywhere"] | self.blanks["date"]
        if column.dtype == pl.String() and not column.codes:
            return self.blanks["anywhere"] | self.blanks["text"]
        return self.blanks["anywhere"]

    def reader(self, table: str, name: str, column: Column, units: Mapping[str, Decimal], factor: Decimal) -> Read:
        """Return what reads a column of an export: its dictionary, else what its type asks for."""
        wordings = self.wordings(table, name, column)
        if wordings is None:
            return typed_reader(name, column, units, factor)
        return read_code(wordings, tuple(column.codes) if column.many else ())


def typed_reader(name: str, column: Column, units: Mapping[str, Decimal], factor: Decimal) -> Read:
    """Return what reads a column that has no dictionary."""
    if column.dtype == pl.Date():
        return read_date
    if column.dtype.is_integer():
        return read_year if name.endswith("year") else whole(read_number(units, factor))
    if column.dtype.is_numeric():
        return read_number(units, factor)
    return read_identifier if name in _IDENTIFIERS else read_text


def read_code(wordings: Mapping[str, Any], order: tuple[str, ...] = ()) -> Read:
    """Return what reads a code, or (with an `order` of codes) a set of codes joined by ``+`` in that order.

    Examples
    --------
    >>> read = read_code({"残疾": "disabled", "长期慢性病": "chronic"}, order=("chronic", "disabled"))
    >>> read("残疾，长期慢性病").value, read("较差").rule
    ('chronic+disabled', 'unknown_code')
    """

    def read(cell: Cell) -> Reading:
        text = compact(cell).lower()
        if text in wordings:
            code = wordings[text]
            return Reading() if code == "" else Reading(code)
        parts = {wordings.get(part) for part in _BETWEEN.split(text)} if order else {None}
        if parts <= set(order):
            return Reading("+".join(code for code in order if code in parts))
        return Reading(rule="garbled" if "\ufffd" in text else "unknown_code")

    return read
