"""Blocks of read rows, settled and made into record tables; and every row as it was read, for the audit."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from relapse_risk.ingest.blocks import Block
from relapse_risk.ingest.export_dictionary import ExportDictionary
from relapse_risk.ingest.intake import Note, Part, carried
from relapse_risk.ingest.linking import LINKED
from relapse_risk.ingest.rows import ROW, ValidatedRows, accounted, findings, settle
from relapse_risk.ingest.sheet_schema import IDENTIFYING, columns_of, dated_by_year, required_columns, seen_on, shaped

__all__ = ["as_read", "part_of"]

# The hash that tells whether a row has the number.
_HASH_OF = {"id_number": "_id", "head_id_number": "_head_id", "certificate_number": "_certificate"}


def part_of(
    block: Block, dictionary: ExportDictionary, carry: Sequence[str], exported_on: date | None = None
) -> tuple[Part, list[Note]]:
    """Make a block a part of its record table.

    A row with an identity number that matches nobody in the register is kept and listed, but becomes no record.
    """
    place = {"source": block.source, "sheet": block.sheet, "table": block.table}
    required = {name: _HASH_OF.get(name, name) for name in required_columns(block.table, block.columns)}
    settled = settle(block.frame, block.problems, place, required, block.skipped)
    alone = _unlinked(settled, block)
    records = settled.kept.join(alone, on=ROW, how="anti", maintain_order="left")
    dated = dated_by_year(records, block.table, block.exported_on)
    kind_of_disease = dictionary.codebook.topics["illness_kind_of_disease"]
    seen = dated.with_columns(seen_on(dated, block.exported_on or exported_on))
    made = shaped(block.table, _with_facts_of_numbers(seen, block), kind_of_disease, names_some=block.names_some)
    part = Part(
        table=block.table,
        frame=made.drop([name for name in made.columns if name.startswith("_") or name in IDENTIFYING]),
        rejected=settled.rejected,
        blanked=settled.blanked,
        unlinked=findings(alone, place),
        changes=block.changes,
        account=accounted(
            place,
            read=block.frame.height,
            kept=settled.kept.height,
            skipped=block.skipped,
            unlinked=alone.height,
        ),
        carried=carried(records, block.table, carry),
        exported_on=block.exported_on,
    )
    by_year = _undated(records) - _undated(dated)
    details = {"source": block.source, "sheet": block.sheet, "count": by_year}
    return part, [("year_as_last_day", details)] if by_year else []


def as_read(block: Block, part: Part) -> pl.DataFrame:
    """Return every row of a block with where it is (``_source``, ``_sheet``, ``_row``) and whether it was kept."""
    refused = part.rejected["row"].unique().implode()
    known = [name for name in columns_of(block.table) if name not in IDENTIFYING]
    columns = [name for name in block.frame.columns if name in known or (name.startswith("_") and name != ROW)]
    return block.frame.select(
        pl.lit(block.source).alias("_source"),
        pl.lit(block.sheet).alias("_sheet"),
        pl.col(ROW).alias("_row"),
        (~pl.col(ROW).is_in(refused)).alias("_kept"),
        *columns,
    )


def _unlinked(settled: ValidatedRows, block: Block) -> pl.DataFrame:
    """Return the rows whose number finds no household, as problems of the column of the number."""
    name = next((name for name, column in _HASH_OF.items() if column in settled.kept.columns), None)
    own = "household_id" in block.columns
    if name is None or own:
        rows = settled.kept.clear().select(ROW)
    else:
        rows = settled.kept.filter(pl.col(LINKED).is_null()).select(ROW)
    refusal = {"column": name, "rule": "no_partner", "value_masked": None}
    return rows.select(ROW, **{key: pl.lit(value, dtype=pl.String) for key, value in refusal.items()})


def _with_facts_of_numbers(frame: pl.DataFrame, block: Block) -> pl.DataFrame:
    """Take from a number what it says of a person, where the list itself has no such column."""
    said = {
        "members": {"birth_date": "_id_birth_date", "sex": "_id_sex"},
        "disabilities": {"category": "_certificate_category", "grade": "_certificate_grade"},
    }.get(block.table, {})
    found = {name: column for name, column in said.items() if column in frame.columns and name not in block.columns}
    return frame.with_columns(**found)


def _undated(frame: pl.DataFrame) -> int:
    return frame["recorded_on"].null_count() if "recorded_on" in frame.columns else frame.height
