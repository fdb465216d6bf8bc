"""Try models on days and places they were not fitted on, and write one table and one page."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from relapse_risk.cli.commands import (
    accept_option,
    file_option,
    hidden_option,
    option,
    policy_options,
    source_argument,
    verb,
)
from relapse_risk.cli.options import options_of_request, policy_files, request_options
from relapse_risk.cli.output import out_folder, write_run
from relapse_risk.cli.proposing import AskedProposals
from relapse_risk.cli.session import Session, account_of, open_session, tell_intake, tell_remarks, tell_verdict
from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts, read_policy
from relapse_risk.training import EvaluateRequest, Report, evaluate

__all__ = ["command"]

_SEVERITIES = ("error", "warn", "note")


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "evaluate",
        texts,
        run,
        [
            source_argument(texts),
            hidden_option(texts),
            accept_option(texts),
            *request_options(texts, EvaluateRequest),
            file_option(texts, "--out", "DIR", required=True),
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
    accept_proposals: float | None,
    out: Path,
    overwrite: bool,
    **options: Any,
) -> None:
    """Read records, try and judge, write the folder."""
    files, asked = policy_files(options), options_of_request(EvaluateRequest, options)
    inputs = (source, *files.values())
    proposals = AskedProposals(accept=accept_proposals, hidden_sheets=hidden_sheets)
    with (
        out_folder(out, verb="evaluate", overwrite=overwrite, inputs=inputs) as folder,
        open_session(lang, quiet, out) as session,
    ):
        policy = read_policy(**files)
        accepted = proposals.accepted(source, policy)
        read = read_records(source, policy=accepted.policy, hidden_sheets=hidden_sheets, progress=session.bars)
        intake = accepted.listed_in(read)
        report = evaluate(intake.records, **asked, policy=policy, progress=session.bars)
        session.bars("write", 0.0)
        report.write(folder, lang)
        session.bars.close()
        account = {
            "verb": "evaluate",
            "options": {**asked, "hidden_sheets": hidden_sheets, "accept_proposals": accept_proposals, "lang": lang},
            "evaluation": report.summary(),
            **account_of(intake, source),
        }
        write_run(folder, account, session.bars.seconds)
    tell_verdict(session, report.judgement)
    tell_intake(session, intake)
    _tell_report(session, report, out)


def _tell_report(session: Session, report: Report, out: Path) -> None:
    """Say what was tried on what, what the checks found, and where everything is."""
    judgement = report.judgement
    session.say(
        "evaluated",
        rows=judgement.rows,
        households=judgement.households,
        events=judgement.events,
        days=", ".join(judgement.days),
        label=session.texts("labels", report.label),
        cohort=session.texts("cohorts", report.cohort),
        months=report.horizon,
        scheme=session.texts("schemes", report.scheme),
    )
    session.tell(session.texts("evaluation", "as_trained" if report.as_trained else "not_as_trained"))
    tell_remarks(session, report.remarks)
    counts = Counter(finding.severity for finding in report.findings)
    session.say("found", **{severity: counts[severity] for severity in _SEVERITIES})
    for finding in report.findings:
        if finding.severity == "error":
            session.tell(f"  {finding.code} {finding.sentence(session.texts)}")
    session.say("written", what=session.texts("cli", "what_evaluation_page"), path=out / "evaluation.html")
    session.say("written", what=session.texts("cli", "what_evaluation_table"), path=out / "evaluation.parquet")
    session.say("written", what=session.texts("cli", "what_folder"), path=out)
