"""The audit's workbook: a cover, and for each rule a sheet of the rows that break it, to be corrected and sent."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from relapse_risk.policy import Texts
from relapse_risk.reports.audit.all_findings import write_all
from relapse_risk.reports.audit.audit_content import AuditContent
from relapse_risk.reports.audit.audit_list import AuditList
from relapse_risk.reports.audit.audit_words import family_word, rule_word, todo_word
from relapse_risk.reports.audit.cover import SEVERITY_LOOKS, write_cover, write_place_cover, write_sheets
from relapse_risk.reports.audit.finding_lines import PLACES, WHERE, edges_of, finding_column, width_of, written_findings
from relapse_risk.reports.figures import counted
from relapse_risk.reports.sheets import (
    LETTERS,
    Head,
    SheetColumn,
    Styles,
    ask_for_day,
    sheet_names,
    write_list,
)

__all__ = ["FOLDED_FROM", "MOST_LINES", "write_audit_workbook", "write_place_workbook"]

MOST_LINES = 2_000
"""Lines of a sheet; more than that nobody goes through by hand."""

FOLDED_FROM = 300
"""Lines of a hint, which may be right as it is, from which the whole list has one line a village instead."""

_TO_FILL = ("corrected_value", "corrected_on", "remark")
_ROOM_TO_WRITE = 24.0
_WITHOUT_DAY = date(1980, 1, 1)  # as the entries of the file itself: the same content, the same bytes


def write_audit_workbook(content: AuditContent, path: str | Path, *, lang: str = "zh") -> None:
    """Write an audit as a workbook that can be printed, sent back to the county and filled in.

    A cover with counts, one sheet of all findings by place, and one for each rule with findings, the gravest first,
    with file, sheet and row of each. Of a rule with very many the first are listed, and of a hint with very many every
    village with its count; all of them are in ``audit.parquet``, and each place's own in its workbook. The same content
    gives the same bytes on any day.

    Parameters
    ----------
    content : AuditContent
        What the audit found.
    path : str or Path
        Written over if it is there.
    lang : {"zh", "en"}
        Of everything but the records' own words.
    """
    texts, listed = Texts(lang, audit=content.policy), content.listing
    names = _sheet_names(listed, texts)
    with _opened(path, listed, texts) as book:
        styles = Styles(book, lang)
        write_cover(book.add_worksheet(texts("audit", "sheet_cover")), styles, content, texts, names)
        if content.sheets:
            write_sheets(book.add_worksheet(texts("audit", "sheet_sheets")), styles, content, texts)
        _write_findings(book, styles, listed, texts, names)


def write_place_workbook(listed: AuditList, path: str | Path, *, lang: str = "zh") -> None:
    """Write what is sent to one place as a workbook: its own findings, and nothing of others.

    Parameters
    ----------
    listed : AuditList
        With its place.
    path, lang
        As `write_audit_workbook`.
    """
    texts = Texts(lang, audit=listed.policy)
    names = _sheet_names(listed, texts)
    with _opened(path, listed, texts) as book:
        styles = Styles(book, lang)
        write_place_cover(book.add_worksheet(texts("audit", "sheet_cover")), styles, listed, texts, names)
        _write_findings(book, styles, listed, texts, names)


def _opened(path: str | Path, listed: AuditList, texts: Texts) -> Any:
    book = xlsxwriter.Workbook(str(path), LETTERS)
    day = datetime.combine(listed.exported_on or _WITHOUT_DAY, time())
    book.set_properties({"title": texts("audit", "title"), "created": day})
    return book


def _sheet_names(listed: AuditList, texts: Texts) -> list[str]:
    """Return the name of the sheet of each rule."""
    taken = [texts("audit", f"sheet_{key}") for key in ("cover", "sheets", "all")]
    # An English sentence is longer than the name of a sheet may be.
    rules = listed.by_rule["rule"]
    return sheet_names([rule if texts.lang == "en" else rule_word(rule, texts) for rule in rules], taken=taken)


def _write_findings(book: Any, styles: Styles, listed: AuditList, texts: Texts, names: Sequence[str]) -> None:
    """Write one sheet of all findings, and one for each rule."""
    if names:
        write_all(book.add_worksheet(texts("audit", "sheet_all")), styles, listed, texts, names)
    parts = listed.once.partition_by("rule", as_dict=True, maintain_order=True)
    for name, rule_row in zip(names, listed.by_rule.rows(named=True), strict=True):
        _write_rule(book.add_worksheet(name), styles, listed, texts, rule_row, parts[rule_row["rule"],])


def _write_rule(
    sheet: Any, styles: Styles, listed: AuditList, texts: Texts, rule_row: dict[str, Any], lines: pl.DataFrame
) -> None:
    if listed.place is None and _is_folded(lines):
        _write_villages(sheet, styles, listed, texts, rule_row, lines)
        return
    shown = written_findings(lines.head(MOST_LINES), rule_row, texts)
    looks = [SEVERITY_LOOKS[severity] for severity in lines["severity"].head(MOST_LINES)]
    names = [*(name for name in shown.columns if name != "code"), *_TO_FILL, "code"]
    columns = [finding_column(name, shown, looks, texts) for name in names]
    head = _head(rule_row, lines.height, texts)
    sheet.set_tab_color(styles.tab(looks))
    write_list(sheet, styles, head, columns, _ROOM_TO_WRITE, edges_of(listed, len(WHERE), texts))
    ask_for_day(sheet, rows=shown.height, column=names.index("corrected_on"), texts=texts)


def _is_folded(lines: pl.DataFrame) -> bool:
    hints = (lines["severity"] == "note").all() and lines["answer"].null_count() == lines.height
    return hints and lines.height >= FOLDED_FROM and lines["village"].count() > 0


def _write_villages(
    sheet: Any, styles: Styles, listed: AuditList, texts: Texts, rule_row: dict[str, Any], lines: pl.DataFrame
) -> None:
    """Write how many lines each village has, the most first: to be looked into there, not line by line."""
    places = [name for name in ("county", *PLACES) if lines[name].count()]
    shown = (
        lines.group_by(places)
        .agg(pl.len().alias("lines"), pl.col("household_id").drop_nulls().n_unique().alias("households"))
        .sort(-pl.col("lines").cast(pl.Int64), *places, nulls_last=True)
        .with_columns(pl.col("village").fill_null(texts("audit", "unplaced")))
        .fill_null("")
    )
    columns = [
        SheetColumn(
            header=texts("audit", name),
            width=width_of(name, cells if name in places else [], texts),
            look="centre" if name in places else "count",
            cells=cells,
        )
        for name, cells in shown.to_dict(as_series=False).items()
    ]
    *said, _ = _head(rule_row, lines.height, texts)
    folded = texts("audit", "list_folded", villages=counted(shown.height))
    head = (*said, (folded, "warning", 6.0))
    write_list(sheet, styles, head, columns, 0.0, edges_of(listed, len(places), texts))


def _head(rule_row: dict[str, Any], count: int, texts: Texts) -> Head:
    """Return what stands above a list: what is wrong, how often, what to do, and how many are not listed."""
    family, found = family_word(rule_row["family"], texts), rule_row["findings"]
    merged = texts("audit", "list_merged", lines=counted(count)) if count < found else ""
    more = count - MOST_LINES
    cut = texts("audit", "list_cut", shown=counted(MOST_LINES), more=counted(more)) if more > 0 else ""
    return (
        (rule_word(rule_row["rule"], texts), "title", 30.0),
        (texts("audit", "list_subtitle", family=family, count=counted(found)) + merged, "subtitle", 18.0),
        (texts("audit", "list_todo", todo=todo_word(rule_row["rule"], texts)), "hint", 16.0),
        (cut, "warning", 6.0),
    )
