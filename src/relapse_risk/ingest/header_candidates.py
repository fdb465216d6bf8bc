"""The known header that an unknown one may be another wording of, by its words alone."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from relapse_risk.ingest.headers import Aliases
from relapse_risk.ingest.sheet_schema import columns_of
from relapse_risk.ingest.wording_parts import SPELT, PartsOfWords, Vocabulary, differ_by_one_sign, has_rest
from relapse_risk.policy import HeaderAlias, WordingPartsFile

__all__ = ["HeaderCandidate", "HeaderMatcher"]

_FLAG = frozenset({"是否", "有无"})


@dataclass(frozen=True, kw_only=True)
class HeaderCandidate:
    """A known header that an unknown one may be another wording of.

    Attributes
    ----------
    table : str
    alias : HeaderAlias
        What it stands for.
    like : str
        The known header.
    grounds : str
        ``parts``, ``weak``, ``topic`` or ``spelling``, as `Confidences`.
    more : int
        How many parts one has more than the other.
    confidence : float
    """

    table: str
    alias: HeaderAlias
    like: str
    grounds: str
    more: int
    confidence: float


@dataclass(frozen=True)
class HeaderMatcher:
    """Compares headers with those of a dictionary.

    Attributes
    ----------
    aliases : Aliases
    file : WordingPartsFile
    """

    aliases: Aliases
    file: WordingPartsFile

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The parts of headers: those of proposals, and the words by which headers are read."""
        kinds = [forms for of_table in self.aliases.forms.values() for forms in of_table.values()]
        same = dict.fromkeys(pair for forms in kinds for pair in (*forms.same, *forms.same_ends))
        return Vocabulary.of(self.file.headers, self.file.weak.words, same)

    @cached_property
    def _listed(self) -> Mapping[str, Mapping[str, PartsOfWords]]:
        return {
            table: {heading: self.vocabulary.taken_apart(heading) for heading in known if not heading.isascii()}
            for table, known in self.aliases.headers.items()
        }

    def of_tables(
        self, heading: str, tables: Sequence[str], taken: Mapping[str, Container[str]] | None = None
    ) -> tuple[HeaderCandidate, ...]:
        """Return the known headers that are nearest, one of each table where all of them say the same.

        Parameters
        ----------
        heading : str
            An unknown header in compact form.
        tables : sequence of str
            What its sheet feeds.
        taken : Mapping of str to container of str, optional
            Columns that other headers stand for already, by table.
        """
        found = [one for table in tables if (one := self.best(heading, table)) is not None]
        free = [one for one in found if one.alias.column not in (taken or {}).get(one.table, ())]
        surest = [one for one in free if one.confidence == max(other.confidence for other in free)]
        same = len({_meaning(one.alias) for one in surest}) == 1 or len({one.like for one in surest}) == 1
        return tuple(surest) if same and len(free) == len(found) else ()

    def best(self, heading: str, table: str) -> HeaderCandidate | None:
        """Return the known header of a table that is nearest; None if none is, or those of several columns are."""
        name = self._without_notes(self.written(heading))
        found = sorted(self._candidates(name, table), key=lambda one: (-one.confidence, one.more, one.like))
        if not found:
            return None
        first = found[0]
        rivals = {_meaning(one.alias) for one in found if (one.confidence, one.more) == (first.confidence, first.more)}
        return first if len(rivals) == 1 else None

    def related(self, heading: str, table: str) -> Iterator[HeaderCandidate]:
        """Yield one known header of each column that a header speaks of, where all it says is known."""
        said = self.vocabulary.taken_apart(self._without_notes(self.written(heading)))
        if has_rest(said):
            return
        about = said - self.vocabulary.weak - {*self.file.generic.words}
        seen: set[str] = set()
        for known, parts in self._listed[table].items():
            alias = self.aliases.headers[table][known]
            if about & parts and alias.column not in seen:
                seen.add(alias.column)
                yield HeaderCandidate(
                    table=table,
                    alias=alias,
                    like=known,
                    grounds="cells",
                    more=len(said ^ parts),
                    confidence=self.file.confidence.cells,
                )

    def written(self, heading: str) -> str:
        """Return how a header is listed: without a unit in brackets, which is understood behind any known header."""
        name, opening, unit = heading.removesuffix(")").rpartition("(")
        return name if opening and unit in self.aliases.units else heading

    def _without_notes(self, heading: str) -> str:
        name, opening, note = heading.rpartition("(")
        closed = opening and note.endswith(")")
        return name if closed and any(word in note for word in self.file.notes.words) else heading

    def _candidates(self, heading: str, table: str) -> Iterator[HeaderCandidate]:
        said = self.vocabulary.taken_apart(heading)
        for known, parts in self._listed[table].items():
            grounds = self._grounds(said, parts, table)
            if grounds is None and self._is_misspelt(heading, said, known):
                grounds = SPELT
            alias = self.aliases.headers[table][known]
            if grounds and _fits(said, said ^ parts, alias, table):
                confidence: float = getattr(self.file.confidence, grounds)
                more = len(said ^ parts)
                yield HeaderCandidate(
                    table=table, alias=alias, like=known, grounds=grounds, more=more, confidence=confidence
                )

    def _is_misspelt(self, heading: str, said: PartsOfWords, known: str) -> bool:
        # What is all made of known parts is spelt as it is meant.
        return has_rest(said) and differ_by_one_sign(heading, known, self.file.spelling.distinct)

    def _grounds(self, said: PartsOfWords, known: PartsOfWords, table: str) -> str | None:
        differ, shared = said ^ known, said & known
        generic = self.vocabulary.weak | {*self.file.generic.words}
        if said == known:
            return "parts" if said else None
        if said - known and known - said:
            return None  # 贷款状态 and 贷款金额: what each has more may be all that it says
        if differ <= self.vocabulary.weak:
            return "weak" if shared - generic else None
        topic = {*self.file.topics.get(table, ())}
        if differ <= self.vocabulary.weak | topic:
            return "topic" if shared - self.vocabulary.weak - {*self.file.alone.words} else None
        return None


def _fits(said: PartsOfWords, differ: PartsOfWords, alias: HeaderAlias, table: str) -> bool:
    """Return whether a column may stand under a header: of yes and no, of amounts, of years."""
    dtype = columns_of(table)[alias.column].dtype
    if said & _FLAG and dtype != pl.Boolean():
        return not differ & _FLAG
    if "金额" in differ and not dtype.is_numeric():
        return False
    return not ("年" in differ and dtype == pl.Date())


def _meaning(alias: HeaderAlias) -> tuple[str, bool]:
    return alias.column, alias.negated
