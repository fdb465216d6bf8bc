"""What exports of others say in their own words: ``aliases.toml`` for sheets and headers, ``codes.toml`` for cells."""

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from relapse_risk.policy.files import read_data
from relapse_risk.policy.model import Entries, PolicyModel, refuse

__all__ = [
    "AliasesFile",
    "BlankCells",
    "Code",
    "CodesFile",
    "HeaderAlias",
    "HeaderParts",
    "MadeFor",
    "PartsFile",
    "ValueParts",
]


def _factor(value: object) -> Decimal:
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool) and isfinite(value)
    if not number or not (factor := Decimal(str(value))) > 0:
        refuse("allowed_above", gt=0)
    return factor


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _code(value: object) -> bool | int | str:
    if not isinstance(value, bool | int | str):
        refuse("allowed_code")
    return value


Factor = Annotated[Decimal, PlainValidator(_factor)]
Texts = Entries[str]
Code = bool | int | str
Codes = Mapping[str, Annotated[Code, PlainValidator(_code)]]
"""Wording to code."""


class HeaderAlias(PolicyModel):
    """What a header wording stands for; a text is the column alone.

    Attributes
    ----------
    column : str
        The column of the table.
    factor : Decimal
        What a cell without a unit of its own is multiplied by.
    negated : bool
        Whether yes means no.
    part : bool
        Whether several such headers are added up into the column.
    rivals : tuple of str
        Other columns that the wording may stand for as well: the sheet must say for which.

    Examples
    --------
    >>> HeaderAlias(column="loss", factor=Decimal(10000)).is_plain
    False
    """

    column: str
    factor: Factor = Decimal(1)
    negated: bool = False
    part: bool = False
    rivals: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, data: object) -> object:
        return {"column": data} if isinstance(data, str) else data

    @property
    def is_plain(self) -> bool:
        """Whether the column holds what is under the header, as it is there."""
        return self.factor == 1 and not self.negated and not self.part


class HeaderParts(PolicyModel):
    """Parts of headers of one kind of column, by which a header that is not listed may equal a listed one.

    Attributes
    ----------
    same, same_ends : tuple of tuple of str
        Words that say the same: in any place, and at the end alone.
    before, behind : tuple of str
        Words that a header may have more than a listed one, at its beginning and at its end.
    needs : tuple of str
        Words of which such a header must have one; empty: none is needed.
    """

    same: Entries[Texts] = ()
    same_ends: Entries[Texts] = ()
    before: Texts = ()
    behind: Texts = ()
    needs: Texts = ()


class PartsFile(PolicyModel):
    """Parts of headers, by kind of column (``any`` holds for each); and by table the words for what it is about."""

    any: HeaderParts
    number: HeaderParts
    place: HeaderParts
    day: HeaderParts
    year: HeaderParts
    flag: HeaderParts
    amount: HeaderParts
    word: HeaderParts
    subjects: Mapping[str, Texts]

    def of_kind(self, kind: str) -> tuple[HeaderParts, HeaderParts]:
        """Return the parts that hold for a kind of column."""
        own = getattr(self, kind)
        assert isinstance(own, HeaderParts)
        return self.any, own


class IgnoredHeaders(PolicyModel):
    """Headers that are understood and not needed."""

    headers: Texts


class OtherRows(PolicyModel):
    """What rows that are no records begin with."""

    totals: Texts
    remarks: Texts


class ExportDate(PolicyModel):
    """What stands before the day of an export."""

    labels: Texts


class SheetNames(PolicyModel):
    """What names of sheets and files say.

    Attributes
    ----------
    endings : tuple of str
        What may be behind a known name, or be missing there, and says nothing of what it lists.
    some_members, all_members, of_members : tuple of str
        Words of a list of persons that names only some of the members of households, of one that names all whatever
        else it says, and of one of members as such.
    """

    endings: Texts
    some_members: Texts
    all_members: Texts
    of_members: Texts


class MadeFor(PolicyModel):
    """A sheet that a file of proposals was made for.

    Attributes
    ----------
    source, sheet : str
    fingerprint : str
        Of its headers, in any order.
    headers : tuple of str
    """

    source: str
    sheet: str
    fingerprint: str
    headers: Texts


class AliasesFile(PolicyModel):
    """What ``aliases.toml`` holds.

    Attributes
    ----------
    sheets : Mapping of str to tuple of str
        The tables a sheet feeds.
    headers : Mapping of str to Mapping of str to HeaderAlias
        What a header stands for, by table; ``any`` holds for every table that has the column.
    parts : PartsFile
    ignored : IgnoredHeaders
    rows : OtherRows
    export_date : ExportDate
    units : Mapping of str to Decimal
        What an amount in a unit is multiplied by.
    names : SheetNames
    told_by : Mapping of str to tuple of str
        Words by which a sheet says which of the columns that a header may stand for is meant.
    made_for : tuple of MadeFor
        The sheets that a user's file was made for by proposals.
    """

    sheets: Mapping[str, Annotated[Texts, BeforeValidator(_several)]]
    headers: Mapping[str, Mapping[str, HeaderAlias]]
    parts: PartsFile
    ignored: IgnoredHeaders
    rows: OtherRows
    export_date: ExportDate
    units: Mapping[str, Factor]
    names: SheetNames
    told_by: Mapping[str, Texts]
    made_for: tuple[MadeFor, ...] = ()


class BlankCells(PolicyModel):
    """Wordings that say nothing: anywhere, in text, in dates."""

    anywhere: Texts
    text: Texts
    date: Texts


class ValueParts(PolicyModel):
    """Parts of the wordings of one dictionary, by which a cell that is not listed may equal a listed wording.

    Attributes
    ----------
    same : tuple of tuple of str
        Words that say the same, in any place.
    before, behind : tuple of str
        Words that a cell may have more than a listed wording, at its beginning and at its end.
    """

    same: Entries[Texts] = ()
    before: Texts = ()
    behind: Texts = ()


class CodesFile(PolicyModel):
    """What ``codes.toml`` holds: besides these, a table of wordings for each dictionary.

    Attributes
    ----------
    blank : BlankCells
    dictionary : Mapping of str to str
        The dictionary of ``table.column``, where it is not the column's own name.
    parts : Mapping of str to ValueParts
        By dictionary.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Codes] = Field(init=False)

    blank: BlankCells
    dictionary: Mapping[str, str]
    parts: Mapping[str, ValueParts]

    @classmethod
    def known_keys(cls, data: Mapping[str, object]) -> tuple[str, ...]:
        """Return the known dictionaries: the built-in ones, and those that the file names itself."""
        named = data.get("dictionary")
        own = map(str, named.values()) if isinstance(named, Mapping) else ()
        return tuple(dict.fromkeys((*read_data("codes"), *own)))

    @property
    def dictionaries(self) -> Mapping[str, Codes]:
        """The wordings and their codes, by dictionary."""
        return self.__pydantic_extra__
