"""The verb of this room: read records, whatever they come as."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from relapse_risk.errors import InputError
from relapse_risk.ingest.canonical import read_frame
from relapse_risk.ingest.intake import Intake, Note, Part, joined
from relapse_risk.ingest.registry import read_sheet
from relapse_risk.ingest.shapes import CARRIED
from relapse_risk.ingest.sources import File, Sheet, TableFrame, find_files, open_file, open_frames
from relapse_risk.ingest.wordings import Wordings
from relapse_risk.periods import parse_day
from relapse_risk.policy import Policy, read_policy
from relapse_risk.progress import Progress, silent

__all__ = ["read_records"]


def read_records(
    source: str | Path | Mapping[str, Any],
    *,
    policy: Policy | None = None,
    exported_on: str | date | None = None,
    carry: Sequence[str] = (),
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
        Wordings of sheets, headers and cells; ours if not given.
    exported_on : str or date, optional
        The day the source was exported. If not given, the earliest that its sheets name above their headers.
    carry : sequence of str
        Identifying columns of households to hand on, apart from the records: head_name, head_id_number, phone, address.
        Names and numbers of persons are left behind otherwise.
    progress : Progress
        Told of the stage ``reading``.

    Returns
    -------
    Intake
        The records, and an account of every row and of every cell that was not understood.

    Raises
    ------
    InputError
        If the source cannot be read, nothing in it is understood, it holds no rows, or a table lacks its key.

    Examples
    --------
    >>> import polars as pl
    >>> days = ["2019-12-05", "2019-12-06"]
    >>> rows = pl.DataFrame({"household_id": ["h1", None], "recorded_on": days, "size": ["4", "3"]})
    >>> intake = read_records({"households": rows})
    >>> intake.records.table("households").rows()
    [('h1', datetime.date(2019, 12, 5), 4)]
    >>> intake.accounts.rows()
    [('households', None, 'households', 2, 1, 1, 0)]
    >>> intake.rejected.select("row", "column", "rule").rows()
    [(2, 'household_id', 'missing')]
    """
    wordings = Wordings.of(policy or read_policy())
    day = None if exported_on is None else parse_day(exported_on)
    _refuse_uncarried(carry)
    parts: list[Part] = []
    notes: list[Note] = []
    found: list[str] = []
    pieces, others = _pieces(source, progress)
    for piece in pieces:
        found.append(piece.name if isinstance(piece, Sheet) else piece.table)
        made, told = _read(piece, wordings, carry)
        parts += made
        notes += told
    _refuse_nothing(source, parts, found)
    notes += [("file_not_read", {"source": name}) for name in others]
    return joined(parts, [*notes, *_not_carried(parts, carry)], day, carry)


def _pieces(
    source: str | Path | Mapping[str, Any], progress: Progress
) -> tuple[Iterator[Sheet | TableFrame], list[str]]:
    if isinstance(source, Mapping):
        return open_frames(source), []
    files, others = find_files(source)
    return _opened(files, progress), others


def _opened(files: Sequence[File], progress: Progress) -> Iterator[Sheet | TableFrame]:
    for place, file in enumerate(files):
        for piece in open_file(file):
            yield piece
            progress("reading", (place + piece.share) / len(files))


def _read(piece: Sheet | TableFrame, wordings: Wordings, carry: Sequence[str]) -> tuple[list[Part], list[Note]]:
    return read_sheet(piece, wordings, carry) if isinstance(piece, Sheet) else read_frame(piece, wordings, carry)


def _refuse_uncarried(carry: Sequence[str]) -> None:
    if unknown := [name for name in carry if name not in CARRIED]:
        raise InputError("carry_unknown", asked=", ".join(unknown), known=", ".join(CARRIED))


def _refuse_nothing(source: str | Path | Mapping[str, Any], parts: Sequence[Part], found: Sequence[str]) -> None:
    name = "frames" if isinstance(source, Mapping) else Path(source).name
    if not parts:
        raise InputError("nothing_understood", source=name, found=", ".join(found) or "-")
    if not any(part.account["read"].sum() for part in parts):
        raise InputError("nothing_but_headers", source=name, found=", ".join(found))


def _not_carried(parts: Sequence[Part], carry: Sequence[str]) -> list[Note]:
    got = {name for part in parts if part.carried is not None for name in part.carried.columns}
    return [("carry_missing", {"column": name}) for name in carry if name not in got]
