"""The cover of the visit workbook: what the month's visits are, how to fill them in, and what becomes of a finding."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from relapse_risk.policy import word
from relapse_risk.reports.figures import counted
from relapse_risk.reports.notes import index_grid
from relapse_risk.reports.sheets import SheetPage, Spans
from relapse_risk.reports.styles import Styles
from relapse_risk.reports.visits.visit_content import VisitList
from relapse_risk.reports.visits.visit_words import VisitWords
from relapse_risk.reports.wording import Fact, Grid, account_grid, remark_text

__all__ = ["write_cover"]

_WIDTHS = (30.0, 18.0, 16.0, 12.0, 12.0, 12.0, 12.0)
_TWO: Spans = ((0, 1), (2, 6))
_HOW = ("how_day", "how_choice", "how_by", "how_rows", "how_random")


def write_cover(
    sheet: Any,
    styles: Styles,
    visits: VisitList,
    words: VisitWords,
    index: Sequence[tuple[str, pl.DataFrame]],
    accounts: pl.DataFrame | None,
) -> None:
    """Write the notes on an empty sheet.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    visits : VisitList
    words : VisitWords
    index : sequence of (str, pl.DataFrame)
        The lists by sheet.
    accounts : pl.DataFrame or None
        What became of every row that was read.
    """
    page = SheetPage(sheet, styles, _WIDTHS, words.text)
    page.text(words.text("title"), "title", 32)
    if visits.remarks:
        page.heading("attention")
        for remark in visits.remarks:
            page.text(remark_text(remark, words.lang), "warning")
    page.heading("about")
    page.facts(_facts(visits, words))
    page.heading("how")
    for key in _HOW:
        page.text(words.text(key), "paragraph")
    page.heading("findings")
    page.grid(_finding_grid(words), spans=_TWO)
    page.heading("measures")
    page.text(word("sentences", "separator", words.lang).join(words.measures.values()), "paragraph")
    page.heading("index")
    page.grid(_index_grid(index, words), links=[name for name, _ in index])
    if accounts is not None and accounts.height:
        page.heading("rows")
        page.grid(account_grid(accounts, words.lang))
    page.set_up()


def _facts(visits: VisitList, words: VisitWords) -> tuple[Fact, ...]:
    lines = visits.lines
    counts = {name: counted(lines.filter(listed_for=name).height) for name in ("model", "rule", "random")}
    deadlines = lines["deadline"].drop_nulls()
    span = words.text("deadlines_value", first=deadlines.min(), last=deadlines.max()) if deadlines.len() else None
    facts = [
        (words.text("as_of"), str(visits.as_of)),
        (words.text("listed"), words.text("listed_value", count=counted(lines.height), **counts)),
        (words.text("deadlines"), span or word("facts", "not_stated", words.lang)),
    ]
    return tuple(facts)


def _finding_grid(words: VisitWords) -> Grid:
    rows = [
        (
            finding.words[words.lang] + (words.text("remark_needed") if finding.remark else ""),
            finding.then[words.lang],
        )
        for finding in words.findings.values()
    ]
    return Grid(headers=(words.header("finding"), words.text("then")), rows=tuple(rows), numbers=frozenset())


def _index_grid(index: Sequence[tuple[str, pl.DataFrame]], words: VisitWords) -> Grid:
    """Return the sheets with the visits of each tier and those drawn at random."""
    grid = index_grid(index, words.lang)
    drawn = (counted(lines.filter(listed_for="random").height) for _, lines in index)
    return Grid(
        headers=(grid.headers[0], words.text("to_visit"), *grid.headers[2:], words.text("drawn")),
        rows=tuple((*row, count) for row, count in zip(grid.rows, drawn, strict=True)),
        numbers=grid.numbers | {len(grid.headers)},
    )
