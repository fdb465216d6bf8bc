"""A document as a page: one file, no scripts, nothing fetched."""

from relapse_risk.policy import Texts
from relapse_risk.reports.documents.document import Document
from relapse_risk.reports.documents.kind import kind_mark
from relapse_risk.reports.templates import rendered

__all__ = ["render_document"]


def render_document(document: Document, texts: Texts) -> str:
    """Return a document as HTML."""
    return rendered(
        "documents/page.html.j2",
        texts,
        wording={"title": document.title, "private": document.private}.__getitem__,
        subtitle=document.subtitle,
        remarks=document.remarks,
        short=document.short,
        sections=document.sections,
        mark=kind_mark(document.kind),
    )
