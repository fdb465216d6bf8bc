"""Headers that no list names, understood by their parts.

A header equals a listed one where nothing is left over: what says the same is written alike in both, and the header
may have more at its ends only of what changes nothing. What does so depends on the kind of column: 合计 behind an
amount changes nothing, and 贷款 before a day says what its table is about anyway.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

from relapse_risk.ingest.cells import compact
from relapse_risk.ingest.sheet_schema import columns_of
from relapse_risk.policy import HeaderAlias, HeaderParts, PartsFile
from relapse_risk.records import ADDRESS_COLUMNS, Column

__all__ = ["KINDS", "Forms", "by_form", "forms_of", "header_forms", "kind_of", "listed_form"]

KINDS = ("number", "place", "day", "year", "flag", "amount", "word")
"""Kinds of columns, by which parts of their headers are compared (``[parts]`` of ``aliases.toml``)."""

_NUMBERS = ("id_number", "head_id_number", "certificate_number")
_NOTHING = r"(?!)"  # a pattern that finds nothing
_SHORTEST = 2  # signs that must be left of a header, but for an area: 所在镇
_AREAS = frozenset("省市州县区乡镇村组")
# Before a place or a yes or no, what a table is about is not the same: 务工所在省份 is not the household's province.
_WITH_SUBJECT = frozenset(("day", "amount", "word"))


def kind_of(name: str, column: Column) -> str:
    """Return the kind of a column.

    Examples
    --------
    >>> kind_of("started_on", Column(dtype=pl.Date())), kind_of("county", Column(dtype=pl.String()))
    ('day', 'place')
    """
    if name in _NUMBERS:
        return "number"
    if name in ADDRESS_COLUMNS:
        return "place"
    if column.dtype in (pl.Date(), pl.Boolean()):
        return "day" if column.dtype == pl.Date() else "flag"
    if column.dtype.is_numeric() and not column.codes:
        return "year" if name.endswith("year") else "amount"
    return "word"


@dataclass(frozen=True, kw_only=True, eq=False)  # a key of caches: the same object, or another
class Forms:
    """What makes headers of one kind of column, in one table, equal.

    Attributes
    ----------
    same, same_ends : tuple of (str, str)
        Words, and how all that say the same are written: in any place, and at the end alone. Longest first.
    before, behind : tuple of str
        Words that a header may have more than a listed one. Longest first.
    needs : tuple of str
        Words of which a header must have one; empty: none is needed.
    """

    same: tuple[tuple[str, str], ...]
    same_ends: tuple[tuple[str, str], ...]
    before: tuple[str, ...]
    behind: tuple[str, ...]
    needs: tuple[str, ...]

    @cached_property
    def written(self) -> Mapping[str, str]:
        """How each word of `same` is written."""
        return dict(self.same)

    @cached_property
    def words(self) -> re.Pattern[str]:
        """Finds the words of `same`."""
        return re.compile("|".join(map(re.escape, self.written)) or _NOTHING)

    @classmethod
    def of(cls, parts: Sequence[HeaderParts], subjects: Iterable[str]) -> "Forms":
        """Make one of several tables of parts, and of the words for what a table is about."""
        return cls(
            same=_written(words for one in parts for words in one.same),
            same_ends=_written(words for one in parts for words in one.same_ends),
            before=_longest([*(word for one in parts for word in one.before), *subjects]),
            behind=_longest(word for one in parts for word in one.behind),
            needs=tuple(_plain(word) for one in parts for word in one.needs),
        )


def _written(groups: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    pairs = {_plain(word): _plain(words[0]) for words in groups for word in words if word}
    return tuple((word, pairs[word]) for word in _longest(pairs))


def _longest(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(map(_plain, words)), key=lambda word: (-len(word), word)))


def _plain(word: str) -> str:
    return compact(word).lower()


@lru_cache(maxsize=20_000)
def listed_form(heading: str, forms: Forms) -> str:
    """Return a header as every header that says the same is written.

    Examples
    --------
    >>> forms = Forms(same=(("异地", "易地"),), same_ends=(("时间", "日期"),), before=(), behind=(), needs=())
    >>> listed_form("异地搬迁时间", forms)
    '易地搬迁日期'
    """
    return _ended(_same(heading, forms), forms)


@lru_cache(maxsize=20_000)
def header_forms(heading: str, forms: Forms) -> tuple[str, ...]:
    """Return the forms in which a header may equal a listed one: as it is, and less what it may have more.

    Examples
    --------
    >>> forms = Forms(same=(), same_ends=(("时间", "日期"),), before=("贷款",), behind=("(年月)",), needs=())
    >>> header_forms("贷款发放时间(年月)", forms)
    ('贷款发放时间(年月)', '发放时间(年月)', '贷款发放日期', '发放日期')
    """
    if forms.needs and not any(word in heading for word in forms.needs):
        return ()
    found = [_same(heading, forms)]
    for text in found:  # grows while it is gone through
        before = forms.before if text.startswith(forms.before) else ()
        behind = forms.behind if text.endswith(forms.behind) else ()
        less = [text[len(word) :] for word in before if text.startswith(word)]
        less += [text[: -len(word)] for word in behind if text.endswith(word)]
        found += [one for one in less if (len(one) >= _SHORTEST or one in _AREAS) and one not in found]
    return tuple(dict.fromkeys(_ended(text, forms) for text in found))


def _same(heading: str, forms: Forms) -> str:
    text = forms.words.sub(lambda found: forms.written[found[0]], heading)
    # A bracket that says the same again: 医疗保险(医疗保险).
    outside, opening, inside = text.removesuffix(")").partition("(")
    return outside if opening and outside.endswith(inside) else text


def _ended(text: str, forms: Forms) -> str:
    for word, one in forms.same_ends:
        if text.endswith(word) and (text != word or one):
            return text[: -len(word)] + one
    return text


def forms_of(parts: PartsFile, tables: Iterable[str]) -> Mapping[str, Mapping[str, Forms]]:
    """Return what makes headers equal, by table and kind of column; tables share what does not differ between them."""
    common = {kind: Forms.of(parts.of_kind(kind), ()) for kind in KINDS}
    return {
        table: {
            kind: Forms.of(parts.of_kind(kind), subjects) if subjects and kind in _WITH_SUBJECT else forms
            for kind, forms in common.items()
        }
        for table, subjects in ((table, parts.subjects.get(table, ())) for table in tables)
    }


def by_form(
    table: str, aliases: Mapping[str, HeaderAlias], forms: Mapping[str, Forms]
) -> Mapping[tuple[str, str], str]:
    """Return the listed headers by kind of column and form; a form that two columns share stands for neither."""
    columns = columns_of(table)
    known: dict[tuple[str, str], str | None] = {}
    for header, alias in aliases.items():
        kind = kind_of(alias.column, columns[alias.column])
        form = (kind, listed_form(header, forms[kind]))
        other = known.setdefault(form, header)
        if other is not None and aliases[other] != alias:
            known[form] = None
    return {form: header for form, header in known.items() if header is not None}
