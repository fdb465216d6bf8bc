"""Check a county's exports against rules, departments and visits; or only say how they are read."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import polars as pl

from relapse_risk.audit import AuditResult, AuditTrail, locate, run_audit, sent_rows
from relapse_risk.audit.anomalies import find_anomalies
from relapse_risk.audit.reconcile import reconcile
from relapse_risk.cli.commands import (
    accept_option,
    file_option,
    hidden_option,
    option,
    policy_options,
    source_argument,
    verb,
)
from relapse_risk.cli.corrected import tell_corrections, with_corrections, write_corrections
from relapse_risk.cli.keys import read_key
from relapse_risk.cli.ledgers import ledger_file, opened_by
from relapse_risk.cli.output import out_folder, write_run
from relapse_risk.cli.proposing import AskedProposals, describe
from relapse_risk.cli.session import (
    Session,
    account_of,
    open_session,
    remark_records,
    tell_intake,
    tell_remarks,
)
from relapse_risk.errors import InputError
from relapse_risk.ingest import Intake, read_records, read_returned
from relapse_risk.policy import Policy, Texts, read_policy
from relapse_risk.records import line_remarks, sheet_remarks
from relapse_risk.reports import AuditContent, render_audit_page, write_audit_workbook, write_split_audit

__all__ = ["audited", "command", "tell_audit", "write_audit"]

PLACES = "places"
AUDIT, SENT, RECONCILIATION = "audit.parquet", "sent.parquet", "reconciliation.parquet"
LEVELS = ("village", "town")
_SEVERITIES = ("refuse", "warn", "note")


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "audit",
        texts,
        run,
        [
            source_argument(texts),
            hidden_option(texts),
            file_option(texts, "--out", "DIR"),
            option(texts, "--dry-run", is_flag=True),
            file_option(texts, "--propose", "FILE.toml"),
            accept_option(texts),
            file_option(texts, "--since", "DIR"),
            file_option(texts, "--corrected", "FILE|DIR"),
            option(texts, "--ledger", metavar="URL"),
            file_option(texts, "--key-file", "FILE"),
            option(texts, "--split-by", metavar="|".join(LEVELS), type=click.Choice(LEVELS)),
            *policy_options(texts),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(
    *,
    lang: str,
    quiet: bool,
    source: Path | str,
    hidden_sheets: bool,
    out: Path | None,
    dry_run: bool,
    propose: Path | None,
    accept_proposals: float | None,
    since: Path | None,
    corrected: Path | None,
    ledger: str | None,
    key_file: Path | None,
    split_by: str | None,
    overwrite: bool,
    **files: Path | None,
) -> None:
    """Read, audit and write the folder; with `dry_run` only say how files, sheets and headers are understood."""
    asked = AskedProposals(propose=propose, accept=accept_proposals, hidden_sheets=hidden_sheets)
    if dry_run:
        describe(Session(lang, quiet, source), source, read_policy(**files), asked)
        return
    if propose is not None:
        raise InputError("propose_needs_dry_run")
    if out is None:
        raise InputError("cli_missing", name="--out")
    if corrected is not None and since is None:
        raise InputError("corrected_without_since")
    inputs = (source, since, corrected, key_file, ledger_file(ledger), *files.values())
    with (
        out_folder(out, verb="audit", overwrite=overwrite, inputs=inputs) as folder,
        open_session(lang, quiet, out) as session,
    ):
        before, returned = _earlier(since), None if corrected is None else read_returned(corrected)
        accepted = asked.accepted(source, read_policy(**files))
        policy, key = accepted.policy, read_key(key_file)
        intake = accepted.listed_in(
            read_records(source, policy=policy, hidden_sheets=hidden_sheets, key=key, progress=session.bars)
        )
        reported = None if ledger is None else opened_by(policy, ledger, lang).wrong_records()
        content = with_corrections(audited(session, intake, policy, before, reported), returned, intake, policy)
        write_audit(session, content, folder, split_by)
        write_corrections(session, content, returned, folder)
        options: dict[str, object] = {"since": since, "corrected": corrected, "split_by": split_by}
        options |= {"hidden_sheets": hidden_sheets, "lang": lang, "accept_proposals": accept_proposals}
        write_run(folder, _account(content, options) | account_of(intake, source), session.bars.seconds)
    tell_intake(session, intake)
    tell_audit(session, content, out, split_by)
    tell_corrections(session, content, returned, out)


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


def tell_audit(session: Session, content: AuditContent, out: Path, split_by: str | None = None) -> None:
    """Say how much was found, what a correction closed, and where everything is."""
    tell_remarks(session, content.remarks)
    session.say("audited", rules=_rules_run(content.audit), **_by_severity(content.findings))
    if content.closing is not None:
        session.say("closed_since", **content.closing.totals)
    session.say("written", what=session.texts("cli", "what_audit_workbook"), path=out / "audit.xlsx")
    if split_by is not None and content.table.height:
        session.say("written", what=session.texts("cli", "what_split_audit"), path=out / PLACES)
    session.say("written", what=session.texts("cli", "what_audit_page"), path=out / "audit.html")
    session.say("written", what=session.texts("cli", "what_folder"), path=out)


def _account(content: AuditContent, options: Mapping[str, object]) -> dict[str, Any]:
    account = {"verb": "audit", "options": options, "remarks": remark_records(content.remarks)}
    return account if content.closing is None else account | {"since": content.closing.totals}


def _rules_run(result: AuditResult) -> int:
    return result.rules.filter(pl.col("missing").is_null()).height


def _by_severity(findings: pl.DataFrame) -> dict[str, int]:
    counts = dict(findings.group_by("severity").len().rows())
    return {severity: counts.get(severity, 0) for severity in _SEVERITIES}


def _earlier(since: Path | None) -> AuditTrail | None:
    """Return what an earlier audit left."""
    if since is None:
        return None
    return AuditTrail(findings=_read(since, AUDIT), sent=_read(since, SENT))


def _read(folder: Path, file: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(folder / file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("audit_missing", path=folder, file=file) from error
