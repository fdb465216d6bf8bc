"""Make a bundle trained elsewhere fit for a county, and say what was done and why."""

from pathlib import Path

import click

from relapse_risk.bundle import Bundle, read_bundle
from relapse_risk.cli.commands import (
    accept_option,
    file_option,
    hidden_option,
    option,
    policy_options,
    source_argument,
    verb,
)
from relapse_risk.cli.day import policy_over
from relapse_risk.cli.output import out_files
from relapse_risk.cli.proposing import AskedProposals
from relapse_risk.cli.session import Session, open_session, tell_intake, tell_remarks, tell_verdict
from relapse_risk.cli.trained import tell_comparisons
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts, read_policy
from relapse_risk.records import sheet_remarks
from relapse_risk.training import adapt
from relapse_risk.training.sample import LEAST_RELAPSES

__all__ = ["command"]


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "adapt",
        texts,
        run,
        [
            source_argument(texts),
            hidden_option(texts),
            accept_option(texts),
            file_option(texts, "--bundle", "FILE.rrb", required=True),
            option(texts, "--as-of", metavar="DATE", required=True),
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
    bundle: Path,
    as_of: str,
    out: Path,
    overwrite: bool,
    **files: Path | None,
) -> None:
    """Read records and a bundle, adapt it, write it."""
    if out.suffix != ".rrb":
        raise InputError("out_not_bundle", path=out)
    proposals = AskedProposals(accept=accept_proposals, hidden_sheets=hidden_sheets)
    inputs = (source, bundle, *files.values())
    with out_files((out,), overwrite=overwrite, inputs=inputs) as (file,), open_session(lang, quiet, out) as session:
        given, elsewhere = read_policy(**files), read_bundle(bundle)
        policy = policy_over(elsewhere, given, files)
        accepted = proposals.accepted(source, policy)
        read = read_records(source, policy=accepted.policy, hidden_sheets=hidden_sheets, progress=session.bars)
        intake = accepted.listed_in(read)
        adapted = adapt(elsewhere, intake.records, as_of=as_of, policy=policy, progress=session.bars)
        adapted.save(file)
    tell_intake(session, intake)
    _tell(session, adapted)
    tell_remarks(session, sheet_remarks(intake.records.sheets))
    session.say("written", what=session.texts("cli", "what_bundle"), path=out)


def _tell(session: Session, bundle: Bundle) -> None:
    """Say what was done with the bundle, and why."""
    moved = bundle.moved
    if moved is None:
        session.say("adapted_own")
        tell_verdict(session, bundle.evaluation)
        tell_comparisons(session, bundle.evaluation)
        return
    session.say(
        f"adapted_{bundle.origin}",
        as_of=moved.as_of,
        count=moved.relapses,
        households=moved.households,
        least=LEAST_RELAPSES,
    )
    session.say(
        "adapted_by",
        before=f"{moved.before:.1%}",
        after=f"{moved.after:.1%}",
        shift=f"{moved.shift:+.2f}",
        error=f"{moved.error:.2f}",
    )
    if over := moved.own_over:
        bounds = {"lower": f"{over.lower:+.4f}", "upper": f"{over.upper:+.4f}"}
        session.say("adapted_own_lost", over=f"{over.estimate:+.4f}", **bounds)
