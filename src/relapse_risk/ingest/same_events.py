"""What the register and a department both list: one bill, loss, job, loan or grant, as reconciliation defines it."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from relapse_risk.ingest.blocks import Block
from relapse_risk.ingest.event_comparisons import EVENTS
from relapse_risk.ingest.event_pairs import EventComparison, paired
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.rows import ROW
from relapse_risk.ingest.shared_keys import TO, apart_by_key, matched, numbered, one_key, with_keys, with_numbers
from relapse_risk.ingest.sheet_schema import shaped
from relapse_risk.ingest.sides import PLACE, current, of_department, of_register
from relapse_risk.policy import ReconcilePolicy, Tolerances, read_model
from relapse_risk.records import TABLES

__all__ = ["counted_once"]


def counted_once(blocks: Sequence[Block], dictionary: ExportDictionary) -> tuple[list[Block], list[Note]]:
    """Give what the register and a department's list both name one key in both: then the rows are its versions.

    Events share the number of the event; jobs, loans and assistance the key of their table. What was known of it on a
    day is the newest version of that day, as with anything that is entered again. Rows of one list stay as many as they
    were.

    Parameters
    ----------
    blocks : sequence of Block
        Joined to the register, see `linked`.
    dictionary : ExportDictionary
    """
    tolerances = read_model(ReconcilePolicy, "reconcile").tolerances
    keyed: dict[str, pl.DataFrame] = {}
    notes: list[Note] = []
    for event in EVENTS:
        if sum(block.table == event.table for block in blocks) > 1:
            keyed[event.table] = _shared_keys(blocks, event, dictionary, tolerances)
            if count := keyed[event.table].height // 2:
                notes.append(("same_events", {"table": event.table, "count": count}))
                notes += _differing(_rows(blocks, event.table), keyed[event.table], event)
    return [_rekeyed(block, keyed.get(block.table)) for block in blocks], notes


def _shared_keys(
    blocks: Sequence[Block], event: EventComparison, dictionary: ExportDictionary, tolerances: Tolerances
) -> pl.DataFrame:
    """Return the places of the rows of both lists that are one event, each with the key that they share."""
    rows = {"households": _rows(blocks, "households"), event.table: _rows(blocks, event.table)}
    rows[event.table] = shaped(event.table, rows[event.table], dictionary.codebook.topics["illness_kind_of_disease"])
    register, department = of_register(rows, event.table), of_department(rows, event.table)
    if register.is_empty() or department.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(PLACE, pl.String))
    names = [*event.compared, *(name for key in event.keys for name in key.columns)]
    table = TABLES[event.table]
    register, department = apart_by_key(register, department, table)
    here, there = (current(frame, event.table, names, event.apart).frame for frame in (register, department))
    both = matched(here, there, paired(here, there, event, tolerances))
    return numbered(both, event) if table.event else one_key(register, department, both, event)


def _differing(rows: pl.DataFrame, keyed: pl.DataFrame, event: EventComparison) -> list[Note]:
    """Tell how many of what both lists name have other amounts in one than in the other."""
    amounts = [name for name in event.compared if name in rows.columns and rows.schema[name].is_float()]
    shared = [name for name in keyed.columns if name.startswith(TO)]
    owners = [name for name in TABLES[event.table].key if TO + name not in shared and name in rows.columns]
    pairs = (
        rows.select(*PLACE, *owners, *amounts).join(keyed.select(*PLACE, *shared), on=PLACE).group_by(*owners, *shared)
    )
    differs = pairs.agg(pl.col(amounts).drop_nulls().n_unique() > 1).select(amounts)
    count = differs.filter(pl.any_horizontal(pl.lit(False), *amounts)).height
    columns = ", ".join(name for name in amounts if differs[name].any())
    return [("same_events_differ", {"table": event.table, "count": count, "columns": columns})] if count else []


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


def _rekeyed(block: Block, keyed: pl.DataFrame | None) -> Block:
    """Return a block whose rows bear the keys that they share with another list; later versions of a row likewise."""
    if keyed is None or keyed.is_empty():
        return block
    own = keyed.filter(_source=block.source, _sheet=block.sheet).rename({"_row": ROW}).drop("_source", "_sheet")
    if own.is_empty():
        return block
    table = TABLES[block.table]
    frame = with_numbers(block.frame, own) if table.event else with_keys(block.frame, own, table)
    added = tuple(name for name in frame.columns if name not in block.frame.columns)
    return replace(block, frame=frame, columns=(*block.columns, *added))
