"""What headers and cells that are not understood may stand for: proposed with grounds, and used only once confirmed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from relapse_risk.ingest.cell_evidence import CellEvidence
from relapse_risk.ingest.cells import Cell, compact
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.header_candidates import HeaderCandidate, HeaderMatcher
from relapse_risk.ingest.headers import HeaderRow, heading_of
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.layout import SheetMapping, unread_headers
from relapse_risk.ingest.masking import shown_header
from relapse_risk.ingest.proposed_tables import table_by_proposals
from relapse_risk.ingest.sheet_schema import columns_of, shown_of_column
from relapse_risk.ingest.sheet_tables import tables_of_sheet
from relapse_risk.ingest.sources import Sheet
from relapse_risk.ingest.value_candidates import ValueMatcher
from relapse_risk.policy import Code, HeaderAlias, WordingPartsFile, read_model

__all__ = ["Proposal", "ValueProposal", "propose_headers", "propose_values", "unread_note"]

_EVERYWHERE = "any"
_STRANGE = ("unknown", "elsewhere")
_CLEARLY = 0.1  # how much surer one of two headers must be of a column to be proposed for it


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a header may stand for.

    Attributes
    ----------
    table, column : str
    confidence : float
        From 0 to 1.
    why : str
        The grounds, as a code: ``parts``, ``weak``, ``topic``, ``spelling`` or ``cells``.
    header : str
        As it may be shown.
    written : str
        As it is to be listed.
    like : str
        The known header it resembles, or of which the cells are.
    meant : Mapping of str to HeaderAlias
        What it stands for, by table of the aliases file (``any`` for every table).
    example : str
        What may be shown of its first cell.
    """

    table: str
    column: str
    confidence: float
    why: str
    header: str
    written: str
    like: str
    meant: Mapping[str, HeaderAlias]
    example: str


@dataclass(frozen=True, kw_only=True)
class ValueProposal:
    """What a cell of a coded column may stand for.

    Attributes
    ----------
    table, column, topic : str
        The column, and the dictionary of its cells.
    wording : str
        The cell, in compact form.
    code : bool, int or str
    cells : int
        How many cells of the sheet say it.
    confidence : float
    why, like : str
        As in `Proposal`.
    """

    table: str
    column: str
    topic: str
    wording: str
    code: Code
    cells: int
    confidence: float
    why: str
    like: str


def propose_headers(sheet: Sheet, found: SheetMapping, dictionary: ExportDictionary) -> Mapping[int, Proposal]:
    """Return what headers of a sheet that are not understood may stand for, by their position.

    A header is compared with the known ones of the tables its sheet feeds by its words; its cells must be such as the
    column holds, and no other header may stand for it. Where headers of two columns, or two headers for one column,
    are as likely, nothing is proposed. A sheet whose table is not known is taken for the one that has
    all it needs of it, and most columns, once proposals are counted in.
    """
    if found.headers is None:
        return {}
    known = tuple(layout.table for layout in found.layouts) or tables_of_sheet(sheet, dictionary.aliases)[0]
    matcher = HeaderMatcher(dictionary.aliases, read_model(WordingPartsFile, "parts"))
    asked = _Asked(
        sheet=sheet,
        headers=found.headers,
        tables=known or table_by_proposals(found.headers, matcher),
        most=1.0 if known else matcher.file.confidence.table,
        taken={layout.table: {*layout.columns} for layout in found.layouts},
        dictionary=dictionary,
        matcher=matcher,
    )
    unread = unread_headers(found.headers, found.layouts, dictionary.aliases)
    each = {at: asked.proposal(at) for at, why, _ in unread if why == "unknown"}
    return _without_rivals({at: one for at, one in each.items() if one is not None})


def propose_values(
    sheet: Sheet, found: SheetMapping, dictionary: ExportDictionary, headers: Mapping[int, Proposal]
) -> list[ValueProposal]:
    """Return what cells of coded columns that are not understood may stand for.

    `headers` are what `propose_headers` gave: cells under these are looked at too.
    """
    if found.headers is None:
        return []
    read = [(layout.table, header.place, header.alias) for layout in found.layouts for header in layout.headers]
    more = [(one.table, at, next(iter(one.meant.values()))) for at, one in headers.items()]
    under = sheet.rows[found.headers.ends :]
    return [
        one
        for table, place, alias in (*read, *more)
        for one in _of_cells(table, alias.column, [row[place] for row in under], dictionary)
    ]


