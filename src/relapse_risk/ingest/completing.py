"""Lists with different columns on the same households or persons, completed by one another."""

from collections.abc import Sequence
from datetime import date

import polars as pl

__all__ = ["completed"]

_PART, _KNOWN, _PLACE = "_part", "_known_on", "_place"


def completed(key: Sequence[str], frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put the rows of several lists together; what a list has no column for, its rows take over from earlier versions.

    A register may keep who somebody is in one list and how he fares each year in another. A version then knows what was
    known of its key before or on its own day, in whichever list it stands; nothing from later.

    Parameters
    ----------
    key : sequence of str
        What versions share; empty for events, of which each list knows its own.
    frames : sequence of pl.DataFrame
        Rows without ``recorded_on`` are known last of all.

    Examples
    --------
    >>> who = pl.DataFrame({"person_id": ["p1"], "recorded_on": [date(2014, 1, 1)], "sex": ["male"]})
    >>> how = pl.DataFrame({"person_id": ["p1"], "recorded_on": [date(2018, 1, 1)], "work_months": [6.0]})
    >>> completed(["person_id"], [who, how]).select("sex", "work_months").rows()
    [('male', None), ('male', 6.0)]
    """
    whole = pl.concat(
        [frame.with_columns(pl.lit(place).alias(_PART)) for place, frame in enumerate(frames)], how="diagonal_relaxed"
    )
    columns = [name for name in whole.columns if name not in (*key, "recorded_on", _PART)]
    silent = {name: [at for at, frame in enumerate(frames) if name not in frame.columns] for name in columns}
    silent = {name: parts for name, parts in silent.items() if parts}
    if not silent or len(key) != 1:
        return whole.drop(_PART)
    # Told apart: what stands after the years 9999 is known from the export on, and that is last.
    recorded_on = pl.col("recorded_on") if "recorded_on" in whole.columns else pl.lit(None, dtype=pl.Date)
    order = whole.with_columns(recorded_on.fill_null(date.max).alias(_KNOWN)).sort(*key, _KNOWN, _PART, nulls_last=True)
    placed = order.with_row_index(_PLACE)
    filled = placed.with_columns(_taken_over(name, parts, key) for name, parts in silent.items())
    return filled.drop(_PART, _KNOWN, _PLACE)


def _taken_over(name: str, parts: Sequence[int], key: Sequence[str]) -> pl.Expr:
    """Return a column in which rows that are silent on it say what the last row before them, or of their day, says.

    What that row leaves blank stays blank: it is not known any more.
    """
    says = ~pl.col(_PART).is_in(parts)
    place = pl.when(says).then(_PLACE)
    before, that_day = place.forward_fill().over(key), place.backward_fill().over(*key, _KNOWN)
    return pl.col(name).gather(pl.coalesce(before, that_day)).alias(name)
