"""What an audit's reports say, before it is put on paper or a page: data only, in no language."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from relapse_risk.audit import FINDINGS, AuditDiff, AuditResult, AuditTrail, close
from relapse_risk.audit.anomalies import ANOMALY_RULES, AnomalyResult
from relapse_risk.audit.reconcile import Reconciliation
from relapse_risk.ingest import Note
from relapse_risk.policy import AuditPolicy
from relapse_risk.records import SourceSheet
from relapse_risk.reports.roster_report import Remark

__all__ = ["ANOMALIES", "SEVERITIES", "AuditContent"]

SEVERITIES = ("refuse", "warn", "note")
"""The gravest first."""
ANOMALIES = "anomalies"
"""The family of the rules that tell of anomalies."""

_GRAVE = {name: place for place, name in enumerate(SEVERITIES)}


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
    def lines(self) -> pl.DataFrame:
        """The findings with their state, the gravest first."""
        findings = [self.findings.with_columns(standing=pl.lit(None, dtype=pl.String))]
        if self.closing is not None:
            told = {"open": self.closing.open, "new": self.closing.new}
            findings = [frame.with_columns(standing=pl.lit(name)) for name, frame in told.items()]
        grave = pl.col("severity").replace_strict(_GRAVE, return_dtype=pl.UInt8)
        return pl.concat(findings).sort(grave, "source", "sheet", "row", "column", maintain_order=True)

    @cached_property
    def by_rule(self) -> pl.DataFrame:
        """Every rule with lines, the gravest first: how many by severity and in all, and how many rows it judged."""
        counted = self.lines.group_by("rule").agg(
            pl.len().alias("findings"), *((pl.col("severity") == name).sum().alias(name) for name in SEVERITIES)
        )
        gravest = pl.coalesce(pl.when(pl.col(name) > 0).then(place) for name, place in _GRAVE.items())
        told = self.audit.rules.select("rule", "family", "judged", "not_judged").with_row_index("_place")
        joined = counted.join(told, on="rule", how="left")
        return (
            joined.with_columns(pl.col("family").fill_null(ANOMALIES))
            .sort(gravest, "_place", "rule", nulls_last=True)
            .drop("_place")
        )

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
