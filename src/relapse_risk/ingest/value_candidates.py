"""The code that an unknown cell of a coded column may stand for, by its words alone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from relapse_risk.ingest.cells import compact
from relapse_risk.ingest.codes import Codebook
from relapse_risk.ingest.wording_parts import SPELT, PartsOfWords, Vocabulary, differ_by_one_sign, has_rest
from relapse_risk.policy import CellParts, Code, ValueParts, WordingPartsFile
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
        The known wording of it; its words, where these alone say it.
    grounds : str
        ``parts``, ``weak``, ``spelling`` or ``key``, as `Confidences`.
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
    parts : ValueParts
        By which cells are read.
    file : WordingPartsFile
    """

    topic: str
    wordings: Mapping[str, Code]
    parts: ValueParts
    file: WordingPartsFile

    @classmethod
    def of(cls, codebook: Codebook, table: str, name: str, column: Column, file: WordingPartsFile) -> Self | None:
        """Return what compares cells of a column; None if it has no dictionary."""
        wordings = codebook.wordings(table, name, column)
        if wordings is None:
            return None
        topic = codebook.topic(table, name, column)
        return cls(topic, wordings, codebook.parts.get(topic, ValueParts()), file)

    @cached_property
    def _own(self) -> CellParts:
        """What proposals know of the cells."""
        return self.file.values.get(self.topic, CellParts())

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        """The parts of cells: those of proposals, and the words by which cells are read."""
        more, read = self.file.values.get(_ANY, CellParts()), self.parts
        keys = {word: word for word in map(str, self._own.keys)}
        same = [(_written(word), _written(words[0])) for words in read.same for word in words]
        known = Vocabulary.of({**keys, **more.parts, **self._own.parts}, (*more.weak, *self._own.weak), same)
        ends = {_written(word) for word in (*read.before, *read.behind)} - {*self.wordings, *known.parts}
        known = Vocabulary(known.parts, known.weak | ends)
        pieces = [piece for word in self._worded for piece, said in known.pieces(word) if has_rest(said)]
        return Vocabulary({**{piece: piece for piece in pieces if len(piece) > 1}, **known.parts}, known.weak)

    @cached_property
    def _worded(self) -> tuple[str, ...]:
        """Known wordings without the names of codes."""
        return tuple(known for known in self.wordings if not known.isascii() or known.isdigit() or len(known) == 1)

    @cached_property
    def _known(self) -> Mapping[str, PartsOfWords]:
        return {known: self._vocabulary.taken_apart(known) for known in self._worded}

    @cached_property
    def _codes_of(self) -> Mapping[str, frozenset[tuple[str, Code]]]:
        """The codes of all known wordings that have a word; of a word that says one by itself, this one."""
        found: dict[str, set[tuple[str, Code]]] = {}
        for known, words in self._known.items():
            for word in words - self._vocabulary.weak:
                found.setdefault(word, set()).add(_typed(self.wordings[known]))
        keys = {word: frozenset({_typed(code)}) for word, code in self._own.keys.items()}
        return {**{word: frozenset(codes) for word, codes in found.items()}, **keys}

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
            return self._by_keys(word)
        rivals = {
            _typed(one.code) for one in found if (one.confidence, one.more) == (found[0].confidence, found[0].more)
        }
        return found[0] if len(rivals) == 1 else None

    def _by_keys(self, cell: str) -> ValueCandidate | None:
        """Return the one code that the words of a cell speak of, where little is left over and nothing turns it."""
        pieces = list(self._vocabulary.pieces(cell))
        rest = "".join(piece for piece, said in pieces if has_rest(said))
        longest = 0 if self._own.whole else self.file.rest.longest
        if len(rest) > longest or {*rest} & {*self.file.rest.turning}:
            return None
        # One sign beside what nobody knows may be part of another word: 子 in 侄子.
        words = [
            word for piece, said in pieces if not has_rest(said) and not (rest and len(piece) == 1) for word in said
        ]
        telling = frozenset(words) - self._vocabulary.weak
        if not telling and not rest:
            telling = frozenset(words) & self._own.keys.keys()
        codes = frozenset().union(*(self._codes_of.get(word, frozenset({("", "")})) for word in telling))
        if len(codes) != 1 or (code := next(iter(codes))[1]) == "" or not self._is_said(telling):
            return None
        return self._candidate(code, "、".join(sorted(telling)), "key", len(rest))

    def _is_said(self, telling: PartsOfWords) -> bool:
        """Return whether these words say all that some known wording says, or a code by themselves."""
        return bool(telling & self._own.keys.keys()) or any(
            known - self._vocabulary.weak <= telling for known in self._known.values() if known - self._vocabulary.weak
        )

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
    if bracket and (bracket["more"].startswith(_ONLY_EXPLAINS) or bracket["more"].isdecimal()):
        yield (bracket["word"],)
    elif bracket:
        yield (bracket["word"], bracket["more"])
    words = tuple(filter(None, _OR.split(cell)))
    if len(words) > 1:
        yield words


def _written(word: str) -> str:
    return compact(word).lower()


def _typed(code: Code) -> tuple[str, Code]:
    return type(code).__name__, code
