"""Events that the register and a department both list: one event, as reconciliation defines it."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from relapse_risk.ingest.blocks import Block
from relapse_risk.ingest.event_comparisons import EVENTS
from relapse_risk.ingest.event_pairs import EventComparison, paired
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.rows import ROW
from relapse_risk.ingest.sheet_schema import shaped
from relapse_risk.ingest.sides import PLACE, current, of_department, of_register
from relapse_risk.policy import ReconcilePolicy, Tolerances, read_model
from relapse_risk.records import TABLES

__all__ = ["counted_once"]

_NAMED = pl.Schema({"_source": pl.String, "_sheet": pl.String, "_row": pl.UInt32, "_event": pl.String})


def counted_once(blocks: Sequence[Block], dictionary: ExportDictionary) -> tuple[list[Block], list[Note]]:
    """Give an event of the register the number of the same event in a department's list: then they are its versions.

    What was known of it on a day is the newest version of that day, as with any event that is entered again. Rows of
    one list stay as many events as they were.

    Parameters
    ----------
    blocks : sequence of Block
        Joined to the register, see `linked`.
    dictionary : ExportDictionary
    """
    tolerances = read_model(ReconcilePolicy, "reconcile").tolerances
    named: dict[str, pl.DataFrame] = {}
    notes: list[Note] = []
    for event in EVENTS:
        # The other tables have keys that both lists share: their rows are versions already.
        if TABLES[event.table].event and sum(block.table == event.table for block in blocks) > 1:
            named[event.table] = _named(blocks, event, dictionary, tolerances)
            if count := named[event.table].height // 2:
                notes.append(("same_events", {"table": event.table, "count": count}))
    return [_renamed(block, named.get(block.table)) for block in blocks], notes


def _named(
    blocks: Sequence[Block], event: EventComparison, dictionary: ExportDictionary, tolerances: Tolerances
) -> pl.DataFrame:
    """Return the places of the rows of both lists that are one event, and the number they share (``_NAMED``)."""
    rows = {"households": _rows(blocks, "households"), event.table: _rows(blocks, event.table)}
    rows[event.table] = shaped(event.table, rows[event.table], dictionary.codebook.topics["illness_kind_of_disease"])
    sides = {"register": of_register(rows, event.table), "department": of_department(rows, event.table)}
    if any(frame.is_empty() for frame in sides.values()):
        return pl.DataFrame(schema=_NAMED)
    names = [*event.compared, *(name for key in event.keys for name in key.columns)]
    register, department = (current(frame, event.table, names, event.apart).frame for frame in sides.values())
    pairs = paired(register, department, event, tolerances)
    here, there = (_identified(frame) for frame in (register, department))
    joined = pairs.join(here, on="_at").join(there, left_on="_at_listed", right_on="_at", suffix="_listed")
    place = pl.concat_str("_source_listed", "_sheet_listed", pl.col("_row_listed").cast(pl.String), separator="/")
    number = pl.coalesce("_event_listed", "_event", place)
    both = [
        joined.select(*(pl.col(f"{name}{side}").alias(name) for name in PLACE), _event=number)
        for side in ("", "_listed")
    ]
    return pl.concat(both).select(_NAMED.names()).cast(_NAMED)


def _rows(blocks: Sequence[Block], table: str) -> pl.DataFrame:
    frames = [
        block.frame.select(
            pl.lit(block.source).alias("_source"),
            pl.lit(block.sheet).alias("_sheet"),
            pl.col(ROW).alias("_row"),
            pl.lit(True).alias("_kept"),
            pl.exclude(ROW),
        )
        for block in blocks
        if block.table == table
    ]
    empty = pl.DataFrame(schema={"_source": pl.String, "_sheet": pl.String, "household_id": pl.String})
    return pl.concat(frames, how="diagonal_relaxed") if frames else empty


def _identified(frame: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("event_id") if "event_id" in frame.columns else pl.lit(None, dtype=pl.String)
    return frame.with_row_index("_at").select("_at", *PLACE, number.alias("_event"))


def _renamed(block: Block, named: pl.DataFrame | None) -> Block:
    """Return a block whose rows bear the numbers of the events they are one with; later versions of a row likewise."""
    if named is None or named.is_empty():
        return block
    own = named.filter(_source=block.source, _sheet=block.sheet).select(pl.col("_row").alias(ROW), "_event")
    if own.is_empty():
        return block
    frame = block.frame.join(own, on=ROW, how="left", maintain_order="left")
    if "event_id" not in frame.columns:
        return replace(block, frame=frame.rename({"_event": "event_id"}), columns=(*block.columns, "event_id"))
    became = pl.col("_event").drop_nulls().first().over("household_id", "event_id")
    of_version = pl.when(pl.col("event_id").is_not_null()).then(became)
    number = pl.coalesce("_event", of_version, "event_id")
    return replace(block, frame=frame.with_columns(event_id=number).drop("_event"))
