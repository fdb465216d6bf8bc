"""Coded cells: dictionaries from data, and the reader of each column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Self

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.cell_columns import Reader
from relapse_risk.ingest.cell_dates import read_date, read_date_of_birth, read_year
from relapse_risk.ingest.cells import (
    Cell,
    Read,
    Reading,
    compact,
    is_digits,
    is_figure,
    is_garbled,
    read_identifier,
    read_number,
    read_text,
    whole,
)
from relapse_risk.ingest.leading_zeros import lost_zeros, with_zeros
from relapse_risk.ingest.masking import bigrams, masked, shown_figure, shown_word
from relapse_risk.ingest.person_counts import read_persons
from relapse_risk.ingest.value_parts import code_by_parts
from relapse_risk.policy import REASONS, Code, CodesFile, ValueParts
from relapse_risk.records import TABLES, Column

__all__ = ["Codebook", "read_code"]

_SINCE = "_since_"
_PERSONS = "persons"  # the unit of columns that count them
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
    parts : Mapping of str to ValueParts
        By which parts cells that are not listed equal wordings, by topic.
    """

    topics: Mapping[str, Mapping[str, Code]]
    topic_of: Mapping[str, str]
    blanks: Mapping[str, frozenset[str]]
    parts: Mapping[str, ValueParts]

    @classmethod
    def of(cls, file: CodesFile, path: str = "codes.toml") -> Self:
        """Make one from the content of a codes file; the path is named where it is refused.

        Raises
        ------
        InputError
            If it gives a code that a column of codes does not have (``code_unknown``).
        """
        blank = {"anywhere": file.blank.anywhere, "text": file.blank.text, "date": file.blank.date}
        topics = {topic: _coded(wordings) for topic, wordings in file.dictionaries.items()}
        _refuse_unknown_codes(file, path)
        causes = {compact(wording): reason.code for reason in REASONS.values() for wording in reason.cause}
        topics["cause"] = {**{code: code for code in REASONS}, **causes, **topics.get("cause", {})}
        blanks = {kind: frozenset(compact(word).lower() for word in words) for kind, words in blank.items()}
        return cls(topics=topics, topic_of=file.dictionary, blanks=blanks, parts=file.parts)

    def reader(
        self,
        table: str,
        name: str,
        column: Column,
        units: Mapping[str, Decimal],
        factor: Decimal = Decimal(1),
        year: int | None = None,
    ) -> Reader:
        """Return what reads a column of an export in rows of a year: by its dictionary, else by its type."""
        wordings = self.wordings(table, name, column, year)
        if wordings is None:
            return self._typed_reader(name, column, units, factor)
        parts = self.parts.get(self.topic(table, name, column))
        read = read_code(wordings, column.codes if column.many else (), parts)
        # "none" is nothing in most columns, and a level of education.
        blanks = self.blanks["anywhere"] - set(wordings)
        return Reader(read=read, dtype=column.dtype, blanks=blanks, show=self.shown)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every two characters that stand side by side in a known wording."""
        return bigrams(wording for wordings in self.topics.values() for wording in wordings)

    def shown(self, cell: object) -> str:
        """Return what may be shown of a word that is not understood, see `shown_word`."""
        return shown_word(cell, self.vocabulary)

    def codes_of(self, table: str, name: str, column: Column) -> frozenset[str]:
        """Return the codes that a column of words may hold, as far as we know them; none where it has no dictionary."""
        wordings = None if column.dtype == pl.Boolean() else self.wordings(table, name, column)
        return frozenset(str(code) for code in (wordings or {}).values())

    def restoring_zeros(self, reader: Reader, table: str, name: str, column: Column, cells: Sequence[Cell]) -> Reader:
        """Return a reader of codes that reads those without their leading zero too, where that is beyond doubt."""
        known = self.topics.get(self.topic_of.get(f"{table}.{name}", name), {})
        zeroed = [code for code in known if code.isdecimal() and code.startswith("0") and len(code) > 1]
        return with_zeros(reader, lost_zeros(cells, known, zeroed)) if zeroed else reader

    def _typed_reader(self, name: str, column: Column, units: Mapping[str, Decimal], factor: Decimal) -> Reader:
        """Return what reads a column by its type alone."""
        kind = "date" if column.dtype == pl.Date() else "text" if column.dtype == pl.String() else "anywhere"
        blanks = self.blanks["anywhere"] | self.blanks[kind]
        show = masked if kind == "text" else shown_figure
        read = _read_typed(name, column, units, factor)
        as_it_is = is_figure if column.dtype.is_float() and factor == 1 else None
        is_value = is_digits if read is read_identifier else as_it_is
        return Reader(read=read, dtype=column.dtype, blanks=blanks, show=show, is_value=is_value)

    def years(self, table: str, name: str) -> tuple[int, ...]:
        """Return from which years on a column has wordings of its own, in order."""
        begins = f"{self.topic_of.get(f'{table}.{name}', name)}{_SINCE}"
        return tuple(sorted(int(topic.removeprefix(begins)) for topic in self.topics if topic.startswith(begins)))

    def implied_by(self, name: str, columns: Mapping[str, Column]) -> Mapping[str, str]:
        """Return the columns of which the cells of a column say something too, each with the dictionary of that."""
        return {target: topic for target in columns if (topic := f"{target}_of_{name}") in self.topics}

    def implied(self, topic: str, column: Column, year: int | None = None) -> Reader:
        """Return what reads in the cells of another column what they say of this one."""
        wordings = self._topic("", topic, year)

        def read(cell: Cell) -> Reading:
            code = wordings.get(compact(cell).lower())
            return Reading() if code == "" else Reading(code)

        return Reader(read=read, dtype=column.dtype)

    def _topic(self, table: str, name: str, year: int | None) -> Mapping[str, Code]:
        """Return the wordings of a column as rows of a year mean them, alone and with a qualifier in brackets."""
        topic = self.topic_of.get(f"{table}.{name}", name)
        wordings = dict(self.topics.get(topic, {}))
        for since in self.years(table, name):
            if year is not None and since <= year:
                wordings |= self.topics[f"{topic}{_SINCE}{since}"]
        of = topic.rpartition("_of_")[2]
        qualifiers = self.topics.get(f"{of}_qualifier", {})
        qualified = {f"{word}({more})": code for word, code in wordings.items() for more in qualifiers}
        return {**qualified, **wordings}

    def topic(self, table: str, name: str, column: Column) -> str:
        """Return the name of the dictionary of a column."""
        return "flag" if column.dtype == pl.Boolean() else self.topic_of.get(f"{table}.{name}", name)

    def wordings(self, table: str, name: str, column: Column, year: int | None = None) -> Mapping[str, Code] | None:
        """Return the dictionary of a column, its codes among the wordings; None if it has none."""
        if column.dtype == pl.Boolean():
            return self.topics["flag"]
        topic = self._topic(table, name, year)
        if not topic and not column.codes:
            return None
        known = {str(code).lower(): code for code in topic.values() if code != ""}
        declared = {code.lower(): int(code) if column.dtype.is_integer() else code for code in column.codes}
        return {**known, **declared, **topic}


def _coded(found: Mapping[str, Code]) -> dict[str, Code]:
    return {compact(wording).lower(): code for wording, code in found.items()}


def _refuse_unknown_codes(file: CodesFile, path: str) -> None:
    """Raise if a dictionary gives a code that a column of codes does not have."""
    for table in TABLES.values():
        for name, column in table.columns.items():
            topic = file.dictionary.get(f"{table.name}.{name}", name)
            strange = {
                wording: code
                for wording, code in file.dictionaries.get(topic, {}).items()
                if column.closed and str(code) not in ("", *column.codes)
            }
            if strange:
                found, known = ", ".join(f"{one} = {code}" for one, code in strange.items()), ", ".join(column.codes)
                raise InputError("code_unknown", path=path, topic=topic, found=found, known=known)


def _read_typed(name: str, column: Column, units: Mapping[str, Decimal], factor: Decimal) -> Read:
    if column.dtype == pl.Date():
        return read_date_of_birth if name == "birth_date" else read_date
    if column.dtype.is_integer():
        read = read_year if name.endswith("year") else whole(read_number(units, factor))
        return read_persons(read) if column.unit == _PERSONS else read
    if column.dtype.is_numeric():
        return read_number(units, factor)
    return read_identifier if name in _IDENTIFIERS else read_text


def read_code(wordings: Mapping[str, Code], order: tuple[str, ...] = (), parts: ValueParts | None = None) -> Read:
    """Return what reads a code, or (with an `order` of codes) a set of codes joined by ``+`` in that order.

    A cell that is no wording as it stands is understood by its `parts`.

    Examples
    --------
    >>> read = read_code({"残疾": "disabled", "长期慢性病": "chronic"}, order=("chronic", "disabled"))
    >>> read("残疾，长期慢性病").value, read("较差").rule
    ('chronic+disabled', 'unknown_code')
    """
    by_parts = code_by_parts(wordings, parts or ValueParts())

    def code_of(text: str) -> Code | None:
        return wordings[text] if text in wordings else by_parts(text)

    def read(cell: Cell) -> Reading:
        text = compact(cell).lower()
        code = code_of(text)
        if code is not None:
            return Reading() if code == "" else Reading(code)
        several = {code_of(part) for part in _BETWEEN.split(text)} if order else {None}
        if several <= set(order):
            return Reading("+".join(code for code in order if code in several))
        return Reading(rule="garbled" if is_garbled(text) else "unknown_code")

    return read
