"""Heads of households, the only members that lists of households name."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from relapse_risk.ingest.blocks import Block
from relapse_risk.ingest.rows import CHANGES, PROBLEMS, ROW

__all__ = ["heads_of"]

_TAKEN = ("household_id", "year", "recorded_on")


def heads_of(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the heads whose identity number lists of households give, as blocks of members.

    Of the others of these households nothing is known: the rows say so (``only_head``).
    """
    for block in blocks:
        if block.table == "households" and {"household_id", "head_id_number"} <= set(block.columns):
            yield _heads(block)


def _heads(block: Block) -> Block:
    taken = [name for name in _TAKEN if name in block.frame.columns]
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
