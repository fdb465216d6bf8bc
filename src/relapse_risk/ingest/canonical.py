"""Frames with the record tables' own names: checked row by row, without identifying columns."""

from collections.abc import Mapping, Sequence

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.codes import Codebook
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.frame_check import CheckedFrame, check_frame
from relapse_risk.ingest.frame_notes import frame_notes, likely_columns
from relapse_risk.ingest.intake import Note, Part, carried
from relapse_risk.ingest.masking import masked, shown_header
from relapse_risk.ingest.rows import CHANGES, DECISIVE, FINDINGS, PROBLEMS, ROW, accounted, findings
from relapse_risk.ingest.sheet_schema import IDENTIFYING
from relapse_risk.ingest.sources import TableFrame
from relapse_risk.records import TABLES

__all__ = ["read_frame"]


def read_frame(
    found: TableFrame, dictionary: ExportDictionary, carry: Sequence[str] = ()
) -> tuple[Part, pl.DataFrame, list[Note]]:
    """Read a frame of a record table; return its part, every row as it was read (see `as_read`) and what to tell.

    Columns that no table declares are kept as they are, unless they identify a person.

    Raises
    ------
    InputError
        If a column that every row needs is missing (``sheet_without_key``).
    """
    _refuse_without_key(found)
    # Columns that begin with an underscore are ours: where a row stands, and what is told of it.
    own = [name for name in found.frame.columns if name.startswith("_")]
    frame = found.frame.drop(own).with_row_index(ROW, found.first_row)
    # Where a column has no blank cell, no row is blank.
    whole = any(frame[name].null_count() == 0 for name in frame.columns if name != ROW)
    rows = frame if whole else frame.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    cells = check_frame(found.table, rows.drop(IDENTIFYING, strict=False), dictionary)
    checked = cells.checked
    place = {"source": found.source, "sheet": None, "table": found.table}
    blanked = _problems(checked.blanked, rows[ROW], dictionary.codebook)
    fatal = blanked.filter(pl.col("column").is_in(DECISIVE))
    kept = checked.kept if fatal.is_empty() else checked.kept.join(fatal, on=ROW, how="anti", maintain_order="left")
    carriers = rows.join(kept, on=ROW, how="semi") if carry else rows.clear()
    part = Part(
        table=found.table,
        frame=kept.drop(ROW, *_identifying(kept, found.table, dictionary)),
        rejected=findings(pl.concat([_problems(checked.refused, rows[ROW], dictionary.codebook), fatal]), place),
        blanked=findings(blanked.join(fatal, on=ROW, how="anti"), place),
        unlinked=FINDINGS.to_frame(),
        changes=_changes(cells, place),
        account=accounted(place, read=rows.height, kept=kept.height, skipped=frame.height - rows.height),
        carried=carried(carriers, found.table, carry),
    )
    read = _as_read(found, part, checked.kept.drop(_identifying(checked.kept, found.table, dictionary)))
    return part, read, frame_notes(found.table, found.source, rows.drop(ROW), cells)


def _changes(cells: CheckedFrame, place: Mapping[str, str | None]) -> pl.DataFrame:
    rows = [{**place, "column": form.column, "change": form.change, "cells": form.cells} for form in cells.forms]
    return pl.DataFrame(rows, schema=CHANGES)


def _as_read(found: TableFrame, part: Part, kept: pl.DataFrame) -> pl.DataFrame:
    refused = part.rejected["row"].unique().implode()
    return kept.select(
        pl.lit(found.source).alias("_source"),
        pl.lit(None, dtype=pl.String).alias("_sheet"),
        pl.col(ROW).alias("_row"),
        (~pl.col(ROW).is_in(refused)).alias("_kept"),
        pl.exclude(ROW),
    )


def _refuse_without_key(found: TableFrame) -> None:
    table = TABLES[found.table]
    if missing := [name for name in table.required if name not in found.frame.columns]:
        raise InputError(
            "sheet_without_key",
            source=found.source,
            sheet="-",
            table=found.table,
            missing=", ".join(missing),
            headers=", ".join(_unknown(name, missing) for name in found.frame.columns if name not in table.columns)
            or "-",
        )


def _unknown(name: str, missing: Sequence[str]) -> str:
    """Return a header that is not understood, with the column it may be meant for."""
    like = likely_columns(name, missing)
    return f"{shown_header(name)} ({like}?)" if like else shown_header(name)


def _identifying(frame: pl.DataFrame, table: str, dictionary: ExportDictionary) -> list[str]:
    """Return the columns that tell who somebody is by any wording of theirs."""
    known = {name: dictionary.aliases.understood(name, table) for name in frame.columns}
    return [name for name, alias in known.items() if alias and alias.column in IDENTIFYING]


def _problems(found: pl.DataFrame, numbers: pl.Series, codebook: Codebook) -> pl.DataFrame:
    shape = pl.col("value").map_elements(masked, return_dtype=pl.String)
    word = pl.col("value").map_elements(codebook.shown, return_dtype=pl.String)
    shown = pl.when(pl.col("rule") == "unknown_code").then(word).otherwise(shape)
    rows = numbers.gather(found["row"]).alias(ROW)
    return found.with_columns(rows, shown.alias("value_masked")).select(PROBLEMS.names())
