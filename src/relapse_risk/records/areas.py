"""Where a household lives: the levels of areas, how areas of one name are kept apart, and the village."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import polars as pl

__all__ = [
    "ADDRESS_COLUMNS",
    "AREA_COLUMNS",
    "AREA_LEVELS",
    "VISIT_LEVELS",
    "area_path",
    "areas_of",
    "code_of_names",
    "is_village_code",
    "village_of",
]

AREA_COLUMNS: Mapping[str, str] = MappingProxyType(
    {**{level: level for level in ("prefecture", "county", "town", "village")}, "group": "group_name"}
)
"""Levels of areas that households are counted by, the largest first, each with the column that names its areas."""

AREA_LEVELS = tuple(AREA_COLUMNS)
"""Their names."""

VISIT_LEVELS = AREA_LEVELS[1:4]
"""County, town, village: what a list is split by, and visits are shared out by."""

ADDRESS_COLUMNS = ("province", *AREA_COLUMNS.values())
"""Every column that names an area, the largest first."""


def area_path(columns: Iterable[str], level: str) -> tuple[str, ...]:
    """Return the columns that identify an area of a level: its own and those above it.

    None where the records do not say in which area of that level a household lives.

    Parameters
    ----------
    columns : iterable of str
        Those that the records have.
    level : str
        One of `AREA_LEVELS`; any other has no path.

    Examples
    --------
    >>> area_path(["household_id", "county", "town"], "town")
    ('county', 'town')
    >>> area_path(["household_id", "county", "town"], "village")
    ()
    """
    there = set(columns)
    if AREA_COLUMNS.get(level) not in there:
        return ()
    path = list(AREA_COLUMNS.values())[: AREA_LEVELS.index(level) + 1]
    return tuple(name for name in path if name in there)


def areas_of(households: pl.DataFrame) -> pl.DataFrame:
    """Return household_id, county and village (see `village_of`) of each household, the empty text where not known.

    Examples
    --------
    >>> places = pl.DataFrame({"household_id": ["a", "b"], "county": ["C", None], "village": ["V", None]})
    >>> areas_of(places).rows()
    [('a', 'C', 'C/V'), ('b', '', '')]
    """
    county = pl.col("county").cast(pl.String) if "county" in households.columns else pl.lit("")
    village = village_of(households.columns)
    return households.select("household_id", county=county.fill_null(""), village=village.fill_null(""))


def village_of(columns: Iterable[str]) -> pl.Expr:
    """Return which village each household of a register is in: one text for each village; null where not known.

    A village is known by its code; without one, by the code that every other household of that county, town and village
    has; else by the names of county, town and village together. Two villages of one name in two towns are two.

    Parameters
    ----------
    columns : iterable of str
        Those that the register's households have.

    Examples
    --------
    >>> places = pl.DataFrame({"town": ["T", "T", "U", "U"], "village": ["V", "V", "V", ""],
    ...     "village_code": ["532311101203", None, None, None]})
    >>> places.select(village_of(places.columns)).to_series().to_list()
    ['532311101203', '532311101203', 'U/V', None]
    """
    there = set(columns)
    code = code_of_names(there) if "village_code" in there else pl.lit(None, dtype=pl.String)
    code = pl.when(is_village_code(code)).then(code)
    if "village" not in there:
        return code
    path = _names(there)
    return pl.coalesce(
        code, pl.when(path[-1].is_not_null()).then(pl.concat_str(path, separator="/", ignore_nulls=True))
    )


def code_of_names(columns: Iterable[str]) -> pl.Expr:
    """Return the code of each household: its own, else the one that all of its county, town and village have.

    The code of a larger area is no village's: it stays only where the names do not lead to one village.

    Parameters
    ----------
    columns : iterable of str
        Those that the register's households have; ``village_code`` among them.
    """
    there = set(columns)
    own = pl.col("village_code").cast(pl.String).replace("", None)
    if "village" not in there:
        return own
    path = _names(there)
    code = pl.when(is_village_code(own)).then(own)
    only = pl.when(code.min().over(path) == code.max().over(path)).then(code.min().over(path))
    return pl.coalesce(code, pl.when(path[-1].is_not_null()).then(only), own)


def is_village_code(code: pl.Expr) -> pl.Expr:
    """Return whether a code names a village: six or nine digits of a division, or 000 at its end, name a larger area.

    Examples
    --------
    >>> codes = pl.DataFrame({"code": ["533901203205", "533901203000", "533901203", "533901", "7"]})
    >>> codes.select(is_village_code(pl.col("code"))).to_series().to_list()
    [True, False, False, False, True]
    """
    return ~code.str.contains(r"^[1-9]\d{8}000$|^[1-9]\d{8}$|^[1-9]\d{5}$")


def _names(there: set[str]) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.String).replace("", None) for name in VISIT_LEVELS if name in there]
