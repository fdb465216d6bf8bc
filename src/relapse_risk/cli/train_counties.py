"""Train on a lake or a folder of counties that are read one by one."""

from pathlib import Path
from typing import Any

from relapse_risk.cli.counties import end_partly
from relapse_risk.cli.interrupts import InterruptedCounties
from relapse_risk.cli.options import options_of_request, policy_files
from relapse_risk.cli.output import out_files
from relapse_risk.cli.session import open_session, tell_verdict
from relapse_risk.cli.trained import tell_training, write_bundle
from relapse_risk.partitions import FinishedCounties, connected
from relapse_risk.policy import read_policy
from relapse_risk.training import TrainRequest
from relapse_risk.training.partitions import train_partitions

__all__ = ["train_counties"]


def train_counties(
    source: Path,
    options: dict[str, Any],
    *,
    lang: str,
    quiet: bool,
    out: Path,
    overwrite: bool,
    hidden_sheets: bool,
    cluster: str | None,
) -> None:
    """Train, write the bundle and its evaluation, say what was found; end with 3 where counties had to be left out."""
    evaluation_file, files = out.with_suffix(".evaluation.json"), policy_files(options)
    work = out.with_name(f".{out.name}.counties")
    try:
        with (
            out_files((evaluation_file, out), overwrite=overwrite, inputs=(source, *files.values())) as made,
            open_session(lang, quiet, out) as session,
            connected(cluster) as client,
        ):
            evaluation, file = made
            trained = train_partitions(
                source,
                **options_of_request(TrainRequest, options),
                policy=read_policy(**files),
                hidden_sheets=hidden_sheets,
                client=client,
                work=work,
                progress=session.bars,
            )
            write_bundle(trained.bundle, file, evaluation, counties=trained.counties.to_dicts())
    except KeyboardInterrupt as stop:
        if count := len(FinishedCounties(folder=work)):
            raise InterruptedCounties(count, work) from stop
        raise
    tell_verdict(session, trained.bundle.evaluation)
    session.say("rows_read", **{name: int(trained.counties[name].sum()) for name in ("read", "kept", "refused")})
    if reused := int(trained.counties["reused"].sum()):
        session.say("counties_reused", count=reused)
    tell_training(session, trained.bundle)
    session.say("written", what=session.texts("cli", "what_bundle"), path=out)
    session.say("written", what=session.texts("cli", "what_evaluation"), path=evaluation_file)
    end_partly(session, trained.failed)
