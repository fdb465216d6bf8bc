"""A CSV file that a spreadsheet opens as it was written: no text becomes a formula, a number or a day."""

from pathlib import Path

import polars as pl

__all__ = ["write_spreadsheet_csv"]

# What a spreadsheet takes for a formula, in either width of its sign; and a text it would take for a number or a day.
_FORMULA = r"^[\s\x00]*[=+\-@＝＋－＠]"
_NUMBER_LIKE = r"^[\d\s.,:/%()年月日+\-]*\d[\d\s.,:/%()年月日eE+\-]*$"


def write_spreadsheet_csv(table: pl.DataFrame, path: Path) -> None:
    r"""Write a table in UTF-8 with a mark by which spreadsheets know it, and texts that stay texts.

    A CSV file has no types: a text that a spreadsheet would run as a formula begins with ``'``, and one that it would
    take for a number ends in a tabulator.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "table.csv")
    ...     write_spreadsheet_csv(pl.DataFrame({"note": ["=1+1", "007", "h1"]}), path)
    ...     path.read_text(encoding="utf-8-sig").splitlines()
    ['note', "'=1+1", '007\t', 'h1']
    """
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    table.with_columns(_kept_text(name) for name in texts).write_csv(path, include_bom=True, line_terminator="\r\n")


def _kept_text(name: str) -> pl.Expr:
    """Return a column of texts that stay texts when a spreadsheet opens the file."""
    text = pl.col(name)
    number_like = text.str.contains(_NUMBER_LIKE)
    formula = text.str.contains(_FORMULA)
    return pl.when(number_like & ~formula).then(text + "\t").when(formula).then("'" + text).otherwise(text)
