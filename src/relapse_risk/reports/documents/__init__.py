"""Documents of headed sections, put into words once: as a page, a workbook, a text document or Markdown."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.reports.documents.document import Document, Section
    from relapse_risk.reports.documents.kind import DOCUMENT_SUFFIXES, kind_of_document, require_document
    from relapse_risk.reports.documents.page import render_document
    from relapse_risk.reports.documents.word import write_word
    from relapse_risk.reports.documents.writing import write_document
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "DOCUMENT_SUFFIXES",
    "Document",
    "Section",
    "kind_of_document",
    "render_document",
    "require_document",
    "write_document",
    "write_word",
]
