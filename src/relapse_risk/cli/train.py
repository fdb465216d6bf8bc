"""Train a model on past as-of days and report how good it is."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from relapse_risk.bundle import Bundle
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
from relapse_risk.cli.output import out_files
from relapse_risk.cli.proposing import AskedProposals
from relapse_risk.cli.session import (
    Session,
    aligned,
    open_session,
    remark_records,
    tell_intake,
    tell_remarks,
    tell_verdict,
)
from relapse_risk.errors import InputError
from relapse_risk.evaluation import Evaluation, ModelComparison
from relapse_risk.ingest import read_records
from relapse_risk.policy import Texts, read_policy
from relapse_risk.records import line_remarks, sheet_remarks
from relapse_risk.reports import Remark, choice_words
from relapse_risk.training import Baseline, TrainRequest, train

__all__ = ["command", "tell_training", "write_bundle"]


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
    overwrite: bool,
    **options: Any,
) -> None:
    """Read records, train, write the bundle and its evaluation."""
    if out.suffix != ".rrb":
        raise InputError("out_not_bundle", path=out)
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


def write_bundle(bundle: Bundle, file: Path, evaluation: Path, remarks: Sequence[Remark] = ()) -> None:
    """Write a bundle and, next to it, its evaluation with the remarks on what it was trained on."""
    assert bundle.evaluation is not None  # it was trained
    bundle.save(file)
    choice = None if bundle.choice is None else asdict(bundle.choice)
    report = bundle.evaluation.to_json() | {"choice": choice, "remarks": remark_records(remarks)}
    text = json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False)
    evaluation.write_text(text + "\n", encoding="utf-8")


def tell_training(session: Session, bundle: Bundle) -> None:
    """Print what was trained on what, and how the model compares with its baselines."""
    session.say(
        "trained",
        rows=bundle.rows,
        households=bundle.households,
        relapses=bundle.relapses,
        label=session.texts.label("labels", bundle.label),
        through=bundle.trained_through,
    )
    if bundle.choice is not None:
        session.tell(choice_words(bundle.choice, session.texts))
    tell_comparisons(session, bundle.evaluation)


def tell_comparisons(session: Session, found: Evaluation | None) -> None:
    """Print how a model compares with others."""
    if found is None:
        return
    session.say(f"compared_{found.scheme}", days=", ".join(found.days), rows=found.comparisons[0].scores.rows)
    head = session.texts("cli", "compared_head").split("|")
    for line in aligned([head, *(_row(session, one) for one in found.comparisons)]):
        session.tell(f"  {line}")
    named = {one.name for one in found.comparisons}
    if left_out := [_named(session, name) for name in get_args(Baseline) if name not in named]:
        session.say("not_compared", names=", ".join(left_out))


def _row(session: Session, one: ModelComparison) -> tuple[str, ...]:
    over = one.log_loss_over_default
    return (
        _named(session, one.name),
        f"{one.scores.log_loss:.4f}",
        f"{over.estimate:+.4f} ({over.lower:+.4f}, {over.upper:+.4f})",
        f"{one.scores.auc:.3f}",
        f"{one.scores.average_precision:.3f}",
        f"{one.expected_observed_ratio:.2f}",
        f"{one.scores.calibration_slope:.2f}",
    )


def _named(session: Session, name: str) -> str:
    known = ("reason_additive", "policy_rule", "income", "logistic", "vulnerability", "lightgbm", "elsewhere")
    return session.texts("cli", f"model_{name}") if name in known else name
