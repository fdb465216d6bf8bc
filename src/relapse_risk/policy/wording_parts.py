"""What headers and cells of exports are made of: what ``parts.toml`` holds."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from relapse_risk.policy.exports import Code
from relapse_risk.policy.model import Entries, PolicyModel

__all__ = ["CellParts", "Confidences", "WordingPartsFile"]

Confidence = Annotated[float, Field(gt=0, lt=1)]
Words = Entries[str]


class ExtraWords(PolicyModel):
    """Parts of one standing."""

    words: Words


class Spelling(PolicyModel):
    """Signs that are never one written for another."""

    distinct: str


class CellParts(PolicyModel):
    """Parts of the cells of a dictionary.

    Attributes
    ----------
    parts : Mapping of str to str
        As `WordingPartsFile.headers`.
    weak : tuple of str
        Parts that may be more or fewer.
    keys : Mapping of str to Code
        Words that say a code by themselves, beside those that all known wordings of one code and of no other have.
    whole : bool
        Whether nothing may be left over beside these, because any word more makes another thing of it.
    """

    parts: Mapping[str, str] = Field(default_factory=dict)
    weak: Words = ()
    keys: Mapping[str, Code] = Field(default_factory=dict)
    whole: bool = False


class Rest(PolicyModel):
    """What a cell may have besides the words that say its code.

    Attributes
    ----------
    longest : int
        How many signs of it may be no known part.
    turning : str
        Signs that none of these may be, since they turn what is said, or take it back.
    """

    longest: Annotated[int, Field(ge=0)]
    turning: str


class Confidences(PolicyModel):
    """How sure a proposal on these grounds is said to be, from 0 to 1.

    Attributes
    ----------
    parts : float
        Both wordings have the same parts.
    weak : float
        They differ by parts that may be more or fewer.
    topic : float
        They differ by what the sheet is about.
    spelling : float
        They differ by one sign.
    key : float
        A cell has words of one code, and something besides that nobody knows.
    cells : float
        The cells alone say it.
    table : float
        At most this, where what the sheet lists is itself only proposed.
    """

    parts: Confidence
    weak: Confidence
    topic: Confidence
    spelling: Confidence
    table: Confidence
    key: Confidence
    cells: Confidence


class WordingPartsFile(PolicyModel):
    """What ``parts.toml`` holds.

    Attributes
    ----------
    headers : Mapping of str to str
        Part of a header, and what it says: words separated by blanks.
    weak, generic : ExtraWords
        Such words that may be more or fewer, and that two headers must not have alone in common.
    alone : ExtraWords
        Those of them that say too little even of a sheet that is all about one thing.
    notes : ExtraWords
        What a bracket says that only explains how to fill a column in.
    topics : Mapping of str to tuple of str
        What need not be said of a table's sheets.
    values : Mapping of str to CellParts
        The same of cells, by dictionary; ``any`` holds for all of them.
    rest : Rest
    spelling : Spelling
    confidence : Confidences
    """

    headers: Mapping[str, str]
    weak: ExtraWords
    generic: ExtraWords
    alone: ExtraWords
    notes: ExtraWords
    topics: Mapping[str, Words]
    values: Mapping[str, CellParts]
    rest: Rest
    spelling: Spelling
    confidence: Confidences
