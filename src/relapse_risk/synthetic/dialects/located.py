"""Where planted faults are to be seen in what is written."""

import numpy as np
import polars as pl

from relapse_risk.synthetic.dialects.faults import ROW
from relapse_risk.synthetic.dialects.holdings import TABLE_OF, item
from relapse_risk.synthetic.dialects.layouts import DialectSheet

__all__ = ["LOCATED", "located"]

LOCATED = pl.Schema(
    {
        "dialect": pl.String,
        "file": pl.String,
        "sheet": pl.String,
        "row": pl.Int64,
        "table": pl.String,
        "column": pl.String,
        "header": pl.String,
        "kind": pl.String,
    }
)
"""One line for every row in which a fault is seen; the row as a spreadsheet or a text editor counts."""


def located(
    planted: pl.DataFrame, rows: pl.DataFrame, layout: DialectSheet, numbers: np.ndarray, *, file: str, sheet: str
) -> pl.DataFrame:
    """Return where faults are seen in the rows of a sheet or list (``LOCATED``).

    Parameters
    ----------
    planted : pl.DataFrame
        The faults (``PLANTED``).
    rows : pl.DataFrame
        The view that is written.
    layout : DialectSheet
    numbers : array of int, shape (n_rows,)
        The number of each of its rows.
    file, sheet : str
        Where they are.
    """
    again = rows["again"] if "again" in rows.columns else pl.Series([False]).new_from_index(0, rows.height)
    placed = rows.select("^_.*$", pl.Series("row", numbers, dtype=pl.Int64), again.alias("again"))
    found = [_of_holding(planted, placed, layout, holding[0]) for holding in planted.select("holding").unique().rows()]
    lines = pl.concat([LOCATED.to_frame().select("row", "table", "column", "header", "kind"), *found])
    return (
        lines.with_columns(dialect=pl.lit(layout.dialect), file=pl.lit(file), sheet=pl.lit(sheet))
        .select(LOCATED.names())
        .sort("row", "column", "kind")
    )


def _of_holding(planted: pl.DataFrame, placed: pl.DataFrame, layout: DialectSheet, holding: str) -> pl.DataFrame:
    number = item(holding)
    own = planted.filter(pl.col("holding") == holding)
    if number not in placed.columns:
        own = own.clear()
        placed = placed.with_columns(pl.lit(None, dtype=pl.UInt32).alias(number))
    headers = {column: layout.header_of(column) for column in own["column"].unique()}
    shown = {column: header for column, header in headers.items() if header is not None} | {ROW: ""}
    return (
        placed.select("row", "again", item=number)
        .join(own, on="item", how="inner")
        .filter(pl.col("column").is_in(list(shown)) & ((pl.col("column") != ROW) | pl.col("again")))
        .select(
            "row",
            pl.lit(TABLE_OF.get(holding, holding)).alias("table"),
            "column",
            pl.col("column").replace_strict(shown, default=None, return_dtype=pl.String).alias("header"),
            "kind",
        )
    )
