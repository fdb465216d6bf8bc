"""The cover of the audit's workbook: what was read, what was found and on which sheet, what was not looked at."""

from collections.abc import Sequence
from typing import Any

from relapse_risk.policy import Texts
from relapse_risk.reports.audit.audit_content import AuditContent
from relapse_risk.reports.audit.audit_list import AuditList
from relapse_risk.reports.audit.totals import (
    anomalies_grid,
    anomalies_text,
    answer_grid,
    change_grid,
    closing_grid,
    closing_text,
    flagged_grid,
    form_notes,
    in_short,
    left_out,
    missing_grid,
    reading_notes,
    reconciliation_grid,
    row_grid,
    rule_grid,
    severity_grid,
    sheet_grid,
    subtitle,
)
from relapse_risk.reports.sheets import SheetPage, Spans, Styles

__all__ = ["SEVERITY_LOOKS", "write_cover", "write_place_cover", "write_sheets"]

SEVERITY_LOOKS = {"refuse": "red", "warn": "orange", "note": "yellow"}

_WIDTHS = (40.0, 18.0, 17.0, 12.0, 12.0, 12.0, 12.0, 12.0)
_SHEET_WIDTHS = (30.0, 20.0, 12.0, 24.0, 56.0, 10.0)
_SEVERITIES: Spans = ((0, 0), (1, 5), (6, 6), (7, 7))
_RULES: Spans = ((0, 1), *((place, place) for place in range(2, 8)))
_MISSING: Spans = ((0, 1), (2, 2), (3, 7))
_CHANGES: Spans = ((0, 5), (6, 6), (7, 7))
_COMPARED: Spans = ((0, 0), (1, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7))
_CLOSING: Spans = ((0, 3), (4, 4), (5, 5), (6, 6), (7, 7))
_ENDING: Spans = ((0, 4), (5, 5), (6, 6), (7, 7))


def write_cover(sheet: Any, styles: Styles, content: AuditContent, texts: Texts, sheets: Sequence[str]) -> None:
    """Write the cover on an empty sheet.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    content : AuditContent
    texts : Texts
    sheets : sequence of str
        The sheet of each rule, in the order of ``AuditList.by_rule``.
    """
    page = SheetPage(sheet, styles, _WIDTHS, lambda key: texts("audit", key))
    page.text(texts("audit", "title"), "title", 32)
    page.text(subtitle(content.exported_on, texts), "subtitle")
    _section(page, "attention", reading_notes(content, texts), "warning")
    _section(page, "in_short", in_short(content, texts))
    _write_guide(page, texts, sheets)
    _write_findings(page, content.listing, texts, sheets)
    _write_closing(page, content, texts)
    _write_reading(page, content, texts)
    _write_compared(page, content, texts)
    page.set_up()


def write_place_cover(sheet: Any, styles: Styles, listed: AuditList, texts: Texts, sheets: Sequence[str]) -> None:
    """Write the cover of what is sent to one place on an empty sheet: nothing of others is in it, nor counts of them.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    listed : AuditList
    texts : Texts
    sheets : sequence of str
        The sheet of each rule, in the order of ``AuditList.by_rule``.
    """
    page = SheetPage(sheet, styles, _WIDTHS, lambda key: texts("audit", key))
    page.text(texts("audit", "place_title", place=listed.place), "title", 32)
    page.text(subtitle(listed.exported_on, texts), "subtitle")
    _write_guide(page, texts, sheets)
    _write_findings(page, listed, texts, sheets)
    page.set_up()


def write_sheets(sheet: Any, styles: Styles, content: AuditContent, texts: Texts) -> None:
    """Write on an empty sheet what became of every file and sheet that was sent."""
    page = SheetPage(sheet, styles, _SHEET_WIDTHS, lambda key: texts("audit", key))
    page.text(texts("audit", "sheets"), "title", 32)
    page.text(texts("audit", "sheets_note"), "subtitle")
    page.grid(sheet_grid(content, texts))
    page.set_up()


def _write_guide(page: SheetPage, texts: Texts, sheets: Sequence[str]) -> None:
    if sheets:
        _section(page, "guide", [texts("audit", f"guide_{key}") for key in ("places", "shapes", "return", "answers")])


def _write_findings(page: SheetPage, listed: AuditList, texts: Texts, sheets: Sequence[str]) -> None:
    page.heading("severities")
    page.grid(severity_grid(listed, texts), spans=_SEVERITIES, firsts=list(SEVERITY_LOOKS.values()))
    if sheets:
        _section(page, "failed", [] if listed.place else [texts("audit", "failed_note")], "hint")
        page.link(texts("audit", "to_all"), texts("audit", "sheet_all"))
        page.grid(rule_grid(listed, texts), spans=_RULES, links=sheets)


def _write_closing(page: SheetPage, content: AuditContent, texts: Texts) -> None:
    if content.closing is not None:
        _section(page, "closing", closing_text(content, texts), "hint")
        page.grid(closing_grid(content, texts), spans=_CLOSING)
    if content.corrections is not None:
        _section(page, "answered", [texts("audit", "answered_note")], "hint")
        page.grid(answer_grid(content, texts))


def _write_reading(page: SheetPage, content: AuditContent, texts: Texts) -> None:
    _section(page, "rows", [texts("audit", "rows_note")], "hint")
    page.grid(row_grid(content, texts))
    if content.changes.height:
        _section(page, "changes", [texts("audit", "changes_note")], "hint")
        page.grid(change_grid(content, texts), spans=_CHANGES)
        for text in form_notes(content, texts):
            page.text(text, "paragraph")
    missing = missing_grid(content, texts)
    if missing.rows:
        _section(page, "missing", [texts("audit", "missing_note")], "hint")
        page.grid(missing, spans=_MISSING)


def _write_compared(page: SheetPage, content: AuditContent, texts: Texts) -> None:
    if content.reconciliation is not None:
        _section(page, "reconciliation", left_out(content, texts), "hint")
        page.grid(reconciliation_grid(content, texts), spans=_COMPARED)
    if content.anomalies is not None:
        _section(page, "anomalies", anomalies_text(content, texts))
        page.grid(anomalies_grid(content, texts), spans=_ENDING)
        if content.flagged.height:
            page.heading("flagged")
            page.grid(flagged_grid(content, texts))


def _section(page: SheetPage, heading: str, paragraphs: Sequence[str], look: str = "paragraph") -> None:
    """Write a heading and paragraphs under it; nothing where there is nothing to say."""
    if paragraphs or look == "hint":
        page.heading(heading)
    for text in paragraphs:
        page.text(text, look)
