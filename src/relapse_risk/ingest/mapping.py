"""How a source is understood before it is read: every file, sheet and header, and what is unread."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.arrow_frames import open_frames
from relapse_risk.ingest.cells import Cell, plain
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.frame_notes import likely_columns
from relapse_risk.ingest.layout import SheetMapping, TableMapping, understand, unread_headers
from relapse_risk.ingest.masking import shown_header
from relapse_risk.ingest.proposals import Proposal, propose_headers
from relapse_risk.ingest.sheet_schema import IDENTIFYING, NUMBERS, shown_of_column
from relapse_risk.ingest.sheet_tables import missing_of
from relapse_risk.ingest.source_pieces import Piece, not_taken, open_source
from relapse_risk.ingest.sources import Sheet, TableFrame
from relapse_risk.ingest.stacked_lists import lists_of
from relapse_risk.ingest.wording_parts import SPELT
from relapse_risk.policy import Policy, WordingPartsFile, read_model, read_policy
from relapse_risk.records import TABLES, SourceSheet

__all__ = ["describe_source"]

_HEADERS = pl.Schema(
    {
        "source": pl.String,
        "sheet": pl.String,
        "row": pl.UInt32,
        "table": pl.String,
        "header": pl.String,
        "column": pl.String,
        "factor": pl.Float64,
        "status": pl.String,
        "reason": pl.String,
        "missing": pl.String,
        "example": pl.String,
        "proposed": pl.String,
        "confidence": pl.Float64,
    }
)

_Row = dict[str, object]


def describe_source(
    source: str | Path | Mapping[str, Any], *, policy: Policy | None = None, hidden_sheets: bool = False
) -> pl.DataFrame:
    """Return how every file, sheet and header of a source is understood, and why one is not.

    Parameters
    ----------
    source : str, Path or Mapping of str to frame
        As `read_records`.
    policy : Policy, optional
        Wordings of sheets and headers; built-in by default.
    hidden_sheets : bool
        As `read_records`.

    Returns
    -------
    pl.DataFrame
        One row for every file that is not opened, for every sheet, and for every header and table it feeds:

        - source, sheet; row (in which the headers begin, as a spreadsheet shows it);
        - table, header, column, factor (by which amounts are multiplied). Of a sheet, table names all it feeds;
        - status: ``read``, ``unread``, ``not_needed`` or ``proposed``;
        - reason, of whatever is not plainly read. Of headers: ``joined`` (an identity number: read to join, then
          dropped), ``dropped`` (identifies a person), ``twice`` (an earlier header stands for the column),
          ``either`` (it may stand for several, and the sheet does not say for which), ``elsewhere`` (tables that the
          sheet does not feed know it), ``sheet_unread``, ``unknown``. Of sheets and
          files: the code of the note in ``Intake.notes``, such as ``sheet_without_key``;
        - missing: the columns for want of which the sheet does not feed the table, each with a header known for it;
        - example: the first cell that is not blank; its shape alone (9 for digits, 汉 or X for letters), unless it is a
          small number or a word of a category;
        - proposed: what a header that is not understood may stand for, as table.column; confidence, from 0 to 1. Of a
          column of a record table or frame: the one of ours that it is nearly named for.

    Raises
    ------
    InputError
        If there is no such path (``source_unknown``), or a frame cannot be taken in.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     text = "户编号,户类型,颜色" + chr(10) + "5323,脱贫户,红"
    ...     _ = Path(folder, "户信息.csv").write_text(text, encoding="utf-8")
    ...     found = describe_source(folder)
    >>> for row in found.select("header", "table", "column", "status", "reason", "example").rows():
    ...     print(*row)
    户编号 households household_id read None 9999
    户类型 households household_type read None 脱贫户
    颜色 None None unread unknown 汉
    None households None read None None
    """
    dictionary = ExportDictionary.of(policy or read_policy())
    if isinstance(source, Mapping):
        of_frames = [row for piece in open_frames(source) for row in _of_frame(piece)]
        return pl.DataFrame(of_frames, schema=_HEADERS)
    try:
        rows = [row for piece in open_source(source, hidden_sheets) for row in _described(piece, dictionary)]
    except InputError as error:
        if error.code == "source_unknown":
            raise
        rows = [_of_sheet(not_taken((error.code, {**error.details, "source": Path(source).name})))]
    return pl.DataFrame(rows, schema=_HEADERS)


def _described(piece: Piece, dictionary: ExportDictionary) -> Iterator[_Row]:
    if isinstance(piece, SourceSheet):
        yield _of_sheet(piece)
    elif isinstance(piece, TableFrame):
        yield from _of_frame(piece)
    else:
        for one in lists_of(piece, dictionary.aliases):
            yield from _of_headers(one, dictionary)


def _of_sheet(sheet: SourceSheet) -> _Row:
    return {
        "source": sheet.source,
        "sheet": sheet.sheet,
        "table": ", ".join(sheet.tables) or sheet.details.get("table"),
        "status": sheet.status,
        "reason": sheet.reason,
        "missing": sheet.details.get("missing"),
    }


def _of_frame(piece: TableFrame) -> Iterator[_Row]:
    table = TABLES[piece.table]
    missing = [name for name in table.required if name not in piece.frame.columns]
    place = {"source": piece.source, "table": piece.table}
    for name in piece.frame.columns:
        known = name in table.columns
        status = {"status": "read" if known and not missing else "unread"}
        reason = "sheet_unread" if known and missing else None if known else "unknown"
        likely = {} if known else _near_column(piece, name)
        yield {**place, "header": name, "column": name if known else None, **status, "reason": reason, **likely}
    unread = {"status": "unread", "reason": "sheet_without_key", "missing": ", ".join(missing)}
    yield {**place, **(unread if missing else {"status": "read"})}


def _near_column(piece: TableFrame, name: str) -> _Row:
    """Return which column of ours that is not there is meant by a column of nearly its name; of several, none."""
    absent = [column for column in TABLES[piece.table].columns if column not in piece.frame.columns]
    like = likely_columns(name, absent)
    if like not in absent:
        return {}
    confidence = read_model(WordingPartsFile, "parts").confidence.spelling
    return {"status": "proposed", "reason": SPELT, "proposed": f"{piece.table}.{like}", "confidence": confidence}


def _of_headers(sheet: Sheet, dictionary: ExportDictionary) -> Iterator[_Row]:
    found = understand(sheet, dictionary.aliases)
    place = {"source": sheet.source, "sheet": sheet.name}
    if found.headers is not None:
        examples = _Examples(sheet, found.headers.ends)
        shown = [
            {**place, "row": sheet.first_row + found.headers.begins + 1, "header": shown_header(one)}
            for one in found.headers.cells
        ]
        for layout in found.layouts:
            yield from _understood(layout, shown, examples, found)
        proposed = propose_headers(sheet, found, dictionary)
        for at, why, tables in unread_headers(found.headers, found.layouts, dictionary.aliases):
            line = _unread(why, tables if found.layouts else "", proposed.get(at))
            if line.get("reason") == "elsewhere":
                line["missing"] = missing_of(sheet, found.headers, tables, dictionary.aliases)
            yield {**shown[at], **line, "example": examples.of(at)}
    tables = ", ".join(layout.table for layout in found.layouts)
    if found.unread is None:
        yield {**place, "table": tables, "status": "read"}
    else:
        yield _of_sheet(not_taken(found.unread))


def _understood(
    layout: TableMapping, shown: Sequence[_Row], examples: "_Examples", found: SheetMapping
) -> Iterator[_Row]:
    for header in layout.headers:
        column = header.alias.column
        understood = {"table": layout.table, "column": column, "factor": float(header.alias.factor)}
        status = ("unread", "sheet_unread") if found.unread else _status(column)
        example = examples.of(header.place, column)
        yield {**shown[header.place], **understood, "status": status[0], "reason": status[1], "example": example}
    if layout.year and shown:
        understood = {"table": layout.table, "column": "year", "factor": 1.0, "status": "read"}
        yield {**shown[0], "row": examples.first_row + layout.year.row + 1, "header": layout.year.wording, **understood}


def _unread(why: str, tables: str, proposal: Proposal | None) -> _Row:
    if why == "not_needed":
        return {"status": "not_needed"}
    if proposal is None:
        reason = why if tables or why != "elsewhere" else "sheet_unread"
        return {"table": tables or None, "status": "unread", "reason": reason}
    meant = f"{proposal.table}.{proposal.column}"
    return {"status": "proposed", "reason": proposal.why, "proposed": meant, "confidence": proposal.confidence}


def _status(column: str) -> tuple[str, str | None]:
    if column in NUMBERS:
        return "read", "joined"
    return ("not_needed", "dropped") if column in IDENTIFYING else ("read", None)


class _Examples:
    """What stands in the columns of a sheet."""

    def __init__(self, sheet: Sheet, begins: int) -> None:
        self.rows, self.first_row = sheet.rows[begins:], sheet.first_row

    def of(self, place: int, column: str | None = None) -> str | None:
        """Return what may be shown of the first cell of a column that is not blank."""
        cell: Cell = next((row[place] for row in self.rows if plain(row[place])), None)
        return None if cell is None else shown_of_column(cell, column)
