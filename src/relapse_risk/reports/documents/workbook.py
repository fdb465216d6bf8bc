"""A document as a sheet of a workbook, to be read and printed."""

from datetime import datetime, time
from pathlib import Path

import xlsxwriter

from relapse_risk.policy import Texts
from relapse_risk.reports.documents.document import Document
from relapse_risk.reports.documents.kind import kind_mark
from relapse_risk.reports.sheets import LETTERS, SheetPage, Styles, sheet_names

__all__ = ["write_document_workbook"]

_WIDTHS = (22.0, 16.0, 13.0, 13.0, 13.0, 13.0, 13.0, 13.0, 13.0)


def write_document_workbook(document: Document, path: str | Path, texts: Texts) -> None:
    """Write a document as a workbook of one sheet; the same document gives the same bytes on any day."""
    with xlsxwriter.Workbook(str(path), LETTERS) as book:
        about = {"title": document.title, "keywords": kind_mark(document.kind)}
        book.set_properties(about | {"created": datetime.combine(document.as_of, time())})
        sheet = book.add_worksheet(sheet_names([document.title], taken=[])[0])
        page = SheetPage(sheet, Styles(book, texts.lang), _WIDTHS, str)
        page.text(document.title, "title", 32)
        page.text(document.subtitle, "subtitle")
        if document.remarks:
            page.heading(texts("page", "attention"))
        for remark in document.remarks:
            page.text(remark, "warning")
        if document.short:
            page.heading(texts("page", "in_short"))
        for sentence in document.short:
            page.text(sentence, "paragraph")
        for section in document.sections:
            page.heading(section.title)
            for note in section.notes:
                page.text(note, "hint")
            page.facts(section.facts)
            for table in section.tables:
                page.grid(table, spans=_spans(len(table.headers)))
        page.text(document.private, "hint")
        page.set_up()


def _spans(columns: int) -> list[tuple[int, int]]:
    """Return which columns of the sheet each column of a table takes: the last one all that are left."""
    ends = [*range(columns - 1), max(len(_WIDTHS), columns) - 1]
    return [(place, end) for place, end in enumerate(ends)]
