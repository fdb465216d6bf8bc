"""Filled-in visits: the files of a source, sheet by sheet, into what is to be entered in the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.opened_files import open_all
from relapse_risk.ingest.sources import Sheet, find_files
from relapse_risk.ingest.visits.settle import accepted_lines, refused_lines, visit_key, with_codes
from relapse_risk.ingest.visits.sheets import (
    VisitRows,
    as_filled,
    heads_of_alerts,
    is_machine,
    listed_of,
    lost_lines,
    read_lines,
)
from relapse_risk.ingest.visits.visit_dictionary import VisitDictionary
from relapse_risk.ingest.visits.visit_intake import ACCOUNTS, ACTS, CODES, PLACE, VisitIntake
from relapse_risk.ingest.visits.visit_names import name_digest
from relapse_risk.policy import Policy
from relapse_risk.policy.mechanism import VisitFinding

__all__ = ["read_visits"]

_DIGEST = 16
_LISTED = pl.Schema([("source", pl.String), *CODES.items()])
_HEADS = pl.Schema({"alert_id": pl.Int64, "written_head": pl.String})


def read_visits(
    source: str | Path,
    policy: Policy,
    *,
    today: date,
    known: pl.DataFrame | None = None,
    numbers: Mapping[str, str] | None = None,
) -> VisitIntake:
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
        alert_id and household_id of every alert that may be acted on (``Ledger.alerts``); the ledger then decides
        whether an alert was open on the day. Without it, the codes that the workbooks were written with are known,
        and a visit before the day of the list is refused.
    numbers : Mapping of str to str, optional
        The number that a household has now, by every number it ever had (``Ledger.numbers``): a workbook may be older
        than its newest number.

    Returns
    -------
    VisitIntake

    Raises
    ------
    InputError
        If there is no such path or no readable file (see `find_files`, `open_file`), or no sheet has the headers of
        visits (``visits_without_headers``).
    """
    dictionary = VisitDictionary.of(policy)
    found, _ = find_files(source)
    opened, unread = open_all([file for file in found if file.suffix != ".parquet"])  # tables of the run lie beside
    sheets = [sheet for own in opened.values() for sheet in own]
    machines = [sheet for sheet in sheets if is_machine(sheet)]
    written = pl.concat([pl.DataFrame(schema=_LISTED), *map(_written, machines)])
    listed = (written if known is None else known).select(CODES.names()).cast(CODES)
    households = frozenset([*listed["household_id"].drop_nulls(), *(numbers or {})])
    pages = [sheet for sheet in sheets if not is_machine(sheet)]
    lines, others = read_lines(pages, dictionary)
    if len(others) == len(pages):
        headers = ", ".join(policy.mechanism.visits.columns[name].zh for name in (*CODES, "finding"))
        raise InputError("visits_without_headers", source=Path(source).name, headers=headers)
    lost = lost_lines(others, households, dictionary)
    everything = VisitRows(
        frame=pl.concat([lines.frame, lost.frame], how="diagonal"), faults=pl.concat([lines.faults, lost.faults])
    )
    digests = {file.name: sha256(file.read()).hexdigest()[:_DIGEST] for file in opened}
    numbered, written = _by_numbers_of_today(everything.frame, written, listed, numbers or {})
    coded = _with_heads(with_codes(numbered, listed), written, machines)
    filled = coded.filter("filled")
    since_list = known is None
    rejected = refused_lines(filled, everything.faults, listed, dictionary.findings, today, since_list=since_list)
    visits = accepted_lines(filled, rejected)
    return VisitIntake(
        acts=_acts(visits, dictionary.findings, digests),
        visits=visits,
        rejected=rejected.sort("source", "sheet", "row", "column"),
        accounts=_accounts(pages, coded, rejected),
        notes=(*_lines_removed(coded, written), *_repeated(visits)),
        unread=unread,
        codes=coded.select(*PLACE, "alert_id", household_id="written_as", written_head="written_head"),
        files={digest: name for name, digest in digests.items()},
        sheets={(sheet.source, sheet.name): as_filled(sheet, dictionary) for sheet in pages},
    )


