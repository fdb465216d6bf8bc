"""One workbook a county, as a national registry exports it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from relapse_risk.synthetic.dialects.cell_changes import RAW
from relapse_risk.synthetic.dialects.habits import TEXT, Cells, typed
from relapse_risk.synthetic.dialects.holdings import TABLE_OF, Holdings
from relapse_risk.synthetic.dialects.layouts import DialectSheet, dialect_data, layouts, worded
from relapse_risk.synthetic.dialects.located import located
from relapse_risk.synthetic.dialects.sheet_views import VIEWS
from relapse_risk.synthetic.dialects.workbook import Workbook, open_workbook
from relapse_risk.synthetic.draws import stream

__all__ = ["write_registry"]

_FIRST_ROW = 4


def write_registry(
    folder: Path, county: Mapping[str, str], holdings: Holdings, planted: pl.DataFrame, exported_on: date, seed: int
) -> pl.DataFrame:
    """Write the workbook of a county.

    Parameters
    ----------
    folder : Path
    county : Mapping of str to str
        Its ``code`` and its name, ``county``.
    holdings : Holdings
        With its faults.
    planted : pl.DataFrame
        What they are (``PLANTED``).
    exported_on : date
    seed : int
        Draws the habits of the columns.

    Returns
    -------
    pl.DataFrame
        Where each fault is seen (``LOCATED``).
    """
    words = dialect_data().registry
    file = words.file.format(**county)
    seen = []
    with open_workbook(folder / file, exported_on) as book:
        for layout in layouts("registry"):
            rows = VIEWS[layout.view](holdings)
            numbers = _numbers(rows.height, stream(seed, "blank rows", county["code"], layout.name))
            seen.append(located(planted, rows, layout, numbers, file=file, sheet=layout.name))
            _write(book, layout, rows, numbers, county, exported_on, seed)
    return pl.concat(seen)


def _numbers(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the row each record is in, with a blank one before some of them."""
    blank = rng.random(count) < dialect_data().habits["blank_rows"]
    return np.asarray(_FIRST_ROW + np.arange(count) + np.cumsum(blank))


def _write(
    book: Workbook,
    layout: DialectSheet,
    rows: pl.DataFrame,
    numbers: np.ndarray,
    county: Mapping[str, str],
    exported_on: date,
    seed: int,
) -> None:
    words = dialect_data().registry
    said = worded(rows, TABLE_OF.get(layout.view, layout.view), layout)
    rng = stream(seed, "habits", county["code"], layout.name)
    columns = [_cells(said, under.column, rng) for under in layout.headers.values()]
    unit, exported = words.unit.format(**county), words.exported.format(day=exported_on)
    top = (
        [words.title.format(sheet=layout.name, **county)],
        [unit, "", "", exported],
        [*layout.headers],
    )
    book.add(layout.name, top, columns, numbers, _totals(layout, rows, words.total))


def _cells(said: pl.DataFrame, column: str, rng: np.random.Generator) -> Cells:
    cells = typed(said[column], rng)
    if RAW + column not in said.columns:
        return cells
    raw = said[RAW + column]
    kind = np.where(raw.is_not_null(), TEXT, cells.kind)
    return Cells(text=pl.select(pl.coalesce(raw, cells.text)).to_series(), kind=kind)


def _totals(layout: DialectSheet, rows: pl.DataFrame, total: str) -> list[str | float | None]:
    if not layout.totals:
        return []
    columns = [under.column for under in layout.headers.values()][1:]
    return [total, *(round(float(rows[name].sum()), 2) if name in layout.totals else None for name in columns)]
