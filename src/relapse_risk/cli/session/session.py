"""What every verb needs while it runs: progress, texts, and the account it leaves."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.cli.output import sha256_of
from relapse_risk.cli.screen import show
from relapse_risk.cli.session.bars import Bars
from relapse_risk.databases import is_database, place_of
from relapse_risk.evaluation import Evaluation, ModelReports
from relapse_risk.ingest import Intake
from relapse_risk.policy import Texts
from relapse_risk.reports import Bulletin, Remark, curve_tables, note_sentences, note_totals, remark_text

__all__ = [
    *("Session", "account_of", "aligned", "open_session", "tell_curve", "tell_intake", "tell_remarks", "tell_verdict"),
    "remark_records",
]


class Session:
    """The language of a run, its progress, whether it prints, and where it writes first."""

    def __init__(self, lang: str, quiet: bool, out: Path | str) -> None:
        self.texts, self.quiet = Texts(lang), quiet
        self.out = place_of(out) if is_database(out) else out
        self.bars = Bars(self.texts, quiet=quiet)

    def say(self, key: str, **details: Any) -> None:
        """Print a text of the command line, unless asked to be quiet."""
        self.tell(self.texts("cli", key, **details))

    def tell(self, line: str) -> None:
        """Print a line, unless asked to be quiet."""
        if not self.quiet:
            show(line, self.out)


@contextmanager
def open_session(lang: str, quiet: bool, out: Path | str) -> Iterator[Session]:
    """Give a session that closes its last progress bar, however it ends."""
    made = Session(lang, quiet, out)
    try:
        yield made
    finally:
        made.bars.close()


def account_of(intake: Intake, source: Path | str) -> dict[str, Any]:
    """Return what was read, for ``run.json``: digests of the files, rows by sheet, blanked cells, remarks."""
    # Only what was read: a file beside the exports may be anything, and need not be readable.
    names = sorted(set(intake.accounts["source"]))
    files = [] if isinstance(source, str) else [source] if source.is_file() else [source / name for name in names]
    digests: dict[str, str | None] = {path.name: sha256_of(path) for path in files}
    blanked = intake.blanked.group_by("table", "column", "rule").len("cells").sort("table", "column", "rule")
    return {
        "inputs": {place_of(source): None} if isinstance(source, str) else digests,
        "sheets": intake.sheets.to_dicts(),
        "rows": intake.accounts.to_dicts(),
        "blanked": blanked.to_dicts(),
        "notes": [{"code": code, **details} for code, details in intake.notes],
    }


def tell_intake(session: Session, intake: Intake) -> None:
    """Say how many rows were read, kept and refused, and what else a reader should know."""
    read, kept, refused = (int(intake.accounts[name].sum()) for name in ("read", "kept", "refused"))
    session.say("rows_read", read=read, kept=kept, refused=refused)
    if unlinked := int(intake.accounts["unlinked"].sum()):
        session.say("rows_unlinked", count=unlinked)
    for table, all_rows, few in _mostly_refused(intake.accounts):
        rule, column = _commonest(intake.rejected.filter(table=table))
        name, why = session.texts("tables", table), session.texts("intake_rules", rule)
        session.say("mostly_refused", table=name, read=all_rows, kept=few, rule=why, column=column)
    for sentence in (*note_sentences(intake.notes, session.texts), *note_totals(intake.notes, session.texts)):
        session.tell("  " + sentence)


def tell_curve(session: Session, curve: pl.DataFrame | None) -> None:
    """Say how many relapses so many visits are expected to find, in all and by town; nothing where none is expected."""
    if curve is None:
        return
    notes = (session.texts("page", "curve"), session.texts("bulletin.notes", "curve_towns"))
    for note, table in zip(notes, curve_tables(curve, Bulletin.least, session.texts), strict=False):
        session.tell(note)
        for line in aligned((table.headers, *table.rows)):
            session.tell("  " + line)


def tell_verdict(session: Session, found: Evaluation | ModelReports | None) -> None:
    """Say what a model's list finds, and which other models are better; nothing where it was not tried."""
    for sentence in () if found is None else found.verdict.sentences(session.texts):
        session.tell(sentence)


def tell_remarks(session: Session, remarks: Iterable[Remark]) -> None:
    """Say what a reader must know, in the words of the pages."""
    for remark in remarks:
        session.tell("  " + remark_text(remark, session.texts))


def remark_records(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """Return remarks for ``run.json``."""
    return [{"code": code, **details} for code, details in remarks]


def _mostly_refused(accounts: pl.DataFrame) -> list[tuple[str, int, int]]:
    """Return the tables of which fewer than half of the rows were kept: name, rows read, rows kept."""
    by_table = accounts.group_by("table", maintain_order=True).agg(pl.col("read", "kept").sum())
    return by_table.filter(pl.col("kept") * 2 < pl.col("read")).rows()


def _commonest(rejected: pl.DataFrame) -> tuple[str, str]:
    """Return the rule by which most rows were refused, and the column it was about."""
    counted = rejected.group_by("rule", "column").len().sort("len", "rule", "column", descending=[True, False, False])
    rule, column, _ = counted.row(0)
    return rule, column


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, every column as wide as its widest cell on the screen.

    A Chinese character takes two places there.

    Examples
    --------
    >>> aligned([["model", "AUC"], ["收入", "0.7"], ["policy rule", "0.65"]])
    ['model        AUC', '收入         0.7', 'policy rule  0.65']
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(cell: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in cell)
