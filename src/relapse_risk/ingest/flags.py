"""What lists of households and persons say in passing (helped, in a public post, fallen back), as rows of its table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from types import MappingProxyType

import polars as pl

from relapse_risk.ingest.blocks import Block
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.rows import CHANGES, PROBLEMS, ROW
from relapse_risk.ingest.sheet_schema import seen_on
from relapse_risk.policy import Code
from relapse_risk.records import TABLES, Table

__all__ = ["flagged_rows"]

_MEASURE = "measures_of_"  # and a kind: whether a household's list of measures names it
_LIST = "_list"  # the place of the list a row is of
_WHO = ("household_id", "person_id")


@dataclass(frozen=True, kw_only=True)
class _Flagged:
    """Rows of a table that columns of other lists imply.

    Attributes
    ----------
    table : str
    said_by : tuple of str
        Columns that say it: yes, a number above nought, a word for the kind.
    since : str or None
        The column of the day from which on it holds.
    year : str or None
        The column of the year in which it happened, once; then nothing else says it.
    of : str
        Whom it is true of: ``household_id`` (of one of its members is enough) or ``person_id``.
    values : Mapping of str to str
        What the rows hold besides.
    """

    table: str
    said_by: tuple[str, ...] = ()
    since: str | None = None
    year: str | None = None
    of: str = "household_id"
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def columns_in(self, frame: pl.DataFrame) -> list[str]:
        """Return which of its columns a list has."""
        known = (*self.said_by, self.since, self.year)
        return [name for name in known if name is not None and name in frame.columns]


def _helped(kind: str, *said_by: str, since: str | None = None) -> _Flagged:
    said_by = (*said_by, f"{_MEASURE}{kind}")
    return _Flagged(table="assistance", said_by=said_by, since=since, values={"kind": kind})


_FLAGGED = (
    _helped("subsistence", "on_subsistence", "subsistence_kind", "subsistence_persons", since="subsistence_since"),
    _helped("social_assistance", "on_support", "support_kind", since="support_since"),
    _helped("medical_aid", "had_medical_aid", "medical_kind"),
    _helped("education", "had_education_aid", "education_kind"),
    _helped("industry", "had_industry_aid", "industry_kind"),
    _helped("insurance", "had_insurance"),
    _helped("housing", "housing_kind"),
    _helped("job", "job_kind"),
    _helped("temporary_relief"),
    _Flagged(table="assistance", year="rebuilt_year", values={"kind": "housing"}),
    _Flagged(
        table="employment",
        said_by=("public_post", "public_post_kind", "public_post_months"),
        of="person_id",
        values={"channel": "public_post"},
    ),
    _Flagged(table="relapses", year="relapse_year"),
)


def flagged_rows(
    blocks: Sequence[Block], exported_on: date | None, flags: Mapping[str, Code]
) -> tuple[list[Block], list[Note]]:
    """Return what lists say in passing as blocks of its tables, with a note on each; blocks are joined to the register.

    A yes holds from the first day of the year of its row, else from the day it was seen, until a later row says no, in
    whichever list of its table; one that takes back a no of the same year holds from the day it was seen. Nothing of it
    is known before the row is: from its day of recording, else the end of its year, else the export. What a list of its
    own tells of the same household (or person) counts before it. What stands in a column of kinds is a yes, unless it
    is a word for no (未享受) of the dictionary of flags.
    """
    noes = [word for word, flag in flags.items() if flag is False]
    lists = [_with_measures(block) for block in blocks if block.table in ("households", "members")]
    made: list[tuple[Block, Note]] = []
    for flagged, table in product(_FLAGGED, ("households", "members")):
        # Of one table all lists together: what one says, another may take back in a later year.
        saying = [block for block in lists if block.table == table and _speaks(block, flagged)]
        rows = [_rows(block, flagged, noes, exported_on, at) for at, block in enumerate(saying)]
        if rows:
            found = _of_year(pl.concat(rows)) if flagged.year else _while_said(pl.concat(rows), flagged)
            made += _noted(_not_listed(found, flagged, blocks), rows, saying, flagged)
    return [block for block, _ in made if block.frame.height], [note for _, note in made]


def _speaks(block: Block, flagged: _Flagged) -> bool:
    return bool(flagged.columns_in(block.frame)) and flagged.of in block.frame.columns


def _rows(block: Block, flagged: _Flagged, noes: Sequence[str], exported_on: date | None, at: int) -> pl.DataFrame:
    """Return what each row of a list says: yes, since when, in which snapshot, and where it stands."""
    frame = block.frame.drop_nulls(flagged.of).with_columns(seen_on(block.frame, block.exported_on or exported_on))
    year = pl.col("year") if "year" in frame.columns else pl.lit(None, dtype=pl.Int64)
    # Persons of one list without years are recorded on days of their own: together they are one state.
    alone = pl.lit(f"list {at}") if block.table == "members" else pl.col("_seen_on").cast(pl.String)
    since = pl.col(flagged.since) if flagged.since in frame.columns else pl.lit(None, dtype=pl.Date)
    said = pl.col(flagged.year).is_not_null() if flagged.year else _said(flagged, frame, noes)
    person = pl.col("person_id") if "person_id" in frame.columns else pl.lit(None, dtype=pl.String)
    return frame.select(
        pl.lit(at).alias(_LIST),
        ROW,
        "household_id",
        "_seen_on",
        person_id=person,
        snapshot=pl.coalesce(year.cast(pl.String), alone),
        # Of the others of his household, who alone is named says nothing: his no is none of theirs.
        yes=pl.when(said).then(True) if block.names_some and flagged.of == "household_id" else said,
        since=since,
        first_day=pl.min_horizontal(pl.date(year, 1, 1), "_seen_on"),
        happened=pl.col(flagged.year).cast(pl.Int64) if flagged.year else pl.lit(None, dtype=pl.Int64),
    )


def _noted(
    found: pl.DataFrame, rows: Sequence[pl.DataFrame], lists: Sequence[Block], flagged: _Flagged
) -> Iterator[tuple[Block, Note]]:
    """Yield the rows that are made of each list, with a note; of one without days only why there are none."""
    for at, block in enumerate(lists):
        own = found.filter(pl.col(_LIST) == at).drop(_LIST)
        names = flagged.columns_in(block.frame)
        said_by = dict.fromkeys("measures" if name.startswith(_MEASURE) else name for name in names)
        details = {"source": block.source, "sheet": block.sheet, "table": flagged.table, "columns": ", ".join(said_by)}
        if own.height:
            yield _block_of(block, flagged, own), ("flags_as_rows", {**details, "count": own.height})
        elif rows[at]["_seen_on"].null_count():
            yield replace(block, frame=own), ("flags_undated", details)


def _with_measures(block: Block) -> Block:
    """Say of each measure whether the list of a household's measures names it; of a blank list nothing is known."""
    if "measures" not in block.frame.columns:
        return block
    named = pl.col("measures").str.split("+")
    kinds = [flagged.values["kind"] for flagged in _FLAGGED if flagged.table == "assistance" and flagged.said_by]
    each = [named.list.contains(kind).alias(f"{_MEASURE}{kind}") for kind in kinds]
    return replace(block, frame=block.frame.with_columns(each))


