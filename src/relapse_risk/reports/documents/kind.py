"""In which files a document is written, and what it says of itself there, so that only one of ours is written over."""

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from relapse_risk.errors import InputError

__all__ = ["DOCUMENT_SUFFIXES", "kind_mark", "kind_of_document", "require_document"]

DOCUMENT_SUFFIXES = (".html", ".xlsx", ".docx", ".md")
"""A page, a workbook, a text document, Markdown."""

_MAKER = "relapse-risk"
_PAGE_HEAD = 4096
_PATTERNS = (
    re.compile(f'<meta name="generator" content="{_MAKER} ([a-z]+)">'.encode()),
    re.compile(f"<!-- {_MAKER} ([a-z]+) -->".encode()),
    re.compile(f"<cp:keywords>{_MAKER} ([a-z]+)</cp:keywords>".encode()),
)


def kind_mark(kind: str | None) -> str:
    """Return the mark of a kind of document; none where it has none.

    Examples
    --------
    >>> kind_mark("household"), kind_mark(None)
    ('relapse-risk household', '')
    """
    return f"{_MAKER} {kind}" if kind else ""


def kind_of_document(path: Path) -> str | None:
    """Return the kind with which a page, workbook or text document was marked; None where it bears no mark of ours."""
    try:
        with ZipFile(path) as parts:
            head = parts.read("docProps/core.xml")
    except (BadZipFile, KeyError, OSError):
        try:
            with path.open("rb") as page:
                head = page.read(_PAGE_HEAD)
        except OSError:
            return None
    found = next((found for pattern in _PATTERNS if (found := pattern.search(head))), None)
    return found and found[1].decode()


def require_document(path: Path) -> None:
    """Refuse a kind of file that no document is written in.

    Raises
    ------
    InputError
        ``document_kind``.

    Examples
    --------
    >>> require_document(Path("card.md"))
    >>> require_document(Path("card.pdf"))
    Traceback (most recent call last):
    relapse_risk.errors.InputError: Cannot write to card.pdf: give a name that ends in one of .html, .xlsx, .docx, .md.
    """
    if path.suffix not in DOCUMENT_SUFFIXES:
        raise InputError("document_kind", path=path, known=", ".join(DOCUMENT_SUFFIXES))
