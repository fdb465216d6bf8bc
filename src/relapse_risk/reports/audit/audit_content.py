"""What an audit's reports say, before it is put on paper or a page: data only, in no language."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from relapse_risk.audit import (
    FAULT,
    FINDINGS,
    LOCATED,
    AuditDiff,
    AuditResult,
    AuditTrail,
    CorrectionCheck,
    close,
    in_order,
)
from relapse_risk.audit.anomalies import ANOMALY_RULES, AnomalyResult
from relapse_risk.audit.reconcile import Reconciliation
from relapse_risk.ingest import Note
from relapse_risk.policy import AuditPolicy
from relapse_risk.records import VISIT_LEVELS, SourceSheet
from relapse_risk.reports.audit.audit_list import AuditList
from relapse_risk.reports.roster_report import Remark

__all__ = ["AuditContent"]

_ROW = LOCATED.names()[:5]
_BESIDES = ("year", *VISIT_LEVELS)


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditContent:
    """What an audit's reports say.

    Attributes
    ----------
    audit : AuditResult
    policy : AuditPolicy
        The policy it used: names of rules, and what to do.
    anomalies : AnomalyResult or None
        Anomalies, where they were looked for.
    reconciliation : Reconciliation or None
        The reconciliation with departments, if there was one.
    sent : pl.DataFrame
        Whose rows it had before it (``SENT``).
    before : AuditTrail or None
        What an earlier audit left, where there was one.
    accounts, changes : pl.DataFrame
        What became of every row and cell that was read (``Intake.accounts``, ``Intake.changes``).
    notes : tuple of Note
        Other notes of reading (``Intake.notes``).
    remarks : tuple of Remark
        What else a reader must know, such as lines of other years.
    exported_on : date or None
        The day the records were exported.
    sheets : tuple of SourceSheet
        What became of every file and sheet.
    corrections : CorrectionCheck or None
        What was said to be corrected, where filled-in workbooks came back.
    located : pl.DataFrame
        Where and of which year the rows with findings are (``LOCATED``).
    """

    audit: AuditResult
    policy: AuditPolicy
    anomalies: AnomalyResult | None
    reconciliation: Reconciliation | None
    sent: pl.DataFrame
    before: AuditTrail | None
    accounts: pl.DataFrame
    changes: pl.DataFrame
    notes: tuple[Note, ...]
    remarks: tuple[Remark, ...]
    exported_on: date | None
    sheets: tuple[SourceSheet, ...] = ()
    corrections: CorrectionCheck | None = None
    located: pl.DataFrame = field(default_factory=LOCATED.to_frame)

    @cached_property
    def findings(self) -> pl.DataFrame:
        """What breaks a rule, and what looks like an anomaly (``FINDINGS``), row by row."""
        if self.anomalies is None:
            return self.audit.findings
        found = pl.concat([self.audit.findings, _flagged(self.anomalies.rows)])
        return found.sort("source", "sheet", "row", "table", "rule", "column")

    @cached_property
    def closing(self) -> AuditDiff | None:
        """The findings compared with those of the earlier audit."""
        if self.before is None:
            return None
        after = AuditTrail(findings=self.findings, sent=self.sent)
        return close(self.before, after, self.audit.rules, self.policy)

    @cached_property
    def table(self) -> pl.DataFrame:
        """The findings row by row, with the year, the place and how each stands: what a later audit and others read."""
        findings = [self.findings.with_columns(standing=pl.lit(None, dtype=pl.String))]
        if self.closing is not None:
            by_standing = {"open": self.closing.open, "new": self.closing.new}
            findings = [frame.with_columns(standing=pl.lit(name)) for name, frame in by_standing.items()]
        placed = pl.concat(findings).join(self.located, on=_ROW, how="left", nulls_equal=True, maintain_order="left")
        ordered = placed.sort("source", "sheet", "row", "table", "rule", "column", maintain_order=True)
        answered = _with_answers(ordered, self.corrections)
        return answered.select(*FINDINGS.names(), *_BESIDES, "standing", "answer")

    @cached_property
    def listing(self) -> AuditList:
        """The findings to be gone through and sent back, of all places."""
        return AuditList(lines=self.table, rules=self.audit.rules, policy=self.policy, exported_on=self.exported_on)

    @cached_property
    def flagged(self) -> pl.DataFrame:
        """The tests for anomalies that were flagged, by rule, the smallest p-values first."""
        if self.anomalies is None:
            return pl.DataFrame()
        order = {rule: place for place, rule in enumerate(ANOMALY_RULES)}
        place = pl.col("rule").replace_strict(order, return_dtype=pl.Int64)
        return self.anomalies.tests.filter("flagged").sort(
            place, "adjusted", "p_value", "table", "column", "unit", "year"
        )


def _flagged(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of anomalies as findings: what they say may be right."""
    nothing = pl.lit(None, dtype=pl.String)
    found = rows.rename({"_source": "source", "_sheet": "sheet", "_row": "row"}).with_columns(
        person_id=nothing, severity=pl.lit("note"), value_masked=nothing, first_row=pl.lit(None)
    )
    return found.select(FINDINGS.names()).cast(FINDINGS)


def _with_answers(findings: pl.DataFrame, corrections: CorrectionCheck | None) -> pl.DataFrame:
    """Return findings with what was answered to those that are still open."""
    if corrections is None:
        return findings.with_columns(answer=pl.lit(None, dtype=pl.String))
    numbered = in_order(findings.with_row_index("_at")).with_columns(_place=pl.int_range(pl.len()).over(FAULT))
    answered = numbered.join(corrections.open_answers, on=[*FAULT, "_place"], how="left", nulls_equal=True)
    return answered.sort("_at")
