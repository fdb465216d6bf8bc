"""The audit's workbook: a cover, and for each rule a sheet of the rows that break it, to be corrected and sent."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from relapse_risk.audit import line_code
from relapse_risk.policy import Texts
from relapse_risk.reports.audit.audit_content import AuditContent
from relapse_risk.reports.audit.audit_list import ANOMALIES, AuditList
from relapse_risk.reports.audit.audit_words import cell_word, column_word, family_word, rule_word, todo_word
from relapse_risk.reports.audit.cover import SEVERITY_LOOKS, write_cover, write_place_cover, write_sheets
from relapse_risk.reports.figures import counted, listing
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

__all__ = ["FOLDED_FROM", "MOST_LINES", "write_audit_workbook", "write_place_workbook"]

MOST_LINES = 2_000
"""Lines of a sheet; more than that nobody goes through by hand."""

FOLDED_FROM = 300
"""Lines of a hint, which may be right as it is, from which the whole list has one line a village instead."""

_TO_FILL = ("corrected_value", "corrected_on", "remark")
_PLACES = ("town", "village")
_KEPT_LEFT = 3  # where a row stands
_NUMBERED = ("row", "first_row")
_WIDTHS = {
    **{"row": 8.0, "first_row": 8.0, "severity": 10.0, "standing": 10.0},
    **{"corrected_value": 16.0, "corrected_on": 12.0, "remark": 18.0, "code": 10.0},
}
_BOUNDS = {
    "source": (12.0, 24.0),
    "household_id": (10.0, 32.0),
    "person_id": (10.0, 32.0),
    "wrong": (18.0, 28.0),
    "todo": (18.0, 34.0),
    "years": (10.0, 24.0),
    "others": (12.0, 32.0),
}
_USUAL_BOUNDS = (10.0, 26.0)
_LEAST = {  # of columns whose lines may be broken
    **{"source": 12.0, "sheet": 9.0, "column": 9.0, "value_masked": 10.0, "wrong": 14.0, "todo": 16.0},
    **{"years": 9.0, "others": 12.0, "corrected_value": 12.0, "remark": 12.0, "answer": 8.0},
}
_LOOK = {
    "row": "count",
    "first_row": "count",
    "corrected_on": "day",
    "source": "text",
    "wrong": "text",
    "todo": "text",
    "others": "text",
    "corrected_value": "text",
    "remark": "text",
}
_ROOM_TO_WRITE = 24.0
_WITHOUT_DAY = date(1980, 1, 1)  # as the entries of the file itself: the same content, the same bytes


def write_audit_workbook(content: AuditContent, path: str | Path, *, lang: str = "zh") -> None:
    """Write an audit as a workbook that can be printed, sent back to the county and filled in.

    A cover with counts, and one sheet for each rule with findings, the gravest first, with file, sheet and row of each.
    Of a rule with very many the first are listed, and of a hint with very many every village with its count; all of
    them are in ``audit.parquet``, and each place's own in its workbook. The same content gives the same bytes on any
    day.

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
        _write_rules(book, styles, listed, texts, names)


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
        _write_rules(book, styles, listed, texts, names)


def _opened(path: str | Path, listed: AuditList, texts: Texts) -> Any:
    book = xlsxwriter.Workbook(str(path), LETTERS)
    day = datetime.combine(listed.exported_on or _WITHOUT_DAY, time())
    book.set_properties({"title": texts("audit", "title"), "created": day})
    return book


def _sheet_names(listed: AuditList, texts: Texts) -> list[str]:
    """Return the name of the sheet of each rule."""
    taken = [texts("audit", key) for key in ("sheet_cover", "sheet_sheets")]
    # An English sentence is longer than the name of a sheet may be.
    rules = listed.by_rule["rule"]
    return sheet_names([rule if texts.lang == "en" else rule_word(rule, texts) for rule in rules], taken=taken)


def _write_rules(book: Any, styles: Styles, listed: AuditList, texts: Texts, names: Sequence[str]) -> None:
    parts = listed.once.partition_by("rule", as_dict=True, maintain_order=True)
    for name, rule_row in zip(names, listed.by_rule.rows(named=True), strict=True):
        _write_rule(book.add_worksheet(name), styles, listed, texts, rule_row, parts[rule_row["rule"],])


def _write_rule(
    sheet: Any, styles: Styles, listed: AuditList, texts: Texts, rule_row: dict[str, Any], lines: pl.DataFrame
) -> None:
    if listed.place is None and _is_folded(lines):
        _write_villages(sheet, styles, listed, texts, rule_row, lines)
        return
    shown = _written(lines.head(MOST_LINES), rule_row, texts)
    looks = [SEVERITY_LOOKS[severity] for severity in lines["severity"].head(MOST_LINES)]
    names = [*(name for name in shown.columns if name != "code"), *_TO_FILL, "code"]
    columns = [_column(name, shown, looks, texts) for name in names]
    head = _head(rule_row, lines.height, texts)
    write_list(sheet, styles, head, columns, _ROOM_TO_WRITE, _edges(listed, _KEPT_LEFT, texts))
    ask_for_day(sheet, rows=shown.height, column=names.index("corrected_on"), texts=texts)


