"""One audit: what is read and held against what, what is found, and the folder it is written to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.audit import AuditTrail, locate, run_audit, sent_rows
from relapse_risk.audit.anomalies import find_anomalies
from relapse_risk.audit.reconcile import reconcile
from relapse_risk.cli.corrected import with_corrections, write_corrections
from relapse_risk.cli.ledgers import opened_by
from relapse_risk.cli.output import write_run
from relapse_risk.cli.proposing import AskedProposals
from relapse_risk.cli.session import Session, account_of, remark_records
from relapse_risk.errors import InputError
from relapse_risk.ingest import Intake, ReturnedLines, read_records, read_returned
from relapse_risk.policy import Policy
from relapse_risk.records import line_remarks, sheet_remarks
from relapse_risk.reports import AuditContent, render_audit_page, write_audit_workbook, write_split_audit

__all__ = ["PLACES", "AuditInputs", "Audited", "audited", "severities", "write_audit", "write_one_audit"]

PLACES = "places"
AUDIT, SENT, RECONCILIATION = "audit.parquet", "sent.parquet", "reconciliation.parquet"
_SEVERITIES = ("refuse", "warn", "note")


@dataclass(frozen=True, kw_only=True)
class AuditInputs:
    """What an audit reads.

    Attributes
    ----------
    source : Path or str
        The records.
    proposals : AskedProposals
        Which are used, and whether hidden sheets are read too.
    since, corrected : Path, optional
        What an earlier audit wrote, and what came back with corrections.
    ledger : str, optional
        Where visitors' reports of wrong records are.
    key : bytes, optional
        Of the hashes of identity numbers.
    split_by : {"village", "town"}, optional
        The level whose areas each have a workbook too.
    """

    source: Path | str
    proposals: AskedProposals
    since: Path | None = None
    corrected: Path | None = None
    ledger: str | None = None
    key: bytes | None = field(default=None, repr=False)
    split_by: str | None = None

    @property
    def account(self) -> dict[str, Any]:
        """What was asked for, for ``run.json``."""
        asked: dict[str, Any] = {"since": self.since, "corrected": self.corrected, "split_by": self.split_by}
        return asked | {"hidden_sheets": self.proposals.hidden_sheets, "accept_proposals": self.proposals.accept}


@dataclass(frozen=True, kw_only=True, eq=False)
class Audited:
    """What an audit read and found.

    Attributes
    ----------
    intake : Intake
    content : AuditContent
    returned : ReturnedLines or None
        What came back with corrections.
    """

    intake: Intake
    content: AuditContent
    returned: ReturnedLines | None


def write_one_audit(session: Session, inputs: AuditInputs, policy: Policy, folder: Path) -> Audited:
    """Read, audit and write the folder with its account."""
    lang = session.texts.lang
    before = None if inputs.since is None else _earlier(inputs.since)
    returned = None if inputs.corrected is None else read_returned(inputs.corrected)
    accepted = inputs.proposals.accepted(inputs.source, policy)
    policy, hidden = accepted.policy, inputs.proposals.hidden_sheets
    intake = accepted.listed_in(
        read_records(inputs.source, policy=policy, hidden_sheets=hidden, key=inputs.key, progress=session.bars)
    )
    reported = None if inputs.ledger is None else opened_by(policy, inputs.ledger, lang).wrong_records()
    content = with_corrections(audited(session, intake, policy, before, reported), returned, intake, policy)
    write_audit(session, content, folder, inputs.split_by)
    write_corrections(session, content, returned, folder)
    account = _account(content, {**inputs.account, "lang": lang}) | account_of(intake, inputs.source)
    write_run(folder, account, session.bars.seconds)
    return Audited(intake=intake, content=content, returned=returned)


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


def severities(findings: pl.DataFrame) -> dict[str, int]:
    """Count findings by severity."""
    counts = dict(findings.group_by("severity").len().rows())
    return {severity: counts.get(severity, 0) for severity in _SEVERITIES}


def _account(content: AuditContent, options: Mapping[str, object]) -> dict[str, Any]:
    account = {"verb": "audit", "options": options, "remarks": remark_records(content.remarks)}
    return account if content.closing is None else account | {"since": content.closing.totals}


def _earlier(since: Path) -> AuditTrail:
    """Return what an earlier audit left."""
    return AuditTrail(findings=_read(since, AUDIT), sent=_read(since, SENT))


def _read(folder: Path, file: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(folder / file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("audit_missing", path=folder, file=file) from error
