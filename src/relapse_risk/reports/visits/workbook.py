"""The visit workbook: a cover of notes, a list for every village, and what reading it back needs."""

from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from relapse_risk.ingest import name_digest
from relapse_risk.policy import URGENT_FIRST, Policy, Texts
from relapse_risk.reports.figures import counted
from relapse_risk.reports.lines import Area, split
from relapse_risk.reports.sheets import (
    LETTERS,
    Head,
    ListEdges,
    SheetColumn,
    Styles,
    ask_for_day,
    fitted_width,
    sheet_names,
    write_list,
)
from relapse_risk.reports.visits.cover import write_cover
from relapse_risk.reports.visits.machine_sheet import MACHINE, Choices, ask_for_choices, write_machine
from relapse_risk.reports.visits.visit_content import VisitList
from relapse_risk.reports.visits.visit_lines import header_of, tier_text, visit_lines
from relapse_risk.reports.visits.waiting_sheet import write_waiting

__all__ = ["write_visit_workbook"]

_TO_FILL = ("visited_on", "finding", "measure", "by", "remark")
_HIDDEN = "as_of"
_KEPT_LEFT = 4  # number, tier, alert and household
_WIDTHS = {
    **{
        "serial": 6.0,
        "tier": 6.0,
        "deadline": 11.0,
        "visited_on": 11.0,
        "finding": 11.0,
        "measure": 13.0,
        "by": 9.0,
        "remark": 16.0,
    },
    "as_of": 11.0,
}
_BOUNDS = {"reason_text": (28.0, 44.0), "alert_id": (10.0, 32.0), "household_id": (10.0, 32.0)}
_USUAL_BOUNDS = (6.0, 18.0)
_LEAST = {  # of columns whose lines may be broken
    **{"why": 10.0, "change": 8.0, "reason_text": 22.0, "measures": 10.0, "remark": 10.0, "address": 10.0},
    "group_name": 6.0,
}
_LOOK = {
    "serial": "count",
    **{"deadline": "day", "visited_on": "day"},
    **dict.fromkeys(("as_of", "why", "change", "reason_text", "measures", "measure", "remark"), "text"),
}
_ROOM_TO_WRITE = 34.0
_ROWS_FOR_FOUND = 3  # at the end of each list, for households that visitors find and that were not listed


def write_visit_workbook(
    visits: VisitList,
    path: str | Path,
    *,
    policy: Policy,
    lang: str = "zh",
    carried: pl.DataFrame | None = None,
    accounts: pl.DataFrame | None = None,
) -> None:
    """Write the month's visits: notes, a list for each village, to be filled in and read back, and who waits.

    The same visits give the same bytes on any day.

    Parameters
    ----------
    visits : VisitList
    path : str or Path
        Written over if it is there.
    policy : Policy
        Whose findings, measures and wordings are used.
    lang : {"zh", "en"}
        Of everything but the records' own words.
    carried : pl.DataFrame, optional
        household_id and the identifying columns to print with it (``Intake.carried``).
    accounts : pl.DataFrame, optional
        What became of every row that was read (``Intake.accounts``), for the notes.
    """
    texts, findings = Texts(lang, mechanism=policy.mechanism), policy.mechanism.visits.findings
    listing_rules = [code for code, rule in policy.mechanism.rules.items() if rule.tier in URGENT_FIRST]
    lines = visit_lines(visits, listing_rules, texts, carried)
    areas: list[Area] = split(lines, visits.places, "village", texts)
    notes = texts("visits.texts", "sheet_notes")
    waits = texts("roster", "sheet_waiting")
    names = sheet_names([name for name, _ in areas], taken=[notes, waits, MACHINE])
    with xlsxwriter.Workbook(str(path), LETTERS) as book:
        book.set_properties(
            {"title": texts("visits.texts", "title"), "created": datetime.combine(visits.as_of, time())}
        )
        styles = Styles(book, lang)
        index = list(zip(names, (part for _, part in areas), strict=True))
        write_cover(book.add_worksheet(notes), styles, visits, findings, texts, index, accounts)
        sheets = [book.add_worksheet(name) for name in names]
        choices = write_machine(book.add_worksheet(MACHINE), _codes(visits.lines, carried), texts)
        for sheet, (area, part) in zip(sheets, areas, strict=True):
            _write_village(sheet, styles, visits, texts, area, part, choices)
        if visits.waiting.height:
            write_waiting(book.add_worksheet(waits), styles, visits, listing_rules, texts, carried)


