"""The cover of the visit workbook: what the month's visits are, how to fill them in, and what becomes of a finding."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from relapse_risk.alerts import DEMANDS
from relapse_risk.policy import Texts
from relapse_risk.policy.mechanism import VisitFinding
from relapse_risk.reports.figures import counted
from relapse_risk.reports.notes import index_grid
from relapse_risk.reports.sheets import SheetPage, Spans, Styles
from relapse_risk.reports.visits.visit_content import VisitList
from relapse_risk.reports.visits.visit_lines import header_of
from relapse_risk.reports.wording import Fact, Grid, account_grid, plan_grid, remark_text

__all__ = ["write_cover"]

_WIDTHS = (29.0, 17.0, 15.0, 11.0, 11.0, 11.0, 11.0)
_TWO: Spans = ((0, 1), (2, 6))
_HOW = ("how_day", "how_choice", "how_by", "how_rows", "how_found", "how_random")


def write_cover(
    sheet: Any,
    styles: Styles,
    visits: VisitList,
    findings: Mapping[str, VisitFinding],
    texts: Texts,
    index: Sequence[tuple[str, pl.DataFrame]],
    accounts: pl.DataFrame | None,
) -> None:
    """Write the notes on an empty sheet.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    visits : VisitList
    findings : Mapping of str to VisitFinding
        What can be found, by code.
    texts : Texts
    index : sequence of (str, pl.DataFrame)
        The lists by sheet.
    accounts : pl.DataFrame or None
        What became of every row that was read.
    """
    page = SheetPage(sheet, styles, _WIDTHS, lambda key: texts("visits.texts", key))
    page.text(texts("visits.texts", "title"), "title", 32)
    if visits.remarks:
        page.heading("attention")
        for remark in visits.remarks:
            page.text(remark_text(remark, texts), "warning")
    page.heading("about")
    page.facts(_facts(visits, texts))
    if visits.plan is not None:
        page.heading("plan")
        page.text(texts("plan", "note", capacity=counted(visits.plan.capacity)), "paragraph")
        page.grid(plan_grid(visits.plan, texts))
    page.heading("how")
    for key in _HOW:
        page.text(texts("visits.texts", key), "paragraph")
    page.heading("findings")
    page.grid(_finding_grid(findings, texts), spans=_TWO)
    page.heading("measures")
    page.text(texts("sentences", "separator").join(texts.labels("measures.measure").values()), "paragraph")
    page.heading("index")
    page.grid(_index_grid(index, texts), links=[name for name, _ in index])
    if accounts is not None and accounts.height:
        page.heading("rows")
        page.grid(account_grid(accounts, texts))
    page.set_up()


def _facts(visits: VisitList, texts: Texts) -> tuple[Fact, ...]:
    lines = visits.lines
    counts = {name: counted(lines.filter(listed_for=name).height) for name in DEMANDS}
    deadlines = lines["deadline"].drop_nulls()
    span = (
        texts("visits.texts", "deadlines_value", first=deadlines.min(), last=deadlines.max())
        if deadlines.len()
        else None
    )
    facts = [
        (texts("visits.texts", "as_of"), str(visits.as_of)),
        (texts("visits.texts", "listed"), texts("visits.texts", "listed_value", count=counted(lines.height), **counts)),
        (texts("visits.texts", "overdue_count"), counted(lines.filter(pl.col("deadline") < visits.as_of).height)),
        (texts("visits.texts", "deadlines"), span or texts("facts", "not_stated")),
        (texts("roster", "sheet_waiting"), counted(visits.waiting.height)),
    ]
    return tuple(facts)


def _finding_grid(findings: Mapping[str, VisitFinding], texts: Texts) -> Grid:
    rows = [
        (
            texts.name_of(finding) + (texts("visits.texts", "remark_needed") if finding.remark else ""),
            texts.name_of(finding.then),
        )
        for finding in findings.values()
    ]
    return Grid(
        headers=(header_of("finding", texts), texts("visits.texts", "then")), rows=tuple(rows), numbers=frozenset()
    )


def _index_grid(index: Sequence[tuple[str, pl.DataFrame]], texts: Texts) -> Grid:
    """Return the sheets with the visits of each tier and those drawn at random."""
    grid = index_grid(index, texts)
    drawn = (counted(lines.filter(listed_for="random").height) for _, lines in index)
    return Grid(
        headers=(grid.headers[0], texts("visits.texts", "to_visit"), *grid.headers[2:], texts("visits.texts", "drawn")),
        rows=tuple((*row, count) for row, count in zip(grid.rows, drawn, strict=True)),
        numbers=grid.numbers | {len(grid.headers)},
    )
