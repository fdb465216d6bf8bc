"""Wordings taken apart: what an unknown one has in common with a known one, and what it has more or less."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from rapidfuzz.distance import OSA

__all__ = ["SPELT", "PartsOfWords", "Vocabulary", "differ_by_one_sign", "has_rest"]

SPELT = "spelling"
"""The grounds that two wordings differ by one sign."""
_REST = "?"

PartsOfWords = frozenset[str]
"""What a wording says, in words; a rest that is no known part stands for itself behind a question mark."""

_SIGNS = re.compile(r"[\s()\[\]{}<>《》【】、,;:/|.。·'\"“”*_+-]+")


@dataclass(frozen=True)
class Vocabulary:
    """Parts of wordings and what they say.

    Attributes
    ----------
    parts : Mapping of str to str
        Part to words, separated by blanks; "" says nothing.
    weak : frozenset of str
        Words that two wordings of the same meaning may have more or fewer.

    Examples
    --------
    >>> known = Vocabulary({"身份证": "证件", "证件": "证件", "号码": "号", "号": "号"}, frozenset())
    >>> sorted(known.taken_apart("身份证号")) == sorted(known.taken_apart("证件号码"))
    True
    >>> sorted(known.taken_apart("配偶证件号"))
    ['?配偶', '号', '证件']
    """

    parts: Mapping[str, str]
    weak: frozenset[str]

    @classmethod
    def of(cls, parts: Mapping[str, str], weak: Iterable[str], same: Iterable[tuple[str, str]]) -> Self:
        """Make one of parts, and of words that say what others do: pairs of a word and another, taken apart itself.

        Examples
        --------
        >>> known = Vocabulary.of({"医保": "医保"}, (), [("新农合", "医保"), ("异地", "易地"), ("易地", "易地")])
        >>> sorted(known.taken_apart("新农合")), known.taken_apart("异地") == known.taken_apart("易地")
        (['医保'], True)
        """
        own = cls(parts, frozenset(weak))
        found: dict[str, str] = {}
        for word, first in same:
            if first and not _SIGNS.search(word):
                said = own.taken_apart(first)
                found.setdefault(word, first if has_rest(said) else " ".join(sorted(said)))
        return cls({**found, **parts}, own.weak)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = sorted({*self.parts, *self.weak}, key=lambda word: (-len(word), word))
        return re.compile("|".join(map(re.escape, words)) or r"(?!)")

    def pieces(self, wording: str) -> Iterator[tuple[str, PartsOfWords]]:
        """Yield a wording in compact form piece by piece, the longest known part first, with what each says.

        Examples
        --------
        >>> known = Vocabulary({"初级中学": "初 中"}, frozenset({"毕业"}))
        >>> [(piece, sorted(said)) for piece, said in known.pieces("初级中学已毕业")]
        [('初级中学', ['中', '初']), ('已', ['?已']), ('毕业', ['毕业'])]
        """
        for piece in filter(None, _SIGNS.split(wording)):
            end = 0
            for match in self._pattern.finditer(piece):
                yield from _rest(piece[end : match.start()])
                yield match[0], frozenset(self.parts.get(match[0], match[0]).split())
                end = match.end()
            yield from _rest(piece[end:])

    def taken_apart(self, wording: str) -> PartsOfWords:
        """Return all that a wording in compact form says."""
        return frozenset().union(*(said for _, said in self.pieces(wording)))


def differ_by_one_sign(one: str, other: str, distinct: str, *, least: int = 5) -> bool:
    """Return whether one sign was written for another, or two changed places: none that makes another word.

    Examples
    --------
    >>> differ_by_one_sign("易地扶贫般迁", "易地扶贫搬迁", "净性")
    True
    >>> differ_by_one_sign("经营净收入", "经营性收入", "净性")
    False
    """
    if len(one) != len(other) or len(one) < least or OSA.distance(one, other, score_cutoff=1) != 1:
        return False
    return not any(a in distinct or b in distinct for a, b in zip(one, other, strict=True) if a != b)


def has_rest(said: PartsOfWords) -> bool:
    """Return whether a wording has a rest that is no known part."""
    return any(word.startswith(_REST) for word in said)


def _rest(text: str) -> Iterator[tuple[str, PartsOfWords]]:
    if text:
        yield text, frozenset({f"{_REST}{text}"})