def _said(flagged: _Flagged, frame: pl.DataFrame, noes: Sequence[str]) -> pl.Expr:
    """Return whether a row says so; null where it says nothing."""
    said = []
    for name in flagged.columns_in(frame):
        dtype, column = frame.schema[name], pl.col(name)
        is_day = dtype == pl.Date()
        if is_day and len(flagged.columns_in(frame)) > 1:
            continue  # who began to be helped may have stopped: the flag says whether
        if dtype == pl.String():
            said.append(~column.is_in(noes))
        else:
            said.append(column if dtype == pl.Boolean() else column > 0 if dtype.is_numeric() else column.is_not_null())
    return pl.any_horizontal(said)


def _while_said(rows: pl.DataFrame, flagged: _Flagged) -> pl.DataFrame:
    """Return the spells in which something was so: a row for the beginning of each, and one for its end, once known."""
    who = list(_WHO) if flagged.of == "person_id" else ["household_id"]
    states = _states(rows.drop_nulls(["yes", "_seen_on"]), who).with_columns(
        before=pl.col("yes").shift(1).over(who).fill_null(False),
        again=(pl.col("snapshot").shift(1).over(who) == pl.col("snapshot")).fill_null(False),
    )
    known_since = pl.when(pl.col("since") <= pl.col("_seen_on")).then("since")
    # A no of the same year stands before it: then it is so from the day on which that was taken back.
    first_day = pl.when(~pl.col("again")).then("first_day")
    began_on = pl.coalesce(known_since, first_day, "_seen_on")
    begins, ends = pl.col("yes") & ~pl.col("before"), ~pl.col("yes") & pl.col("before")
    spells = states.with_columns(started_on=pl.when(begins).then(began_on).forward_fill().over(who))
    ended_on = pl.when(ends).then("_seen_on")
    return spells.filter(begins | ends).select(
        _LIST, ROW, *who, "started_on", ended_on=ended_on, recorded_on="_seen_on"
    )


