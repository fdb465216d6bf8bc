"""The rules that a row of a canonical table must meet: for each a name and one boolean per row."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from relapse_risk.records.tables import TABLES, Column, Table, usable_table
from relapse_risk.records.typed_cells import read_cells, stated

__all__ = ["Checked", "check_table", "unread_cells"]

_FOUND = {"row": pl.UInt32, "column": pl.String, "rule": pl.String, "value": pl.String}
_ROW = "_row"
_SAID = "_said_"


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """A table after its check; every row of the source is either in `kept` or named in `refused`.

    Attributes
    ----------
    kept : pl.DataFrame
        The rows that can be used, in the order they came, declared columns in their declared types, others as they are.
    refused : pl.DataFrame
        One line per refused row and rule: row (from 0), column, rule (``missing``, ``unreadable``, ``unknown_code``,
        ``reversed``), value (what the cell said; it may be an identity number).
    blanked : pl.DataFrame
        One line per cell of a kept row that was made null, likewise.
    """

    kept: pl.DataFrame
    refused: pl.DataFrame
    blanked: pl.DataFrame

    @property
    def n_refused(self) -> int:
        """How many rows were refused."""
        return self.refused["row"].n_unique()


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """A rule: which cell it speaks of, and the rows that break it."""

    name: str
    column: str
    broken: pl.Expr
    refuses: bool


def check_table(name: str, frame: pl.DataFrame) -> Checked:
    """Read a frame as one of the record tables, row by row.

    A row without a value it needs is refused; a cell that cannot be read, or holds an unknown code, is made blank (in a
    column every row needs: the row is refused).

    Parameters
    ----------
    name : str
        A key of `TABLES`.
    frame : pl.DataFrame
        Its rows, under the names of the contract, in any types.

    Returns
    -------
    Checked

    Raises
    ------
    InputError
        If there is no such table (``table_unknown``), or a required column is missing (``table_without_key``).

    Examples
    --------
    >>> rows = pl.DataFrame({"household_id": ["h1", None, "h3"], "house_grade": ["A", "B", "E"], "size": [3, 4, 5]})
    >>> checked = check_table("households", rows)
    >>> checked.kept.rows()
    [('h1', 'A', 3), ('h3', None, 5)]
    >>> checked.refused.rows(), checked.blanked.rows()
    ([(1, 'household_id', 'missing', None)], [(2, 'house_grade', 'unknown_code', 'E')])
    """
    table = usable_table(name, frame.columns)
    declared = [column for column in table.columns if column in frame.columns]
    schema = frame.schema
    said = frame.with_row_index(_ROW).with_columns(
        stated(column, schema[column]).alias(_SAID + column) for column in declared
    )
    cells = said.with_columns(
        read_cells(pl.col(_SAID + column), schema[column], table.columns[column].dtype).alias(column)
        for column in declared
    )
    rules = _broken(cells, list(_rules(table, declared)))
    refusing, blanking = ([rule for rule in rules if rule.refuses is refuses] for refuses in (True, False))
    kept = cells.filter(~pl.any_horizontal(rule.broken for rule in refusing)) if refusing else cells
    unknown = [rule.column for rule in blanking if rule.name == "unknown_code"]
    return Checked(
        kept=kept.with_columns(_without_unknown(name, table.columns[name]) for name in unknown).select(frame.columns),
        refused=_findings(cells, refusing),
        blanked=_findings(kept, blanking),
    )


def unread_cells(name: str, frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return, by declared column, what its cells say that cannot be read, each with its count, in whatever row.

    Examples
    --------
    >>> frame = pl.DataFrame({"household_id": ["h1", "h2"], "size": ["4", "four"]})
    >>> {column: cells.rows() for column, cells in unread_cells("households", frame).items()}
    {'size': [('four', 1)]}
    """
    found = {}
    for column, declared in TABLES[name].columns.items():
        if column not in frame.columns:
            continue
        source = frame.schema[column]
        said = stated(column, source)
        cells = frame.select(value=said.cast(pl.String), unread=read_cells(said, source, declared.dtype).is_null())
        unread = cells.filter(pl.col("unread") & pl.col("value").is_not_null())
        if unread.height:
            found[column] = unread.group_by("value").len("cells").sort("value")
    return found


def _rules(table: Table, declared: list[str]) -> Iterator[_Rule]:
    for name in declared:
        column = table.columns[name]
        said, read = pl.col(_SAID + name).is_not_null(), pl.col(name).is_not_null()
        yield _Rule(name="unreadable", column=name, broken=said & ~read, refuses=column.required)
        if column.required:
            yield _Rule(name="missing", column=name, broken=~said, refuses=True)
        if column.closed:
            yield _Rule(name="unknown_code", column=name, broken=~_is_known(name, column), refuses=column.required)
    either = [name for name in table.either if name in declared]
    if either:
        # A cell that says something unreadable is no value either.
        nobody = pl.all_horizontal(pl.col(name).is_null() for name in either)
        yield _Rule(name="missing", column=either[0], broken=nobody, refuses=True)
    if table.span:
        start, end = table.span
        yield _Rule(name="reversed", column=end, broken=(pl.col(end) < pl.col(start)).fill_null(False), refuses=True)


def _is_known(name: str, column: Column) -> pl.Expr:
    """Return whether cells are blank or hold known codes."""
    codes = pl.col(name).cast(pl.String)
    if column.many:
        return codes.str.split("+").list.set_difference(list(column.codes)).list.len().fill_null(0) == 0
    return codes.is_in(column.codes).fill_null(True)


def _without_unknown(name: str, column: Column) -> pl.Expr:
    return pl.when(_is_known(name, column)).then(name).alias(name)


def _broken(cells: pl.DataFrame, rules: list[_Rule]) -> list[_Rule]:
    """Return the rules that some row breaks: one look at all of them, since nearly all rows keep nearly all rules."""
    found = cells.select(rule.broken.any().alias(str(place)) for place, rule in enumerate(rules))
    return [rule for rule, broken in zip(rules, found.iter_columns(), strict=True) if broken.any()]


def _findings(cells: pl.DataFrame, rules: list[_Rule]) -> pl.DataFrame:
    """Return one line per row and rule it breaks."""
    found = [
        cells.filter(rule.broken).select(
            pl.col(_ROW).alias("row"),
            pl.lit(rule.column).alias("column"),
            pl.lit(rule.name).alias("rule"),
            pl.col(_SAID + rule.column).cast(pl.String).alias("value"),
        )
        for rule in rules
    ]
    return pl.concat([pl.DataFrame(schema=_FOUND), *found]).sort("row", "column", "rule")
