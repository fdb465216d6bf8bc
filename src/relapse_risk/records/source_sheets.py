"""What became of every file and sheet of a source: read as which tables, not needed, or not read and why."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from relapse_risk.errors import Phrase
from relapse_risk.policy import Texts, note_text

__all__ = ["SheetStatus", "SourceSheet", "UnreadSheets", "sheet_reason", "sheet_remarks"]

_MOST_NAMED = 20
_COPIES = ("sheet_same", "file_same")
_NO_LETTERS, _LONG_NUMBERS = re.compile(r"[\W\d_]+"), re.compile(r"\d{4,}")

SheetStatus = Literal["read", "unread", "not_needed"]


@dataclass(frozen=True, kw_only=True)
class SourceSheet:
    """A sheet of a source, or a file as a whole, and what became of it.

    Attributes
    ----------
    source : str
        The file.
    sheet : str or None
        None for a file of which no sheet was seen, and for a record table.
    status : {"read", "unread", "not_needed"}
        ``unread`` may hold records that nobody sees now; what is ``not_needed`` holds none, or only those of another.
    tables : tuple of str
        What it was read as.
    rows : int
        Rows under the headers; where none are known, rows in all.
    reason : str or None
        Why it was not read: a code, with a wording in ``wordings.toml`` under ``intake_notes``.
    details : Mapping of str to object
        What the wording's placeholders stand for.
    by_proposals : tuple of str
        Its headers and cells that are read by proposals which nobody confirmed, each with what it is read as.

    Examples
    --------
    >>> place = {"source": "a.xlsx", "sheet": "附件"}
    >>> sheet = SourceSheet(**place, status="unread", reason="sheet_unknown", details=place)
    >>> sheet.label, sheet.text(Texts("en")).partition(";")[0]
    ('a.xlsx · 附件', 'a.xlsx: sheet 附件 is not known and was not read')
    """

    source: str
    sheet: str | None
    status: SheetStatus
    tables: tuple[str, ...] = ()
    rows: int = 0
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    by_proposals: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """File and sheet."""
        return " · ".join(filter(None, (self.source, self.sheet)))

    @property
    def left_out(self) -> bool:
        """Whether what it may hold is nowhere among the records: it was not read, and is no copy of one that was."""
        return self.status != "read" and self.reason not in _COPIES

    @property
    def may_hold_records(self) -> bool:
        """Whether records may stand in it that nobody sees: it was not understood, or is hidden."""
        return self.status == "unread" or self.reason == "sheet_hidden"

    @property
    def keys(self) -> tuple[str, ...]:
        """Digests by which the file, and the sheet in it, are known again next month, whatever day their names bear."""
        file = _NO_LETTERS.sub("", self.source.rpartition(".")[0] or self.source).lower()
        names = (file,) if self.sheet is None else (file, f"{file}/{_LONG_NUMBERS.sub('', self.sheet).lower()}")
        return tuple(hashlib.sha256(name.encode()).hexdigest()[:16] for name in names)

    def text(self, texts: Texts) -> str:
        """Return in words which one was not read, and why."""
        return "" if self.reason is None else note_text(self.reason, self.details, texts)

    def why(self, texts: Texts) -> str:
        """Return in words why it was not read."""
        return sheet_reason(self.reason, texts, **self.details)


def sheet_reason(reason: str | None, texts: Texts, **details: Any) -> str:
    """Return in words why a sheet is not read.

    Examples
    --------
    >>> sheet_reason("sheet_empty", Texts("en"))
    'It is empty'
    """
    if reason is None or not texts.has("sheet_reasons", reason):
        return reason or ""
    named = {name: details.get(name) or "-" for name in ("table", "missing", "headers")}
    return note_text(reason, named, texts, topic="sheet_reasons")


class UnreadSheets(Phrase):
    """Sheets that were not read, in words, each on a line of its own; nothing where there are none.

    Examples
    --------
    >>> UnreadSheets(()).in_language("en")
    ''
    """

    def __init__(self, sheets: Sequence[SourceSheet]) -> None:
        self.sheets = sheets

    def in_language(self, lang: str) -> str:
        """Return them in a language."""
        return "".join(f"\n  - {sheet.text(Texts(lang))}" for sheet in self.sheets)


def sheet_remarks(sheets: Sequence[SourceSheet]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield remarks (``wordings.toml``, topic ``remarks``): on sheets that were not read, and on what was by proposals.

    Examples
    --------
    >>> sheet = SourceSheet(source="a.xlsx", sheet="收入", status="unread", reason="sheet_unknown")
    >>> list(sheet_remarks([sheet]))
    [('sheets_unread', {'count': 1, 'sheets': ('a.xlsx · 收入',)})]
    """
    unread = [sheet.label for sheet in sheets if sheet.status == "unread"]
    if unread:
        more = ("…",) if len(unread) > _MOST_NAMED else ()
        yield "sheets_unread", {"count": len(unread), "sheets": (*unread[:_MOST_NAMED], *more)}
    for sheet in sheets:
        if sheet.by_proposals:
            yield "read_by_proposals", {"sheet": sheet.label, "proposals": sheet.by_proposals}
