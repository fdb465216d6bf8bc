"""Score every household and write the list that fits the capacity."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from relapse_risk.cli.commands import file_option, option, policy_options, source_argument, verb
from relapse_risk.cli.counties import are_counties, county_options, refuse_options
from relapse_risk.cli.day import DayInputs, day_options
from relapse_risk.cli.options import options_of_request, request_options
from relapse_risk.cli.output import out_folder, write_run
from relapse_risk.cli.score_counties import score_counties
from relapse_risk.cli.session import Session, account_of, open_session, tell_curve, tell_intake, tell_remarks
from relapse_risk.databases import place_of
from relapse_risk.ingest import Intake
from relapse_risk.policy import Texts, read_policy
from relapse_risk.reports import TABLE_SUFFIXES, plan_text
from relapse_risk.scoring import Roster, ScoreRequest, score

__all__ = ["command", "tell_scores", "write_scores"]

_KINDS = tuple(suffix.removeprefix(".") for suffix in TABLE_SUFFIXES)


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "score",
        texts,
        run,
        [
            source_argument(texts),
            *request_options(texts, ScoreRequest),
            *day_options(texts),
            *county_options(texts),
            file_option(texts, "--out", "DIR", required=True),
            option(texts, "--table", metavar="|".join(_KINDS), type=click.Choice(_KINDS), multiple=True),
            *policy_options(texts),
            option(texts, "--append-to", metavar="URL"),
            option(texts, "--run-id", metavar="NAME"),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(
    *,
    lang: str,
    quiet: bool,
    out: Path,
    table: tuple[str, ...],
    by_county: bool,
    cluster: str | None,
    append_to: str | None,
    run_id: str | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Read records and a bundle, or take the rule alone; score, write the folder."""
    inputs, asked = DayInputs.of(options), options_of_request(ScoreRequest, options)
    if are_counties(inputs.source, by_county, cluster):
        refuse_options(append_to=append_to, run_id=run_id)
        how: dict[str, Any] = {"lang": lang, "quiet": quiet, "out": out, "overwrite": overwrite}
        score_counties(inputs, asked, tables=table, cluster=cluster, **how)
        return
    database = None if append_to is None else place_of(append_to)  # what is no URL is refused before the work is done
    with (
        out_folder(out, verb="score", overwrite=overwrite, inputs=inputs.paths) as folder,
        open_session(lang, quiet, out) as session,
    ):
        policy = read_policy(**inputs.files)
        model = inputs.model(policy)
        given = inputs.given(model, policy)
        intake = inputs.read(policy, given["key"], session)
        roster = score(intake.records, model, **asked, **given, lang=lang, progress=session.bars)
        kinds = tuple(dict.fromkeys(table))
        account = {"verb": "score", "options": {**asked, **inputs.account, "table": kinds, "lang": lang}}
        if append_to is not None:
            account["appended"] = {"database": database, "table": "risk", "run_id": run_id or roster.run_id}
        write_scores(session, roster, intake, folder, account | account_of(intake, inputs.source), tables=kinds)
        if append_to is not None:  # last: what a database refuses leaves no folder behind
            roster.append_to(append_to, run_id=run_id)
    tell_intake(session, intake)
    tell_scores(session, roster, out, tables=table)


def write_scores(
    session: Session,
    roster: Roster,
    intake: Intake,
    folder: Path,
    account: dict[str, Any],
    *,
    tables: Collection[str] = (),
) -> None:
    """Write everything a roster is handed on in, and the account of the run."""
    session.bars("write", 0.0)
    roster.write(folder, lang=session.texts.lang, carried=intake.carried, accounts=intake.accounts, tables=tables)
    intake.rejected.write_parquet(folder / "rejected.parquet")
    session.bars.close()
    write_run(folder, {**account, "scores": roster.summary}, session.bars.seconds)


def tell_scores(session: Session, roster: Roster, out: Path, *, tables: Collection[str] = ()) -> None:
    """Say how many were scored and listed, what a reader must know, and where everything is."""
    counts = roster.summary
    listed = {"risk": counts["listed_by_risk"], "rule": counts["listed_by_rule"]}
    session.say("scored", as_of=counts["as_of"], scored=counts["at_risk"], **listed)
    session.tell(plan_text(roster.content.plan, session.texts))
    tell_curve(session, roster.curve)
    tell_remarks(session, roster.remarks)
    session.say("written", what=session.texts("cli", "what_roster"), path=out / "roster.xlsx")
    session.say("written", what=session.texts("cli", "what_report"), path=out / "report.html")
    for kind in dict.fromkeys(tables):
        session.say("written", what=session.texts("cli", "what_households"), path=out / f"households.{kind}")
    session.say("written", what=session.texts("cli", "what_folder"), path=out)
