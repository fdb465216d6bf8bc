"""Write an invented register, and the truth behind it."""

from pathlib import Path
from typing import Any

import click

from relapse_risk.cli.commands import file_option, option, verb
from relapse_risk.cli.out import out_folder
from relapse_risk.cli.outputs import write_run
from relapse_risk.cli.session import session
from relapse_risk.synthetic import DIALECTS, synthesise, write_population

__all__ = ["command"]


def command(lang: str) -> click.Command:
    """Return the command in a language."""
    return verb(
        "synth",
        lang,
        run,
        [
            option(lang, "--households", metavar="N", type=click.IntRange(min=1), required=True),
            option(lang, "--seed", metavar="S", type=click.IntRange(min=0), required=True),
            option(lang, "--dialect", metavar="NAME", type=click.Choice(DIALECTS), default="canonical"),
            file_option(lang, "--out", "DIR", required=True),
            option(lang, "--overwrite", is_flag=True),
        ],
    )


def run(*, lang: str, quiet: bool, households: int, seed: int, dialect: str, out: Path, overwrite: bool) -> None:
    """Invent a register and write it."""
    options: dict[str, Any] = {"households": households, "seed": seed, "dialect": dialect}
    with out_folder(out, verb="synth", overwrite=overwrite) as folder, session(lang, quiet, out) as told:
        population = synthesise(households=households, seed=seed, progress=told.bars)
        write_population(population, folder, dialect=dialect, progress=told.bars)
        told.bars.close()
        write_run(folder, {"verb": "synth", "options": options}, told.bars.seconds)
    told.say("invented")
    told.say("written", what=told.word("what_register"), path=out)
