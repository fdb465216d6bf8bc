"""Visits read back: the acts to enter in the ledger, and an account of every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Cell
from relapse_risk.ingest.intake import Note

__all__ = ["ACCOUNTS", "ACTS", "CODES", "PLACE", "REJECTED", "VISITS", "FilledSheet", "VisitIntake"]

PLACE = pl.Schema({"source": pl.String, "sheet": pl.String, "row": pl.UInt32})
"""The columns that say where a row stands; rows as a spreadsheet shows them."""
CODES = pl.Schema({"alert_id": pl.Int64, "household_id": pl.String})
"""The columns that say which alert a row is of."""


VISITS = pl.Schema(
    [
        *CODES.items(),
        *(("visited_on", pl.Date), ("finding", pl.String), ("measure", pl.String)),
        *(("by", pl.String), ("remark", pl.String), ("found", pl.Boolean)),
        *PLACE.items(),
    ]
)
"""Columns of the rows that were kept."""

ACTS = pl.Schema(
    [
        *CODES.items(),
        *(("kind", pl.String), ("on", pl.Date), ("by", pl.String), ("note", pl.String), ("measure", pl.String)),
        *PLACE.items(),
        ("finding", pl.String),
    ]
)
"""Columns of what is to be entered in the ledger."""

REJECTED = pl.Schema([*PLACE.items(), ("column", pl.String), ("rule", pl.String), ("value_masked", pl.String)])
"""Columns of what was refused."""

ACCOUNTS = pl.Schema(
    {
        **{"source": pl.String, "sheet": pl.String},
        **dict.fromkeys(("read", "kept", "refused", "not_filled"), pl.UInt32),
    }
)
"""Columns of the account of rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FilledSheet:
    """A sheet of filled-in visits as it came: what is sent back is cut out of it.

    Attributes
    ----------
    head : sequence of Cell
        Its headers; empty where there are none.
    rows : Mapping of int to sequence of Cell
        The rows by number, as a spreadsheet shows them; cells that were merged each have the content.
    """

    head: Sequence[Cell]
    rows: Mapping[int, Sequence[Cell]]


@dataclass(frozen=True, kw_only=True, eq=False)
class VisitIntake:
    """Filled-in visits, with the account of every row.

    Attributes
    ----------
    acts : pl.DataFrame
        What is to be entered in the ledger, in the order of the rows: alert_id, household_id, kind (``found``,
        ``visited``, ``measure``, ``proposed``, ``cleared``, ``refused``, ``wrong_record``), on (the day of the visit),
        by, note (the remark), measure (code, of the kind ``measure`` only), source (digest of the file, sheet and row),
        sheet, row, finding (code). One row of a sheet may give several, or none where nobody was met.
    visits : pl.DataFrame
        Every kept row as it was filled in: alert_id, household_id, visited_on, finding, measure (codes joined by
        ``+``), by, remark, found (whether the household was not listed), source, sheet, row. A remark may hold names:
        it belongs into the ledger and nowhere else.
    rejected : pl.DataFrame
        Every refused row with each of its faults: source, sheet, row (as a spreadsheet shows it), column, rule,
        value_masked (the shape of the cell, never its content).
    accounts : pl.DataFrame
        By sheet: read = kept + refused + not_filled.
    notes : tuple of (str, Mapping)
        What else a reader should know: a code, with a wording in ``mechanism/visits.toml`` under ``notes``, and its
        details.
    unread : Mapping of str to InputError
        The files that could not be read, and why.
    codes : pl.DataFrame
        Of every line the alert it is of, as far as that is known: source, sheet, row, alert_id, household_id (of the
        alert) and written_head (digest of the head's name that the workbook was written with).
    files : Mapping of str to str
        The file of each digest with which the source of an act begins.
    sheets : Mapping of (str, str) to FilledSheet
        By source and sheet. They hold names: they go back to the visitors, and nowhere else.
    """

    acts: pl.DataFrame
    visits: pl.DataFrame
    rejected: pl.DataFrame
    accounts: pl.DataFrame
    notes: tuple[Note, ...]
    unread: Mapping[str, InputError]
    codes: pl.DataFrame
    files: Mapping[str, str]
    sheets: Mapping[tuple[str, str], FilledSheet]
