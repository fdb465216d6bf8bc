"""Show what a bundle is: on screen, or as a model card to be kept and passed on."""

from pathlib import Path

import click

from relapse_risk.bundle import read_bundle
from relapse_risk.cli.commands import argument, file_option, option, verb
from relapse_risk.cli.documents import show_document
from relapse_risk.cli.output import out_files
from relapse_risk.cli.session import open_session
from relapse_risk.policy import Texts
from relapse_risk.reports import model_card_document, require_document, write_model_card
from relapse_risk.scoring import describe_model

__all__ = ["command"]


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "inspect",
        texts,
        run,
        [
            argument(texts, "bundle", "FILE.rrb", type=click.Path(path_type=Path)),
            file_option(texts, "--out", "FILE.html|xlsx|docx|md"),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(*, lang: str, quiet: bool, bundle: Path, out: Path | None, overwrite: bool) -> None:
    """Read a bundle and write its card, or show it."""
    if out is None:
        show_document(model_card_document(describe_model(read_bundle(bundle)), lang=lang))
        return
    require_document(out)
    with (
        out_files((out,), overwrite=overwrite, inputs=(bundle,)) as (path,),
        open_session(lang, quiet, out) as session,
    ):
        write_model_card(describe_model(read_bundle(bundle)), path, lang=lang)
    session.say("written", what=session.texts("cli", "what_model_card"), path=out)