def _is_folded(lines: pl.DataFrame) -> bool:
    hints = (lines["severity"] == "note").all() and lines["answer"].null_count() == lines.height
    return hints and lines.height >= FOLDED_FROM and lines["village"].count() > 0


def _write_villages(
    sheet: Any, styles: Styles, listed: AuditList, texts: Texts, rule_row: dict[str, Any], lines: pl.DataFrame
) -> None:
    """Write how many lines each village has, the most first: to be looked into there, not line by line."""
    places = [name for name in ("county", *_PLACES) if lines[name].count()]
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
            width=_width(name, cells if name in places else [], texts),
            look="centre" if name in places else "count",
            cells=cells,
        )
        for name, cells in shown.to_dict(as_series=False).items()
    ]
    *said, _ = _head(rule_row, lines.height, texts)
    folded = texts("audit", "list_folded", villages=counted(shown.height))
    head = (*said, (folded, "warning", 6.0))
    write_list(sheet, styles, head, columns, 0.0, _edges(listed, len(places), texts))


def _column(name: str, shown: pl.DataFrame, severities: Sequence[str], texts: Texts) -> SheetColumn:
    cells = shown[name].to_list() if name in shown.columns else []
    width = _width(name, cells, texts)
    return SheetColumn(
        header=texts("audit", name),
        width=width,
        look=severities if name == "severity" else _LOOK.get(name, "centre"),
        cells=[int(text) if text else None for text in cells] if name in _NUMBERED else cells,
        hidden=name == "code",
        least=min(width, _LEAST[name]) if name in _LEAST else None,
    )


def _written(lines: pl.DataFrame, rule_row: dict[str, Any], texts: Texts) -> pl.DataFrame:
    """Return what is written into the cells of a rule's lines, in words; columns that say nothing are left out."""
    rule = rule_row["rule"]
    todo = texts("audit", "anomalies_todo") if rule_row["family"] == ANOMALIES else todo_word(rule, texts)
    columns = [column and column_word(table, column, texts) for table, column in lines.select("table", "column").rows()]
    owner = [name for name in (*_PLACES, "household_id", "person_id") if lines[name].count()]
    written = lines.select(
        "source",
        "sheet",
        pl.col("row").cast(pl.String),
        *owner,
        *(_repeated(lines, texts) if lines["years"].count() else []),
        pl.Series("column", columns, dtype=pl.String),
        *([_cells(lines, texts)] if lines["value_masked"].count() else []),
        *([pl.col("first_row").cast(pl.String)] if lines["first_row"].count() else []),
        _in_words("severity", "severities", texts),
        pl.lit(rule_word(rule, texts)).alias("wrong"),
        pl.lit(todo).alias("todo"),
        *([_in_words("standing", "standings", texts)] if lines["standing"].count() else []),
        *([_in_words("answer", "answers", texts)] if lines["answer"].count() else []),
        line_code().alias("code"),
    )
    return written.with_columns(pl.all().fill_null(""))


def _repeated(lines: pl.DataFrame, texts: Texts) -> list[pl.Series]:
    """Return the years of one fault of a person, and where else it stands than in the row itself."""
    years = [years and listing(map(str, years), texts) for years in lines["years"].to_list()]
    others = [
        listing((_elsewhere(one, row) for one in row["others"]), texts)
        for row in lines.select("source", "sheet", "others").rows(named=True)
    ]
    return [pl.Series(name, cells, dtype=pl.String) for name, cells in (("years", years), ("others", others))]


def _elsewhere(place: dict[str, Any], line: dict[str, Any]) -> str:
    """Return where a row is, as far as it is elsewhere than a line: file, sheet, row."""
    moved = place["source"] != line["source"]
    named = [place["source"] if moved else "", place["sheet"] if moved or place["sheet"] != line["sheet"] else ""]
    return " · ".join(filter(None, (*named, str(place["row"]))))


def _cells(lines: pl.DataFrame, texts: Texts) -> pl.Series:
    cells = lines.select("table", "column", "value_masked").rows()
    return pl.Series(
        "value_masked",
        [cell and cell_word(table, column, cell, texts) for table, column, cell in cells],
        dtype=pl.String,
    )


def _in_words(name: str, topic: str, texts: Texts) -> pl.Expr:
    rule_row = {code: text.capitalize() for code, text in texts.labels(topic).items()}
    return pl.col(name).replace_strict(rule_row, return_dtype=pl.String)


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


def _edges(listed: AuditList, kept_left: int, texts: Texts) -> ListEdges:
    return ListEdges(kept_left=kept_left, note=texts("roster", "keep_safe"), day=str(listed.exported_on or ""))


def _width(name: str, cells: Sequence[str], texts: Texts) -> float:
    if name in _WIDTHS:
        return _WIDTHS[name]
    header = texts("audit", name) + "  "  # with room for the filter's button
    return fitted_width([header, *set(cells)], *_BOUNDS.get(name, _USUAL_BOUNDS))
