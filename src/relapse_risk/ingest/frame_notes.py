"""What a reader of a record table is told: cells that were lost or read from another form, and columns like ours."""

import warnings
from collections.abc import Iterator, Sequence

import polars as pl

from relapse_risk.errors import InputError, Phrase, RelapseRiskWarning
from relapse_risk.ingest.frame_check import CheckedFrame
from relapse_risk.ingest.identifier_forms import IDENTIFIERS
from relapse_risk.ingest.intake import Note, Part
from relapse_risk.ingest.masking import masked, shown_figure, shown_header
from relapse_risk.ingest.rows import DECISIVE, share_of
from relapse_risk.ingest.sheet_schema import columns_of
from relapse_risk.policy import Texts, near_names, note_text
from relapse_risk.records import TABLES

__all__ = ["NotedTables", "frame_notes", "likely_columns", "refuse_noted", "warn_of_emptied"]

_LIKE = 0.85
_RULES = {
    "missing": "cells_missing",
    "reversed": "periods_reversed",
    "identifier_as_number": "identifiers_lost",
    "identifier_worded": "identifiers_none",
    "identifiers_several": "identifiers_none",
    "day_order_unknown": "days_of_unknown_order",
    "utc_time": "days_in_utc",
}
# Words of codes and flags are told with those of other sources.
_WORDS = ("unknown_code",)


def frame_notes(table: str, source: str, frame: pl.DataFrame, found: CheckedFrame) -> list[Note]:
    """Return a note for each column of a record table with cells that were lost or read from another form.

    Each says the column, the number of cells, their share of the rows, how many rows were refused for it, and an
    example, of identifiers and texts its shape alone.
    """
    place = {"source": source, "table": table}
    return [
        *(("column_like_ours", {**place, "column": column, "like": like}) for column, like in _near(table, frame)),
        *((code, {**place, **details}) for code, details in _lost(table, frame, found)),
        *((code, {**place, **details}) for code, details in _read(frame, found)),
    ]


def _near(table: str, frame: pl.DataFrame) -> Iterator[tuple[str, str]]:
    absent = [name for name in TABLES[table].columns if name not in frame.columns]
    for column in frame.columns:
        if column not in columns_of(table) and not column.startswith("_") and (like := likely_columns(column, absent)):
            yield shown_header(column), like


def likely_columns(column: str, declared: Sequence[str]) -> str:
    """Return the columns of ours that a column may be meant for, however it is written; empty if there is none.

    Examples
    --------
    >>> likely_columns("net_income_percapita", ["net_income", "net_income_per_capita"])
    'net_income_per_capita'
    >>> likely_columns("HouseholdID", ["household_id"]), likely_columns("weight", ["wage", "village"])
    ('household_id', '')
    """
    plain = {_plain(name): name for name in declared}
    return plain.get(_plain(column)) or near_names(column.lower(), declared, least=_LIKE)


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def _lost(table: str, frame: pl.DataFrame, found: CheckedFrame) -> Iterator[Note]:
    checked = found.checked
    # A row whose decisive cell was lost is refused, though the table might do without the cell.
    decisive = pl.col("column").is_in(DECISIVE).cast(pl.Int32)
    lost = pl.concat([checked.refused.with_columns(n=1), checked.blanked.with_columns(n=decisive)])
    counted = lost.group_by("column", "rule", "value").agg(pl.len().alias("cells"), pl.col("n").sum())
    counted = counted.sort("column", "rule", "cells", "value", descending=[False, False, True, False])
    for (column, rule), cells in counted.group_by("column", "rule", maintain_order=True):
        flag = TABLES[table].columns[str(column)].dtype == pl.Boolean()
        if rule in _WORDS or flag:
            continue
        code = _RULES.get(str(rule)) or _unread(table, str(column))
        count, refused, value = int(cells["cells"].sum()), int(cells["n"].sum()), cells["value"][0]
        example = "-" if value is None else _shown(table, str(column), str(rule), value)
        yield code, {**_counted(frame, str(column), count), "refused": refused, "example": example}


def _unread(table: str, column: str) -> str:
    declared = TABLES[table].columns[column]
    if declared.dtype == pl.Date():
        return "days_unread"
    return "numbers_unread" if declared.dtype.is_numeric() else "cells_unread"


def _read(frame: pl.DataFrame, found: CheckedFrame) -> Iterator[Note]:
    for form in found.forms:
        example = masked(form.example) if form.column in IDENTIFIERS else _stamp(form.code, form.example)
        yield form.code, {**_counted(frame, form.column, form.cells), "example": example}


def _stamp(code: str, example: str) -> str:
    return example[:19] if code == "times_all_alike" else shown_figure(example)


def _counted(frame: pl.DataFrame, column: str, cells: int) -> dict[str, object]:
    return {"column": column, "cells": cells, "rows": frame.height, "share": share_of(cells, frame.height)}


def _shown(table: str, column: str, rule: str, value: str) -> str:
    if column in IDENTIFIERS or TABLES[table].columns[column].dtype == pl.String():
        return masked(value)
    return value if rule == "utc_time" else shown_figure(value)


class NotedTables(Phrase):
    """Notes on tables in words, each on a line of its own."""

    def __init__(self, notes: Sequence[Note]) -> None:
        self.notes = notes

    def in_language(self, lang: str) -> str:
        """Return them in a language."""
        texts = Texts(lang)
        return "".join(f"\n  - {note_text(code, details, texts)}" for code, details in self.notes)


def refuse_noted(notes: Sequence[Note]) -> None:
    """Raise if there is anything to note of tables that must be as the contract has them.

    Raises
    ------
    InputError
        With all of it (``tables_not_clean``).
    """
    if notes:
        raise InputError("tables_not_clean", notes=NotedTables(notes))


def warn_of_emptied(parts: Sequence[Part], notes: Sequence[Note]) -> None:
    """Warn once of the tables of frames of which no row was kept though there were some, with what was told of them.

    Who reads frames sees no screen on which the notes stand.
    """
    empty = [part.table for part in parts if part.account["read"].sum() and not part.account["kept"].sum()]
    if empty:
        noted = NotedTables([note for note in notes if note[1]["table"] in empty and "refused" in note[1]])
        warnings.warn(RelapseRiskWarning("tables_emptied", tables=", ".join(empty), notes=noted), stacklevel=3)
