"""The pages: those written from declarations are current, and every link leads somewhere."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.source_trees import SRC, trees

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("synthetic_data/**/*.md")])
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
WRITTEN = {
    page: found[1]
    for page, text in TEXTS.items()
    if (found := re.search(r"^Written by `python -m ([\w.]+)`", text, re.M))
}


def _anchors(text):
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_a_page_written_from_declarations_is_current(page):
    catalogue = import_module(WRITTEN[page]).catalogue
    assert TEXTS[page] == catalogue(), f"run python -m {WRITTEN[page]} > {page.relative_to(ROOT)}"


def test_every_catalogue_is_written_to_a_page():
    modules = {
        ".".join(path.relative_to(SRC.parent).with_suffix("").parts)
        for path, tree in trees().items()
        if any(isinstance(node, ast.FunctionDef) and node.name == "catalogue" for node in tree.body)
    }
    assert modules == set(WRITTEN.values())


def test_every_term_of_the_glossary_is_defined_where_it_says():
    places = re.findall(r"^\|[^|]+\|[^|]+\| `([^`]+)` \|", TEXTS[ROOT / "docs" / "glossary.md"], re.M)
    assert len(places) > 50
    for place in places:
        path = SRC / (place if "/" in place else place.replace(".", "/"))
        assert path.exists() or path.with_suffix(".py").exists(), place


def test_every_link_leads_somewhere():
    for page, path, anchor in ((page, *link) for page, text in TEXTS.items() for link in LINK.findall(text)):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {path}"
        if anchor:
            assert anchor in _anchors(TEXTS[target]), f"{page.name}: {path}#{anchor}"
