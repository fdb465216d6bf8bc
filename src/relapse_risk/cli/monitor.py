"""Run a month: score, compare with the last one, enter it in the ledger, write visits and bulletin."""

from datetime import date
from pathlib import Path

import click

from relapse_risk.alerts import Costs, Level
from relapse_risk.bundle import read_bundle, rule_bundle
from relapse_risk.cli.capacity import capacity_of, capacity_options, capacity_told
from relapse_risk.cli.commands import file_option, option, policy_options, source_argument, verb
from relapse_risk.cli.keys import read_key
from relapse_risk.cli.ledgers import ledger_file
from relapse_risk.cli.out import out_folder
from relapse_risk.cli.outputs import write_run
from relapse_risk.cli.score import policy_over
from relapse_risk.cli.session import Session, account_of, session, tell_intake
from relapse_risk.cycle import MonthRun, monitor
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
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
            file_option(lang, "--bundle", "FILE.rrb"),
            option(lang, "--rule", is_flag=True),
            option(lang, "--ledger", metavar="URL", required=True),
            option(lang, "--as-of", metavar="DATE", required=True),
            file_option(lang, "--out", "DIR", required=True),
            *capacity_options(lang),
            option(lang, "--random-share", metavar="SHARE", type=float),
            option(lang, "--operator", metavar="NAME", default="run"),
            option(lang, "--carry", metavar="COLUMNS", default=""),
            file_option(lang, "--key-file", "FILE"),
            *policy_options(lang),
            option(lang, "--overwrite", is_flag=True),
        ],
    )


def run(
    *,
    lang: str,
    quiet: bool,
    source: Path,
    bundle: Path | None,
    rule: bool,
    ledger: str,
    as_of: str,
    out: Path,
    capacity: int | Path | None,
    capacity_per: Level | None,
    min_per_village: int,
    costs: Costs | None,
    random_share: float | None,
    operator: str,
    carry: str,
    key_file: Path | None,
    overwrite: bool,
    **files: Path | None,
) -> None:
    """Read records and a bundle, run the month, write the folder."""
    if (bundle is None) == (not rule):
        raise InputError("score_by_what")
    columns = [name.strip() for name in carry.split(",") if name.strip()]
    table = capacity if isinstance(capacity, Path) else None
    inputs = (source, bundle, key_file, table, ledger_file(ledger), *files.values())
    with (
        out_folder(out, verb="monitor", overwrite=overwrite, inputs=inputs) as folder,
        session(lang, quiet, out) as told,
    ):
        policy, key = read_policy(**files), read_key(key_file)
        book = open_ledger(ledger, policy=policy)
        model = rule_bundle(policy=policy) if bundle is None else read_bundle(bundle)
        intake = read_records(source, policy=policy, carry=columns, key=key, progress=told.bars)
        month = monitor(
            intake.records,
            model,
            book,
            as_of=as_of,
            capacity=capacity_of(policy, capacity, capacity_per, min_per_village, costs),
            random_share=random_share,
            key=key,
            operator=operator,
            policy=policy_over(model, policy, files),
            lang=lang,
            progress=told.bars,
        )
        told.bars("write", 0.0)
        month.write(folder, carried=intake.carried, accounts=intake.accounts)
        intake.rejected.write_parquet(folder / "rejected.parquet")
        told.bars.close()
        options = {
            "as_of": as_of,
            **capacity_told(capacity, capacity_per, min_per_village, costs),
            "random_share": random_share,
            "ledger": book.store.place,
            "carry": columns,
            "rule": rule,
            "lang": lang,
        }
        account = {"verb": "monitor", "options": options, **account_of(intake, source), "month": month.summary}
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
