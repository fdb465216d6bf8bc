"""Describe one household: on screen, or as a page, a workbook, a text document or Markdown."""

from contextlib import nullcontext
from pathlib import Path

import click

from relapse_risk.bundle import read_bundle, rule_bundle
from relapse_risk.cli.commands import (
    accept_option,
    argument,
    file_option,
    hidden_option,
    option,
    policy_options,
    source_argument,
    verb,
)
from relapse_risk.cli.day import policy_over
from relapse_risk.cli.documents import show_document
from relapse_risk.cli.ledger_address import ledger_file
from relapse_risk.cli.ledgers import opened_by
from relapse_risk.cli.output import out_files
from relapse_risk.cli.proposing import AskedProposals
from relapse_risk.cli.session import open_session, tell_intake
from relapse_risk.cycle import describe_household
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts, read_policy
from relapse_risk.reports import household_document, require_document, write_household

__all__ = ["command"]


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "household",
        texts,
        run,
        [
            argument(texts, "household_id", "ID"),
            source_argument(texts),
            hidden_option(texts),
            accept_option(texts),
            file_option(texts, "--bundle", "FILE.rrb"),
            option(texts, "--rule", is_flag=True),
            option(texts, "--as-of", metavar="DATE", required=True, multiple=True),
            option(texts, "--ledger", metavar="URL"),
            file_option(texts, "--out", "FILE.html|xlsx|docx|md"),
            *policy_options(texts),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(
    *,
    lang: str,
    quiet: bool,
    household_id: str,
    source: Path | str,
    hidden_sheets: bool,
    accept_proposals: float | None,
    bundle: Path | None,
    rule: bool,
    as_of: tuple[str, ...],
    ledger: str | None,
    out: Path | None,
    overwrite: bool,
    **files: Path | None,
) -> None:
    """Read records and a bundle, describe the household; write it, or show it."""
    if (bundle is None) == (not rule):
        raise InputError("score_by_what")
    if out is not None:
        require_document(out)
    proposals = AskedProposals(accept=accept_proposals, hidden_sheets=hidden_sheets)
    inputs = (source, bundle, ledger_file(ledger), *files.values())
    target = nullcontext(None) if out is None else out_files((out,), overwrite=overwrite, inputs=inputs)
    with target as paths, open_session(lang, quiet, out or source) as session:
        given = read_policy(**files)
        model = rule_bundle(policy=given) if bundle is None else read_bundle(bundle)
        policy = policy_over(model, given, files)
        book = None if ledger is None else opened_by(policy, ledger, lang)
        accepted = proposals.accepted(source, policy)
        read = read_records(source, policy=accepted.policy, hidden_sheets=hidden_sheets, progress=session.bars)
        intake = accepted.listed_in(read)
        report = describe_household(
            intake.records, model, household_id, as_of=as_of, ledger=book, policy=policy, progress=session.bars
        )
        session.bars.close()
        if paths is not None:
            write_household(report, paths[0], policy=policy, lang=lang)
    if out is None:
        show_document(household_document(report, policy=policy, lang=lang))
        return
    tell_intake(session, intake)
    session.say("written", what=session.texts("cli", "what_household"), path=out)
