"""The sixteen things the documents ask for: each has its row, its sources and links into the code."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "mechanism.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)
]
LINK = re.compile(r"\]\(([^)#]+)(?:#([^)]+))?\)")


def test_there_are_sixteen_rows_and_none_has_an_empty_cell():
    assert [int(row[0]) for row in ROWS] == list(range(1, 17))
    assert all(len(row) == 5 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_row_cites_a_document_and_links_into_the_code(row):
    assert re.search(r"\b00[0-4]\b", row[2])
    links = LINK.findall(row[4])
    assert any(path.startswith("../src/relapse_risk/") for path, _ in links)
