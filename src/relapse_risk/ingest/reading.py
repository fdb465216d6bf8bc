"""The verb of this room: read records, whatever they come as."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.blocks import Block, read_sheet
from relapse_risk.ingest.canonical import read_frame
from relapse_risk.ingest.copies import SeenSheets, distinct_files
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.headers import Aliases
from relapse_risk.ingest.heads import heads_of
from relapse_risk.ingest.intake import Intake, Note, Part, joined
from relapse_risk.ingest.linking import linked
from relapse_risk.ingest.parts import as_read, part_of
from relapse_risk.ingest.same_events import counted_once
from relapse_risk.ingest.sheet_schema import CARRIED
from relapse_risk.ingest.sources import File, Sheet, TableFrame, find_files, open_file, open_frames
from relapse_risk.periods import parse_day
from relapse_risk.policy import Divisions, Policy, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.records import divided

__all__ = ["read_records"]


def read_records(
    source: str | Path | Mapping[str, Any],
    *,
    policy: Policy | None = None,
    exported_on: str | date | None = None,
    carry: Sequence[str] = (),
    key: bytes | None = None,
    progress: Progress = silent,
) -> Intake:
    """Read records from exports as they are, or from record tables.

    Parameters
    ----------
    source : str, Path or Mapping of str to frame
        A folder, a zip, or one file: county workbooks and lists (sheets and headers in any wording of ``aliases.toml``)
        and record tables (Parquet or CSV, named for their table); or frames by table, of any library that speaks the
        Arrow PyCapsule protocol.
    policy : Policy, optional
        Wordings of sheets, headers and cells; built-in by default. Its table of divisions, if it has one, names the
        areas of households that give only codes, and the codes of those that give only names.
    exported_on : str or date, optional
        The day the source was exported. If not given, the earliest that its sheets name above their headers.
    carry : sequence of str
        Identifying columns of households to hand on, apart from the records: head_name, head_id_number, phone, address,
        or headers that stand for one of them (户主姓名). Names and numbers of persons are left behind otherwise.
    key : bytes, optional
        Of the hash that stands for identity numbers (persons of lists without a number of the register's own are named
        by it). If not given, one is made of the numbers themselves: the same input gives the same hashes.
    progress : Progress
        Told of the stage ``reading``.

    Returns
    -------
    Intake
        The records, and an account of every row and of every cell that was not understood.

    Raises
    ------
    InputError
        If the source cannot be read, nothing in it is understood, it has no rows, or a table has no key.

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
    """
    policy = policy or read_policy()
    dictionary = ExportDictionary.of(policy)
    day = None if exported_on is None else parse_day(exported_on)
    carry = _columns_to_carry(carry, dictionary.aliases)
    parts: list[Part] = []
    blocks: list[Block] = []
    rows: dict[str, list[pl.DataFrame]] = {}
    found: list[str] = []
    pieces, others = _pieces(source, progress)
    notes, seen = [*others], SeenSheets()
    with _uncollected():
        for piece in pieces:
            if isinstance(piece, Sheet) and (copy := seen.copy_of(piece)):
                notes.append(copy)
            elif isinstance(piece, Sheet):
                found.append(piece.name)
                read, told = read_sheet(piece, dictionary, carry)
                blocks += read
                notes += told
            else:
                found.append(piece.table)
                part, frame = read_frame(piece, dictionary, carry)
                parts.append(part)
                rows.setdefault(piece.table, []).append(frame)
    if not {"members"} & {*(block.table for block in blocks), *(part.table for part in parts)}:
        blocks += heads_of(blocks)
    joined_blocks = linked(blocks, key, carry)
    once, told = counted_once(joined_blocks, dictionary)
    notes += told
    for block, named in zip(joined_blocks, once, strict=True):
        part, told = part_of(named, dictionary, carry)
        parts.append(part)
        notes += told
        if block.derived:
            heads = {"source": block.source, "sheet": block.sheet, "count": part.frame["household_id"].n_unique()}
            notes.append(("only_heads", heads))
        else:
            rows.setdefault(block.table, []).append(as_read(block, part))
    _refuse_nothing(source, parts, found, notes)
    together = {table: pl.concat(frames, how="diagonal_relaxed") for table, frames in rows.items()}
    parts = [_divided(part, policy.divisions) for part in parts]
    return joined(parts, together, [*notes, *_not_carried(parts, carry)], day, carry)


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


def _pieces(
    source: str | Path | Mapping[str, Any], progress: Progress
) -> tuple[Iterator[Sheet | TableFrame], list[Note]]:
    """Return the sheets and tables of a source, and notes on the files that are not read."""
    if isinstance(source, Mapping):
        return open_frames(source), []
    files, others = find_files(source)
    files, copies = distinct_files(files)
    return _opened(files, progress), [*copies, *(("file_not_read", {"source": name}) for name in others)]


def _opened(files: Sequence[File], progress: Progress) -> Iterator[Sheet | TableFrame]:
    for place, file in enumerate(files):
        for piece in open_file(file):
            yield piece
            progress("reading", (place + piece.share) / len(files))


def _columns_to_carry(asked: Sequence[str], aliases: Aliases) -> tuple[str, ...]:
    """Return the columns that are named by themselves or by a header of a list of households, each once."""
    understood = {name: aliases.understood(name, "households") for name in asked}
    columns = {name: alias.column for name, alias in understood.items() if alias and alias.column in CARRIED}
    if unknown := [name for name in asked if name not in columns]:
        raise InputError("carry_unknown", asked=", ".join(unknown), known=", ".join(CARRIED))
    return tuple(dict.fromkeys(columns[name] for name in asked))


def _refuse_nothing(
    source: str | Path | Mapping[str, Any], parts: Sequence[Part], found: Sequence[str], notes: Sequence[Note]
) -> None:
    name = "frames" if isinstance(source, Mapping) else Path(source).name
    if not parts and found and all(code in ("sheet_empty", "file_not_read", "file_same") for code, _ in notes):
        raise InputError("nothing_but_headers", source=name, found=", ".join(found))
    if not parts:
        raise InputError("nothing_understood", source=name, found=", ".join(found) or "-")
    if not any(part.account["read"].sum() for part in parts):
        raise InputError("nothing_but_headers", source=name, found=", ".join(found))


def _not_carried(parts: Sequence[Part], carry: Sequence[str]) -> list[Note]:
    got = {name for part in parts if part.carried is not None for name in part.carried.columns}
    return [("carry_missing", {"column": name}) for name in carry if name not in got]
