"""Lists as departments send them: one GB18030 file each, keyed by identity number or household code."""

from pathlib import Path

import numpy as np
import polars as pl

from relapse_risk.policy import DialectColumn
from relapse_risk.synthetic.dialects.cell_changes import RAW
from relapse_risk.synthetic.dialects.habits import day_text
from relapse_risk.synthetic.dialects.holdings import TABLE_OF, Holdings
from relapse_risk.synthetic.dialects.layouts import DialectSheet, dialect_data, layouts, worded
from relapse_risk.synthetic.dialects.located import located
from relapse_risk.synthetic.dialects.sheet_views import VIEWS

__all__ = ["begin_lists", "write_lists"]

_ENCODING = "gb18030"
_END = "\r\n"


def begin_lists(folder: Path) -> dict[str, int]:
    """Write the headers of every list; return how many rows each has, by its name."""
    for layout in layouts("departments"):
        titles = ",".join(layout.headers)
        _file(folder, layout).write_bytes((titles + _END).encode(_ENCODING))
    return dict.fromkeys((layout.name for layout in layouts("departments")), 1)


def write_lists(folder: Path, holdings: Holdings, planted: pl.DataFrame, written: dict[str, int]) -> pl.DataFrame:
    """Write the rows of a county behind those of the others.

    Parameters
    ----------
    folder : Path
    holdings : Holdings
        With its faults.
    planted : pl.DataFrame
        What they are (``PLANTED``).
    written : dict of str to int
        How many rows each list has so far; counted on.

    Returns
    -------
    pl.DataFrame
        Where each fault is seen (``LOCATED``).
    """
    seen = []
    for layout in layouts("departments"):
        rows = VIEWS[layout.view](holdings)
        numbers = written[layout.name] + 1 + np.arange(rows.height)
        written[layout.name] += rows.height
        seen.append(located(planted, rows, layout, numbers, file=_file(folder, layout).name, sheet=""))
        _append(_file(folder, layout), _texts(rows, layout))
    return pl.concat(seen)


def _file(folder: Path, layout: DialectSheet) -> Path:
    return folder / dialect_data().departments.file.format(sheet=layout.name)


def _append(path: Path, texts: pl.DataFrame) -> None:
    with path.open("ab") as file:
        file.write(texts.write_csv(include_header=False, line_terminator=_END).encode(_ENCODING))


def _texts(rows: pl.DataFrame, layout: DialectSheet) -> pl.DataFrame:
    said = worded(rows, TABLE_OF.get(layout.view, layout.view), layout)
    return said.select(_text(under, said).alias(header) for header, under in layout.headers.items())


def _text(column: DialectColumn, said: pl.DataFrame) -> pl.Expr:
    cell, dtype = pl.col(column.column), said.schema[column.column]
    if dtype == pl.Boolean:
        yes, no = column.words
        return pl.when(cell).then(pl.lit(yes)).when(~cell).then(pl.lit(no))
    if dtype == pl.Date:
        day = cell.dt.strftime(day_text(column.form))
        return pl.coalesce(_raw(column), day) if RAW + column.column in said.columns else day
    if column.per != 1:
        return (cell / column.per).round(10).cast(pl.String)
    return cell.cast(pl.String)


def _raw(column: DialectColumn) -> pl.Expr:
    between = {"iso": "-", "slash": "/", "compact": ""}[column.form]
    return pl.col(RAW + column.column).str.replace_all("-", between, literal=True)
