"""Invent a county's exports, audit them, train on their past, score their present."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from relapse_risk.bundle import Bundle
from relapse_risk.cli.audit import tell_audit
from relapse_risk.cli.audit_of_county import audited, write_audit
from relapse_risk.cli.commands import file_option, option, verb
from relapse_risk.cli.output import next_free, out_folder
from relapse_risk.cli.score import tell_scores, write_scores
from relapse_risk.cli.session import Session, account_of, open_session, tell_intake, tell_verdict
from relapse_risk.cli.trained import tell_training, write_bundle
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.periods import add_months
from relapse_risk.policy import Texts, read_policy
from relapse_risk.records import Records
from relapse_risk.scoring import score
from relapse_risk.synthetic import synthesise, write_population
from relapse_risk.training import train

__all__ = ["command"]

HORIZON = 12
ENOUGH = 400
"""Households among whom enough relapse to train on."""


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "demo",
        texts,
        run,
        [
            file_option(texts, "--out", "DIR"),
            option(texts, "--households", metavar="N", type=click.IntRange(min=1), default=2000),
            option(texts, "--seed", metavar="S", type=click.IntRange(min=0), default=0),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(*, lang: str, quiet: bool, out: Path | None, households: int, seed: int, overwrite: bool) -> None:
    """Do the main job on an invented register, from end to end."""
    out = out or next_free("relapse-risk-demo")
    with out_folder(out, verb="demo", overwrite=overwrite) as folder, open_session(lang, quiet, out) as session:
        population = synthesise(households=households, seed=seed, progress=session.bars)
        exports = folder / "exports"
        write_population(population, exports, dialect="registry", progress=session.bars)
        policy = read_policy()
        intake = read_records(exports, policy=policy, progress=session.bars)
        content = audited(session, intake, policy)
        write_audit(session, content, folder)
        today = population.exported_on
        past = [add_months(today, -months) for months in (2 * HORIZON, HORIZON)]
        bundle = _trained(intake.records, past, seed, session, households)
        write_bundle(bundle, folder / "model.rrb", folder / "model.evaluation.json")
        roster = score(intake.records, bundle, as_of=today, lang=lang, progress=session.bars)
        options = {"households": households, "seed": seed, "lang": lang}
        account = {"verb": "demo", "options": options, **account_of(intake, exports)}
        write_scores(session, roster, intake, folder, account)
    session.say("invented")
    tell_intake(session, intake)
    tell_audit(session, content, out)
    tell_verdict(session, bundle.evaluation)
    tell_training(session, bundle)
    tell_scores(session, roster, out)


def _trained(records: Records, days: Sequence[date], seed: int, session: Session, households: int) -> Bundle:
    """Train; what would be wrong with records of one's own is here wrong with how many were asked for."""
    try:
        return train(records, as_of=days, horizon=HORIZON, seed=seed, progress=session.bars)
    except InputError as error:
        if not error.code.startswith(("train_", "scheme_")):
            raise
        raise InputError("demo_too_few", households=households, enough=ENOUGH) from error
