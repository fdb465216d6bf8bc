"""The audit: check every rule on what was read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.audit_tables import PLACE, AuditTables, open_book
from relapse_risk.audit.reported import REPORTED, rows_reported
from relapse_risk.audit.rules import RULES
from relapse_risk.ingest import Intake, columns_of, masked
from relapse_risk.policy import AuditLimits, Policy, RuleWording, read_policy
from relapse_risk.records import Column

__all__ = ["CELL_RULES", "COUNTS", "FINDINGS", "AuditResult", "run_audit", "shown"]

CELL_RULES = (
    *("unreadable", "error_value", "formula_without_value", "impossible_date", "period_not_day", "month_ambiguous"),
    *("unknown_code", "garbled", "identifier_as_number", "identifier_worded", "identifiers_several"),
    *("missing", "reversed", "no_partner"),
)
"""What reading itself finds, cell by cell."""

FINDINGS = pl.Schema(
    {
        "source": pl.String,
        "sheet": pl.String,
        "row": pl.UInt32,
        "table": pl.String,
        "household_id": pl.String,
        "person_id": pl.String,
        "column": pl.String,
        "rule": pl.String,
        "severity": pl.String,
        "value_masked": pl.String,
        "first_row": pl.UInt32,
    }
)
"""Columns of the findings."""

COUNTS = pl.Schema(
    {
        "rule": pl.String,
        "family": pl.String,
        "table": pl.String,
        "severity": pl.String,
        "judged": pl.UInt32,
        "broken": pl.UInt32,
        "not_judged": pl.UInt32,
        "missing": pl.String,
    }
)
"""Columns of the account of rules."""

RuleWordings = Mapping[str, RuleWording]

# As codes are written, and neither numbers nor names in any register.
_CODE = re.compile(r"[a-z_+]{1,40}|[A-D]")

_PLACED = ("source", "sheet", "row")
_OWNER = ("household_id", "person_id")


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditResult:
    """What an audit found.

    Attributes
    ----------
    findings : pl.DataFrame
        One line per row and rule it breaks (per cell, where the rule is one of reading): source, sheet, row (as a
        spreadsheet shows it), table, household_id, person_id, column, rule, severity (``refuse``: the row is not among
        the records; ``warn``: it is, and something in it is wrong; ``note``: it may be right), value_masked (a
        figure, a day or a code as it was read; of names, numbers of persons and free text the shape alone), first_row
        (the row of the list that this one repeats).
    rules : pl.DataFrame
        One line per rule: rule, family, table, severity, judged (rows of which it is known), broken, not_judged, and
        what is missing (``table`` or ``table.column``; null if nothing) if it was not run.
    """

    findings: pl.DataFrame
    rules: pl.DataFrame


def run_audit(intake: Intake, policy: Policy | None = None, *, reported: pl.DataFrame | None = None) -> AuditResult:
    """Check every rule on every row that was read, refused ones too.

    A rule judges a row only where all it looks at is known, and is not run where a table or column it needs is not
    there. The order of rows does not matter.

    Parameters
    ----------
    intake : Intake
    policy : Policy, optional
        Limits and severities of the rules, and poverty lines; built-in by default.
    reported : pl.DataFrame, optional
        household_id and on: households with a record that visitors found wrong, and when (``Ledger.wrong_records``).

    Returns
    -------
    AuditResult

    Examples
    --------
    >>> from relapse_risk.ingest import read_records
    >>> columns = {"household_id": ["h1"], "occurred_on": ["2019-05-02"]}
    >>> bill = pl.DataFrame({**columns, "total_cost": [500.0], "reimbursed": [900.0]})
    >>> result = run_audit(read_records({"illness": bill}))
    >>> result.findings.select("row", "column", "rule", "severity", "value_masked").rows()
    [(1, 'reimbursed', 'reimbursed_over_total', 'warn', '900')]
    >>> result.rules.filter(rule="cost_not_of_parts")["missing"].item()
    'illness.self_paid'
    """
    policy = policy or read_policy()
    limits, wordings = policy.audit.limits, policy.audit.rules
    book = open_book(intake, policy.lines)
    missing = {rule.id: _missing(rule, book, limits) for rule in RULES}
    findings, counts = [FINDINGS.to_frame()], []
    for table, frame in book.frames.items():
        run = [rule for rule in RULES if rule.table == table and not missing[rule.id]]
        judged = frame.select(
            *PLACE, "household_id", _person(frame), *_judgements(run, limits), *_values(run, frame), *_firsts(run)
        )
        findings += [_broken(rule, judged, wordings) for rule in run]
        counts += [_count(rule, judged[rule.id], wordings) for rule in run]
    counts += [_not_run(rule, missing[rule.id], book, wordings) for rule in RULES if missing[rule.id]]
    cells = _cells(intake, book, wordings)
    counts += [_cell_count(rule, cells, book, wordings) for rule in CELL_RULES]
    if reported is not None:
        wrong = _reported(rows_reported(book, reported), wordings)
        findings, counts = [*findings, wrong], [*counts, _reported_count(wrong, book, wordings)]
    order = {rule: place for place, rule in enumerate((*(rule.id for rule in RULES), *CELL_RULES, REPORTED))}
    return AuditResult(
        findings=pl.concat([*findings, cells]).sort(*_PLACED, "table", "rule", "column"),
        rules=pl.DataFrame(counts, schema=COUNTS).sort(pl.col("rule").replace_strict(order)),
    )


def _missing(rule: AuditRule, book: AuditTables, limits: AuditLimits) -> str:
    """Return what a rule needs and a source does not have."""
    found = [
        f"{table}.{column}" if table in book.present else table
        for table, columns in sorted(rule.needs(limits).items())
        for column in columns or ("",)
        if not book.present.get(table, frozenset()) & set(column.split("|"))
        if column or table not in book.present
    ]
    return ", ".join(dict.fromkeys(found))


def _person(frame: pl.DataFrame) -> pl.Expr:
    return pl.col("person_id") if "person_id" in frame.columns else pl.lit(None, dtype=pl.String).alias("person_id")


def _judgements(rules: Sequence[AuditRule], limits: AuditLimits) -> list[pl.Expr]:
    return [rule.judgement(limits).alias(rule.id) for rule in rules]


def _values(rules: Sequence[AuditRule], frame: pl.DataFrame) -> list[pl.Expr]:
    columns = dict.fromkeys(rule.column for rule in rules)
    return [_value(column, frame).alias(f"_value_{column}") for column in columns]


def _value(column: str, frame: pl.DataFrame) -> pl.Expr:
    """Return the cells of a column as text; numbers of persons are not there any more."""
    return pl.col(column).cast(pl.String) if column in frame.columns else pl.lit(None, dtype=pl.String)


def _broken(rule: AuditRule, judged: pl.DataFrame, wordings: RuleWordings) -> pl.DataFrame:
    rows = judged.filter(rule.id)
    return rows.select(
        pl.col("_source").alias("source"),
        pl.col("_sheet").alias("sheet"),
        pl.col("_row").alias("row"),
        pl.lit(rule.table).alias("table"),
        "household_id",
        "person_id",
        pl.lit(rule.column).alias("column"),
        pl.lit(rule.id).alias("rule"),
        pl.lit(wordings[rule.id].severity).alias("severity"),
        shown(rows[f"_value_{rule.column}"], columns_of(rule.table)[rule.column]).alias("value_masked"),
        (pl.col(f"_first_{rule.id}") if rule.first is not None else pl.lit(None)).alias("first_row"),
    ).cast(FINDINGS)


def _firsts(rules: Sequence[AuditRule]) -> list[pl.Expr]:
    return [rule.first.alias(f"_first_{rule.id}") for rule in rules if rule.first is not None]


def shown(values: pl.Series, column: Column | None) -> pl.Series:
    """Return cells as an office needs them to find the fault; what may say who somebody is as a shape alone."""
    distinct = values.drop_nulls().unique()
    plain = column is not None and column.dtype != pl.String()
    shown = [value if plain or _CODE.fullmatch(value) else masked(value) for value in distinct]
    shapes = pl.Series([cell.removesuffix(".0") for cell in shown], dtype=pl.String)
    return values.replace_strict(distinct, shapes, default=None, return_dtype=pl.String)


def _count(rule: AuditRule, judgement: pl.Series, wordings: RuleWordings) -> dict[str, Any]:
    judged = judgement.len() - judgement.null_count()
    return _line(rule, wordings) | {"judged": judged, "broken": judgement.sum(), "not_judged": judgement.null_count()}


def _not_run(rule: AuditRule, missing: str, book: AuditTables, wordings: RuleWordings) -> dict[str, Any]:
    rows = book.frames[rule.table].height if rule.table in book.frames else 0
    return _line(rule, wordings) | {"judged": 0, "broken": 0, "not_judged": rows, "missing": missing}


def _line(rule: AuditRule, wordings: RuleWordings) -> dict[str, Any]:
    return {"rule": rule.id, "family": rule.family, "table": rule.table, "severity": wordings[rule.id].severity}


def _cells(intake: Intake, book: AuditTables, wordings: RuleWordings) -> pl.DataFrame:
    """Return what reading found as findings: a cell that cost its row is refused with it."""
    severity = {rule: wordings[rule].severity for rule in CELL_RULES}
    own = pl.col("rule").replace_strict(severity, return_dtype=pl.String)
    found = pl.concat(
        [
            intake.rejected.with_columns(severity=pl.lit("refuse")),
            pl.concat([intake.blanked, intake.unlinked]).with_columns(severity=own),
        ]
    )
    owners = pl.concat(
        [FINDINGS.to_frame().select(*_PLACED, "table", *_OWNER), *(_places(*item) for item in book.frames.items())]
    ).unique([*_PLACED, "table"])
    joined = found.join(owners, on=[*_PLACED, "table"], how="left", nulls_equal=True)
    return joined.with_columns(first_row=pl.lit(None)).select(FINDINGS.names()).cast(FINDINGS)


def _places(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    placed = frame.select(*PLACE, pl.lit(table).alias("table"), "household_id", _person(frame))
    return placed.rename(dict(zip(PLACE, _PLACED, strict=True))).cast({"row": pl.UInt32})


def _cell_count(rule: str, cells: pl.DataFrame, book: AuditTables, wordings: RuleWordings) -> dict[str, Any]:
    rows = sum(frame.height for frame in book.frames.values())
    broken = cells.filter(pl.col("rule") == rule).select(*_PLACED, "table").n_unique()
    line = {"rule": rule, "family": "cells", "table": None, "severity": wordings[rule].severity}
    return line | {"judged": rows, "broken": broken, "not_judged": 0}


def _reported(rows: pl.DataFrame, wordings: RuleWordings) -> pl.DataFrame:
    placed = rows.rename(dict(zip(PLACE, _PLACED, strict=True)))
    said = {"table": "households", "column": "household_id", "rule": REPORTED, "severity": wordings[REPORTED].severity}
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in ("person_id", "value_masked", "first_row")]
    columns = [pl.lit(value).alias(name) for name, value in said.items()]
    return placed.with_columns(*columns, *missing).select(FINDINGS.names()).cast(FINDINGS)


def _reported_count(wrong: pl.DataFrame, book: AuditTables, wordings: RuleWordings) -> dict[str, Any]:
    rows = book.frames["households"].height if "households" in book.frames else 0
    line = {"rule": REPORTED, "family": "cells", "table": None, "severity": wordings[REPORTED].severity}
    return line | {"judged": rows, "broken": wrong.height, "not_judged": 0}
