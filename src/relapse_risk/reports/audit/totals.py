"""The facts that the audit's workbook and page both state, in words: totals only."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.audit import ANSWERS, STANDINGS
from relapse_risk.audit.anomalies import ANOMALY_RULES
from relapse_risk.audit.reconcile import OUTCOMES, note_text
from relapse_risk.policy import Texts
from relapse_risk.reports.audit.audit_content import AuditContent
from relapse_risk.reports.audit.audit_list import SEVERITIES, AuditList
from relapse_risk.reports.audit.audit_words import column_word, family_word, missing_word, rule_word, unit_word
from relapse_risk.reports.figures import counted, listing, small
from relapse_risk.reports.intake_notes import note_sentences, note_totals
from relapse_risk.reports.wording import ACCOUNTED, Grid, account_grid, grid_of, remark_text

__all__ = [
    "MOST_FLAGGED",
    "anomalies_grid",
    "anomalies_text",
    "answer_grid",
    "change_grid",
    "closing_grid",
    "closing_text",
    "family_grid",
    "flagged_grid",
    "form_notes",
    "in_short",
    "left_out",
    "missing_grid",
    "reading_notes",
    "reconciliation_grid",
    "row_grid",
    "rule_grid",
    "severity_grid",
    "subtitle",
]

MOST_FLAGGED = 20
"""Tests for anomalies that are listed of a rule."""
_MOST_NOTES = 20


def subtitle(exported_on: date | None, texts: Texts) -> str:
    """Return the day of the records."""
    day = texts("facts", "not_stated") if exported_on is None else str(exported_on)
    return texts("audit", "subtitle", day=day)


def in_short(content: AuditContent, texts: Texts) -> list[str]:
    """Return what matters most, in sentences."""
    sums = _sums(content.accounts, *ACCOUNTED, "unlinked")
    sentences = [_text("short_rows", texts, **sums)]
    if sums["unlinked"]:
        sentences.append(_text("short_unlinked", texts, **sums))
    lines = content.table
    if lines.height:
        rows = lines.select("source", "sheet", "row", "table").n_unique()
        of = {name: int((lines["severity"] == name).sum()) for name in SEVERITIES}
        sentences.append(_text("short_findings", texts, rows=rows, count=lines.height, **of))
    else:
        sentences.append(_text("short_clean", texts))
    rules = content.audit.rules
    run = rules.filter(pl.col("missing").is_null())
    failed = int((run["broken"] > 0).sum())
    sentences.append(_text("short_rules", texts, run=run.height, failed=failed, missing=rules.height - run.height))
    if content.changes.height:
        sentences.append(_text("short_changes", texts, **_sums(content.changes, "cells")))
    return [*sentences, *_compared(content, texts)]


def reading_notes(content: AuditContent, texts: Texts) -> list[str]:
    """Return what a reader must know, and the notes of reading on files, sheets and headers; of many the first."""
    remarks = [remark_text(remark, texts) for remark in content.remarks]
    sentences = note_sentences(content.notes, texts)
    more = len(sentences) - _MOST_NOTES
    shown = sentences if more <= 0 else [*sentences[:_MOST_NOTES], _text("more_notes", texts, count=more)]
    return [*remarks, *shown]


def form_notes(content: AuditContent, texts: Texts) -> list[str]:
    """Return the notes of reading on cells, added up over sheets and columns."""
    return note_totals(content.notes, texts)


def sheet_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return what became of every file and sheet, those that were not read first."""
    places = sorted(content.sheets, key=lambda sheet: sheet.status != "unread")
    rows = [
        (
            sheet.source,
            sheet.sheet or "",
            texts("sheet_statuses", sheet.status),
            listing((texts.label("tables", table) for table in sheet.tables), texts),
            sheet.why(texts),
            counted(sheet.rows),
        )
        for sheet in places
    ]
    return grid_of(("source", "sheet", "sheet_status", "tables", "reason", "rows"), rows, texts, numbers=1)


def row_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return the account of every row that was read, by sheet and table."""
    return account_grid(content.accounts, texts, (*ACCOUNTED, "unlinked"))


def severity_grid(listed: AuditList, texts: Texts) -> Grid:
    """Return how many findings there are of each severity, in how many rows."""
    rows = []
    for name in SEVERITIES:
        found = listed.lines.filter(severity=name)
        places = found.select("source", "sheet", "row", "table").n_unique()
        rows.append((_severity(name, texts), texts("severity_meanings", name), *_counts(found.height, places)))
    return grid_of(("severity", "meaning", "findings", "rows"), rows, texts, numbers=2)


def family_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return by family how many rules were run, and their findings by severity."""
    run = content.audit.rules.filter(pl.col("missing").is_null())
    families = run.group_by("family", maintain_order=True).agg(pl.len().alias("run"))
    sums = [pl.col(name).sum() for name in ("findings", *SEVERITIES)]
    found = content.listing.by_rule.group_by("family", maintain_order=True).agg(sums)
    both = families.join(found, on="family", how="full", coalesce=True, maintain_order="left_right")
    rows = [
        (family_word(family, texts), *_counts(rules, *(count or 0 for count in counts)))
        for family, rules, *counts in both.rows()
    ]
    headers = (texts("headers", name) for name in ("family", "rules_run", "findings"))
    severities = (_severity(name, texts) for name in SEVERITIES)
    return Grid(headers=(*headers, *severities), rows=tuple(rows), numbers=frozenset(range(1, 6)))


