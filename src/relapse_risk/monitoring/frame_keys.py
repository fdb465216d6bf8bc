"""What the frames of monitoring share: keys, checks, and the form of figures."""

from math import isfinite
from typing import Any

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.metrics import Interval

__all__ = ["CERTAIN", "DRAWN", "KEYS", "LISTED", "checked", "known", "over", "schema", "with_bounds"]

KEYS = ["household_id", "as_of"]
DRAWN = pl.col("listed_for") == "random"
LISTED = pl.col("listed_for").is_in(("model", "rule")).fill_null(False)
CERTAIN = LISTED & (pl.col("inclusion_probability") == 1).fill_null(True)
"""Listed whatever was drawn; the other listed have a visit that the draw left over, and belong to those it is about."""


def checked(name: str, frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Return the keys and the requested columns of a frame.

    Raises
    ------
    InputError
        If one is missing (``frame_columns``) or a household has two rows in a month (``frame_twice``).
    """
    wanted = [*KEYS, *columns]
    if missing := [column for column in wanted if column not in frame.columns]:
        raise InputError("frame_columns", name=name, missing=", ".join(missing), required=", ".join(wanted))
    if frame.select(KEYS).is_duplicated().any():
        raise InputError("frame_twice", name=name)
    return frame.select(wanted)


def with_bounds(name: str, found: Interval) -> dict[str, float | None]:
    """Return an estimate with its bounds under a name."""
    return known({name: found.estimate, f"{name}_lower": found.lower, f"{name}_upper": found.upper})


def known(figures: dict[str, float]) -> dict[str, float | None]:
    """Return figures with null for those that are not known."""
    return {name: value if isfinite(value) else None for name, value in figures.items()}


def over(count: int, of: int) -> float | None:
    """Return a share, null of nothing."""
    return count / of if of else None


def schema(counts: tuple[str, ...], shares: tuple[str, ...]) -> dict[str, Any]:
    """Return columns that count, and columns that are shares."""
    return dict.fromkeys(counts, pl.Int64) | dict.fromkeys(shares, pl.Float64)
