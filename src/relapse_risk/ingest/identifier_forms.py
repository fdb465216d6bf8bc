"""Identifiers that are none: of a frame that went through numbers (123.0 is 123), words where others have numbers."""

from dataclasses import dataclass, replace

import polars as pl

from relapse_risk.ingest.cell_columns import CellColumn
from relapse_risk.ingest.cells import plain as plain_cell
from relapse_risk.ingest.cells import read_identifier
from relapse_risk.ingest.masking import masked
from relapse_risk.records import TABLES

__all__ = ["EXACT", "IDENTIFIERS", "PlainIdentifiers", "plain_identifiers", "without_worded"]

IDENTIFIERS = ("household_id", "person_id", "loan_id", "event_id", "village_code")
"""Columns whose digits say which one, and not how many."""

EXACT = 2**53
"""Beyond this, a float no longer holds every whole number."""

_WHOLE = r"^\s*(\d+)\.0+\s*$"
_PARTED = r"^\s*\d+\.\d*[1-9]\d*\s*$"
_OF_WORDS = r"^\D*\p{Han}\D*$"
# Signs beyond ASCII, what a spreadsheet puts before digits, several numbers in one.
_ODD = r"[^\x00-\x7f]|^\s*[='`]|\d{4,}[Xx]?\s*[,;]\s*\d{4,}"
_NAMING = ("household_id", "person_id", "loan_id")
_SCIENTIFIC = r"^\s*\d(?:\.\d+)?[eE]\+\d+\s*$"


@dataclass(frozen=True, kw_only=True, eq=False)
class PlainIdentifiers:
    """A frame whose identifiers are digits again.

    Attributes
    ----------
    frame : pl.DataFrame
        Identifiers that lost digits are null.
    lost : pl.DataFrame
        Those: row (from 0), column, rule, value.
    plain : dict of str to (int, str)
        By column, how many identifiers were numbers with a point, and one of them as it stood.
    signs : dict of str to (int, str)
        The same of those that stood behind an apostrophe, in full-width digits, with signs that nobody sees.
    """

    frame: pl.DataFrame
    lost: pl.DataFrame
    plain: dict[str, tuple[int, str]]
    signs: dict[str, tuple[int, str]]


def plain_identifiers(table: str, frame: pl.DataFrame) -> PlainIdentifiers:
    """Return identifiers that stand as numbers with a point (123.0) as their digits.

    Where another identifier of the column has digits behind its point (2.1), points part numbers, and nothing changes.
    Apostrophes, full-width digits and hidden signs are taken off; words among numbers, and several numbers in one cell,
    name nobody and are lost.

    Examples
    --------
    >>> found = plain_identifiers("households", pl.DataFrame({"household_id": ["123.0", "124", "5.33E+17"]}))
    >>> found.frame["household_id"].to_list(), found.lost.rows(), found.plain
    (['123', '124', None], [(2, 'household_id', 'identifier_as_number', '5.33E+17')], {'household_id': (1, '123.0')})
    >>> plain_identifiers("households", pl.DataFrame({"household_id": ["2.0", "2.1"]})).plain
    {}
    >>> odd = pl.DataFrame({"household_id": ["'5301", "５３０２", "5303、5304", "全村"]})
    >>> found = plain_identifiers("households", odd)
    >>> found.frame["household_id"].to_list(), found.lost["rule"].to_list(), found.signs
    (['5301', '5302', None, None], ['identifiers_several', 'identifier_worded'], {'household_id': (2, "'5301")})
    """
    lost = [pl.DataFrame(schema={"row": pl.UInt32, "column": pl.String, "rule": pl.String, "value": pl.String})]
    plain: dict[str, tuple[int, str]] = {}
    signs: dict[str, tuple[int, str]] = {}
    for name in IDENTIFIERS:
        if name not in frame.columns or name not in TABLES[table].columns:
            continue
        column = frame[name]
        if column.dtype.is_float():
            whole = column.filter((column == column.round()) & (column.abs() < EXACT))
            plain |= {name: (whole.len(), str(whole.min()))} if whole.len() else {}
        elif column.dtype in (pl.String, pl.Categorical, pl.Enum):
            frame = _without_signs(_plain(frame, name, lost, plain), name, lost, signs)
    return PlainIdentifiers(frame=frame, lost=pl.concat(lost), plain=plain, signs=signs)


