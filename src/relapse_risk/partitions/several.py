"""Household numbers that stand in several counties."""

import polars as pl

__all__ = ["numbers_of_several"]

_SCHEMA = pl.Schema({"household_id": pl.String(), "counties": pl.List(pl.String())})


def numbers_of_several(numbers: pl.DataFrame) -> pl.DataFrame:
    """Return household_id and counties of the numbers that stand in more than one county.

    Parameters
    ----------
    numbers : pl.DataFrame
        household_id and county, each pair once.

    Examples
    --------
    >>> numbers_of_several(pl.DataFrame({"household_id": ["1", "2", "2"], "county": ["A", "B", "A"]})).rows()
    [('2', ['A', 'B'])]
    """
    again = numbers.filter(pl.col("household_id").is_duplicated())
    found = again.group_by("household_id").agg(counties=pl.col("county").sort()).sort("household_id")
    return pl.concat([pl.DataFrame(schema=_SCHEMA), found])
