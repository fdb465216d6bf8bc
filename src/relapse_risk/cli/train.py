"""Train a model on past as-of days and report how good it is."""

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
from relapse_risk.cli.counties import are_counties, county_options, refuse_options
from relapse_risk.cli.options import options_of_request, policy_files, request_options
from relapse_risk.cli.output import out_files
from relapse_risk.cli.proposing import AskedProposals
from relapse_risk.cli.session import (
    open_session,
    tell_intake,
    tell_remarks,
    tell_verdict,
)
from relapse_risk.cli.train_counties import train_counties
from relapse_risk.cli.trained import tell_training, write_bundle
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts, read_policy
from relapse_risk.records import line_remarks, sheet_remarks
from relapse_risk.training import TrainRequest, train

__all__ = ["command"]


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "train",
        texts,
        run,
        [
            source_argument(texts),
            hidden_option(texts),
            accept_option(texts),
            *request_options(texts, TrainRequest),
            *county_options(texts),
            file_option(texts, "--out", "FILE.rrb", required=True),
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
    by_county: bool,
    cluster: str | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Read records, train, write the bundle and its evaluation."""
    if out.suffix != ".rrb":
        raise InputError("out_not_bundle", path=out)
    if are_counties(source, by_county, cluster):
        refuse_options(accept_proposals=accept_proposals)
        how: dict[str, Any] = {"lang": lang, "quiet": quiet, "out": out, "overwrite": overwrite}
        train_counties(source, options, hidden_sheets=hidden_sheets, cluster=cluster, **how)
        return
    evaluation_file = out.with_suffix(".evaluation.json")
    files = policy_files(options)
    inputs = (source, *files.values())
    proposals = AskedProposals(accept=accept_proposals, hidden_sheets=hidden_sheets)
    with (
        out_files((evaluation_file, out), overwrite=overwrite, inputs=inputs) as (evaluation, file),
        open_session(lang, quiet, out) as session,
    ):
        policy = read_policy(**files)
        accepted = proposals.accepted(source, policy)
        read = read_records(source, policy=accepted.policy, hidden_sheets=hidden_sheets, progress=session.bars)
        intake = accepted.listed_in(read)
        asked = options_of_request(TrainRequest, options)
        bundle = train(intake.records, **asked, policy=policy, progress=session.bars)
        records = intake.records
        remarks = (*sheet_remarks(records.sheets), *line_remarks(records.table("incomes"), policy.lines))
        write_bundle(bundle, file, evaluation, remarks)
    tell_verdict(session, bundle.evaluation)
    tell_intake(session, intake)
    tell_training(session, bundle)
    tell_remarks(session, remarks)
    session.say("written", what=session.texts("cli", "what_bundle"), path=out)
    session.say("written", what=session.texts("cli", "what_evaluation"), path=evaluation_file)
