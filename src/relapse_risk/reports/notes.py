"""The sheet of notes: what the list is, how to read it, what it rests on, where every household and row is."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.reports.figures import counted
from relapse_risk.reports.roster_report import RosterReport
from relapse_risk.reports.sheets import SheetPage, Spans, Styles
from relapse_risk.reports.wording import (
    TIERS,
    Grid,
    account_grid,
    guide,
    list_facts,
    model_facts,
    plan_grid,
    population_grid,
    remark_text,
    rule_grid,
    tier_grid,
)

__all__ = ["grave_remarks", "index_grid", "write_notes"]

_WIDTHS = (29.0, 17.0, 15.0, 11.0, 11.0, 11.0, 11.0)
_GRAVE = ("not_forecast", "sheets_unread")  # remarks that stand above every list
_WIDE: Spans = ((0, 1), (2, 5), (6, 6))


def write_notes(
    sheet: Any,
    styles: Styles,
    content: RosterReport,
    texts: Texts,
    index: Sequence[tuple[str, pl.DataFrame]],
    accounts: pl.DataFrame | None,
) -> None:
    """Write the notes on an empty sheet.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    content : RosterReport
    texts : Texts
    index : sequence of (str, pl.DataFrame)
        The lists by sheet, where there are several.
    accounts : pl.DataFrame or None
        What became of every row that was read.
    """
    page = SheetPage(sheet, styles, _WIDTHS, lambda key: texts("roster", key))
    page.text(texts("roster", "title"), "title", 32)
    if content.remarks:
        page.heading("attention")
        for remark in content.remarks:
            page.text(remark_text(remark, texts), "warning")
    page.heading("about")
    page.facts(list_facts(content, texts))
    page.heading("plan")
    page.text(texts("plan", "note", capacity=counted(content.capacity)), "paragraph")
    page.grid(plan_grid(content.plan, texts))
    page.heading("tiers")
    page.grid(tier_grid(content, texts), firsts=TIERS[:-1])
    page.heading("rules_heading")
    page.grid(rule_grid(content.rules, texts))
    if index:
        page.heading("index")
        page.grid(index_grid(index, texts), links=[name for name, _ in index])
    page.heading("guide")
    width = content.interval_width
    how_wide = texts("guide", "interval_width", narrow=f"{width.narrow:g}", medium=f"{width.medium:g}")
    for paragraph in (*guide(content, texts), how_wide):
        page.text(paragraph, "paragraph")
    page.heading("accounts")
    page.grid(population_grid(content, texts), spans=_WIDE)
    page.heading("model")
    page.facts(model_facts(content.model, texts))
    if accounts is not None and accounts.height:
        page.heading("rows")
        page.grid(account_grid(accounts, texts))
    page.set_up()


def grave_remarks(content: RosterReport, texts: Texts) -> str:
    """Return what a reader of any list must be warned of."""
    return " ".join(remark_text(remark, texts) for remark in content.remarks if remark[0] in _GRAVE)


def index_grid(index: Sequence[tuple[str, pl.DataFrame]], texts: Texts) -> Grid:
    """Return which sheet holds how many households of which tier."""
    tiers = ("red", "orange", "yellow")
    rows = [
        (name, counted(lines.height), *(counted(lines.filter(tier=tier).height) for tier in tiers))
        for name, lines in index
    ]
    headers = (
        texts("headers", "sheet"),
        texts("headers", "listed"),
        *(texts("tiers", tier).capitalize() for tier in tiers),
    )
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset((1, 2, 3, 4)))