def rule_grid(listed: AuditList, texts: Texts) -> Grid:
    """Return every rule with findings, the gravest first: how many by severity, and how many rows were judged by it.

    How many were judged is known of the whole alone.
    """
    counts = () if listed.place else ("judged", "not_judged")
    rows = [
        (
            rule_word(row["rule"], texts),
            family_word(row["family"], texts),
            *("" if row[name] == 0 else counted(row[name]) for name in SEVERITIES),
            *_counts(*(row[name] for name in counts)),
        )
        for row in listed.by_rule.rows(named=True)
    ]
    rule, family, *judged = (texts("headers", name) for name in ("rule", "family", *counts))
    headers = (rule, family, *(_severity(name, texts) for name in SEVERITIES), *judged)
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset(range(2, len(headers))))


def missing_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return what was missing, and the rules that could not be run without it."""
    missing = content.audit.rules.filter(pl.col("missing").is_not_null()).select("rule", "missing")
    if content.anomalies is not None:
        sentences = pl.DataFrame(content.anomalies.missing, schema=missing.schema, orient="row")
        missing = pl.concat([missing, sentences])
    between = texts("audit", "between_rules")
    grouped = missing.group_by("missing", maintain_order=True).agg("rule")
    rows = [
        (
            missing_word(what, texts),
            *_counts(len(rules)),
            between.join(rule_word(rule, texts) for rule in rules),
        )
        for what, rules in grouped.rows()
    ]
    headers = tuple(texts("headers", name) for name in ("missing", "rules", "which"))
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset((1,)))


def change_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return how many cells were read from another form, by kind, and in how many columns of how many sheets."""
    places = pl.struct("source", "sheet", "table", "column").n_unique()
    kinds = content.changes.group_by("change").agg(pl.col("cells").sum(), places.alias("columns"))
    rows = [
        (texts.label("changes", kind), *_counts(cells, columns))
        for kind, cells, columns in kinds.sort("cells", "change", descending=[True, False]).rows()
    ]
    return grid_of(("change", "cells", "columns"), rows, texts, numbers=2)


def reconciliation_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return by comparison and outcome how many entries and households there are, and the amounts on both sides."""
    names = ("rows", "households", "amount_register", "amount_department", "difference")
    rows = []
    if content.reconciliation is not None:
        for row in content.reconciliation.summary.rows(named=True):
            first = row["outcome"] == OUTCOMES[0]
            known = names if row["unit"] else names[:2]
            figures = (counted(row[name]) if name in known else counted(None) for name in names)
            compared = _comparison(row["comparison"], _unit_of(content, row["comparison"]), texts) if first else ""
            rows.append((compared, texts("reconcile.outcomes", row["outcome"]), *figures))
    return grid_of(("comparison", "outcome", *names), rows, texts, numbers=len(names))


def left_out(content: AuditContent, texts: Texts) -> list[str]:
    """Return the comparisons that could not be made, and why."""
    notes = () if content.reconciliation is None else content.reconciliation.notes
    return [note_text((code, _in_words(details, texts)), texts) for code, details in notes]


def anomalies_text(content: AuditContent, texts: Texts) -> list[str]:
    """Return what a reader must know of tests that were flagged, or that none was."""
    tests = 0 if content.anomalies is None else content.anomalies.tests.height
    if content.flagged.is_empty():
        return [_text("anomalies_none", texts, tests=tests)]
    sentences = [_text("anomalies_note", texts)]
    if int(content.flagged["rule"].value_counts()["count"].max()) > MOST_FLAGGED:  # type: ignore[arg-type]
        sentences.append(_text("anomalies_cut", texts, most=MOST_FLAGGED, flagged=content.flagged.height))
    return sentences


def anomalies_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return by rule how many units were tested and flagged, and how many rows are listed to be looked at."""
    rows = []
    if content.anomalies is not None:
        listed = Counter(content.anomalies.rows["rule"])
        counts = content.anomalies.tests.group_by("rule").agg(pl.len().alias("tests"), pl.col("flagged").sum())
        of = {rule: figures for rule, *figures in counts.rows()}
        rules = (rule for rule in ANOMALY_RULES if rule in of)
        rows = [(rule_word(rule, texts), *_counts(*of[rule], listed[rule])) for rule in rules]
    return grid_of(("rule", "tests", "flagged", "rows_listed"), rows, texts, numbers=3)