def _of_cells(table: str, name: str, cells: Sequence[Cell], dictionary: ExportDictionary) -> Iterator[ValueProposal]:
    column, codebook = columns_of(table)[name], dictionary.codebook
    matcher = ValueMatcher.of(codebook, table, name, column, read_model(WordingPartsFile, "parts"))
    if matcher is None:
        return
    counted = Counter(cell for cell in cells if isinstance(cell, str | int | float))
    known = {None, *codebook.years(table, name)}
    for cell, count in counted.items():
        word = compact(cell).lower()
        readers = [dictionary.reader(table, name, column, year=year) for year in known]
        if not word or any(word in one.blanks or one.read(cell).rule != "unknown_code" for one in readers):
            continue
        if (best := matcher.best(word)) is not None:
            yield ValueProposal(
                table=table,
                column=name,
                topic=matcher.topic,
                wording=word,
                code=best.code,
                cells=count,
                confidence=best.confidence,
                why=best.grounds,
                like=best.like,
            )


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A sheet, what is known of it, and what its headers are compared with."""

    sheet: Sheet
    headers: HeaderRow
    tables: Sequence[str]
    most: float  # how sure a proposal is at most
    taken: Mapping[str, set[str]]
    dictionary: ExportDictionary
    matcher: HeaderMatcher

    def proposal(self, at: int) -> Proposal | None:
        """Return what a header may stand for, by its words and cells."""
        words = heading_of(self.headers.cells[at])
        evidence = CellEvidence.of([row[at] for row in self.sheet.rows[self.headers.ends :]])
        candidates = self.matcher.of_tables(words, self.tables, self.taken)
        fitting = [self._weighed(one, evidence) for one in candidates] or self._by_cells(words, evidence)
        sure = [one for one in fitting if one is not None]
        if not sure or len(sure) < len(fitting):
            return None
        first = max(sure, key=lambda one: one.confidence)
        return Proposal(
            table=first.table,
            column=first.alias.column,
            confidence=round(min(first.confidence, self.most), 2),
            why=first.grounds,
            header=shown_header(self.headers.cells[at]),
            written=self.matcher.written(words),
            like=first.like,
            meant=self._meant(sure),
            example=shown_of_column(evidence.example, first.alias.column) if evidence.counts else "",
        )

    def _weighed(self, one: HeaderCandidate, evidence: CellEvidence) -> HeaderCandidate | None:
        """Return a candidate as sure as its cells make it; None where they are none of the column's."""
        column = columns_of(one.table)[one.alias.column]
        reader = self.dictionary.reader(one.table, one.alias.column, column, one.alias.factor)
        confidence = evidence.weigh(one.confidence, one.alias.column, column, reader)
        return None if confidence is None else replace(one, confidence=confidence)

    def _by_cells(self, words: str, evidence: CellEvidence) -> list[HeaderCandidate | None]:
        """Return the one column that is lacking, whose words the cells are, and of which the header speaks."""
        found = [
            one
            for table in self.tables
            for one in self.matcher.related(words, table)
            if one.alias.column not in self.taken.get(table, ())
            and evidence.is_of(columns_of(table)[one.alias.column], self._wordings(table, one.alias.column))
        ]
        return [*found] if len({one.alias.column for one in found}) == 1 else []

    def _wordings(self, table: str, name: str) -> Mapping[str, Code]:
        column = columns_of(table)[name]
        return self.dictionary.codebook.wordings(table, name, column) or {}

    def _meant(self, candidates: Sequence[HeaderCandidate]) -> Mapping[str, HeaderAlias]:
        """Return under which tables of the aliases file a header is to be listed: as the known one it resembles."""
        first, known = candidates[0], self.dictionary.aliases.headers
        having = [table for table in known if first.alias.column in columns_of(table)]
        if len(having) > 1 and all(known[table].get(first.like) == first.alias for table in having):
            return {_EVERYWHERE: first.alias}
        return {one.table: one.alias for one in candidates}


def _without_rivals(found: Mapping[int, Proposal]) -> Mapping[int, Proposal]:
    """Leave out proposals for a column that another header is as likely to stand for, unless several are added up."""

    def rivals(one: Proposal) -> list[Proposal]:
        return [other for other in found.values() if (other.table, other.column) == (one.table, one.column)]

    def clear(at: int, one: Proposal) -> bool:
        others = [other for other in rivals(one) if other is not found[at]]
        added = all(alias.part for alias in one.meant.values())
        return added or all(one.confidence >= other.confidence + _CLEARLY for other in others)

    return {at: one for at, one in found.items() if clear(at, one)}


def unread_note(sheet: Sheet, found: SheetMapping, dictionary: ExportDictionary) -> Note:
    """Return why a sheet is not read; of one without its key, first the headers of which it is proposed what they mean.

    Examples
    --------
    >>> from relapse_risk.ingest.layout import understand
    >>> from relapse_risk.policy import read_policy
    >>> known = ExportDictionary.of(read_policy())
    >>> rows = [["户编号", "监测类别", "颜色"], ["h1", "脱贫不稳定户", "红"]]
    >>> sheet = Sheet(source="a.xlsx", name="监测户", alone=True, rows=rows)
    >>> code, details = unread_note(sheet, understand(sheet, known.aliases), known)
    >>> code, details["missing"], details["headers"]
    ('sheet_without_key', 'identified_on (识别日期)', '颜色')
    """
    if found.unread is None or found.headers is None or found.unread[0] != "sheet_without_key":
        return found.unread or ("sheet_unknown", {"source": sheet.source, "sheet": sheet.name})
    code, details = found.unread
    proposed = {at: one.column for at, one in propose_headers(sheet, found, dictionary).items()}
    strange = [at for at, why, _ in unread_headers(found.headers, found.layouts, dictionary.aliases) if why in _STRANGE]
    words = {at: shown_header(found.headers.cells[at]) for at in strange}
    likely = [f"{words[at]} → {proposed[at]}?" for at in strange if at in proposed]
    others = [words[at] for at in strange if at not in proposed]
    return code, {**details, "headers": ", ".join((*likely, *others)) or "-"}
