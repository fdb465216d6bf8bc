"""Look after a ledger: check, back up, restore it; show what happened; withdraw a month or an act; correct one."""

from pathlib import Path
from typing import Any

import click
import polars as pl

from relapse_risk.cli.commands import argument, file_option, option, policy_options, verb, verbs_of
from relapse_risk.cli.ledger_address import ledger_file
from relapse_risk.cli.ledgers import backed_up, opened
from relapse_risk.cli.options import policy_files
from relapse_risk.cli.screen import show
from relapse_risk.cli.tables import show_table, write_table
from relapse_risk.errors import InputError
from relapse_risk.monitoring import restore_ledger
from relapse_risk.periods import parse_day
from relapse_risk.policy import Texts, read_policy

__all__ = ["command"]

_CHANGES = {"kind": "kind", "on": "on", "by": "by", "measure": "measure", "to": "assignee", "note": "note"}
_OF_LEDGER = ("month", "month_withdrawn", "entry_withdrawn", "sign_off", "backup", "upgrade")


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    ledger = option(texts, "--ledger", metavar="URL", required=True)
    table = file_option(texts, "--out", "FILE.xlsx|csv")
    overwrite = option(texts, "--overwrite", is_flag=True)
    said = [option(texts, f"--{name}", metavar=name.upper(), required=True) for name in ("operator", "reason")]
    household = argument(texts, "household", "HOUSEHOLD", required=False)
    copy = argument(texts, "copy", "FILE", type=click.Path(path_type=Path, readable=False))
    as_of = option(texts, "--as-of", metavar="DATE", required=True)
    number = argument(texts, "number", "NUMBER", type=int)
    changes = [option(texts, f"--{flag}", flag, metavar="DATE" if flag == "on" else flag.upper()) for flag in _CHANGES]
    own = policy_options(texts)
    return verbs_of(
        "ledger",
        texts,
        [
            verb("check", texts, check, [ledger, *own], of="ledger"),
            verb("backup", texts, backup, [ledger, *own], of="ledger"),
            verb("restore", texts, restore, [copy, ledger, overwrite, *own], of="ledger"),
            verb("history", texts, history, [household, ledger, table, *own], of="ledger"),
            verb("withdraw", texts, withdraw, [as_of, ledger, *said, *own], of="ledger"),
            verb("withdraw-entry", texts, withdraw_entry, [number, ledger, *said, *own], of="ledger"),
            verb("correct", texts, correct, [number, ledger, *said, *changes, *own], of="ledger"),
        ],
    )


def check(*, lang: str, quiet: bool, ledger: str, **files: Path | None) -> None:
    """Say what is wrong with a ledger, a line each; fail where anything is."""
    book, policy = opened(ledger, files, lang)
    faults = book.check()
    texts = Texts(lang, mechanism=policy.mechanism)
    for rule, place in faults.iter_rows():
        show(f"{place}: {texts('ledger.checks', rule)}")
    if faults.height:
        raise InputError("ledger_unsound", place=book.store.place, count=faults.height)
    earlier = book.earlier_records()
    if earlier is not None:
        day = earlier.upgraded_at.date()
        said = {"became": earlier.became, "day": day, "months": earlier.months, "entries": earlier.entries}
        _say(lang, quiet, "ledger_unsealed", **said)
    _say(lang, quiet, "ledger_sound", place=book.store.place, months=len(book.months()), alerts=book.alerts().height)


def backup(*, lang: str, quiet: bool, ledger: str, **files: Path | None) -> None:
    """Copy a ledger that is a file; of one on a server, say what does."""
    book, _ = opened(ledger, files, lang)
    line = backed_up(book, Texts(lang))
    if not quiet:
        show(line)


def restore(*, lang: str, quiet: bool, ledger: str, copy: Path, overwrite: bool, **files: Path | None) -> None:
    """Put a copy in the place of a ledger, after a backup of what is there."""
    saved = restore_ledger(ledger, copy, policy=read_policy(**files), overwrite=overwrite)
    if saved is not None:
        _say(lang, quiet, "ledger_backed_up", path=saved)
    _say(lang, quiet, "ledger_restored", path=ledger_file(ledger), copy=copy)


def history(
    *,
    lang: str,
    quiet: bool,
    ledger: str,
    household: str | None,
    out: Path | None,
    **files: Path | None,
) -> None:
    """Show what happened to a ledger or to a household, the newest last; or write it."""
    book, policy = opened(ledger, files, lang)
    events = book.events(household)
    if household is not None and events.is_empty():
        raise InputError("ledger_no_household", found=household)
    table = _worded(events, Texts(lang, mechanism=policy.mechanism), Texts(lang))
    if out is None:
        show_table(table, Texts(lang))
    else:
        write_table(table, out, inputs=(ledger_file(ledger), *files.values()))
        _say(lang, quiet, "written", what=Texts(lang)("cli", "what_history"), path=out)


