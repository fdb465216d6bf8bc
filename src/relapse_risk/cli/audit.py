"""Check a county's exports against rules, departments and visits; or only say how they are read."""

from pathlib import Path

import click
import polars as pl

from relapse_risk.audit import AuditResult
from relapse_risk.cli.audit_counties import audit_counties
from relapse_risk.cli.audit_of_county import PLACES, AuditInputs, severities, write_one_audit
from relapse_risk.cli.commands import (
    accept_option,
    file_option,
    hidden_option,
    option,
    policy_options,
    source_argument,
    verb,
)
from relapse_risk.cli.corrected import tell_corrections
from relapse_risk.cli.counties import are_counties, county_options, refuse_options
from relapse_risk.cli.keys import read_key
from relapse_risk.cli.ledger_address import ledger_file
from relapse_risk.cli.output import out_folder
from relapse_risk.cli.proposing import AskedProposals, describe
from relapse_risk.cli.session import Session, open_session, tell_intake, tell_remarks
from relapse_risk.errors import InputError
from relapse_risk.policy import Texts, read_policy
from relapse_risk.reports import AuditContent

__all__ = ["command", "tell_audit"]

LEVELS = ("village", "town")


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "audit",
        texts,
        run,
        [
            source_argument(texts),
            hidden_option(texts),
            *county_options(texts),
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
    by_county: bool,
    cluster: str | None,
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
    by_county = are_counties(source, by_county, cluster)
    if by_county:
        given = {"dry_run": dry_run, "propose": propose, "accept_proposals": accept_proposals}
        refuse_options(**given, corrected=corrected, ledger=ledger)
    if dry_run:
        describe(Session(lang, quiet, source), source, read_policy(**files), asked)
        return
    if propose is not None:
        raise InputError("propose_needs_dry_run")
    if out is None:
        raise InputError("cli_missing", name="--out")
    if corrected is not None and since is None:
        raise InputError("corrected_without_since")
    inputs = AuditInputs(
        source=source,
        proposals=asked,
        since=since,
        corrected=corrected,
        ledger=ledger,
        key=read_key(key_file),
        split_by=split_by,
    )
    paths = (source, since, corrected, key_file, ledger_file(ledger), *files.values())
    if by_county:
        audit_counties(
            inputs, files, lang=lang, quiet=quiet, out=out, overwrite=overwrite, paths=paths, cluster=cluster
        )
        return
    with (
        out_folder(out, verb="audit", overwrite=overwrite, inputs=paths) as folder,
        open_session(lang, quiet, out) as session,
    ):
        found = write_one_audit(session, inputs, read_policy(**files), folder)
    tell_intake(session, found.intake)
    tell_audit(session, found.content, out, split_by)
    tell_corrections(session, found.content, found.returned, out)


def tell_audit(session: Session, content: AuditContent, out: Path, split_by: str | None = None) -> None:
    """Say how much was found, what a correction closed, and where everything is."""
    tell_remarks(session, content.remarks)
    session.say("audited", rules=_rules_run(content.audit), **severities(content.findings))
    if content.closing is not None:
        session.say("closed_since", **content.closing.totals)
    session.say("written", what=session.texts("cli", "what_audit_workbook"), path=out / "audit.xlsx")
    if split_by is not None and content.table.height:
        session.say("written", what=session.texts("cli", "what_split_audit"), path=out / PLACES)
    session.say("written", what=session.texts("cli", "what_audit_page"), path=out / "audit.html")
    session.say("written", what=session.texts("cli", "what_folder"), path=out)


def _rules_run(result: AuditResult) -> int:
    return result.rules.filter(pl.col("missing").is_null()).height
