"""A month's scores in few bytes: everybody's risk and what it is made of, kept till its outcome is known."""

from io import BytesIO

import polars as pl

from relapse_risk.errors import InputError

__all__ = ["known_households", "pack", "scored_households", "unpack", "waiting", "waiting_households"]

_UNIT = 0.001
_MOST = 32_767
_FIRST = ("household_id", "population", "probability", "tier", "rank", "override")
_PLANNED = {
    "listed_for": pl.String,
    "waiting_for": pl.String,
    "waiting_since": pl.Date,
}  # null where not planned
_TEXTS = ("population", "tier", "override", "listed_for", "waiting_for")
_CONTRIBUTION = "^contribution_.*$"
_FORMER = "former"  # no population: the register does not know them any more
_KNOWN = pl.col("population").cast(pl.String).ne_missing(_FORMER)
_TYPES = {
    "rank": pl.col("rank").cast(pl.Int32),
    "probability": pl.col("probability").cast(pl.Float64),
    "waiting_since": pl.col("waiting_since").cast(pl.Date),
}


def pack(risk: pl.DataFrame, former: pl.DataFrame | None = None) -> bytes:
    """Return household, risk, tier, for what it is listed or waits, and contributions as Parquet.

    Probabilities are kept as they are (Float64); contributions to 0.001 log-odds, in two bytes each (beyond 32.767 they
    are clipped).

    Parameters
    ----------
    risk : pl.DataFrame
        One row per household known on the day, as ``Roster.frame`` has it; its order does not matter.
    former : pl.DataFrame, optional
        household_id and waiting_since of those that wait and that the register does not know any more, for `waiting`.

    Raises
    ------
    InputError
        If a column is missing (``packed_columns``).

    Examples
    --------
    >>> risk = pl.DataFrame(
    ...     {
    ...         "household_id": ["a"],
    ...         "population": ["at_risk"],
    ...         "probability": [0.25],
    ...         "tier": ["red"],
    ...         "rank": [1],
    ...         "override": [None],
    ...         "listed_for": ["model"],
    ...         "contribution_illness": [0.12345],
    ...     }
    ... )
    >>> unpack(pack(risk)).select("household_id", "tier", "listed_for", "contribution_illness").row(0)
    ('a', 'red', 'model', 0.123)
    """
    missing = [name for name in _FIRST if name not in risk.columns]
    if missing:
        raise InputError("packed_columns", missing=", ".join(missing))
    whole = (pl.col(_CONTRIBUTION) / _UNIT).round().clip(-_MOST, _MOST).cast(pl.Int16)
    texts = (pl.col(name).cast(pl.Categorical) for name in _TEXTS)
    planned = (
        pl.col(name) if name in risk.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in _PLANNED.items()
    )
    chosen = risk.select(*_FIRST, *planned, pl.col(_CONTRIBUTION)).sort("household_id")
    if former is not None:
        gone = former.select("household_id", "waiting_since", population=pl.lit(_FORMER))
        chosen = pl.concat([chosen, gone], how="diagonal_relaxed").sort("household_id")
    packed = chosen.with_columns(whole, *texts, **_TYPES)
    sink = BytesIO()
    packed.write_parquet(sink, compression="zstd", compression_level=9, statistics=False)
    return sink.getvalue()


def unpack(packed: bytes) -> pl.DataFrame:
    """Return the frame of risk given to `pack`, by household_id; contributions in log-odds.

    Raises
    ------
    InputError
        If `pack` did not make it (``packed_damaged``).
    """
    frame = _read(packed).filter(_KNOWN)
    texts = (pl.col(name).cast(pl.String) for name in _TEXTS)
    return frame.with_columns(*texts, pl.col("rank").cast(pl.Int64), pl.col(_CONTRIBUTION).cast(pl.Float64) * _UNIT)


def scored_households(packed: bytes) -> pl.DataFrame:
    """Return household_id, population and probability of everybody known, as `unpack` has them."""
    read = _read(packed, ["household_id", "population", "probability"]).filter(_KNOWN)
    return read.with_columns(pl.col("population").cast(pl.String))


def known_households(packed: bytes) -> pl.Series:
    """Return the household_id of those that were known; of nothing packed, none."""
    if not packed:
        return pl.Series("household_id", [], pl.String)
    return _read(packed, ["household_id", "population"]).filter(_KNOWN)["household_id"]


def waiting(packed: bytes) -> pl.DataFrame:
    """Return household_id and waiting_since of everybody who waits, for whatever reason.

    Examples
    --------
    >>> from datetime import date
    >>> names = ["household_id", "population", "probability", "tier", "rank", "override"]
    >>> former = pl.DataFrame({"household_id": ["gone"], "waiting_since": [date(2020, 1, 31)]})
    >>> waiting(pack(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), former)).rows()
    [('gone', datetime.date(2020, 1, 31))]
    """
    return _read(packed, ["household_id", "waiting_since"]).drop_nulls()


def waiting_households(packed: bytes) -> pl.Series:
    """Return the household_id of those that waited for a visit by the model or a rule; of nothing packed, none."""
    if not packed:
        return pl.Series("household_id", [], pl.String)
    read = _read(packed, ["household_id", "waiting_for"])
    return read.filter(pl.col("waiting_for").cast(pl.String).is_in(("model", "rule")))["household_id"]


def _read(packed: bytes, columns: list[str] | None = None) -> pl.DataFrame:
    """Return what was packed; what months of an earlier layout did not plan is null."""
    try:
        there = pl.read_parquet_schema(BytesIO(packed))
        wanted = [*there, *(name for name in _PLANNED if name not in there)] if columns is None else columns
        read = pl.read_parquet(BytesIO(packed), columns=[name for name in wanted if name in there.keys() | _FIRST])
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError("packed_damaged") from error
    return read.with_columns(pl.lit(None, dtype=_PLANNED[name]).alias(name) for name in wanted if name not in there)
