"""What an audit of exports finds, and the files it is handed on in."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from relapse_risk.audit import AuditTrail, locate, run_audit, sent_rows
from relapse_risk.audit.anomalies import find_anomalies
from relapse_risk.audit.reconcile import reconcile
from relapse_risk.cli.session import Session
from relapse_risk.ingest import Intake
from relapse_risk.policy import Policy
from relapse_risk.records import line_remarks, sheet_remarks
from relapse_risk.reports import AuditContent, render_audit_page, write_audit_workbook, write_split_audit

__all__ = ["AUDIT", "PLACES", "SENT", "audited", "write_audit"]

PLACES = "places"
AUDIT, SENT, RECONCILIATION = "audit.parquet", "sent.parquet", "reconciliation.parquet"


def audited(
    session: Session,
    intake: Intake,
    policy: Policy,
    before: AuditTrail | None = None,
    reported: pl.DataFrame | None = None,
) -> AuditContent:
    """Return everything an audit of what was read finds; `reported` as in `run_audit`."""
    session.bars("audit", 0.0)
    result = run_audit(intake, policy, reported=reported)
    session.bars("audit", 0.4)
    anomalies = find_anomalies(intake.rows, policy.lines)
    session.bars("audit", 0.8)
    reconciliation = reconcile(intake.rows, policy)
    session.bars("audit", 1.0)
    content = AuditContent(
        audit=result,
        policy=policy.audit,
        anomalies=anomalies,
        reconciliation=reconciliation,
        sent=sent_rows(intake.rows),
        before=before,
        accounts=intake.accounts,
        changes=intake.changes,
        notes=intake.notes,
        remarks=(
            *sheet_remarks(intake.records.sheets),
            *line_remarks(intake.records.table("incomes"), policy.lines),
        ),
        sheets=intake.records.sheets,
        exported_on=intake.records.exported_on,
    )
    return replace(content, located=locate(content.findings, intake.rows, policy.divisions))


def write_audit(session: Session, content: AuditContent, folder: Path, split_by: str | None = None) -> None:
    """Write the findings, the workbook and the page; with `split_by` also a workbook for each place of that level."""
    session.bars("write", 0.0)
    content.table.write_parquet(folder / AUDIT)
    content.sent.write_parquet(folder / SENT)
    if content.reconciliation is not None:
        content.reconciliation.pairs.write_parquet(folder / RECONCILIATION)
    write_audit_workbook(content, folder / "audit.xlsx", lang=session.texts.lang)
    if split_by is not None:
        write_split_audit(content, folder / PLACES, level=split_by, lang=session.texts.lang)
    page = render_audit_page(content, lang=session.texts.lang)
    (folder / "audit.html").write_text(page, encoding="utf-8")
    session.bars.close()
