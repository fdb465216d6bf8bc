"""A document as Markdown, to be kept beside code and read anywhere."""

import re
from collections.abc import Iterator
from pathlib import Path

from relapse_risk.policy import Texts
from relapse_risk.reports.documents.document import Document, Section
from relapse_risk.reports.documents.kind import kind_mark
from relapse_risk.reports.wording import Grid

__all__ = ["write_markdown"]

# What would be taken for a mark: of emphasis, code, links, HTML and cells anywhere; of headings and lists at the start.
_MARKS = re.compile(r"([\\`*_\[\]<>|])")
_AT_START = re.compile(r"^(\s*)([#+-]|\d+[.)])(?=\s)")


def write_markdown(document: Document, path: str | Path, texts: Texts) -> None:
    """Write a document as Markdown (CommonMark with tables)."""
    Path(path).write_text("\n\n".join(_blocks(document, texts)) + "\n", encoding="utf-8")


def _blocks(document: Document, texts: Texts) -> Iterator[str]:
    """Yield headings, paragraphs, lists and tables, to be parted by blank lines."""
    yield f"# {_plain(document.title)}"
    if document.kind:
        yield f"<!-- {kind_mark(document.kind)} -->"
    yield _plain(document.subtitle)
    if document.remarks:
        yield f"## {texts('page', 'attention')}"
        yield "\n".join(f"- {_plain(remark)}" for remark in document.remarks)
    if document.short:
        yield f"## {texts('page', 'in_short')}"
        yield from map(_plain, document.short)
    for section in document.sections:
        yield from _of_section(section)
    yield f"*{_plain(document.private)}*"


def _of_section(section: Section) -> Iterator[str]:
    yield f"## {_plain(section.title)}"
    yield from map(_plain, section.notes)
    if section.facts:
        yield "\n".join(f"- **{_plain(label)}**: {_plain(value)}" for label, value in section.facts)
    yield from map(_table, section.tables)


def _table(grid: Grid) -> str:
    aligned = ["---:" if place in grid.numbers else "---" for place in range(len(grid.headers))]
    lines = (map(_plain, grid.headers), aligned, *(map(_plain, row) for row in grid.rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    r"""Return a text in one line, without marks of its own.

    Examples
    --------
    >>> print(_plain("1. a|b\n<c>"))
    \1. a\|b \<c\>
    """
    return _AT_START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", " ".join(text.split())))