def withdraw(
    *, lang: str, quiet: bool, ledger: str, as_of: str, operator: str, reason: str, **files: Path | None
) -> None:
    """Withdraw a month, after a backup."""
    book, _ = opened(ledger, files, lang)
    line = backed_up(book, Texts(lang))
    gone = book.withdraw_month(as_of, by=operator, reason=reason)
    if not quiet:
        show(line)
    _say(lang, quiet, "ledger_withdrawn", as_of=gone.as_of, entries=gone.entries, acts=gone.acts_idle)


def withdraw_entry(
    *, lang: str, quiet: bool, ledger: str, number: int, operator: str, reason: str, **files: Path | None
) -> None:
    """Withdraw one act, after a backup, and say which later ones are not possible without it."""
    book, policy = opened(ledger, files, lang)
    line = backed_up(book, Texts(lang))
    idle = book.withdraw_entry(number, by=operator, reason=reason)
    if not quiet:
        show(line)
    _say(lang, quiet, "ledger_entry_withdrawn", number=number)
    _say_idle(idle, Texts(lang, mechanism=policy.mechanism))


def correct(*, lang: str, quiet: bool, ledger: str, number: int, operator: str, reason: str, **options: Any) -> None:
    """Withdraw one act and record it otherwise, after a backup."""
    book, policy = opened(ledger, policy_files(options), lang)
    named = {_CHANGES[flag]: options[flag] for flag in _CHANGES if options[flag] is not None}
    if not named:
        raise InputError("ledger_nothing_to_correct", entry=number, known=", ".join(f"--{flag}" for flag in _CHANGES))
    changes = named | ({"on": parse_day(named["on"])} if "on" in named else {})
    if "kind" in named:  # in words or as the code
        kinds = Texts(lang, mechanism=policy.mechanism).labels("ledger.kinds")
        changes["kind"] = {label: code for code, label in kinds.items()}.get(named["kind"], named["kind"])
    line = backed_up(book, Texts(lang))
    done = book.correct(number, changes, by=operator, reason=reason)
    if not quiet:
        show(line)
    _say(lang, quiet, "ledger_corrected", number=number)
    idle = book.history().filter(pl.col("entry_id").is_in(done["idle"].explode().implode()))
    _say_idle(idle, Texts(lang, mechanism=policy.mechanism))


def _say_idle(acts: pl.DataFrame, texts: Texts) -> None:
    """Say which acts move nothing any more, one a line; also if asked to be quiet, as somebody has to see to them."""
    if acts.height:
        show(texts("cli", "ledger_acts_idle", count=acts.height))
    kinds = texts.labels("ledger.kinds")
    for number, kind, on, by in acts.select("entry_id", "kind", "on", "by").iter_rows():
        show(f"  {number}: {on} {kinds[kind]} {by}")


def _say(lang: str, quiet: bool, key: str, **details: object) -> None:
    if not quiet:
        show(Texts(lang)("cli", key, **details))


def _worded(events: pl.DataFrame, mechanism: Texts, texts: Texts) -> pl.DataFrame:
    """Return events as an office reads them: in words, times as they are in UTC."""
    own = {name: texts("ledger_events", name) for name in _OF_LEDGER}
    known = own | {kind: mechanism("ledger.kinds", kind) for kind in events["event"].unique() if kind not in own}
    columns = {
        "recorded_at": pl.col("recorded_at").dt.strftime("%Y-%m-%d %H:%M"),
        "event": pl.col("event").replace(known),
        "by": pl.col("by").replace(texts.labels("ledger_operators")),
        "note": pl.when(event="sign_off").then(_with_level(mechanism)).otherwise("note"),
        "withdrawn": pl.when("withdrawn").then(pl.lit(texts("ledger_events", "withdrawn"))),
    }
    named = {name: texts("ledger_columns", name) for name in events.columns}
    return events.with_columns(**columns).rename(named)


def _with_level(mechanism: Texts) -> pl.Expr:
    """Return the note of a sign-off, which begins with the level of the area, with the word for it."""
    parts = pl.col("note").str.splitn(" ", 2).struct
    level = parts.field("field_0").replace(mechanism.labels("bulletin.levels"))
    return pl.concat_str(level, parts.field("field_1"), separator=" ")
