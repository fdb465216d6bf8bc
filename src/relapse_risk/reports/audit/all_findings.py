"""The sheet of all findings of an audit, by place: to be looked through, corrections stand on those of the rules."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.reports.audit.audit_list import AuditList
from relapse_risk.reports.audit.cover import SEVERITY_LOOKS
from relapse_risk.reports.audit.finding_lines import PLACES, WHERE, edges_of, finding_column, written_findings
from relapse_risk.reports.figures import counted
from relapse_risk.reports.sheets import Styles, place_in_book, write_list

__all__ = ["MOST_IN_ALL", "write_all"]

MOST_IN_ALL = 10_000
"""Lines of the sheet of all findings, the gravest."""

_SHOWN = (
    *(*WHERE, *PLACES, "household_id", "person_id", "years", "column", "value_masked"),
    *("severity", "wrong", "standing", "answer"),
)
_RULE_SHEET = "_rule_sheet"
_ROOM = 18.0


def write_all(sheet: Any, styles: Styles, listed: AuditList, texts: Texts, names: Sequence[str]) -> None:
    """Write all findings on an empty sheet, by town and village, each leading to the sheet of its rule.

    It has no column to fill in, so that reading corrections passes it over.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    styles : Styles
    listed : AuditList
    texts : Texts
    names : sequence of str
        The sheet of each rule, in the order of ``AuditList.by_rule``.
    """
    lines = listed.once
    shown = _shown(lines.head(MOST_IN_ALL), listed, texts, names)
    looks = {texts("severities", code).capitalize(): look for code, look in SEVERITY_LOOKS.items()}
    severities = [looks[word] for word in shown["severity"]]
    columns = {name: finding_column(name, shown, severities, texts) for name in shown.columns if name != _RULE_SHEET}
    columns["wrong"] = replace(columns["wrong"], links=[place_in_book(name) for name in shown[_RULE_SHEET]])
    more = lines.height - shown.height
    cut = texts("audit", "list_cut", shown=counted(shown.height), more=counted(more)) if more else ""
    head = (
        (texts("audit", "title_all"), "title", 30.0),
        (
            texts("audit", "all_subtitle", count=counted(listed.lines.height), lines=counted(lines.height)),
            "subtitle",
            18.0,
        ),
        (texts("audit", "all_hint"), "hint", 16.0),
        (cut, "warning", 6.0),
    )
    sheet.set_tab_color(styles.tab(severities))
    write_list(sheet, styles, head, [*columns.values()], _ROOM, edges_of(listed, len(WHERE), texts))


def _shown(lines: pl.DataFrame, listed: AuditList, texts: Texts, names: Sequence[str]) -> pl.DataFrame:
    """Return what is written into the cells, by place, and the sheet of each line's rule."""
    sheets = dict(zip(listed.by_rule["rule"], names, strict=True))
    rules = listed.by_rule.rows_by_key("rule", named=True, unique=True, include_key=True)
    written = [
        written_findings(part, rules[rule], texts).with_columns(pl.lit(sheets[rule]).alias(_RULE_SHEET))
        for (rule,), part in lines.partition_by("rule", as_dict=True, maintain_order=True).items()
    ]
    known = pl.concat(written, how="diagonal")
    shown = known.select(name for name in (*_SHOWN, _RULE_SHEET) if name in known.columns).fill_null("")
    places = [pl.col(name).replace("", None) for name in PLACES if name in shown.columns]
    return shown.sort(places, nulls_last=True, maintain_order=True) if places else shown
