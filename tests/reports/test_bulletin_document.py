"""The month's bulletin as .docx: what the page says, in a file that Word opens, the same on any day."""

import time
from datetime import date
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn

from relapse_risk.policy import Texts, read_policy
from relapse_risk.reports import render_bulletin, write_bulletin
from tests.reports.invented_bulletins import HOUSEHOLDS, make_bulletin
from tests.reports.parsed_pages import Page

POLICY = read_policy()


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def path(lang, tmp_path_factory):
    path = tmp_path_factory.mktemp("bulletin") / "月 报.docx"
    write_bulletin(make_bulletin(), path, policy=POLICY, lang=lang)
    return path


@pytest.fixture(scope="module")
def document(path):
    return docx.Document(str(path))


def test_it_says_what_the_page_says(document, lang):
    page = Page(render_bulletin(make_bulletin(), policy=POLICY, lang=lang))
    shown = [[[" ".join(cell.split()) for cell in row] for row in table] for table in page.tables]
    tables = [[[" ".join(cell.text.split()) for cell in row.cells] for row in table.rows] for table in document.tables]
    assert [table for table in tables if table in shown] == shown
    said = "".join(page.text)
    for paragraph in document.paragraphs:
        assert paragraph.text.strip() in said
    facts = [row for table in tables if table not in shown for row in table]
    assert facts
    assert all(label in said and value in said for label, value in facts)


def test_title_and_headings_are_styled(document, lang):
    assert document.paragraphs[0].style.name == "Title"
    assert document.paragraphs[0].text == Texts(lang)("bulletin.texts", "title")
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert Texts(lang)("bulletin.sections", "alerts") in headings
    fonts = document.styles["Heading 1"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == {"zh": "黑体", "en": "Calibri"}[lang]
    assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_no_household_is_in_it(path):
    with ZipFile(path) as parts:
        text = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    assert not [code for code in HOUSEHOLDS if code in text]


def test_the_same_bulletin_gives_the_same_bytes_at_any_time(path, lang, tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    write_bulletin(make_bulletin(), tmp_path / "a.docx", policy=POLICY, lang=lang)
    assert (tmp_path / "a.docx").read_bytes() == path.read_bytes()


def test_it_tells_of_its_day_and_of_nobody(document):
    about = document.core_properties
    assert about.created.date() == date(2020, 2, 29)
    assert (about.author, about.last_modified_by) == ("", "")
