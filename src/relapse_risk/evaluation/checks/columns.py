"""Checks of the columns models learn from."""

from collections.abc import Iterator
from typing import Any

from relapse_risk.evaluation.checks.context import CheckContext, ColumnFacts
from relapse_risk.evaluation.checks.finding import table_words
from relapse_risk.policy import AdjacentSources, CheckPolicy

__all__ = ["adjacent", "dropped", "extreme", "leaking", "separated", "stands_out", "undated"]

Details = dict[str, Any]

_NAMED = 5


def leaking(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield columns that nearly predict the outcome alone."""
    for column in found.facts.columns:
        if column.auc >= data.limits.leak_auc:
            yield {"column": column.words, "auc": column.auc}


def undated(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield tables with rows without a recording date, from which columns are made."""
    for table, share in found.facts.undated.items():
        columns = sum(table == column.table for column in found.facts.columns)
        if columns and share > data.limits.undated_share:
            yield {"table": table_words(table), "share": share, "columns": columns}


def adjacent(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield columns from records made after a household was identified, if they predict the outcome alone."""
    for column in found.facts.columns:
        if _is_adjacent(column, data.adjacent) and column.auc >= data.limits.adjacent_auc:
            yield {"column": column.words, "table": table_words(column.table), "auc": column.auc}


def stands_out(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield the best column alone where it is far above the best one of any other table, and no leak already."""
    limits = data.limits
    order = sorted(found.facts.columns, key=lambda column: -column.auc)
    if not order or not limits.jump_auc <= order[0].auc < limits.leak_auc:
        return
    others = [column for column in order if column.table != order[0].table]
    if others and order[0].auc - others[0].auc >= limits.jump:
        best, after = order[0], others[0]
        yield {"column": best.words, "auc": best.auc, "next": after.words, "next_auc": after.auc}


def dropped(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that columns were left out since they do not vary."""
    names = found.facts.dropped
    if names:
        shown = {lang: _listed([one[lang] for one in names], lang) for lang in ("zh", "en")}
        yield {"count": len(names), "columns": shown}


def separated(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield values of which all rows relapsed, or none although many were expected."""
    limits = data.limits
    rate = sum(day.events for day in found.facts.days) / max(sum(day.rows for day in found.facts.days), 1)
    for column in found.facts.columns:
        for level in column.levels:
            expected = rate * level.rows
            enough = limits.level_rows <= level.rows if level.events else limits.level_expected <= expected
            if enough:
                yield {
                    "column": column.words,
                    "value": level.value,
                    "rows": level.rows,
                    "events": level.events,
                    "expected": expected,
                }


def extreme(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield columns of the records with values beyond anything usual."""
    for (table, column), times in found.facts.extremes.items():
        if times > data.limits.extreme:
            yield {"table": table_words(table), "column": column, "times": times}


def _is_adjacent(column: ColumnFacts, near: AdjacentSources) -> bool:
    parts = {name for need in column.made_from for name in need.split(".")[-1].split("|")}
    return column.table in near.tables or bool(parts & set(near.columns))


def _listed(names: list[str], lang: str) -> str:
    more = len(names) - _NAMED
    shown = {"zh": "、", "en": ", "}[lang].join(names[:_NAMED])
    return shown + ({"zh": f" 等 {len(names)} 列", "en": f" and {more} more"}[lang] if more > 0 else "")