def _write_village(
    sheet: Any,
    styles: Styles,
    visits: VisitList,
    texts: Texts,
    area: str,
    lines: pl.DataFrame,
    choices: Choices,
) -> None:
    numbered = lines.drop("listed_for").with_row_index("serial", offset=1)
    blank = pl.DataFrame({"why": [texts("visits.listed_for", "found")] * _ROWS_FOR_FOUND})
    shown = pl.concat([numbered, blank], how="diagonal_relaxed")
    names = [*shown.columns, *_TO_FILL]
    # As text: of a day that is too wide for its hidden column some programs print the signs that say so.
    days = pl.Series(_HIDDEN, [str(visits.as_of)] * lines.height + [None] * _ROWS_FOR_FOUND, dtype=pl.String)
    columns = [*(_column(name, shown, texts) for name in names), _column(_HIDDEN, days.to_frame(), texts, hidden=True)]
    edges = ListEdges(kept_left=_KEPT_LEFT, note=texts("visits.texts", "keep_safe"), day=str(visits.as_of))
    sheet.set_tab_color(styles.tab(lines["tier"]))
    write_list(sheet, styles, _head(visits, texts, area, lines), columns, _ROOM_TO_WRITE, edges)
    ask_for_day(sheet, rows=shown.height, column=names.index("visited_on"), texts=texts)
    ask_for_choices(sheet, {name: names.index(name) for name in ("finding", "measure")}, shown.height, choices, texts)


def _codes(lines: pl.DataFrame, carried: pl.DataFrame | None) -> pl.DataFrame:
    """Return the alerts with their households and digests of the heads' names, if these are printed."""
    codes = lines.select("alert_id", "household_id")
    if carried is None or "head_name" not in carried.columns:
        return codes.with_columns(written_head=pl.lit(None, dtype=pl.String))
    named = codes.join(
        carried.select("household_id", "head_name"), on="household_id", how="left", maintain_order="left"
    )
    digests = [name_digest(household, name) if name else None for _, household, name in named.iter_rows()]
    return codes.with_columns(written_head=pl.Series(digests, dtype=pl.String))


def _head(visits: VisitList, texts: Texts, area: str, lines: pl.DataFrame) -> Head:
    tiers, reasons = lines["tier"].to_list(), lines["listed_for"].to_list()
    counts = {tier: counted(tiers.count(tier)) for tier in ("red", "orange", "yellow")}
    drawn = counted(reasons.count("random"))
    subtitle = texts(
        "visits.texts", "subtitle", as_of=visits.as_of, count=counted(lines.height), random=drawn, **counts
    )
    hint = texts("visits.texts", "hint", notes=texts("visits.texts", "sheet_notes"))
    title = texts("visits.texts", "title_of", area=area)
    return ((title, "title", 30.0), (subtitle, "subtitle", 18.0), (hint, "hint", 16.0), ("", "warning", 6.0))


def _column(name: str, lines: pl.DataFrame, texts: Texts, *, hidden: bool = False) -> SheetColumn:
    cells = lines[name].to_list() if name in lines.columns else []
    written = [cell for cell in cells if isinstance(cell, str)]
    header = header_of(name, texts)
    look: Any = _LOOK.get(name, "centre")
    if name == "tier":
        look, cells = (
            [tier if tier in URGENT_FIRST else "centre" for tier in cells],
            [tier_text(cell, texts) for cell in cells],
        )
    width = _WIDTHS.get(name) or fitted_width(
        [header + "  ", *(line for text in written for line in text.split("\n"))], *_BOUNDS.get(name, _USUAL_BOUNDS)
    )
    least = min(width, _LEAST[name]) if name in _LEAST else None
    return SheetColumn(header=header, width=width, look=look, cells=cells, hidden=hidden, least=least)
