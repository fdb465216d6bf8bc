"""The sheet of notes: what the list is, how to read it, what it rests on, where every household and row is."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from relapse_risk.policy import word
from relapse_risk.reports.content import Content
from relapse_risk.reports.facts import (
    TIERS,
    Fact,
    Grid,
    account_grid,
    guide,
    list_facts,
    model_facts,
    population_grid,
    remark_text,
    tier_grid,
)
from relapse_risk.reports.figures import counted
from relapse_risk.reports.styles import Styles, row_height

__all__ = ["write_notes"]

_WIDTHS = (30.0, 18.0, 16.0, 12.0, 12.0, 12.0, 12.0)
_LAST = len(_WIDTHS) - 1
_A4 = 9

Spans = Sequence[tuple[int, int]]
_SINGLE: Spans = tuple((place, place) for place in range(len(_WIDTHS)))
_WIDE: Spans = ((0, 1), (2, _LAST - 1), (_LAST, _LAST))


def write_notes(
    sheet: Any,
    styles: Styles,
    content: Content,
    lang: str,
    index: Sequence[tuple[str, pl.DataFrame]],
    accounts: pl.DataFrame | None,
) -> None:
    """Write the notes on an empty sheet.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    content : Content
    lang : str
    index : sequence of (str, pl.DataFrame)
        The lists by sheet, where there are several.
    accounts : pl.DataFrame or None
        What became of every row that was read.
    """
    page = _Page(sheet, styles, lang)
    page.text(word("roster", "title", lang), "title", 32)
    if content.remarks:
        page.heading("attention")
        for remark in content.remarks:
            page.text(remark_text(remark, lang), "warning")
    page.heading("about")
    page.facts(list_facts(content, lang))
    page.heading("tiers")
    page.grid(tier_grid(content, lang), firsts=TIERS[:-1])
    if index:
        page.heading("index")
        page.grid(_index_grid(index, lang))
    page.heading("guide")
    for paragraph in guide(content, lang):
        page.text(paragraph, "paragraph")
    page.heading("accounts")
    page.grid(population_grid(content, lang), spans=_WIDE)
    page.heading("model")
    page.facts(model_facts(content, lang))
    if accounts is not None and accounts.height:
        page.heading("rows")
        page.grid(account_grid(accounts, lang))
    page.set_up()


class _Page:
    """A sheet that is written from the top down."""

    def __init__(self, sheet: Any, styles: Styles, lang: str) -> None:
        self._sheet, self._styles, self._lang = sheet, styles, lang
        self._row = 0
        for place, width in enumerate(_WIDTHS):
            sheet.set_column(place, place, width)

    def heading(self, key: str) -> None:
        """Write a heading under an empty row."""
        self._row += 1
        self.text(word("roster", key, self._lang), "heading", 22)

    def text(self, text: str, look: str, least: float = 18) -> None:
        """Write a text over the whole width."""
        self._merged(0, _LAST, text, look)
        self._next([(text, sum(_WIDTHS))], least)

    def facts(self, facts: Sequence[Fact]) -> None:
        """Write labels, and beside them what they say."""
        for label, value in facts:
            self._sheet.write_string(self._row, 0, label, self._styles["label"])
            self._merged(1, _LAST, value, "text")
            self._next([(label, _WIDTHS[0]), (value, sum(_WIDTHS[1:]))], 18)

    def grid(self, grid: Grid, *, spans: Spans = _SINGLE, firsts: Sequence[str] = ()) -> None:
        """Write a table.

        Parameters
        ----------
        grid : Grid
        spans : sequence of (int, int)
            The first and last column of the sheet that each of its columns takes.
        firsts : sequence of str
            The looks of the first cells of its first rows.
        """
        self._cells(grid.headers, spans, ["header"] * len(grid.headers))
        looks = ["right" if place in grid.numbers else "text" for place in range(len(grid.headers))]
        for at, row in enumerate(grid.rows):
            first = firsts[at] if at < len(firsts) else looks[0]
            self._cells(row, spans, [first, *looks[1:]])

    def set_up(self) -> None:
        """Set the printed page."""
        self._sheet.set_portrait()
        self._sheet.set_paper(_A4)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        self._sheet.set_footer("&C&P / &N")
        self._sheet.hide_gridlines(2)

    def _cells(self, texts: Sequence[str], spans: Spans, looks: Sequence[str]) -> None:
        spans = spans[: len(texts)]
        for text, (first, last), look in zip(texts, spans, looks, strict=True):
            self._merged(first, last, text, look)
        self._next([(t, sum(_WIDTHS[a : b + 1])) for t, (a, b) in zip(texts, spans, strict=True)], 18)

    def _merged(self, first: int, last: int, text: str, look: str) -> None:
        if last > first:
            self._sheet.merge_range(self._row, first, self._row, last, "", self._styles[look])
        self._sheet.write_string(self._row, first, text, self._styles[look])

    def _next(self, texts: Sequence[tuple[str, float]], least: float) -> None:
        self._sheet.set_row(self._row, row_height(texts, least))
        self._row += 1


def _index_grid(index: Sequence[tuple[str, pl.DataFrame]], lang: str) -> Grid:
    tiers = ("red", "orange", "yellow")
    rows = [
        (name, counted(lines.height), *(counted(lines.filter(tier=tier).height) for tier in tiers))
        for name, lines in index
    ]
    headers = (
        word("headers", "sheet", lang),
        word("headers", "listed", lang),
        *(word("tiers", tier, lang).capitalize() for tier in tiers),
    )
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset((1, 2, 3, 4)))
