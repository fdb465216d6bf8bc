"""All that is proposed for a source, and a policy with what is accepted of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.fingerprints import compared_with_saved, fingerprint, shown_headers
from relapse_risk.ingest.headers import Aliases
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.layout import understand
from relapse_risk.ingest.proposals import Proposal, ValueProposal, propose_headers, propose_values
from relapse_risk.ingest.source_pieces import open_source
from relapse_risk.ingest.sources import Sheet
from relapse_risk.ingest.stacked_lists import lists_of
from relapse_risk.policy import AliasesFile, CodesFile, MadeFor, Policy, read_policy
from relapse_risk.records import Records, SourceSheet

__all__ = ["Proposals", "SheetProposals", "propose_source", "saved_notes"]


@dataclass(frozen=True, kw_only=True)
class SheetProposals:
    """What is proposed for a sheet.

    Attributes
    ----------
    made_for : MadeFor
        The sheet.
    headers : tuple of Proposal
    values : tuple of ValueProposal
    """

    made_for: MadeFor
    headers: tuple[Proposal, ...]
    values: tuple[ValueProposal, ...]


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """What is proposed for a source: never used unless somebody says so.

    Attributes
    ----------
    sheets : tuple of SheetProposals
        Every sheet that has headers.
    """

    sheets: tuple[SheetProposals, ...]

    @property
    def count(self) -> int:
        """How many headers and cells there are proposals for."""
        return sum(len(one.headers) + len(one.values) for one in self.sheets)

    def from_confidence(self, least: float) -> Self:
        """Return those of at least this confidence."""
        return replace(
            self,
            sheets=tuple(
                replace(
                    sheet,
                    headers=tuple(one for one in sheet.headers if one.confidence >= least),
                    values=tuple(one for one in sheet.values if one.confidence >= least),
                )
                for sheet in self.sheets
            ),
        )

    def accepted_into(self, policy: Policy) -> Policy:
        """Return a policy whose dictionary has all of these."""
        return replace(policy, aliases=self._aliases(policy.aliases), codes=self._codes(policy.codes))

    def _aliases(self, file: AliasesFile) -> AliasesFile:
        headers = {table: dict(known) for table, known in file.headers.items()}
        for one in (one for sheet in self.sheets for one in sheet.headers):
            for table, alias in one.meant.items():
                headers.setdefault(table, {})[one.written] = alias
        return file.model_copy(update={"headers": headers})

    def _codes(self, file: CodesFile) -> CodesFile:
        topics = {topic: dict(known) for topic, known in file.dictionaries.items()}
        for one in (one for sheet in self.sheets for one in sheet.values):
            topics.setdefault(one.topic, {})[one.wording] = one.code
        return file.model_copy(update=topics)

    @property
    def source_sheets(self) -> tuple[SourceSheet, ...]:
        """The sheets, each with what of it is read by these."""
        return tuple(
            SourceSheet(
                source=one.made_for.source, sheet=one.made_for.sheet, status="read", by_proposals=tuple(_lines(one))
            )
            for one in self.sheets
        )

    def listed_in(self, records: Records) -> Records:
        """Return records whose sheets list what of each is read by these."""
        listed = {one.label: one.by_proposals for one in self.source_sheets}
        read = [
            replace(one, by_proposals=listed.get(one.label, ())) if one.status == "read" else one
            for one in records.sheets
        ]
        return replace(records, sheets=tuple(read))


def propose_source(source: str | Path, *, policy: Policy | None = None, hidden_sheets: bool = False) -> Proposals:
    """Return what headers and cells of a source that are not understood may stand for.

    Parameters
    ----------
    source : str or Path
        As `read_records`.
    policy : Policy, optional
        Wordings of sheets, headers and cells; built-in by default.
    hidden_sheets : bool
        Whether hidden sheets are looked at too.

    Returns
    -------
    Proposals
        Where sheets contradict each other of a header or cell, nothing is proposed for it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     text = "户编号,目前家庭人口规模" + chr(10) + "5323,4"
    ...     _ = Path(folder, "户信息.csv").write_text(text, encoding="utf-8")
    ...     found = propose_source(folder)
    >>> [(one.header, one.table, one.column, one.why) for one in found.sheets[0].headers]
    [('目前家庭人口规模', 'households', 'size', 'weak')]
    """
    dictionary = ExportDictionary.of(policy or read_policy())
    sheets = _sheets(source, hidden_sheets, dictionary.aliases)
    found = [_of_sheet(sheet, dictionary) for sheet in sheets]
    return Proposals(sheets=_agreed([one for one in found if one is not None]))


def saved_notes(source: str | Path, *, policy: Policy, hidden_sheets: bool = False) -> tuple[Note, ...]:
    """Return how the sheets of a source are beside those that the file of proposals in a policy was made for."""
    aliases = ExportDictionary.of(policy).aliases
    if not aliases.made_for:
        return ()
    found = [(sheet, understand(sheet, aliases).headers) for sheet in _sheets(source, hidden_sheets, aliases)]
    return tuple(
        note
        for sheet, headers in found
        if headers is not None
        for note in compared_with_saved(sheet.source, sheet.name, headers.cells, aliases.made_for)
    )


def _sheets(source: str | Path, hidden: bool, aliases: Aliases) -> Iterator[Sheet]:
    for piece in open_source(source, hidden):
        if isinstance(piece, Sheet):
            yield from lists_of(piece, aliases)


def _of_sheet(sheet: Sheet, dictionary: ExportDictionary) -> SheetProposals | None:
    found = understand(sheet, dictionary.aliases)
    if found.headers is None:
        return None
    headers = propose_headers(sheet, found, dictionary)
    shown = shown_headers(found.headers.cells)
    place = MadeFor(source=sheet.source, sheet=sheet.name, fingerprint=fingerprint(shown), headers=shown)
    values = tuple(propose_values(sheet, found, dictionary, headers))
    return SheetProposals(made_for=place, headers=tuple(headers.values()), values=values)


def _agreed(sheets: Iterable[SheetProposals]) -> tuple[SheetProposals, ...]:
    """Leave out what sheets contradict each other of."""
    sheets = tuple(sheets)
    headers = _said(
        (one.written, table, alias) for sheet in sheets for one in sheet.headers for table, alias in one.meant.items()
    )
    values = _said((one.topic, one.wording, repr(one.code)) for sheet in sheets for one in sheet.values)
    return tuple(
        replace(
            sheet,
            headers=tuple(one for one in sheet.headers if all(len(headers[one.written, of]) == 1 for of in one.meant)),
            values=tuple(one for one in sheet.values if len(values[one.topic, one.wording]) == 1),
        )
        for sheet in sheets
    )


def _said(entries: Iterable[tuple[str, str, object]]) -> Mapping[tuple[str, str], list[object]]:
    said: dict[tuple[str, str], list[object]] = {}
    for first, second, what in entries:
        known = said.setdefault((first, second), [])
        if what not in known:
            known.append(what)
    return said


def _lines(sheet: SheetProposals) -> Iterator[str]:
    for one in sheet.headers:
        yield f"{one.header} = {one.table}.{one.column} ({one.confidence:.2f})"
    for value in sheet.values:
        yield f"{value.wording} = {value.table}.{value.column}: {value.code} ({value.confidence:.2f})"