def _states(rows: pl.DataFrame, who: Sequence[str]) -> pl.DataFrame:
    """Return what was said of each by each day on which a row of a snapshot was written down: by the newest of each.

    One of a household's members is enough for a yes. Their no is known once all of them were written down.
    """
    group = [*who, "snapshot"]
    each = rows.sort("_seen_on", _LIST, ROW).with_columns(
        persons=pl.struct("person_id").n_unique().over(group), day="_seen_on"
    )
    days = each.select(*group, "day").unique()
    newest = (
        days.join(each.drop("day"), on=group)
        .filter(pl.col("_seen_on") <= pl.col("day"))
        .with_columns(last=pl.col("_seen_on").max().over(*group, "day", "person_id"))
        .filter(pl.col("_seen_on") == pl.col("last"))
    )
    states = newest.group_by(*group, "day").agg(
        pl.col("yes").any(),
        whole=pl.struct("person_id").n_unique() == pl.col("persons").first(),
        first_day=pl.col("first_day").max(),
        since=pl.col("since").min(),
        at=pl.struct(_LIST, ROW).sort_by(pl.col("_seen_on"), descending=True, maintain_order=True).first(),
    )
    known = states.filter(pl.col("yes") | pl.col("whole")).unnest("at")
    return known.rename({"day": "_seen_on"}).sort(*who, "_seen_on", "snapshot")


def _of_year(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what happened once in a year, on its last day, or on the day it was seen if that is earlier."""
    happened = rows.drop_nulls(["happened", "_seen_on"]).filter(pl.col("happened") <= pl.col("_seen_on").dt.year())
    first = happened.sort("_seen_on", _LIST, ROW).unique(
        ["household_id", "happened"], keep="first", maintain_order=True
    )
    day = pl.min_horizontal(pl.date(pl.col("happened"), 12, 31), "_seen_on")
    return first.select(_LIST, ROW, "household_id", started_on=day, ended_on=day, recorded_on="_seen_on")


def _not_listed(found: pl.DataFrame, flagged: _Flagged, blocks: Sequence[Block]) -> pl.DataFrame:
    """Return the rows of those of whom no list of its own told the same by then.

    What such a list records later takes nothing away from what was known before, and counts alone from then on (see
    `Records.known_by`). One that has no days of recording is that of the whole input.
    """
    table = TABLES[flagged.table]
    found = found.with_columns(pl.lit(value).alias(name) for name, value in flagged.values.items())
    if flagged.table == "relapses":
        found = found.rename({"started_on": "relapsed_on"}).drop("ended_on")
    known_on = pl.col("recorded_on").min().over(flagged.of, str(table.begins))
    for block in blocks:
        if block.table == flagged.table and {*table.same} <= {*block.frame.columns}:
            days = pl.col("recorded_on") if "recorded_on" in block.frame.columns else pl.lit(None, dtype=pl.Date)
            listed = block.frame.drop_nulls(flagged.of).group_by(*_same(table, block.frame))
            first = listed.agg(days.fill_null(date.min).min().alias("_listed_on"))
            asked = found.with_columns(_same(table, found))
            asked = asked.join(first, on=[f"_same_{name}" for name in table.same], how="left", maintain_order="left")
            found = asked.filter(pl.col("_listed_on").is_null() | (pl.col("_listed_on") > known_on))
            found = found.drop("_listed_on", *(f"_same_{name}" for name in table.same))
    return found


def _same(table: Table, frame: pl.DataFrame) -> list[pl.Expr]:
    return [one.alias(f"_same_{name}") for one, name in zip(table.same_in(frame), table.same, strict=True)]


def _block_of(block: Block, flagged: _Flagged, found: pl.DataFrame) -> Block:
    frame = found.with_columns(in_passing=pl.lit(True))
    return replace(
        block,
        table=flagged.table,
        columns=tuple(name for name in frame.columns if name != ROW),
        frame=frame,
        problems=PROBLEMS.to_frame(),
        changes=CHANGES.to_frame(),
        skipped=0,
        derived=True,
    )
