"""The result of reading: the records, and a full account of what was refused."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.ingest.completing import completed
from relapse_risk.ingest.rows import ACCOUNTS, CHANGES, FINDINGS, SHEETS
from relapse_risk.records import TABLES, Continuity, Records, SourceSheet, members_bear_days, same_households

__all__ = ["Intake", "Note", "Part", "carried", "joined", "remarks"]

Note = tuple[str, Mapping[str, Any]]
"""A code (``policy/data/wordings.toml``, table ``intake_notes``) and what its placeholders stand for."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The rows that one sheet gave for one table.

    Attributes
    ----------
    table : str
    frame : pl.DataFrame
        Rows of the record table.
    rejected, blanked, unlinked, changes, account : pl.DataFrame
        As in `Intake`, of this place.
    carried : pl.DataFrame or None
        household_id, recorded_on and the identifying columns that were asked for.
    exported_on : date or None
        The day its file says it was exported.
    """

    table: str
    frame: pl.DataFrame
    rejected: pl.DataFrame
    blanked: pl.DataFrame
    unlinked: pl.DataFrame
    changes: pl.DataFrame
    account: pl.DataFrame
    carried: pl.DataFrame | None = None
    exported_on: date | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Intake:
    """Records read from a source, with the account of every row.

    Attributes
    ----------
    records : Records
        With one number for each household over the years (`continuity`).
    continuity : Continuity or None
        Which numbers became others, and what is doubtful about who is the same household; None where there are no
        members that have a day. Its numbers are those of the source, as are those in ``rows``.
    rejected : pl.DataFrame
        Every refused row with each of its faults: source, sheet, row (as a spreadsheet shows it), table, column, rule,
        value_masked (the shape of the cell; of coded columns the word itself, where it can be nobody's name).
    blanked : pl.DataFrame
        Cells of kept rows that could not be understood and were left empty; same columns.
    unlinked : pl.DataFrame
        Kept rows that are nobody's: their identity number is not in the register; same columns.
    changes : pl.DataFrame
        How many cells were read from another form than the one they are stored in: source, sheet, table, column, change
        (``signs``, ``date_form``, ``serial_day``, ``number_form``, ``unit``, ``equals_quoted``, ``merged``,
        ``merged_once``), cells.
    accounts : pl.DataFrame
        By sheet and table: read = kept + refused; skipped counts blank rows, totals, remarks, repeats,
        unlinked those of the kept that are nobody's. A row that speaks of two tables is read for each.
    carried : pl.DataFrame
        household_id and the identifying columns that were asked for, newest first-hand value each. Kept apart from the
        records on purpose.
    rows : Mapping of str to pl.DataFrame
        By table, every row of every sheet as it was read, with where it is (``_source``, ``_sheet``, ``_row``),
        whether it was kept (``_kept``), and what identity numbers say (``_id``, a keyed hash, and so on): what the
        audit looks at. Heads that only lists of households name stand there, not among members.
    notes : tuple of (str, Mapping)
        What else a reader should know (sheets and headers that were not understood, months read as their last day): a
        code, with a wording in ``wordings.toml`` under ``intake_notes``, and its details.
    """

    records: Records
    continuity: Continuity | None
    rejected: pl.DataFrame
    blanked: pl.DataFrame
    unlinked: pl.DataFrame
    changes: pl.DataFrame
    accounts: pl.DataFrame
    carried: pl.DataFrame
    rows: Mapping[str, pl.DataFrame]
    notes: tuple[Note, ...]

    @property
    def sheets(self) -> pl.DataFrame:
        """What became of every file and sheet (``SHEETS``): source, sheet, status, tables, rows, reason, missing.

        A ``status`` of ``unread`` may hold records that nobody sees; what is ``not_needed`` holds none, or only those
        of another. ``missing`` are the columns for want of which a sheet was not read.
        """
        rows = [
            (one.source, one.sheet, one.status, ", ".join(one.tables), one.rows, one.reason, one.details.get("missing"))
            for one in self.records.sheets
        ]
        return pl.DataFrame(rows, schema=SHEETS, orient="row")


def joined(
    parts: Sequence[Part],
    rows: Mapping[str, pl.DataFrame],
    notes: Sequence[Note],
    exported_on: date | None,
    carry: Sequence[str],
    sheets: Sequence[SourceSheet] = (),
) -> Intake:
    """Put the parts of a source together.

    Where its files were exported on different days the earliest counts: up to then all of them are known to speak, and
    households or persons that have no date of their own are known from the export of their own file.
    """
    days = sorted({part.exported_on for part in parts if part.exported_on is not None})
    differ: list[Note] = []
    if exported_on is None and len(days) > 1:
        differ = [("export_dates_differ", {"first": days[0], "last": days[-1]})]
        parts = [_dated(part) for part in parts]
    day = exported_on or (days[0] if days else None)
    records = Records(_tables(_with_snapshots_marked(parts)), exported_on=day, sheets=tuple(sheets))
    # Heads alone do not tell who a household is: the next head is one of those nobody listed.
    listed = "members" in rows and members_bear_days(records)
    same = same_households(records, persons=_identities(rows)) if listed else None
    all_notes = [*notes, *differ, *_continuity_notes(same)]
    return Intake(
        records=same.records if same else records,
        continuity=same,
        rejected=pl.concat([FINDINGS.to_frame(), *(part.rejected for part in parts)]),
        blanked=pl.concat([FINDINGS.to_frame(), *(part.blanked for part in parts)]),
        unlinked=pl.concat([FINDINGS.to_frame(), *(part.unlinked for part in parts)]),
        changes=pl.concat([CHANGES.to_frame(), *(part.changes for part in parts)]),
        accounts=pl.concat([ACCOUNTS.to_frame(), *(part.account for part in parts)]),
        carried=_carried(parts, carry, same),
        rows=rows,
        notes=tuple(note for place, note in enumerate(all_notes) if note not in all_notes[:place]),
    )


def remarks(issues: pl.DataFrame, column: str, source: str, sheet: str | None) -> list[Note]:
    """Return how many cells of a column were read with a remark, by its rule."""
    if issues["lost"].all():
        return []
    counted = Counter(issues.filter(~pl.col("lost"))["rule"])
    place = {"source": source, "sheet": sheet or "", "column": column}
    return [(rule, {**place, "count": count}) for rule, count in sorted(counted.items())]


def carried(kept: pl.DataFrame, table: str, carry: Sequence[str]) -> pl.DataFrame | None:
    """Take the columns to carry out of the kept rows of households; None where there are none."""
    found = [name for name in carry if name in kept.columns]
    if table != "households" or not found:
        return None
    recorded_on = pl.col("recorded_on") if "recorded_on" in kept.columns else pl.lit(None, dtype=pl.Date)
    return kept.select("household_id", recorded_on.alias("recorded_on"), pl.col(found).cast(pl.String))


def _with_snapshots_marked(parts: Sequence[Part]) -> Sequence[Part]:
    """Mark the members of whole snapshots, where other sources say who left, or nothing of it: each in its own way."""
    columns = [part.frame.columns for part in parts if part.table == "members"]
    if len({"left_on" in names for names in columns}) < 2 and not any("of_snapshot" in names for names in columns):
        return parts
    return [_marked(part) if part.table == "members" else part for part in parts]


def _marked(part: Part) -> Part:
    if "of_snapshot" in part.frame.columns:
        return part
    return replace(part, frame=part.frame.with_columns(of_snapshot=pl.lit("left_on" not in part.frame.columns)))


def _tables(parts: Sequence[Part]) -> dict[str, pl.DataFrame]:
    frames = {name: [part.frame for part in parts if part.table == name] for name in TABLES}
    return {name: _concatenated(name, found) for name, found in frames.items() if found}


def _concatenated(table: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    whole = completed(TABLES[table].key, frames)
    declared = [name for name in TABLES[table].columns if name in whole.columns]
    return whole.select(*declared, *(name for name in whole.columns if name not in declared))


def _dated(part: Part) -> Part:
    if part.table not in ("households", "members") or part.exported_on is None:
        return part
    own = pl.lit(part.exported_on)
    recorded_on = pl.coalesce("recorded_on", own) if "recorded_on" in part.frame.columns else own
    return replace(part, frame=part.frame.with_columns(recorded_on.alias("recorded_on")))


def _identities(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame | None:
    """Return who stands behind each number of a person, by the keyed hash of a whole identity number."""
    members = rows["members"]
    if "_id" not in members.columns:
        return None
    whole = members.filter(pl.col("_kept") & (pl.col("_id_check") == "ok"))
    return whole.select("household_id", "person_id", identity="_id").unique()


def _continuity_notes(same: Continuity | None) -> Iterator[Note]:
    """Tell of how many households the number was resolved, and of how many it is in doubt, by kind."""
    if same is None:
        return
    if same.changes.height:
        yield "households_renumbered", {"households": same.changes["household_id"].n_unique()}
    kinds = same.doubts.group_by("kind").agg(pl.col("household_id").n_unique()).sort("kind")
    for kind, households in kinds.rows():
        yield f"doubt_{kind}", {"households": households}


def _carried(parts: Sequence[Part], carry: Sequence[str], same: Continuity | None) -> pl.DataFrame:
    """Keep the newest value of every carried column for each household; of one day the last in lexical order."""
    schema = {"household_id": pl.String, "recorded_on": pl.Date, **dict.fromkeys(carry, pl.String)}
    found = [part.carried for part in parts if part.carried is not None]
    versions = pl.concat([pl.DataFrame(schema=schema), *found], how="diagonal").sort(
        "recorded_on", *carry, nulls_last=False
    )
    if same is not None:
        became = pl.col("household_id").replace(same.changes["household_id"], same.changes["became"])
        versions = versions.with_columns(became)
    newest = [pl.col(name).drop_nulls().last() for name in carry]
    return versions.group_by("household_id").agg(newest).sort("household_id")
