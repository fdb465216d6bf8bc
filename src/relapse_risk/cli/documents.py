"""A document on the screen."""

from collections.abc import Iterator

from relapse_risk.cli.screen import show
from relapse_risk.cli.session import aligned
from relapse_risk.reports import Document

__all__ = ["show_document"]


def show_document(document: Document) -> None:
    """Print what a document says, its tables in columns."""
    for line in _lines(document):
        show(line)


def _lines(document: Document) -> Iterator[str]:
    yield from (document.title, document.subtitle, *document.remarks)
    for section in document.sections:
        yield from ("", section.title, *(f"  {note}" for note in section.notes))
        if section.facts:
            yield from (f"  {line}" for line in aligned(section.facts))
        for table in section.tables:
            rows = [[cell.replace("\n", " ") for cell in row] for row in (table.headers, *table.rows)]
            yield from (f"  {line}" for line in aligned(rows))
    yield from ("", document.private)
