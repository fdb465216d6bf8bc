"""Corrections that came back: read, held against the new export, told."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from relapse_risk.audit import check_corrections
from relapse_risk.cli.session import Session, aligned
from relapse_risk.ingest import ExportDictionary, Intake, ReturnedLines, compact
from relapse_risk.policy import Policy, Texts
from relapse_risk.reports import AuditContent, answer_grid, write_unanswered

__all__ = ["tell_corrections", "with_corrections", "write_corrections"]

_SHOWN = 20


def with_corrections(
    content: AuditContent, returned: ReturnedLines | None, intake: Intake, policy: Policy
) -> AuditContent:
    """Return an audit with what the county said it corrected, held against what was read."""
    if returned is None or content.before is None or content.closing is None:
        return content
    dictionary = ExportDictionary.of(policy)
    asked = content.before.findings
    found = check_corrections(returned, asked, content.closing, intake.rows, dictionary, _removals())
    return replace(content, corrections=found)


def write_corrections(session: Session, content: AuditContent, returned: ReturnedLines | None, folder: Path) -> None:
    """Write every finding that was asked with its answer, and the lines to be sent back."""
    if returned is not None and content.corrections is not None:
        content.corrections.asked.write_parquet(folder / "corrections.parquet")
        path, lang = folder / session.texts("cli", "file_unanswered"), session.texts.lang
        write_unanswered(returned, content.corrections, path, as_of=date.today(), lang=lang)


def tell_corrections(session: Session, content: AuditContent, returned: ReturnedLines | None, out: Path) -> None:
    """Say by town how what was answered stands to the export, and which lines were not taken and why."""
    if returned is None or content.corrections is None:
        return
    found, texts = content.corrections, session.texts
    refused = found.refused.select("file", "page", "line").unique().height
    session.say("corrections_read", lines=found.lines, refused=refused)
    grid = answer_grid(content, texts)
    for line in aligned([grid.headers, *grid.rows]):
        session.tell("  " + line.rstrip())
    for file, error in returned.unread.items():
        session.tell("  " + texts("cli", "visits_file_unread", source=file, why=error.in_language(texts.lang)))
    for file, page, at, rule in found.refused.head(_SHOWN).rows():
        session.tell(f"  {file} {page} {at}: " + texts("correction_rules", rule))
    if found.refused.height > _SHOWN:
        session.tell(f"  … ({found.refused.height})")
    if refused:
        session.say("written", what=texts("cli", "what_unanswered"), path=out / texts("cli", "file_unanswered"))


def _removals() -> frozenset[str]:
    """Return the words, in either language, by which a line says that the row was taken out."""
    said = [Texts(lang)("audit", "removals").replace("、", ",").split(",") for lang in ("zh", "en")]
    return frozenset(compact(word).lower() for words in said for word in words)
