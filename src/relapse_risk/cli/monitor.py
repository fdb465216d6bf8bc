"""Run a month: score, compare with the last one, enter it in the ledger, write visits and bulletin."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from relapse_risk.cli.commands import file_option, option, policy_options, source_argument, verb
from relapse_risk.cli.counties import are_counties, by_county_option, refuse_county_ledger, refuse_options
from relapse_risk.cli.day import DayInputs, day_options
from relapse_risk.cli.ledger_address import dump_command, ledger_file
from relapse_risk.cli.monitor_counties import monitor_counties
from relapse_risk.cli.month_of_county import MonthInputs, write_one_month
from relapse_risk.cli.options import options_of_request, request_options
from relapse_risk.cli.output import out_folder
from relapse_risk.cli.session import Session, open_session, tell_curve, tell_intake
from relapse_risk.cycle import MonitorRequest, MonthRun
from relapse_risk.periods import AsOf
from relapse_risk.policy import Texts
from relapse_risk.reports import plan_text, recall_sentences, remark_text

__all__ = ["command"]


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "monitor",
        texts,
        run,
        [
            source_argument(texts),
            *request_options(texts, MonitorRequest),
            *day_options(texts),
            by_county_option(texts),
            option(texts, "--accept-gaps", is_flag=True),
            option(texts, "--ledger", metavar="URL", required=True),
            file_option(texts, "--out", "DIR", required=True),
            *policy_options(texts),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(
    *,
    lang: str,
    quiet: bool,
    by_county: bool,
    ledger: str,
    out: Path,
    overwrite: bool,
    accept_gaps: bool,
    **options: Any,
) -> None:
    """Read records and a bundle, run the month, write the folder."""
    inputs = DayInputs.of(options)
    asked = options_of_request(MonitorRequest, options) | {"accept_gaps": accept_gaps}
    AsOf.of(asked["as_of"])  # a day that is none is refused before a ledger is made
    if are_counties(inputs.source, by_county, None):
        refuse_options(accept_proposals=inputs.proposals.accept)
        monitor_counties(inputs, asked, ledger, lang=lang, quiet=quiet, out=out, overwrite=overwrite)
        return
    refuse_county_ledger(ledger)
    paths = (*inputs.paths, ledger_file(ledger))
    with (
        out_folder(out, verb="monitor", overwrite=overwrite, inputs=paths) as folder,
        open_session(lang, quiet, out) as session,
    ):
        done = write_one_month(session, MonthInputs.of(inputs, asked), ledger, folder)
    tell_intake(session, done.intake)
    _tell_month(session, done.month, done.place, out)


def _tell_month(session: Session, month: MonthRun, place: str, out: Path) -> None:
    counts = month.summary
    scores, ledger, changes = counts["scores"], counts["ledger"], counts["changes"]
    session.say(
        "scored",
        as_of=scores["as_of"],
        scored=scores["at_risk"],
        risk=scores["listed_by_risk"],
        rule=scores["listed_by_rule"],
    )
    session.tell(plan_text(month.roster.content.plan, session.texts))
    tell_curve(session, month.roster.curve)
    for remark in month.roster.remarks:
        session.tell("  " + remark_text(remark, session.texts))
    for gap in month.gaps:
        session.tell("  " + remark_text(gap, session.texts))
    if month.previous is not None:
        session.say("month_changes", previous=_day(month.previous), **changes)
    else:
        session.say("month_first", ledger=place)
    session.say("month_already" if ledger["already"] else "month_entered", **ledger)
    if ledger["carried"] or ledger["not_carried"]:
        session.say("month_carried", **ledger)
    if month.account.backup is not None:
        session.say("ledger_backed_up", path=month.account.backup)
    elif ledger_file(place) is None and not ledger["already"]:
        session.say("ledger_dump", command=dump_command(place))
    session.say("month_alerts", visits=counts["visits"], **counts["alerts"])
    if month.realised is not None:
        for sentence in recall_sentences(month.realised.weighted, month.realised.least_relapses, session.texts):
            session.tell(sentence)
    session.say("written", what=session.texts("cli", "what_visits"), path=out / "visits.xlsx")
    if month.split_by is not None and counts["visits"]:
        session.say("written", what=session.texts("cli", "what_split_visits"), path=out / "visits")
    session.say("written", what=session.texts("cli", "what_bulletin"), path=out / "bulletin.html")
    session.say("written", what=session.texts("cli", "what_folder"), path=out)


def _day(day: date) -> str:
    return day.isoformat()
