"""Findings as lines of the audit's workbooks: what is written into each cell in words, how wide and in what look."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from relapse_risk.audit import line_code
from relapse_risk.policy import Texts
from relapse_risk.reports.audit.audit_list import ANOMALIES, AuditList
from relapse_risk.reports.audit.audit_words import cell_word, column_word, rule_word, todo_word
from relapse_risk.reports.figures import listing
from relapse_risk.reports.sheets import ListEdges, SheetColumn, fitted_width

__all__ = ["PLACES", "WHERE", "edges_of", "finding_column", "width_of", "written_findings"]

PLACES = ("town", "village")
"""Columns of the place a finding is of."""
WHERE = ("source", "sheet", "row")
"""Columns of where a row stands: they stay in sight."""

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


def finding_column(name: str, shown: pl.DataFrame, severities: Sequence[str], texts: Texts) -> SheetColumn:
    """Return a column of a list of findings; one that is to be filled in where there is nothing to write."""
    cells = shown[name].to_list() if name in shown.columns else []
    width = width_of(name, cells, texts)
    return SheetColumn(
        header=texts("audit", name),
        width=width,
        look=severities if name == "severity" else _LOOK.get(name, "centre"),
        cells=[int(text) if text else None for text in cells] if name in _NUMBERED else cells,
        hidden=name == "code",
        least=min(width, _LEAST[name]) if name in _LEAST else None,
    )


def written_findings(lines: pl.DataFrame, rule_row: dict[str, Any], texts: Texts) -> pl.DataFrame:
    """Return what is written into the cells of a rule's lines, in words; columns that say nothing are left out."""
    rule = rule_row["rule"]
    todo = texts("audit", "anomalies_todo") if rule_row["family"] == ANOMALIES else todo_word(rule, texts)
    columns = [column and column_word(table, column, texts) for table, column in lines.select("table", "column").rows()]
    owner = [name for name in (*PLACES, "household_id", "person_id") if lines[name].count()]
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


def edges_of(listed: AuditList, kept_left: int, texts: Texts) -> ListEdges:
    """Return what stays in sight of a list, and what is printed around it."""
    return ListEdges(kept_left=kept_left, note=texts("roster", "keep_safe"), day=str(listed.exported_on or ""))


def width_of(name: str, cells: Sequence[str], texts: Texts) -> float:
    """Return how wide a column is that holds some cells."""
    if name in _WIDTHS:
        return _WIDTHS[name]
    header = texts("audit", name) + "  "  # with room for the filter's button
    return fitted_width([header, *set(cells)], *_BOUNDS.get(name, _USUAL_BOUNDS))
