"""A table on screen, or in a file that a spreadsheet opens."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import polars as pl
import xlsxwriter

from relapse_risk.cli.output import out_files
from relapse_risk.cli.screen import show
from relapse_risk.cli.session import aligned
from relapse_risk.errors import InputError
from relapse_risk.policy import Texts
from relapse_risk.reports import write_spreadsheet_csv

__all__ = ["show_table", "table_file", "write_table"]

_SHOWN = 50


def show_table(table: pl.DataFrame, texts: Texts, *, shown: int | None = _SHOWN) -> None:
    """Show the last rows of a table, and how many there are where not all are shown; all rows where `shown` is None."""
    some = table if shown is None else table.tail(shown)
    rows = [table.columns, *([_cell(value) for value in row] for row in some.iter_rows())]
    for line in aligned(rows):
        show(line.rstrip())
    if table.height > some.height:
        show(texts("cli", "table_more", shown=some.height, count=table.height))


def write_table(table: pl.DataFrame, path: Path, *, inputs: Sequence[Path | None]) -> None:
    """Write a new table as ``.xlsx`` or as ``.csv`` in which every text stays a text."""
    with table_file(path, inputs=inputs) as put:
        put(table)


@contextmanager
def table_file(path: Path, *, inputs: Sequence[Path | None]) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Give what writes a table into a new file: a place that cannot be is refused before anything else is done.

    Raises
    ------
    InputError
        If it is no name of a table (``out_not_table``), or as `out_files`.
    """
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise InputError("out_not_table", path=path)
    with out_files((path,), overwrite=False, inputs=inputs) as (made,):
        yield partial(_put, made, kind)


def _put(path: Path, kind: str, table: pl.DataFrame) -> None:
    if kind == ".csv":
        write_spreadsheet_csv(table, path)
        return
    # What people wrote is text, whatever it begins with.
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        table.write_excel(book)


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())
