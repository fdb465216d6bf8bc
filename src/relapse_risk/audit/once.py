"""One person's fault over the years: told of once, with all of its rows."""

import polars as pl

from relapse_risk.records import TABLES

__all__ = ["fault_of_person", "line_code", "one_line_per_fault"]

_STATED = tuple(name for name, table in TABLES.items() if table.begins is None)
_SAME = ("table", "rule", "column", "household_id", "person_id", "value_masked")
_PLACED = ("source", "sheet", "row")


def fault_of_person() -> pl.Expr:
    """Return what is one fault: rows of several years that say the same wrong thing of the same person.

    Null for a finding that stands by itself: of a household, of an event (each bill is a fault of its own), of a row
    that repeats another one, or of a row without a year.
    """
    alone = pl.col("person_id").is_null() | pl.col("year").is_null() | pl.col("first_row").is_not_null()
    return pl.when(pl.col("table").is_in(_STATED) & ~alone).then(pl.struct(_SAME))


def line_code() -> pl.Expr:
    """Return what a line says is wrong, in no language: its table, column and rule."""
    return pl.concat_str("table", "column", "rule", separator="/", ignore_nulls=True)


def one_line_per_fault(lines: pl.DataFrame, *, besides: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return lines with each person's fault over the years once, where its first row stands.

    Parameters
    ----------
    lines : pl.DataFrame
        ``FINDINGS`` with year.
    besides : tuple of str
        Other columns in which lines that become one are the same.

    Returns
    -------
    pl.DataFrame
        With years (text, null where there is one row) and others (source, sheet and row of each other row).

    Examples
    --------
    >>> from relapse_risk.audit import FINDINGS
    >>> fault = {"source": "a", "sheet": "s", "table": "members", "household_id": "h", "person_id": "p", "rule": "r"}
    >>> found = pl.DataFrame([{**fault, "row": row} for row in (2, 9)], schema=FINDINGS)
    >>> once = one_line_per_fault(found.with_columns(year=pl.Series([2018, 2019])))
    >>> once.select("row", "years", pl.col("others").list.len()).rows()
    [(2, [2018, 2019], 1)]
    """
    numbered = lines.with_row_index("_at").with_columns(_fault=fault_of_person())
    # Twice in one year is two faults: the first rows of each year are one, then the second ones.
    numbered = numbered.with_columns(_nth=pl.int_range(pl.len()).over("_fault", "year", *besides))
    alone = pl.when(pl.col("_fault").is_null()).then("_at")
    grouped = numbered.with_columns(_alone=alone).group_by("_alone", "_fault", "_nth", *besides, maintain_order=True)
    kept = [name for name in lines.columns if name not in besides]
    once = grouped.agg(
        pl.col(kept).first(),
        years=pl.col("year").sort(),
        others=pl.struct(_PLACED).slice(1),
    )
    several = pl.col("others").list.len() > 0
    return once.with_columns(years=pl.when(several).then("years")).select(*lines.columns, "years", "others")
