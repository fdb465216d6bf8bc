"""Filled-in visits: the files of a source, sheet by sheet, into what is to be entered in the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.sources import Sheet, find_files, open_file
from relapse_risk.ingest.visits.intake import ACCOUNTS, ACTS, CODES, REJECTED, VisitIntake
from relapse_risk.ingest.visits.settle import kept_lines, refused_lines, with_codes
from relapse_risk.ingest.visits.sheets import Lines, is_machine, listed_of, lost_lines, read_lines
from relapse_risk.ingest.visits.words import VisitWordings
from relapse_risk.policy import Finding, Policy

__all__ = ["read_visits"]

_LISTED = pl.Schema([("source", pl.String), *CODES.items()])


def read_visits(source: str | Path, policy: Policy, *, today: date, known: pl.DataFrame | None = None) -> VisitIntake:
    """Read filled-in visit workbooks back.

    Sheets and columns may have been renamed, moved, sorted; rows inserted and deleted; days written in any form.

    Parameters
    ----------
    source : str or Path
        A workbook, or a folder or archive of workbooks.
    policy : Policy
        Whose findings, measures and wordings are read.
    today : date
        A visit after it is refused.
    known : pl.DataFrame, optional
        alert_id and household_id of every alert that may be acted on (``Ledger.alerts``). Without it, the codes that
        the workbooks were written with are known.

    Returns
    -------
    VisitIntake

    Raises
    ------
    InputError
        If there is no such path or no readable file (see `find_files`, `open_file`), or no sheet has the headers of
        visits (``visits_without_headers``).
    """
    wordings = VisitWordings.of(policy)
    files, _ = find_files(source)
    sheets = [sheet for file in files for sheet in open_file(file) if isinstance(sheet, Sheet)]
    machines = [sheet for sheet in sheets if is_machine(sheet)]
    written = pl.concat([pl.DataFrame(schema=_LISTED), *map(_written, machines)])
    listed = (written if known is None else known).select(CODES.names()).cast(CODES)
    households = frozenset(listed["household_id"].drop_nulls())
    parts = [read_lines(sheet, wordings) or lost_lines(sheet, households) for sheet in sheets if not is_machine(sheet)]
    if all("visited_on" not in part.frame.columns for part in parts):
        headers = ", ".join(policy.mechanism["visits"]["columns"][name]["zh"] for name in (*CODES, "finding"))
        raise InputError("visits_without_headers", source=Path(source).name, headers=headers)
    return _settled(parts, listed, written, wordings.findings, today)


def _written(sheet: Sheet) -> pl.DataFrame:
    return listed_of(sheet).select(pl.lit(sheet.source).alias("source"), *CODES)


def _settled(
    parts: Sequence[Lines], listed: pl.DataFrame, written: pl.DataFrame, findings: Mapping[str, Finding], today: date
) -> VisitIntake:
    lines = with_codes(pl.concat([part.frame for part in parts], how="diagonal"), listed)
    filled = lines.filter("filled")
    faults = pl.concat([REJECTED.to_frame(), *(part.faults for part in parts)])
    rejected = refused_lines(filled, faults, listed, findings, today)
    visits = kept_lines(filled, rejected)
    return VisitIntake(
        acts=_acts(visits, findings),
        visits=visits,
        rejected=rejected.sort("source", "sheet", "row", "column"),
        accounts=_accounts(parts, visits, rejected),
        notes=(*_gone(lines, written), *_repeated(visits)),
    )


def _acts(visits: pl.DataFrame, findings: Mapping[str, Finding]) -> pl.DataFrame:
    """Return what each visit leads to: what its finding says, and the measures taken after the visit itself."""
    acts = [
        (*_whose(row), kind, row["visited_on"], row["by"], row["remark"], measure, *_where(row), row["finding"])
        for row in _once(visits).rows(named=True)
        for kind, measure in _kinds(row, findings[row["finding"]])
    ]
    return pl.DataFrame(acts, schema=ACTS, orient="row")


def _kinds(row: Mapping[str, str | None], finding: Finding) -> list[tuple[str, str | None]]:
    taken = [("measure", code) for code in (row["measure"] or "").split("+") if code]
    others: list[tuple[str, str | None]] = [(kind, None) for kind in finding.acts if kind != "visited"]
    seen: list[tuple[str, str | None]] = [("visited", None)] if "visited" in finding.acts else []
    return [*seen, *taken, *others]


def _whose(row: Mapping[str, object]) -> tuple[object, ...]:
    return row["alert_id"], row["household_id"]


def _where(row: Mapping[str, object]) -> tuple[object, ...]:
    return row["source"], row["sheet"], row["row"]


def _once(visits: pl.DataFrame) -> pl.DataFrame:
    """Return each visit once: after refusing what differs, several lines of an alert say the same."""
    whose = pl.coalesce("alert_id", "household_id")
    return visits.filter(whose.is_first_distinct())


def _accounts(parts: Sequence[Lines], visits: pl.DataFrame, rejected: pl.DataFrame) -> pl.DataFrame:
    refused = rejected.select("source", "sheet", "row").unique()
    accounts = [
        {
            "source": part.source,
            "sheet": part.sheet,
            "read": part.frame.height,
            "kept": visits.filter(source=part.source, sheet=part.sheet).height,
            "refused": refused.filter(source=part.source, sheet=part.sheet).height,
            "not_filled": part.frame.filter(~pl.col("filled")).height,
        }
        for part in parts
    ]
    return pl.DataFrame(accounts, schema=ACCOUNTS)


def _gone(lines: pl.DataFrame, written: pl.DataFrame) -> list[Note]:
    """Tell of how many alerts that a workbook was written for no line is left in it."""
    gone = written.join(lines, on=["source", "alert_id"], how="anti").group_by("source").len("count").sort("source")
    return [("lines_gone", row) for row in gone.rows(named=True)]


def _repeated(visits: pl.DataFrame) -> list[Note]:
    count = visits.height - _once(visits).height
    return [("repeated", {"count": count})] if count else []
