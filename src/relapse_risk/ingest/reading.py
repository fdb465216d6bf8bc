"""The verb of this room: read records, whatever they come as."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.databases import is_database, place_of
from relapse_risk.errors import InputError
from relapse_risk.ingest.arrow_frames import open_frames
from relapse_risk.ingest.blocks import Block, read_sheet
from relapse_risk.ingest.canonical import read_frame
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.flags import flagged_rows
from relapse_risk.ingest.frame_notes import refuse_noted, warn_of_emptied
from relapse_risk.ingest.headers import Aliases
from relapse_risk.ingest.intake import Intake, Note, Part, joined
from relapse_risk.ingest.linking import linked
from relapse_risk.ingest.parts import as_read, part_of
from relapse_risk.ingest.rows import CHANGES, PROBLEMS, ROW
from relapse_risk.ingest.same_events import counted_once
from relapse_risk.ingest.sheet_schema import CARRIED
from relapse_risk.ingest.source_pieces import not_taken, open_source
from relapse_risk.ingest.sources import Sheet, TableFrame
from relapse_risk.ingest.stacked_lists import lists_of
from relapse_risk.ingest.unknown_words import unknown_words
from relapse_risk.ingest.workplaces import with_regions
from relapse_risk.periods import parse_day
from relapse_risk.policy import Divisions, Policy, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import SourceSheet, UnreadSheets, divided

__all__ = ["read_records"]

_OF_HEADS = ("household_id", "year", "recorded_on")


def read_records(
    source: str | Path | Mapping[str, Any],
    *,
    policy: Policy | None = None,
    aliases: str | Path | None = None,
    codes: str | Path | None = None,
    exported_on: str | date | None = None,
    carry: Sequence[str] = (),
    key: bytes | None = None,
    hidden_sheets: bool = False,
    strict: bool = False,
    progress: Progress = silent,
) -> Intake:
    """Read records from exports as they are, or from record tables.

    Parameters
    ----------
    source : str, Path or Mapping of str to frame
        A folder, a zip, or one file: county workbooks and lists (sheets and headers in any wording of ``aliases.toml``)
        and record tables (Parquet or CSV, named for their table); the URL of a database that holds record tables
        (``duckdb:///county.db``, ``postgresql://user@host/database``); or frames by table, of any library that speaks
        the Arrow PyCapsule protocol.
    policy : Policy, optional
        Wordings of sheets, headers and cells; built-in by default. Its table of divisions, if it has one, names the
        areas of households that give only codes, and the codes of those that give only names.
    aliases, codes : str or Path, optional
        Files of wordings of headers and cells, in the place of those of the policy; a confirmed file of proposals
        (``audit --propose``) may be both.
    exported_on : str or date, optional
        The day the source was exported. If not given, the earliest that its sheets name above their headers.
    carry : sequence of str
        Identifying columns of households to hand on, apart from the records: head_name, head_id_number, phone, address,
        or headers that stand for one of them (户主姓名). Names and numbers of persons are left behind otherwise.
    key : bytes, optional
        Of the hash that stands for identity numbers (persons of lists without a number of the register's own are named
        by it). If not given, one is made of the numbers themselves: the same input gives the same hashes.
    hidden_sheets : bool
        Whether sheets that are hidden are read too; if not, they are told.
    strict : bool
        Whether record tables must be as the contract has them: if so, a cell that is lost or read from another form,
        an unknown code, or a column that is nearly one of ours is an error and not a note.
    progress : Progress
        Told of the stage ``reading``.

    Returns
    -------
    Intake
        The records, and an account of every row and of every cell that was not understood.

    Raises
    ------
    InputError
        If there is no such source, or nothing in it can be read: no file opens, nothing is understood, there are no
        rows. A file or sheet among others that cannot be read is told (``Intake.sheets`` and notes), and the others
        are read. Of frames each is needed: one without its key is refused. With ``strict``, if there is anything to
        note of a record table (``tables_not_clean``); the error names all of it.

    Warns
    -----
    RelapseRiskWarning
        If no row is kept of a frame that has rows (``tables_emptied``).

    Notes
    -----
    In record tables, cells in other forms than the contract's are read where only one value can be meant, and told in
    ``Intake.notes`` by table, column, number, share and an example: days (31.12.2018, where a day of the column is
    beyond 12), numbers (12,000; 1.2万元), household numbers that were floats (123.0). What may mean two things, times
    in UTC, and identifiers that lost digits are not read, and told likewise. Columns of an index that have a name are
    columns like others.

    Examples
    --------
    >>> import polars as pl
    >>> days = ["2019-12-05", "2019-12-06"]
    >>> rows = pl.DataFrame({"household_id": ["h1", None], "recorded_on": days, "size": ["4", "3"]})
    >>> intake = read_records({"households": rows})
    >>> intake.records.table("households").rows()
    [('h1', datetime.date(2019, 12, 5), 4)]
    >>> intake.accounts.rows()
    [('households', None, 'households', 2, 1, 1, 0, 0)]
    >>> intake.rejected.select("row", "column", "rule").rows()
    [(2, 'household_id', 'missing')]
    >>> read_records({"households": rows}, strict=True)
    Traceback (most recent call last):
    relapse_risk.errors.InputError: Record tables are not clean (strict):
      - households: 1 of 2 rows (50%) have no household_id, which every row needs; rows refused: 1
    """
    policy = _with_files(policy, aliases=aliases, codes=codes)
    dictionary = ExportDictionary.of(policy)
    day = None if exported_on is None else parse_day(exported_on)
    carry = _columns_to_carry(carry, dictionary.aliases)
    with _uncollected():
        taken = _take_all(source, hidden_sheets, strict, dictionary, carry, progress)
    if strict:
        words = unknown_words(taken.parts, dictionary.codebook)
        refuse_noted([*taken.of_tables, *(note for note in words if note[0] == "words_unknown")])
    parts, blocks, rows, notes = taken.parts, taken.blocks, taken.rows, taken.notes
    whole = [block for block in blocks if not block.names_some]
    if not {"members"} & {*(block.table for block in whole), *(part.table for part in parts)}:
        blocks += _heads_of(blocks)
    joined_blocks, more = with_regions(linked(blocks, key, carry), dictionary.codebook.topics["province_of_work"])
    notes += more
    once, more = counted_once(joined_blocks, dictionary)
    notes += more
    flagged, more = flagged_rows(once, day, dictionary.codebook.topics["flag"])
    notes += more
    for block, named in (*zip(joined_blocks, once, strict=True), *((one, one) for one in flagged)):
        part, more = part_of(named, dictionary, carry, day)
        parts.append(part)
        notes += more
        if block.derived and block.table == "members":
            heads = {"source": block.source, "sheet": block.sheet, "count": part.frame["household_id"].n_unique()}
            notes.append(("only_heads", heads))
        elif not block.derived and not block.names_some:
            rows.setdefault(block.table, []).append(as_read(block, part))
    _refuse_nothing(source, taken)
    if isinstance(source, Mapping):
        warn_of_emptied(parts, taken.of_tables)
    notes += unknown_words(parts, dictionary.codebook)
    together = {table: pl.concat(frames, how="diagonal_relaxed") for table, frames in rows.items()}
    parts = [_divided(part, policy.divisions) for part in parts]
    return joined(parts, together, [*notes, *_not_carried(parts, carry)], day, carry, taken.sheets)


def _with_files(policy: Policy | None, **files: str | Path | None) -> Policy:
    """Return a policy with wordings of a user's files in the place of its own."""
    given = [name for name, path in files.items() if path is not None]
    if policy is not None and not given:
        return policy
    own = read_policy(**files)
    if policy is None:
        return own
    return replace(policy, **{name: getattr(own, name) for name in given}, files={**policy.files, **own.files})


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """What was taken from the pieces of a source, so far."""

    parts: list[Part] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    rows: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    sheets: list[SourceSheet] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    of_tables: list[Note] = field(default_factory=list)

    def leave(self, sheet: SourceSheet) -> None:
        """Take a sheet as not read, and tell why."""
        self.sheets.append(sheet)
        self.notes.append((str(sheet.reason), sheet.details))


def _take_all(
    source: str | Path | Mapping[str, Any],
    hidden_sheets: bool,
    strict: bool,
    dictionary: ExportDictionary,
    carry: Sequence[str],
    progress: Progress,
) -> _Taken:
    """Read every sheet and table of a source; what of it cannot be read is told, unless it is a frame of the caller."""
    taken = _Taken()
    given = strict or isinstance(source, Mapping)
    pieces = open_frames(source) if isinstance(source, Mapping) else open_source(source, hidden_sheets, progress)
    for piece in pieces:
        if isinstance(piece, SourceSheet):
            taken.leave(piece)
        elif isinstance(piece, Sheet):
            for one in lists_of(piece, dictionary.aliases):
                _take_sheet(taken, one, dictionary, carry)
        else:
            try:
                _take_frame(taken, piece, dictionary, carry)
            except InputError as error:
                if given:
                    raise
                taken.leave(not_taken((error.code, error.details), piece.frame.height))
    return taken


def _take_sheet(taken: _Taken, sheet: Sheet, dictionary: ExportDictionary, carry: Sequence[str]) -> None:
    blocks, notes = read_sheet(sheet, dictionary, carry)
    if not blocks:
        taken.leave(not_taken(notes[0], _rows_in(sheet)))
        return
    tables, rows = tuple(block.table for block in blocks), sum(block.frame.height for block in blocks)
    taken.blocks.extend(blocks)
    taken.notes.extend(notes)
    taken.sheets.append(_read_as(sheet.source, sheet.name, tables, max(block.frame.height for block in blocks)))
    if not rows:
        details = {"source": sheet.source, "sheet": sheet.name, "tables": ", ".join(tables)}
        taken.notes.append(("sheet_without_rows", details))


def _take_frame(taken: _Taken, found: TableFrame, dictionary: ExportDictionary, carry: Sequence[str]) -> None:
    part, frame, notes = read_frame(found, dictionary, carry)
    taken.parts.append(part)
    taken.notes.extend(notes)
    taken.of_tables.extend(notes)
    taken.rows.setdefault(found.table, []).append(frame)
    taken.sheets.append(_read_as(found.source, None, (found.table,), frame.height))


def _heads_of(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the heads whose identity number lists of households give, as blocks of members.

    Of the others of these households nothing is known: the rows say so (``only_head``).
    """
    for block in blocks:
        if block.table == "households" and {"household_id", "head_id_number"} <= set(block.columns):
            yield _as_members(block)


def _as_members(block: Block) -> Block:
    taken = [name for name in _OF_HEADS if name in block.frame.columns]
    found = block.frame.drop_nulls(["household_id", "head_id_number"]).select(
        ROW,
        *taken,
        pl.col("head_id_number").alias("id_number"),
        relation=pl.lit("head"),
        only_head=pl.lit(True),
    )
    return replace(
        block,
        table="members",
        columns=(*taken, "id_number", "relation", "only_head"),
        frame=found,
        problems=PROBLEMS.to_frame(),
        changes=CHANGES.to_frame(),
        skipped=0,
        derived=True,
    )


def _read_as(source: str, sheet: str | None, tables: tuple[str, ...], rows: int) -> SourceSheet:
    return SourceSheet(source=source, sheet=sheet, status="read", tables=tables, rows=rows)


def _rows_in(sheet: Sheet) -> int:
    return sum(any(cell not in ("", None) for cell in row) for row in sheet.rows)


def _divided(part: Part, divisions: Divisions) -> Part:
    """Return a part whose households have the names and codes that the office's table of divisions gives them."""
    return replace(part, frame=divided(part.frame, divisions)) if part.table == "households" else part


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no cycles: every row of a sheet is a list, none is in a cycle, and to look takes a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _columns_to_carry(asked: Sequence[str], aliases: Aliases) -> tuple[str, ...]:
    """Return the columns that are named by themselves or by a header of a list of households, each once."""
    understood = {name: aliases.understood(name, "households") for name in asked}
    columns = {name: alias.column for name, alias in understood.items() if alias and alias.column in CARRIED}
    if unknown := [name for name in asked if name not in columns]:
        raise InputError("carry_unknown", asked=", ".join(unknown), known=", ".join(CARRIED))
    return tuple(dict.fromkeys(columns[name] for name in asked))


def _refuse_nothing(source: str | Path | Mapping[str, Any], taken: _Taken) -> None:
    """Raise if there is not one row, with all that was not read and why."""
    if any(part.account["read"].sum() for part in taken.parts):
        return
    name = _name_of(source)
    unread = [sheet for sheet in taken.sheets if sheet.may_hold_records]
    found = ", ".join(filter(None, (sheet.sheet or sheet.source for sheet in taken.sheets))) or "-"
    if len(unread) > 1:
        raise InputError("nothing_readable", source=name, unread=UnreadSheets(unread))
    if unread and unread[0].reason not in (None, "sheet_unknown"):
        raise InputError(str(unread[0].reason), **unread[0].details)
    strange = any(sheet.reason in ("sheet_unknown", "sheet_no_list") for sheet in taken.sheets)
    code = "nothing_understood" if strange or not taken.sheets else "nothing_but_headers"
    raise InputError(code, source=name, found=found)


def _name_of(source: str | Path | Mapping[str, Any]) -> str:
    if isinstance(source, Mapping):
        return "frames"
    return place_of(source) if is_database(source) else Path(source).name


def _not_carried(parts: Sequence[Part], carry: Sequence[str]) -> list[Note]:
    got = {name for part in parts if part.carried is not None for name in part.carried.columns}
    return [("carry_missing", {"column": name}) for name in carry if name not in got]
