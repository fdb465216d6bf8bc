"""A month's scores in few bytes: everybody's risk and what it is made of, kept till its outcome is known."""

from io import BytesIO

import polars as pl

from relapse_risk.errors import InputError

__all__ = ["known_households", "pack", "unpack"]

_UNIT = 0.001
_MOST = 32_767
_FIRST = ("household_id", "population", "probability", "tier", "rank", "override")
_CONTRIBUTION = "^contribution_.*$"


def pack(risk: pl.DataFrame) -> bytes:
    """Return household, population, probability, tier, rank, override and contributions as Parquet.

    Probabilities are kept as they are (Float64); contributions to 0.001 log-odds, in two bytes each (beyond 32.767 they
    are held there).

    Parameters
    ----------
    risk : pl.DataFrame
        One row per household known on the day, as ``Roster.frame`` has it; its order does not matter.

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
    ...         "contribution_illness": [0.12345],
    ...     }
    ... )
    >>> unpack(pack(risk)).row(0)
    ('a', 'at_risk', 0.25, 'red', 1, None, 0.123)
    """
    missing = [name for name in _FIRST if name not in risk.columns]
    if missing:
        raise InputError("packed_columns", missing=", ".join(missing))
    whole = (pl.col(_CONTRIBUTION) / _UNIT).round().clip(-_MOST, _MOST).cast(pl.Int16)
    texts = (pl.col(name).cast(pl.Categorical) for name in ("population", "tier", "override"))
    chosen = risk.select(*_FIRST, pl.col(_CONTRIBUTION)).sort("household_id")
    packed = chosen.with_columns(whole, *texts, pl.col("rank").cast(pl.Int32), pl.col("probability").cast(pl.Float64))
    sink = BytesIO()
    packed.write_parquet(sink, compression="zstd", compression_level=9, statistics=False)
    return sink.getvalue()


def unpack(packed: bytes) -> pl.DataFrame:
    """Return the frame given to `pack`, by household_id; contributions in log-odds.

    Raises
    ------
    InputError
        If `pack` did not make it (``packed_damaged``).
    """
    frame = _read(packed)
    texts = (pl.col(name).cast(pl.String) for name in ("population", "tier", "override"))
    return frame.with_columns(*texts, pl.col("rank").cast(pl.Int64), pl.col(_CONTRIBUTION).cast(pl.Float64) * _UNIT)


def known_households(packed: bytes) -> pl.Series:
    """Return the household_id of those that were known; of nothing packed, none."""
    return _read(packed, ["household_id"])["household_id"] if packed else pl.Series("household_id", [], pl.String)


def _read(packed: bytes, columns: list[str] | None = None) -> pl.DataFrame:
    try:
        return pl.read_parquet(BytesIO(packed), columns=columns)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError("packed_damaged") from error
