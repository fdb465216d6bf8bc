"""Frames in the record tables' own names: types made right, rows settled, what tells who somebody is left behind."""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest.cells import Read, read_cells
from relapse_risk.ingest.codes import typed_reader
from relapse_risk.ingest.intake import Note, Part, carried, remarks
from relapse_risk.ingest.rows import PROBLEMS, placed, settle
from relapse_risk.ingest.shapes import IDENTIFYING, lacking
from relapse_risk.ingest.sources import TableFrame
from relapse_risk.ingest.wordings import Wordings
from relapse_risk.records import TABLES, Column

__all__ = ["read_frame"]

_NOTHING_TOLD = pl.Schema({"at": pl.UInt32, "rule": pl.String, "value_masked": pl.String, "lost": pl.Boolean})


def read_frame(found: TableFrame, wordings: Wordings, carry: Sequence[str] = ()) -> tuple[list[Part], list[Note]]:
    """Read a frame of a record table.

    Columns of their declared type are taken as they are, others by what their distinct values say. Columns that no
    table declares are kept as they are, unless they tell who somebody is.

    Raises
    ------
    InputError
        If it lacks a column that the table cannot be made without (``sheet_without_key``).
    """
    _refuse_without_key(found)
    frame = found.frame.rename({name: name.strip() for name in found.frame.columns}).with_row_index(
        "row", found.first_row
    )
    records = frame.filter(~pl.all_horizontal(pl.exclude("row").is_null()))
    problems = [PROBLEMS.to_frame()]
    notes: list[Note] = []
    for name, column in TABLES[found.table].columns.items():
        if name in records.columns and name not in IDENTIFYING:
            values, told = _typed(records[name], found.table, name, column, wordings)
            records = records.with_columns(values.alias(name))
            problems.append(placed(told.filter("lost"), name, records["row"]))
            notes += remarks(told, name, found.source, None)
    settled = settle(
        records,
        pl.concat(problems),
        source=found.source,
        sheet=None,
        table=found.table,
        passed_over=frame.height - records.height,
    )
    part = Part(
        table=found.table,
        frame=settled.kept.drop("row", *_identifying(settled.kept, found.table, wordings)),
        rejected=settled.rejected,
        blanked=settled.blanked,
        account=settled.account,
        carried=carried(settled.kept.with_columns(pl.col(carry).cast(pl.String), strict=False), found.table, carry),
    )
    return [part], notes


def _refuse_without_key(found: TableFrame) -> None:
    columns = [name.strip() for name in found.frame.columns]
    if missing := lacking(found.table, [name for name in columns if name != "year"]):
        raise InputError(
            "sheet_without_key",
            source=found.source,
            sheet="-",
            table=found.table,
            lacking=", ".join(missing),
            found=", ".join(name for name in columns if name in TABLES[found.table].columns) or "-",
        )


def _identifying(frame: pl.DataFrame, table: str, wordings: Wordings) -> list[str]:
    """Return the columns that tell who somebody is, by our names for them or by any wording of theirs."""
    known = {name: wordings.aliases.understood(name, table) for name in frame.columns}
    return [name for name, alias in known.items() if name in IDENTIFYING or (alias and alias.column in IDENTIFYING)]


def _typed(
    series: pl.Series, table: str, name: str, column: Column, wordings: Wordings
) -> tuple[pl.Series, pl.DataFrame]:
    """Return a column in its declared type, and what has to be told of its cells."""
    if isinstance(series.dtype, pl.Categorical | pl.Enum):
        series = series.cast(pl.String)
    coded = bool(column.codes) and not column.open
    if not coded and (taken := _as_it_is(series, column.dtype)) is not None:
        return taken, pl.DataFrame(schema=_NOTHING_TOLD)
    units = wordings.aliases.units
    dictionary = coded or column.dtype == pl.Boolean()
    read = wordings.reader(table, name, column) if dictionary else typed_reader(name, column, units, Decimal(1))
    return _by_distinct(series, read, column, wordings)


def _as_it_is(series: pl.Series, dtype: pl.DataType) -> pl.Series | None:
    """Return a column whose type already says what it means; None where its values have to be read."""
    if series.dtype == pl.Null():
        return series.cast(dtype)
    if dtype == pl.String() and series.dtype == pl.String():
        stripped = series.str.strip_chars()
        return stripped.set(stripped == "", None)
    same_kind = (
        (series.dtype == dtype)
        or (series.dtype.is_temporal() and dtype == pl.Date() and series.dtype != pl.Time())
        or (series.dtype.is_integer() and dtype.is_numeric())
        or (series.dtype.is_float() and dtype.is_float())
    )
    if not same_kind:
        return None
    taken = series.cast(dtype)
    return taken if not dtype.is_float() or taken.is_finite().fill_null(True).all() else None


def _by_distinct(series: pl.Series, read: Read, column: Column, wordings: Wordings) -> tuple[pl.Series, pl.DataFrame]:
    distinct = series.unique()
    cells = read_cells(distinct.to_list(), read, column.dtype, wordings.codebook.blanks_of(column))
    known = pl.DataFrame({"cell": distinct, "value": cells.values}).with_row_index("place")
    rows = pl.DataFrame({"cell": series}).join(known, on="cell", how="left", nulls_equal=True, maintain_order="left")
    told = rows.with_row_index("at").join(cells.told.rename({"at": "place"}), on="place", maintain_order="left")
    return rows["value"], told.select(_NOTHING_TOLD.names())
