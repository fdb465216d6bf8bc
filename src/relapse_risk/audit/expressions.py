"""The parts of rules: comparisons that are unknown if a cell is, and that allow for the form of exports."""

import polars as pl

__all__ = [
    "absent",
    "age_at",
    "differ",
    "exceeds",
    "first_of",
    "later",
    "rarer",
    "repeated",
    "several",
    "stated",
    "years_apart",
]

_MONTHS = 100  # so that months and days together stand in the order of the year


def later(day: str | pl.Expr, other: str | pl.Expr) -> pl.Expr:
    """Return whether a day is surely later than another.

    The last day of a month may stand for the whole month (an export that gives months only is read so): it is later
    only if the first one is.

    Examples
    --------
    >>> from datetime import date
    >>> days = pl.DataFrame({"a": [date(2019, 3, 31), date(2019, 3, 30)], "b": [date(2019, 3, 5)] * 2})
    >>> days.select(later("a", "b")).to_series().to_list()
    [False, True]
    """
    day, other = _column(day), _column(other)
    month_alone = day == day.dt.month_end()
    return (pl.when(month_alone).then(day.dt.month_start()).otherwise(day) > other).alias("later")


def age_at(born: str | pl.Expr, day: str | pl.Expr) -> pl.Expr:
    """Return the whole years from a birth to a day.

    Examples
    --------
    >>> from datetime import date
    >>> frame = pl.DataFrame({"born": [date(2000, 6, 2)] * 2, "day": [date(2016, 6, 1), date(2016, 6, 2)]})
    >>> frame.select(age_at("born", "day")).to_series().to_list()
    [15, 16]
    """
    born, day = _column(born), _column(day)
    to_come = _day_of_year(day) < _day_of_year(born)
    return day.dt.year() - born.dt.year() - to_come.cast(pl.Int32)


def years_apart(born: str | pl.Expr, other: str | pl.Expr) -> pl.Expr:
    """Return by how many years the first was born after the other (negative: before)."""
    return (_column(born) - _column(other)).dt.total_days() / 365.25


def differ(amount: str | pl.Expr, other: str | pl.Expr, within: float | pl.Expr, share: float) -> pl.Expr:
    """Return whether two amounts are further apart than an allowance, or a share of the larger, if that is more."""
    amount, other = _column(amount), _column(other)
    return (amount - other).abs() > _allowed(amount, other, within, share)


def exceeds(amount: str | pl.Expr, other: str | pl.Expr, within: float | pl.Expr, share: float) -> pl.Expr:
    """Return whether an amount is larger than another by more than two amounts may `differ`.

    Examples
    --------
    >>> frame = pl.DataFrame({"a": [120.0, 80.0, 101.0], "b": [100.0] * 3})
    >>> frame.select(exceeds("a", "b", within=5.0, share=0.0)).to_series().to_list()
    [True, False, False]
    """
    amount, other = _column(amount), _column(other)
    return amount - other > _allowed(amount, other, within, share)


def _allowed(amount: pl.Expr, other: pl.Expr, within: float | pl.Expr, share: float) -> pl.Expr:
    return pl.max_horizontal(within, pl.max_horizontal(amount.abs(), other.abs()) * share)


def absent(name: str) -> pl.Expr:
    """Return whether a cell is blank; unknown where it could not be read, and in lists that have no such column."""
    lost = pl.col("_lost").list.contains(name)
    used = pl.col(name).is_not_null().any().over("_source", pl.col("_sheet").fill_null(""))
    return pl.when(used & ~lost).then(pl.col(name).is_null())


def stated(name: str) -> pl.Expr:
    """Return whether a cell says something that could be read."""
    return pl.col(name).is_not_null()


def several(name: str, *within: str) -> pl.Expr:
    """Return whether rows that agree in a key say different things in a column; blanks say nothing."""
    return pl.col(name).drop_nulls().n_unique().over(within) > 1


def rarer(name: str, *within: str) -> pl.Expr:
    """Return whether a row says something else in a column than most rows that agree with it in a key.

    Where as many say one thing as another, nobody knows which of them is wrong: all are reported.

    Examples
    --------
    >>> rows = pl.DataFrame({"code": [1, 1, 1, 2, 2, None], "name": ["a", "a", "b", "c", "d", "e"]})
    >>> rows.select(rarer("name", "code")).to_series().to_list()
    [False, False, True, True, True, False]
    """
    usual = pl.col(name).drop_nulls().mode()
    return (pl.col(name) != usual.sort().first().over(within)) | (usual.len().over(within) > 1)


def repeated(*key: str | pl.Expr) -> pl.Expr:
    """Return whether a row agrees with one above it in its list in a key whose first part it knows."""
    columns = [_column(part) for part in key]
    place = pl.col("_row").rank("ordinal").over("_source", pl.col("_sheet").fill_null(""), *columns)
    return pl.when(columns[0].is_not_null()).then(place > 1)


def first_of(*key: str) -> pl.Expr:
    """Return the first row of a list that agrees with a row in a key."""
    return pl.col("_row").min().over("_source", pl.col("_sheet").fill_null(""), *key)


def _day_of_year(day: pl.Expr) -> pl.Expr:
    return day.dt.month().cast(pl.Int32) * _MONTHS + day.dt.day()


def _column(column: str | pl.Expr) -> pl.Expr:
    return pl.col(column) if isinstance(column, str) else column
