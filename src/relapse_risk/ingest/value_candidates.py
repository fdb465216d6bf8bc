"""The code that an unknown cell of a coded column may stand for, by its words alone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from relapse_risk.ingest.codes import Codebook
from relapse_risk.ingest.wording_parts import SPELT, PartsOfWords, Vocabulary, differ_by_one_sign, has_rest
from relapse_risk.policy import CellParts, Code, WordingPartsFile
from relapse_risk.records import Column

__all__ = ["ValueCandidate", "ValueMatcher"]

_ANY = "any"
_NUMBER_BEFORE = re.compile(r"^\d+[-.、:,)]+(?=\D)")
_BRACKET = re.compile(r"^(?P<word>[^()]+)\((?P<more>[^()]*)\)$")
_OR = re.compile(r"或者?|/|、")
_ONLY_EXPLAINS = ("含", "包括", "包含")


@dataclass(frozen=True, kw_only=True)
class ValueCandidate:
    """A code that an unknown cell may stand for.

    Attributes
    ----------
    code : bool, int or str
    like : str
        The known wording of it.
    grounds : str
        ``parts``, ``weak`` or ``spelling``, as `Confidences`.
    more : int
        How many parts one has more than the other.
    confidence : float
    """

    code: Code
    like: str
    grounds: str
    more: int
    confidence: float


@dataclass(frozen=True)
class ValueMatcher:
    """Compares cells with the known wordings of a column.

    Attributes
    ----------
    topic : str
        Of the dictionary.
    wordings : Mapping of str to Code
        Known wordings in compact form, and what they stand for.
    file : WordingPartsFile
    """

    topic: str
    wordings: Mapping[str, Code]
    file: WordingPartsFile

    @classmethod
    def of(cls, codebook: Codebook, table: str, name: str, column: Column, file: WordingPartsFile) -> Self | None:
        """Return what compares cells of a column; None if it has no dictionary."""
        wordings = codebook.wordings(table, name, column)
        return None if wordings is None else cls(codebook.topic(table, name, column), wordings, file)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        found = [self.file.values.get(name, CellParts()) for name in (_ANY, self.topic)]
        parts = {part: words for one in found for part, words in one.parts.items()}
        return Vocabulary(parts, frozenset(word for one in found for word in one.weak))

    @cached_property
    def _known(self) -> Mapping[str, PartsOfWords]:
        return {
            known: self._vocabulary.taken_apart(known)
            for known in self.wordings
            if not known.isascii() or known.isdigit() or len(known) == 1
        }

    def best(self, cell: str) -> ValueCandidate | None:
        """Return the known wording that is nearest to a cell; None if none is, or those of several codes are."""
        whole = _NUMBER_BEFORE.sub("", cell)
        for words in _readings(whole):
            found = [self._of_word(word) for word in words]
            candidates = [one for one in found if one is not None and one.code != ""]
            if len(candidates) == len(words) and len({_typed(one.code) for one in candidates}) == 1:
                return min(candidates, key=lambda one: one.confidence)
        return None

    def _of_word(self, word: str) -> ValueCandidate | None:
        if word in self.wordings:
            return self._candidate(self.wordings[word], word, "parts", 0)
        found = sorted(self._candidates(word), key=lambda one: (-one.confidence, one.more, one.like))
        if not found:
            return None
        rivals = {
            _typed(one.code) for one in found if (one.confidence, one.more) == (found[0].confidence, found[0].more)
        }
        return found[0] if len(rivals) == 1 else None

    def _candidates(self, word: str) -> Iterator[ValueCandidate]:
        vocabulary = self._vocabulary
        said = vocabulary.taken_apart(word)
        for known, parts in self._known.items():
            code = self.wordings[known]
            grounds = _grounds(said, parts, vocabulary.weak)
            if grounds is None and has_rest(said) and differ_by_one_sign(word, known, self.file.spelling.distinct):
                grounds = SPELT
            if grounds:
                yield self._candidate(code, known, grounds, len(said ^ parts))

    def _candidate(self, code: Code, like: str, grounds: str, more: int) -> ValueCandidate:
        confidence: float = getattr(self.file.confidence, grounds)
        return ValueCandidate(code=code, like=like, grounds=grounds, more=more, confidence=confidence)


def _grounds(said: PartsOfWords, known: PartsOfWords, weak: frozenset[str]) -> str | None:
    if not said & known - weak:
        return None
    if said == known:
        return "parts"
    return "weak" if said ^ known <= weak else None


def _readings(cell: str) -> Iterator[tuple[str, ...]]:
    """Yield the words that a cell may be made of, all of which must stand for one code."""
    yield (cell,)
    bracket = _BRACKET.match(cell)
    if bracket and bracket["more"].startswith(_ONLY_EXPLAINS):
        yield (bracket["word"],)
    elif bracket:
        yield (bracket["word"], bracket["more"])
    words = tuple(filter(None, _OR.split(cell)))
    if len(words) > 1:
        yield words


def _typed(code: Code) -> tuple[str, Code]:
    return type(code).__name__, code