def _without_signs(
    frame: pl.DataFrame, name: str, lost: list[pl.DataFrame], signs: dict[str, tuple[int, str]]
) -> pl.DataFrame:
    text = frame[name].cast(pl.String)
    odd = text.str.contains(_ODD).fill_null(False)
    if not odd.any():  # nearly all columns
        return frame
    texts = text.filter(odd).unique().to_list()
    rules = {one: rule for one in texts if (rule := read_identifier(one).rule)}
    put = {one: words for one in texts if one not in rules and (words := plain_cell(one)) != one.strip()}
    of_rule = {rule: [one for one in rules if rules[one] == rule] for rule in rules.values()}
    lost += [_lost(text, text.is_in(ones).fill_null(False), name, rule) for rule, ones in of_rule.items()]
    if put:
        signs[name] = (int(text.is_in(list(put)).sum()), min(put))
    made = text.replace([*put, *rules], [*put.values(), *([None] * len(rules))])
    worded = _worded(made, name)
    lost.append(_lost(text, worded, name, "identifier_worded"))
    return frame.with_columns(made.set(worded, None).alias(name))


def _plain(frame: pl.DataFrame, name: str, lost: list[pl.DataFrame], plain: dict[str, tuple[int, str]]) -> pl.DataFrame:
    text, before = frame[name].cast(pl.String), len(lost)
    # Two quick looks, since nearly all columns have neither.
    if text.str.contains("+", literal=True).any():
        gone = text.str.contains(_SCIENTIFIC).fill_null(False)
        lost.append(_lost(text, gone, name))
        text = text.set(gone, None)
    if text.str.contains(".0", literal=True).any() and not text.str.contains(_PARTED).any():
        digits = text.str.extract(_WHOLE)
        exact = digits.cast(pl.Int64, strict=False) < EXACT
        whole = digits.is_not_null()
        gone = whole & ~exact.fill_null(False)
        lost.append(_lost(text, gone, name))
        if (read := whole & ~gone).any():
            plain[name] = (int(read.sum()), str(text.filter(read).min()))
        text = text.zip_with(~whole, digits).set(gone, None)
    return frame if len(lost) == before else frame.with_columns(text)


def _lost(text: pl.Series, gone: pl.Series, name: str, rule: str = "identifier_as_number") -> pl.DataFrame:
    rows = gone.arg_true().cast(pl.UInt32)
    return pl.DataFrame({"row": rows, "value": text.gather(rows)}).select(
        "row", pl.lit(name).alias("column"), pl.lit(rule).alias("rule"), "value"
    )


def without_worded(read: CellColumn, column: str) -> CellColumn:
    """Return a column of identifiers without the cells that are words, where most identifiers have digits.

    A register may name households by words alone; then words are names, and stay.

    Parameters
    ----------
    read : CellColumn
    column : str
        Of the record table; one that holds no identifiers stays as it is.

    Examples
    --------
    >>> none = pl.DataFrame(schema={"at": pl.UInt32, "rule": pl.String, "value_masked": pl.String, "lost": pl.Boolean})
    >>> read = CellColumn(values=pl.Series(["h1", "h2", "全村情况"]), issues=none, changes={})
    >>> found = without_worded(read, "household_id")
    >>> found.values.to_list(), found.issues.rows()
    (['h1', 'h2', None], [(2, 'identifier_worded', '汉汉汉汉', True)])
    """
    if column not in _NAMING or read.values.dtype != pl.String():
        return read
    worded = _worded(read.values, column)
    if not worded.any():
        return read
    at = worded.arg_true().cast(pl.UInt32)
    shown = read.values.gather(at).map_elements(masked, return_dtype=pl.String)
    lost = pl.DataFrame({"at": at, "value_masked": shown}).select(
        "at", pl.lit("identifier_worded").alias("rule"), "value_masked", lost=pl.lit(True)
    )
    issues = pl.concat([read.issues, lost]).sort("at")
    return replace(read, values=read.values.set(worded, None), issues=issues)


def _worded(values: pl.Series, column: str) -> pl.Series:
    """Return which identifiers are words, where more are not; none of a column that does not say who."""
    worded = values.str.contains(_OF_WORDS).fill_null(False)
    names = column not in _NAMING or 2 * worded.sum() >= values.count()
    return worded & False if names else worded
