"""The sheet of those who wait: whom this month's visits do not reach. Nothing is filled in there."""

from collections.abc import Collection
from typing import Any

import polars as pl

from relapse_risk.policy import URGENT_FIRST, Texts
from relapse_risk.records import VISIT_LEVELS
from relapse_risk.reports.figures import counted
from relapse_risk.reports.sheets import ListEdges, SheetColumn, Styles, fitted_width, write_list
from relapse_risk.reports.visits.visit_content import VisitList
from relapse_risk.reports.visits.visit_lines import header_of, listed_text, tier_text

__all__ = ["write_waiting"]

_PLACES = (*VISIT_LEVELS[1:], "group_name")
_BOUNDS = {"reason_text": (28.0, 60.0), "household_id": (10.0, 32.0)}
_USUAL_BOUNDS = (6.0, 24.0)
_LEAST = {"why": 14.0, "reason_text": 24.0, "address": 12.0}  # of columns whose lines may be broken
_LOOK = {"serial": "count", "why": "text", "reason_text": "text", "waiting_since": "day"}
_ROOM = 18.0


def write_waiting(
    sheet: Any,
    styles: Styles,
    visits: VisitList,
    listing_rules: Collection[str],
    texts: Texts,
    carried: pl.DataFrame | None,
) -> None:
    """Write who waits on an empty sheet, the most urgent first, with what each waits for and since when.

    It has no column to be filled in, so that reading the workbook back passes it over.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    visits : VisitList
    listing_rules : collection of str
        The rules that list a household, see `listed_text`.
    texts : Texts
    carried : pl.DataFrame or None
        household_id and the identifying columns to print.
    """
    rows = visits.waiting.join(visits.places, on="household_id", how="left", maintain_order="left", validate="m:1")
    names = [name for name in _PLACES if name in rows.columns and rows[name].count()]
    if carried is not None:
        rows = rows.join(carried, on="household_id", how="left", maintain_order="left", validate="m:1")
        names = [*(name for name in carried.columns if name != "household_id"), *names]
    kinds = rows.select("waiting_for", "override").iter_rows()
    why = [listed_text(kind, override, listing_rules, texts) for kind, override in kinds]
    shown = rows.select("tier", "household_id", *names, pl.Series("why", why, dtype=pl.String), "reason_text")
    shown = shown.with_columns(rows["waiting_since"]).with_row_index("serial", offset=1)
    title = texts("roster", "title_waiting")
    subtitle = texts("visits.texts", "waiting_subtitle", as_of=visits.as_of, count=counted(rows.height))
    hint = texts("visits.texts", "waiting_hint")
    head = ((title, "title", 30.0), (subtitle, "subtitle", 18.0), (hint, "hint", 16.0), ("", "warning", 6.0))
    columns = [_column(name, shown[name], texts) for name in shown.columns]
    edges = ListEdges(kept_left=3, note=texts("visits.texts", "keep_safe"), day=str(visits.as_of))
    write_list(sheet, styles, head, columns, _ROOM, edges)


def _column(name: str, values: pl.Series, texts: Texts) -> SheetColumn:
    header, cells = _header(name, texts), values.to_list()
    look: str | list[str] = _LOOK.get(name, "centre")
    if name == "tier":
        look = [tier if tier in URGENT_FIRST else "centre" for tier in cells]
        cells = [tier_text(tier, texts) for tier in cells]
    written = [line for cell in cells if cell is not None for line in str(cell).split("\n")]
    width = fitted_width([header + "  ", *written], *_BOUNDS.get(name, _USUAL_BOUNDS))
    least = min(width, _LEAST[name]) if name in _LEAST else None
    return SheetColumn(header=header, width=width, look=look, cells=cells, least=least)


def _header(name: str, texts: Texts) -> str:
    if name == "waiting_since":
        return texts("roster", "waiting_since")
    return texts("ledger_columns", name) if name in VISIT_LEVELS else header_of(name, texts)
