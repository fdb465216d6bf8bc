"""Check a county's exports against rules, departments and visits; or only say how they are read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import polars as pl

from relapse_risk.audit import AuditResult, AuditTrail
from relapse_risk.cli.audit_counties import CountyAudit, audit_counties
from relapse_risk.cli.auditing import AUDIT, PLACES, SENT, audited, write_audit
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
from relapse_risk.cli.counties import are_counties, county_options, refuse_options
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
from relapse_risk.ingest import read_records, read_returned
from relapse_risk.policy import Texts, read_policy
from relapse_risk.reports import AuditContent

__all__ = ["command", "tell_audit"]

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
            *county_options(texts),
            *policy_options(texts),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(
    *,
    lang: str,
    quiet: bool,
    source: Path,
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
    by_county: bool,
    cluster: str | None,
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
    if are_counties(source, by_county, cluster):
        refuse_options(since=since, corrected=corrected, ledger=ledger, accept_proposals=accept_proposals)
        county = CountyAudit(
            policy=read_policy(**files),
            lang=lang,
            key=read_key(key_file),
            hidden_sheets=hidden_sheets,
            split_by=split_by,
        )
        paths = (source, key_file, *files.values())
        audit_counties(source, county, out=out, quiet=quiet, overwrite=overwrite, inputs=paths, cluster=cluster)
        return
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
