"""Run a month: score, compare with the last one, enter it in the ledger, write visits and bulletin."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from relapse_risk.cli.commands import file_option, option, policy_options, source_argument, verb
from relapse_risk.cli.day import DayInputs, day_options
from relapse_risk.cli.ledgers import ledger_file
from relapse_risk.cli.out import out_folder
from relapse_risk.cli.outputs import write_run
from relapse_risk.cli.request_options import options_of_request, request_options
from relapse_risk.cli.session import Session, account_of, session, tell_intake
from relapse_risk.cycle import MonitorRequest, MonthRun, monitor
from relapse_risk.monitoring import open_ledger
from relapse_risk.policy import read_policy
from relapse_risk.reports import remark_text

__all__ = ["command"]


def command(lang: str) -> click.Command:
    """Return the command in a language."""
    return verb(
        "monitor",
        lang,
        run,
        [
            source_argument(lang),
            *request_options(lang, MonitorRequest),
            *day_options(lang),
            option(lang, "--ledger", metavar="URL", required=True),
            file_option(lang, "--out", "DIR", required=True),
            *policy_options(lang),
            option(lang, "--overwrite", is_flag=True),
        ],
    )


def run(*, lang: str, quiet: bool, ledger: str, out: Path, overwrite: bool, **options: Any) -> None:
    """Read records and a bundle, run the month, write the folder."""
    inputs, asked = DayInputs.of(options), options_of_request(MonitorRequest, options)
    paths = (*inputs.paths, ledger_file(ledger))
    with (
        out_folder(out, verb="monitor", overwrite=overwrite, inputs=paths) as folder,
        session(lang, quiet, out) as told,
    ):
        policy = read_policy(**inputs.files)
        book = open_ledger(ledger, policy=policy)
        intake, model, given = inputs.read(policy, told)
        month = monitor(intake.records, model, book, **asked, **given, lang=lang, progress=told.bars)
        told.bars("write", 0.0)
        month.write(folder, carried=intake.carried, accounts=intake.accounts)
        intake.rejected.write_parquet(folder / "rejected.parquet")
        told.bars.close()
        said = {**asked, **inputs.account, "ledger": book.store.place, "lang": lang}
        account = {"verb": "monitor", "options": said, **account_of(intake, inputs.source), "month": month.summary}
        write_run(folder, account, told.bars.seconds)
    tell_intake(told, intake)
    _tell_month(told, month, book.store.place, out)


def _tell_month(told: Session, month: MonthRun, place: str, out: Path) -> None:
    counts = month.summary
    scores, ledger, changes = counts["scores"], counts["ledger"], counts["changes"]
    told.say(
        "scored",
        as_of=scores["as_of"],
        scored=scores["at_risk"],
        risk=scores["listed_by_risk"],
        rule=scores["listed_by_rule"],
    )
    for remark in month.roster.remarks:
        told.tell("  " + remark_text(remark, told.lang))
    if month.previous is not None:
        told.say("month_changes", previous=_day(month.previous), **changes)
    else:
        told.say("month_first", ledger=place)
    told.say("month_already" if ledger["already"] else "month_entered", **ledger)
    told.say("month_alerts", visits=counts["visits"], **counts["alerts"])
    told.say("written", what=told.word("what_visits"), path=out / "visits.xlsx")
    told.say("written", what=told.word("what_bulletin"), path=out / "bulletin.html")
    told.say("written", what=told.word("what_folder"), path=out)


def _day(day: date) -> str:
    return day.isoformat()
