"""A document in the form that the name of its file asks for."""

from collections.abc import Callable, Mapping
from pathlib import Path

from relapse_risk.policy import Texts
from relapse_risk.reports.documents.document import Document
from relapse_risk.reports.documents.kind import require_document
from relapse_risk.reports.documents.markdown import write_markdown
from relapse_risk.reports.documents.page import render_document
from relapse_risk.reports.documents.word import write_word
from relapse_risk.reports.documents.workbook import write_document_workbook

__all__ = ["write_document"]


def write_document(document: Document, path: str | Path, texts: Texts) -> None:
    """Write a document in one of `DOCUMENT_SUFFIXES`, by the suffix.

    Raises
    ------
    InputError
        As `require_document`.
    """
    path = Path(path)
    require_document(path)
    _WRITERS[path.suffix](document, path, texts)


def _write_page(document: Document, path: Path, texts: Texts) -> None:
    path.write_text(render_document(document, texts), encoding="utf-8")


_WRITERS: Mapping[str, Callable[[Document, Path, Texts], None]] = {
    ".html": _write_page,
    ".xlsx": write_document_workbook,
    ".docx": write_word,
    ".md": write_markdown,
}