def flagged_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return the tests that were flagged, of each rule those with the smallest p-values."""
    shown = content.flagged.group_by("rule", maintain_order=True).head(MOST_FLAGGED) if content.flagged.height else None
    rows = [
        (
            unit_word(row["unit_kind"], row["unit"], row["year"], texts),
            rule_word(row["rule"], texts),
            f"{texts.label('tables', row['table'])}·{column_word(row['table'], row['column'], texts)}",
            *_counts(row["n"], row["statistic"]),
            small(row["expected"], 1),
            *(small(row[name], 4) for name in ("p_value", "adjusted")),
        )
        for row in ([] if shown is None else shown.rows(named=True))
    ]
    headers = ("unit", "rule", "column", "count", "stood_out", "chance", "p_value", "adjusted")
    return grid_of(headers, rows, texts, numbers=5)


def closing_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return by rule how many earlier findings are closed, not sent and open, and how many are new; last in all."""
    rows = []
    if content.closing is not None:
        order = {rule: place for place, rule in enumerate(content.audit.rules["rule"])}
        place = pl.col("rule").replace_strict(order, default=None, return_dtype=pl.Int64)
        counts = content.closing.counts().sort(place, "rule", nulls_last=True)
        rows = [(rule_word(rule, texts), *_counts(*figures)) for rule, *figures in counts.rows()]
        rows.append((texts("headers", "total"), *_counts(*content.closing.totals.values())))
    return grid_of(("rule", *STANDINGS), rows, texts, numbers=len(STANDINGS))


def answer_grid(content: AuditContent, texts: Texts) -> Grid:
    """Return by town how many findings were asked, and how what was answered stands to the export; last in all."""
    rows = []
    if content.corrections is not None:
        counts, names = content.corrections.by_town, ("asked", *ANSWERS)
        rows = [(town or texts("audit", "unplaced"), *_counts(*figures)) for town, *figures in counts.rows()]
        rows.append((texts("headers", "total"), *_counts(*_sums(counts, *names).values())))
    headers = (texts("audit", "town"), texts("audit", "asked"), *(texts("answers", name) for name in ANSWERS))
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset(range(1, len(headers))))


def closing_text(content: AuditContent, texts: Texts) -> list[str]:
    """Return how to read the comparison with the earlier audit, and which files and sheets were not sent again."""
    if content.closing is None:
        return []
    sentences = [_text("closing_note", texts)]
    not_sent = content.closing.not_sent
    by_place = not_sent.group_by("source", "sheet").len("count")
    rows = by_place.sort("count", "source", "sheet", descending=[True, False, False]).head(_MOST_NOTES).rows(named=True)
    places = [texts("audit", "not_sent_place", **row | {"sheet": row["sheet"] or "-"}) for row in rows]
    if places:
        sentences.append(texts("audit", "not_sent_from", count=counted(not_sent.height), places=listing(places, texts)))
    return sentences


def _compared(content: AuditContent, texts: Texts) -> list[str]:
    """Return what came of comparing with departments, of the tests and of an earlier audit, as far as there are any."""
    sentences = []
    if content.reconciliation is not None and content.reconciliation.summary.height:
        summary = content.reconciliation.summary
        of = {name: int(summary.filter(outcome=name)["rows"].sum()) for name in OUTCOMES}
        kinds = summary["comparison"].n_unique()
        sentences.append(_text("short_reconciled", texts, kinds=kinds, rows=sum(of.values()), **of))
    if content.anomalies is not None and content.anomalies.tests.height:
        sentences.append(
            _text("short_anomalies", texts, tests=content.anomalies.tests.height, flagged=content.flagged.height)
        )
    if content.closing is not None:
        sentences.append(_text("short_closing", texts, **content.closing.totals))
    return sentences


def _text(key: str, texts: Texts, **counts: int) -> str:
    return texts("audit", key, **{name: counted(count) for name, count in counts.items()})


def _counts(*counts: float | None) -> tuple[str, ...]:
    return tuple(counted(count) for count in counts)


def _sums(frame: pl.DataFrame, *names: str) -> dict[str, int]:
    return {name: int(frame[name].sum()) for name in names}


def _severity(name: str, texts: Texts) -> str:
    return texts("severities", name).capitalize()


def _in_words(details: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    """Return the details of a note with its table and columns as they are called."""
    table = details["table"]
    columns = [column_word(table, name, texts) for name in details.get("columns", "").split(", ") if name]
    return {**details, "table": texts.label("tables", table), "columns": listing(columns, texts)}


def _comparison(comparison: str, unit: str | None, texts: Texts) -> str:
    named = texts("reconcile.comparisons", comparison)
    return f"{named} ({texts('reconcile.units', unit)})" if unit else named


def _unit_of(content: AuditContent, comparison: str) -> str | None:
    assert content.reconciliation is not None
    units = content.reconciliation.summary.filter(comparison=comparison)["unit"].drop_nulls()
    return units[0] if units.len() else None
