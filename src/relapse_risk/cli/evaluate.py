"""Try models on days and places they were not fitted on, and write one table and one page."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from relapse_risk.cli.commands import file_option, option, policy_options, source_argument, verb
from relapse_risk.cli.out import out_folder
from relapse_risk.cli.outputs import write_run
from relapse_risk.cli.request_options import options_of_request, policy_files, request_options
from relapse_risk.cli.session import Session, account_of, session, tell_intake
from relapse_risk.ingest import read_records
from relapse_risk.policy import read_policy, word
from relapse_risk.training import EvaluateRequest, Report, evaluate

__all__ = ["command"]

_SEVERITIES = ("error", "warn", "note")


def command(lang: str) -> click.Command:
    """Return the command in a language."""
    return verb(
        "evaluate",
        lang,
        run,
        [
            source_argument(lang),
            *request_options(lang, EvaluateRequest),
            file_option(lang, "--out", "DIR", required=True),
            *policy_options(lang),
            option(lang, "--overwrite", is_flag=True),
        ],
    )


def run(*, lang: str, quiet: bool, source: Path, out: Path, overwrite: bool, **options: Any) -> None:
    """Read records, try and judge, write the folder."""
    files, asked = policy_files(options), options_of_request(EvaluateRequest, options)
    inputs = (source, *files.values())
    with (
        out_folder(out, verb="evaluate", overwrite=overwrite, inputs=inputs) as folder,
        session(lang, quiet, out) as told,
    ):
        policy = read_policy(**files)
        intake = read_records(source, policy=policy, progress=told.bars)
        report = evaluate(intake.records, **asked, policy=policy, progress=told.bars)
        told.bars("write", 0.0)
        report.write(folder, lang)
        told.bars.close()
        account = {
            "verb": "evaluate",
            "options": {**asked, "lang": lang},
            "evaluation": report.summary(),
            **account_of(intake, source),
        }
        write_run(folder, account, told.bars.seconds)
    tell_intake(told, intake)
    _tell_report(told, report, out)


def _tell_report(told: Session, report: Report, out: Path) -> None:
    """Say what was tried on what, what the checks found, and where everything is."""
    judgement = report.judgement
    told.say(
        "evaluated",
        rows=judgement.rows,
        households=judgement.households,
        events=judgement.events,
        days=", ".join(judgement.days),
        label=report.label,
        cohort=report.cohort,
        months=report.horizon,
        scheme=word("schemes", report.scheme, told.lang),
    )
    counts = Counter(finding.severity for finding in report.findings)
    told.say("found", **{severity: counts[severity] for severity in _SEVERITIES})
    for finding in report.findings:
        if finding.severity == "error":
            told.tell(f"  {finding.code} {finding.said(told.lang)}")
    told.say("written", what=told.word("what_evaluation_page"), path=out / "evaluation.html")
    told.say("written", what=told.word("what_evaluation_table"), path=out / "evaluation.parquet")
    told.say("written", what=told.word("what_folder"), path=out)
