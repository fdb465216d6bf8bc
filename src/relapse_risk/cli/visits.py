"""Read filled-in visit workbooks back into the ledger."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import click
import polars as pl

from relapse_risk.cli.commands import file_option, option, policy_options, source_argument, verb
from relapse_risk.cli.ledger_address import ledger_file
from relapse_risk.cli.ledgers import opened_by
from relapse_risk.cli.output import out_folder, sha256_of, write_run
from relapse_risk.cli.session import Session, aligned, open_session
from relapse_risk.cli.tables import write_table
from relapse_risk.cycle import FileOutcome, VisitOutcome, completion_of, enter_visits
from relapse_risk.monitoring import COMPLETION_COUNTS
from relapse_risk.periods import parse_day
from relapse_risk.policy import Policy, Texts, read_policy
from relapse_risk.reports import completion_table, reasons_of, write_send_back

__all__ = ["command"]

_SHOWN = 20


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb(
        "visits",
        texts,
        run,
        [
            source_argument(texts),
            option(texts, "--ledger", metavar="URL", required=True),
            option(texts, "--today", metavar="DATE"),
            file_option(texts, "--out", "DIR"),
            *policy_options(texts),
            option(texts, "--overwrite", is_flag=True),
        ],
    )


def run(
    *,
    lang: str,
    quiet: bool,
    source: Path,
    ledger: str,
    today: str | None,
    out: Path | None,
    overwrite: bool,
    **files: Path | None,
) -> None:
    """Read, enter in the ledger, say what became of every row; with `out` write it too."""
    inputs = (source, ledger_file(ledger), *files.values())
    target = nullcontext(None) if out is None else out_folder(out, verb="visits", overwrite=overwrite, inputs=inputs)
    with target as folder, open_session(lang, quiet, out or source) as session:
        policy = read_policy(**files)
        book = opened_by(policy, ledger, lang)
        day = date.today() if today is None else parse_day(today)
        entered = enter_visits(source, book, policy=policy, today=day)
        completion = completion_of(book, day)
        if folder is not None:
            sent_back = _write(folder, entered, completion, source, session, policy)
    _tell(session, entered, policy)
    for line in _completed(completion, session.texts, Texts(lang, mechanism=policy.mechanism)):
        session.tell(line)
    if out is not None:
        if sent_back:
            what = session.texts("cli", "what_send_back")
            session.say("written", what=what, path=out / session.texts("cli", "file_send_back"))
        if completion is not None:
            what = session.texts("cli", "what_completion")
            session.say("written", what=what, path=out / session.texts("cli", "file_completion"))
        session.say("written", what=session.texts("cli", "what_folder"), path=out)


def _write(
    folder: Path,
    entered: VisitOutcome,
    completion: tuple[date, pl.DataFrame] | None,
    source: Path,
    session: Session,
    policy: Policy,
) -> int:
    """Write the account of every row and act, and the rows to be sent back; return how many these are.

    Remarks may hold names: they stay in the ledger, and in what goes back to those who wrote them.
    """
    path = folder / session.texts("cli", "file_send_back")
    written = write_send_back(
        entered.intake, entered.acts, path, policy=policy, as_of=date.today(), lang=session.texts.lang
    )
    if completion is not None:
        table = completion_table(completion[1], Texts(session.texts.lang, mechanism=policy.mechanism))
        write_table(table, folder / session.texts("cli", "file_completion"), inputs=())
    entered.intake.rejected.write_parquet(folder / "rejected.parquet")
    entered.acts.drop("note").write_parquet(folder / "acts.parquet")
    files = [source] if source.is_file() else [source / name for name in sorted(set(entered.intake.accounts["source"]))]
    account = {
        "verb": "visits",
        "inputs": {path.name: sha256_of(path) for path in files},
        "rows": entered.intake.accounts.to_dicts(),
        "counts": entered.counts,
        "files": [
            {"source": one.source, "taken": one.taken, "refused": one.refused, "why": one.why and one.why.code}
            for one in entered.files
        ],
        "completion": _account(completion),
    }
    write_run(folder, account, session.bars.seconds)
    return written


def _account(completion: tuple[date, pl.DataFrame] | None) -> dict[str, Any] | None:
    """Return the list's day and its visits by town, as JSON data."""
    if completion is None:
        return None
    day, counts = completion
    return {"as_of": str(day), "towns": counts.filter(level="town").drop("level", "village").to_dicts()}


def _completed(completion: tuple[date, pl.DataFrame] | None, texts: Texts, mechanism: Texts) -> Iterator[str]:
    """Yield how far the visits of the newest list are, in all and by town."""
    if completion is None:
        return
    day, counts = completion
    towns = counts.filter(level="town")
    totals = towns.select(pl.col(name).sum() for name in COMPLETION_COUNTS).row(0, named=True)
    yield texts("cli", "visits_completed", as_of=day, **totals)
    table = completion_table(towns, mechanism)
    table = table.drop(table.columns[0])
    for line in aligned([table.columns, *([str(cell) for cell in row] for row in table.head(_SHOWN).iter_rows())]):
        yield "  " + line.rstrip()
    if table.height > _SHOWN:
        yield f"  … ({table.height})"


def _tell(session: Session, entered: VisitOutcome, policy: Policy) -> None:
    """Say how many rows were read, kept, refused and left empty, and why each refused one was."""
    session.say("visits_read", **entered.counts)
    texts = Texts(session.texts.lang, mechanism=policy.mechanism)
    if len(entered.files) > 1:
        for line in _by_file(entered.files, texts):
            session.tell("  " + line)
    for line in _refused(entered, texts):
        session.tell("  " + line)
    for code, details in entered.intake.notes:
        session.tell("  " + texts("visits.notes", code, **details))


def _by_file(files: tuple[FileOutcome, ...], texts: Texts) -> Iterator[str]:
    """Yield a line for each file: its name, and how many rows were taken and refused, or why it was not read."""
    for file in files:
        if file.why is not None:
            yield texts("cli", "visits_file_unread", source=file.source, why=file.why.in_language(texts.lang))
        elif not file.read:
            yield texts("cli", "visits_file_empty", source=file.source)
        else:
            yield texts("cli", "visits_file", source=file.source, taken=file.taken, refused=file.refused)


def _refused(entered: VisitOutcome, texts: Texts) -> list[str]:
    """Return a line for each row that was not entered, or not wholly: where it is and what is wrong with it."""
    place = ["source", "sheet", "row"] if entered.intake.accounts["source"].n_unique() > 1 else ["sheet", "row"]
    rows = reasons_of(entered.intake, entered.acts, texts).select(*place, "reason").iter_rows()
    between = texts("sentences", "separator")
    lines = [f"{' '.join(map(str, where))}: {reason.replace(chr(10), between)}" for *where, reason in rows]
    return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"… ({len(lines)})"]
