"""What became of every file and sheet of a source: read as which tables, not needed, or not read and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from relapse_risk.errors import Phrase
from relapse_risk.policy import Texts

__all__ = ["SheetStatus", "SourceSheet", "UnreadSheets"]

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

    Examples
    --------
    >>> place = {"source": "a.xlsx", "sheet": "附件"}
    >>> sheet = SourceSheet(**place, status="unread", reason="sheet_unknown", details=place)
    >>> sheet.label, sheet.text(Texts("en"))
    ('a.xlsx · 附件', 'a.xlsx: sheet 附件 is not known and was not read')
    """

    source: str
    sheet: str | None
    status: SheetStatus
    tables: tuple[str, ...] = ()
    rows: int = 0
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """File and sheet."""
        return " · ".join(filter(None, (self.source, self.sheet)))

    def text(self, texts: Texts) -> str:
        """Return why it was not read, in words."""
        return "" if self.reason is None else texts("intake_notes", self.reason, **self.details)


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
        return "".join(f"\n  - {sheet.text(Texts(lang))}" for sheet in self.sheets if sheet.status == "unread")
