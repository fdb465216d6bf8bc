"""A document as ``.docx``, for offices that edit and forward it."""

from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from relapse_risk.policy import Texts
from relapse_risk.reports.documents.document import Document, Section
from relapse_risk.reports.documents.kind import kind_mark
from relapse_risk.reports.wording import Fact, Grid

__all__ = ["write_word"]

_FONTS = {"zh": ("宋体", "黑体"), "en": ("Calibri", "Calibri")}  # of text, of headings
_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
_A4, _MARGIN = (Mm(210), Mm(297)), Mm(22)
_TEXT, _SMALL = Pt(10.5), Pt(9)
_MADE = (1980, 1, 1, 0, 0, 0)  # of every part of the file, whenever it is written


def write_word(document: Document, path: str | Path, texts: Texts) -> None:
    """Write a document as ``.docx``; the same document gives the same bytes on any day."""
    made = docx.Document()
    _set_up(made, document, texts.lang)
    made.add_heading(_plain(document.title), level=0)
    made.add_paragraph(_plain(document.subtitle))
    for key, sentences, style in (
        ("attention", document.remarks, "List Bullet"),
        ("in_short", document.short, None),
    ):
        if sentences:
            made.add_heading(texts("page", key), level=1)
        for sentence in sentences:
            made.add_paragraph(_plain(sentence), style=style)
    for section in document.sections:
        _add_section(made, section)
    _add_small(made, document.private)
    _save(made, Path(path))


def _set_up(made: Any, document: Document, lang: str) -> None:
    """Set fonts, the printed page, and what the file says of itself."""
    text, heading = _FONTS[lang]
    for style in made.styles:
        if style.type == WD_STYLE_TYPE.PARAGRAPH:
            font = heading if style.name.startswith(("Heading", "Title")) else text
            style.font.name = font
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
                fonts.attrib.pop(qn(name), None)  # a theme's font would win
            fonts.set(qn("w:eastAsia"), font)
    made.styles["Normal"].font.size = _TEXT
    page = made.sections[0]
    page.page_width, page.page_height = _A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
    about, day = made.core_properties, datetime.combine(document.as_of, time())
    about.title, about.author, about.comments, about.last_modified_by = _plain(document.title), "", "", ""
    about.keywords = kind_mark(document.kind)
    about.created = about.modified = day
    about.language = _LANGUAGES[lang]


def _add_section(made: Any, section: Section) -> None:
    made.add_heading(_plain(section.title), level=1)
    for note in section.notes:
        _add_small(made, note)
    if section.facts:
        _add_facts(made, section.facts)
    for place, table in enumerate(section.tables):
        _add_table(made, table, total=section.total and place == 0)
        made.add_paragraph()


def _add_small(made: Any, text: str) -> None:
    made.add_paragraph().add_run(_plain(text)).font.size = _SMALL


def _add_facts(made: Any, facts: tuple[Fact, ...]) -> None:
    table = made.add_table(rows=0, cols=2, style="Table Grid")
    for label, value in facts:
        cells = table.add_row().cells
        _write(cells[0], label, bold=True)
        _write(cells[1], value)


def _add_table(made: Any, grid: Grid, *, total: bool) -> None:
    """Add a table whose headers are repeated on every printed page, numbers to the right."""
    table = made.add_table(rows=1, cols=len(grid.headers), style="Table Grid")
    head = table.rows[0]
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for rows, (texts, bold) in enumerate([(grid.headers, True), *((row, False) for row in grid.rows)]):
        cells = head.cells if rows == 0 else table.add_row().cells
        for place, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            last = total and rows == len(grid.rows)
            _write(cell, text, bold=bold or last, right=place in grid.numbers)


def _write(cell: Any, text: str, *, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(_plain(text))
    run.bold, run.font.size = bold or None, _SMALL
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _plain(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return "".join(one for one in text if one in "\n\t" or one.isprintable())


def _save(made: Any, path: Path) -> None:
    """Save with one moment for every part, so that nothing in the file tells when it was written."""
    written = BytesIO()
    made.save(written)
    with ZipFile(written) as parts, ZipFile(path, "w") as file:
        for name in parts.namelist():
            part = ZipInfo(name, _MADE)
            part.compress_type = ZIP_DEFLATED
            file.writestr(part, parts.read(name))
