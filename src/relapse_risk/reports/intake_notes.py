"""What reading a source told, in words: notes one by one, and those that count cells or rows added up."""

from collections import Counter
from collections.abc import Sequence

from relapse_risk.ingest import Note
from relapse_risk.policy import Texts, note_text
from relapse_risk.reports.figures import counted

__all__ = ["note_sentences", "note_totals"]

_SUMMED = "intake_totals"


def note_sentences(notes: Sequence[Note], texts: Texts) -> list[str]:
    """Return the notes that are told one by one: all but those with a wording for their sum.

    Examples
    --------
    >>> place = {"source": "a.xlsx", "sheet": "收入"}
    >>> notes = [("sheet_empty", place), ("month_as_last_day", {**place, "column": "recorded_on", "count": 3})]
    >>> note_sentences(notes, Texts("en")), note_totals(notes, Texts("en"))
    (['a.xlsx: sheet 收入 is empty'], ['3 dates name a month only; read as its last day'])
    """
    return [note_text(code, details, texts) for code, details in notes if not _is_summed(code, texts)]


def note_totals(notes: Sequence[Note], texts: Texts) -> list[str]:
    """Return the notes that count something, added up over sheets and columns: one sentence each."""
    totals: Counter[str] = Counter()
    for code, details in notes:
        if _is_summed(code, texts):
            totals[code] += details["count"]
    return [texts(_SUMMED, code, count=counted(count)) for code, count in totals.items()]


def _is_summed(code: str, texts: Texts) -> bool:
    return texts.has(_SUMMED, code)
