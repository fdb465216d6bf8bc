"""Score a lake or a folder of counties one by one, and list the households of all of them."""

from pathlib import Path
from typing import Any

from relapse_risk.cli.counties import end_partly, refuse_options
from relapse_risk.cli.day import DayInputs
from relapse_risk.cli.output import county_folder, write_run
from relapse_risk.cli.session import Session, open_session, tell_remarks
from relapse_risk.partitions import connected
from relapse_risk.policy import read_policy
from relapse_risk.scoring.partitions import PartitionedScores, score_partitions

__all__ = ["score_counties"]


def score_counties(
    inputs: DayInputs,
    asked: dict[str, Any],
    *,
    lang: str,
    quiet: bool,
    out: Path,
    overwrite: bool,
    tables: tuple[str, ...],
    cluster: str | None,
) -> None:
    """Score every county, write the folder, say what was found; end with 3 where counties had to be left out."""
    refuse_options(table=tables, carry=inputs.carry, accept_proposals=inputs.proposals.accept, **_only(asked))
    with (
        county_folder(out, verb="score", overwrite=overwrite, inputs=inputs.paths) as (folder, finished),
        open_session(lang, quiet, out) as session,
        connected(cluster) as client,
    ):
        policy = read_policy(**inputs.files)
        model = inputs.model(policy)
        scores = score_partitions(
            inputs.source,
            model,
            out=folder,
            work=finished,
            as_of=asked["as_of"],
            **inputs.given(model, policy),
            reading=policy,
            hidden_sheets=inputs.proposals.hidden_sheets,
            client=client,
            lang=lang,
            progress=session.bars,
        )
        session.bars.close()
        said = {"as_of": asked["as_of"], **inputs.account, "cluster": cluster, "lang": lang}
        write_run(folder, {"verb": "score", "options": said, "scores": scores.summary}, session.bars.seconds)
    _tell(session, scores, out)
    end_partly(session, scores.failed)


def _only(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name != "as_of"}


def _tell(session: Session, scores: PartitionedScores, out: Path) -> None:
    counts = scores.summary
    session.say("rows_read", read=counts["read"], kept=counts["kept"], refused=counts["refused"])
    session.say(
        "counties_scored",
        as_of=counts["as_of"],
        done=counts["counties_done"],
        scored=counts["at_risk"],
        risk=counts["listed_by_risk"],
        rule=counts["listed_by_rule"],
    )
    if reused := int(scores.counties["reused"].sum()):
        session.say("counties_reused", count=reused)
    if counts["twice"]:
        session.say("households_twice", count=counts["twice"])
    tell_remarks(session, scores.remarks)
    session.say("written", what=session.texts("cli", "what_folder"), path=out)
