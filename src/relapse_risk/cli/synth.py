"""Write an invented register, and the truth behind it."""

from pathlib import Path
from typing import Any

import click

from relapse_risk.cli.commands import file_option, option, verb
from relapse_risk.cli.output import out_folder, write_run
from relapse_risk.cli.session import open_session
from relapse_risk.policy import Texts
from relapse_risk.synthetic import DIALECTS, synthesise, write_population

__all__ = ["command"]


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "synth",
        texts,
        run,
        [
            option(texts, "--households", metavar="N", type=click.IntRange(min=1), required=True),
            option(texts, "--seed", metavar="S", type=click.IntRange(min=0), default=0),
            option(texts, "--dialect", metavar="NAME", type=click.Choice(DIALECTS), default="canonical"),
            file_option(texts, "--out", "DIR", required=True),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(*, lang: str, quiet: bool, households: int, seed: int, dialect: str, out: Path, overwrite: bool) -> None:
    """Invent a register and write it."""
    options: dict[str, Any] = {"households": households, "seed": seed, "dialect": dialect}
    with out_folder(out, verb="synth", overwrite=overwrite) as folder, open_session(lang, quiet, out) as session:
        population = synthesise(households=households, seed=seed, progress=session.bars)
        write_population(population, folder, dialect=dialect, progress=session.bars)
        session.bars.close()
        write_run(folder, {"verb": "synth", "options": options}, session.bars.seconds)
    session.say("invented")
    session.say("written", what=session.texts("cli", "what_register"), path=out)