def _by_numbers_of_today(
    lines: pl.DataFrame, written: pl.DataFrame, listed: pl.DataFrame, numbers: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines by the numbers of today, and the known alerts that their workbooks were written for.

    A household may have another number since, and its alert as well, where the month of the workbook was withdrawn and
    run anew: the alert is then the one that its household has.
    """
    gone = written.join(listed, on="alert_id", how="anti").drop_nulls()
    at = ["source", "alert_id", "household_id"]
    retired = lines.join(gone.unique(at), on=at, how="semi").select(*PLACE, retired=pl.lit(True))
    marked = lines.join(retired, on=[*PLACE], how="left", maintain_order="left")
    now = pl.col("household_id").replace(dict(numbers))
    taken = pl.col("retired").fill_null(False) & now.is_in(listed["household_id"].drop_nulls().implode())
    numbered = marked.with_columns(household_id=now, alert_id=pl.when(~taken).then("alert_id")).drop("retired")
    return numbered, written.join(gone, on=["source", "alert_id"], how="anti")


def _with_heads(lines: pl.DataFrame, written: pl.DataFrame, machines: Sequence[Sheet]) -> pl.DataFrame:
    """Add the digests of the head's name in each line, and of that its workbook was written with (both may be null).

    Both are of the number that the household had in the workbook (written_as).
    """
    heads = pl.concat([pl.DataFrame(schema=_HEADS), *(heads_of_alerts(sheet) for sheet in machines)]).unique()
    heads = heads.unique("alert_id", keep="none")  # of two workbooks that know different names neither is believed
    then = written.select("alert_id", then="household_id").drop_nulls().unique().unique("alert_id", keep="none")
    placed = lines.join(then, on="alert_id", how="left", maintain_order="left")
    placed = placed.with_columns(written_as=pl.coalesce("then", "owner")).drop("then")
    names = placed.select("written_as", "head_name").iter_rows()
    digests = [name_digest(household, name) if household and name else None for household, name in names]
    hashed = placed.drop("head_name").with_columns(head=pl.Series(digests, dtype=pl.String))
    return hashed.join(heads, on="alert_id", how="left", maintain_order="left")


def _written(sheet: Sheet) -> pl.DataFrame:
    return listed_of(sheet).select(pl.lit(sheet.source).alias("source"), *CODES)


def _acts(visits: pl.DataFrame, findings: Mapping[str, VisitFinding], digests: Mapping[str, str]) -> pl.DataFrame:
    """Return what each visit leads to: what its finding says, and the measures taken after the visit itself."""
    acts = [
        {**row, "source": _origin(row, digests), "on": row["visited_on"], "note": row["remark"], **act}
        for row in _once(visits).rows(named=True)
        for act in _led_to(row, findings[row["finding"]])
    ]
    return pl.DataFrame(acts, schema=ACTS)


def _led_to(row: Mapping[str, Any], finding: VisitFinding) -> list[dict[str, str | None]]:
    taken = [{"kind": "measure", "measure": code} for code in (row["measure"] or "").split("+") if code]
    others: list[dict[str, str | None]] = [{"kind": kind, "measure": None} for kind in finding.acts]
    met = int("visited" in finding.acts)
    found: list[dict[str, str | None]] = [{"kind": "found", "measure": None}] * (met if row["found"] else 0)
    return [*found, *others[:met], *taken, *others[met:]]


def _origin(row: Mapping[str, Any], digests: Mapping[str, str]) -> str:
    """Return where a row was first read: the same file renamed is the same source, another of the same name is not."""
    return f"{digests[row['source']]}/{row['sheet']}/{row['row']}"


def _once(visits: pl.DataFrame) -> pl.DataFrame:
    """Return each visit once: after refusing what differs, several lines of one visit say the same."""
    return visits.filter(visit_key().is_first_distinct())


def _accounts(pages: Sequence[Sheet], lines: pl.DataFrame, rejected: pl.DataFrame) -> pl.DataFrame:
    """Return what became of the lines of every sheet; one without any has read none."""
    place = ["source", "sheet"]
    refused = rejected.select(*place, "row", refused=pl.lit(True)).unique()
    marked = lines.join(refused, on=[*place, "row"], how="left", maintain_order="left")
    no, filled = pl.col("refused").is_null(), pl.col("filled")
    counts = marked.group_by(place).agg(
        pl.len().alias("read"), (filled & no).sum().alias("kept"), refused=(~no).sum(), not_filled=(~filled & no).sum()
    )
    sheets = pl.DataFrame([(page.source, page.name) for page in pages], schema=place, orient="row")
    accounts = sheets.join(counts, on=place, how="left", maintain_order="left")
    return accounts.with_columns(pl.col(name).fill_null(0) for name in counts.columns[2:]).cast(ACCOUNTS)


def _lines_removed(lines: pl.DataFrame, written: pl.DataFrame) -> list[Note]:
    """Tell of how many alerts that a workbook was written for no line is left in it."""
    gone = written.join(lines, on=["source", "alert_id"], how="anti").group_by("source").len("count").sort("source")
    return [("lines_gone", row) for row in gone.rows(named=True)]


def _repeated(visits: pl.DataFrame) -> list[Note]:
    count = visits.height - _once(visits).height
    return [("repeated", {"count": count})] if count else []
