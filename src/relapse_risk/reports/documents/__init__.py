"""Documents of headed sections, put into words once: as a page, a workbook or a text document."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.reports.documents.document import Document, Section
    from relapse_risk.reports.documents.kind import kind_of_document
    from relapse_risk.reports.documents.page import render_document
    from relapse_risk.reports.documents.word import write_word
    from relapse_risk.reports.documents.workbook import write_document_workbook
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["Document", "Section", "kind_of_document", "render_document", "write_document_workbook", "write_word"]
