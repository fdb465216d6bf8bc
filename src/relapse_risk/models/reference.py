"""What the rows a model was fitted on were like, column by column: counts in bins, no row."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.metrics import EffectiveSize, worth_of

__all__ = ["MISSING", "SCORE", "UNSEEN", "ColumnReference", "TrainingReference"]

SCORE = "probability"
MISSING, UNSEEN = -1, -2

_BINS = 10


@dataclass(frozen=True, kw_only=True)
class ColumnReference:
    """How the values of a column were distributed.

    Attributes
    ----------
    name : str
    edges : tuple of float
        Rising; a number belongs to the first bin whose edge it does not exceed, else to the last. None of codes.
    codes : tuple of str
        Every code there was, in their order. None of numbers.
    counts : tuple of int
        Rows in each bin, one more than there are edges, or of each code.
    missing : int
        Rows without a value.
    worth : EffectiveSize
        What a row is worth, where rows of a cluster are alike.

    Raises
    ------
    ValueError
        If these do not fit together.

    Examples
    --------
    >>> reference = ColumnReference.of(pl.Series("flag", [0.0, 1.0, 0.0, None]))
    >>> reference.edges, reference.counts, reference.missing
    ((0.0,), (2, 1), 1)
    >>> reference.bins(pl.Series([1.0, 1.0, None])).tolist()
    [1, 1, -1]
    """

    name: str
    edges: tuple[float, ...]
    codes: tuple[str, ...]
    counts: tuple[int, ...]
    missing: int
    worth: EffectiveSize = field(default_factory=EffectiveSize)

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in pairwise(self.edges))
        named = len(set(self.codes)) == len(self.codes) and not (self.codes and self.edges)
        bins = len(self.codes) if self.codes else len(self.edges) + 1
        counted = len(self.counts) == bins and min((*self.counts, self.missing)) >= 0
        if not (rising and named and counted):
            raise ValueError(
                "expected rising edges or distinct codes with one count for each bin; they do not fit together"
            )

    @classmethod
    def of(cls, values: pl.Series, cluster: npt.NDArray[Any] | None = None) -> Self:
        """Count a column: by its values where they are few, else by tenths; a text by its codes."""
        codes: tuple[str, ...] = ()
        edges: tuple[float, ...] = ()
        if values.dtype == pl.String:
            codes = tuple(values.drop_nulls().unique().sort())
        else:
            edges = _edges(_numbers(values).drop_nulls().to_numpy())
        empty = cls(name=values.name, edges=edges, codes=codes, counts=(0,) * (len(codes) or len(edges) + 1), missing=0)
        bins = empty.bins(values)
        worth = worth_of(bins, np.arange(len(bins)) if cluster is None else cluster)
        return replace(empty, counts=tuple(empty.counted(bins)), missing=int((bins == MISSING).sum()), worth=worth)

    @property
    def rows(self) -> int:
        """Rows with a value."""
        return sum(self.counts)

    def bins(self, values: pl.Series) -> npt.NDArray[np.int64]:
        """Return the bin of each value of this or another sample, `MISSING` without one, `UNSEEN` of a new code."""
        if values.dtype == pl.String:
            place = {code: place for place, code in enumerate(self.codes)}
            found = values.replace_strict(place, default=UNSEEN, return_dtype=pl.Int64)
            return pl.select(pl.when(values.is_null()).then(MISSING).otherwise(found)).to_series().to_numpy()
        known = _numbers(values)
        bins = np.searchsorted(np.array(self.edges), known.fill_null(0.0).to_numpy(), side="left")
        return np.where(known.is_null().to_numpy(), MISSING, bins)

    def counted(self, bins: npt.NDArray[np.int64]) -> list[int]:
        """Return how many rows are in each bin."""
        counts: list[int] = np.bincount(bins[bins >= 0], minlength=len(self.counts)).tolist()
        return counts


@dataclass(frozen=True, kw_only=True)
class TrainingReference:
    """What the rows a model was fitted on were like.

    Attributes
    ----------
    clusters : int
        Clusters of the rows: villages, or households if villages are not known.
    columns : tuple of ColumnReference
        Each column of the model, in its order.
    score : ColumnReference
        The probabilities of the fitted model on these rows.
    """

    clusters: int
    columns: tuple[ColumnReference, ...]
    score: ColumnReference

    @classmethod
    def of(cls, rows: pl.DataFrame, probability: npt.NDArray[Any], cluster: npt.NDArray[Any]) -> Self:
        """Count the columns and the scores of the rows a model was fitted on.

        Parameters
        ----------
        rows : pl.DataFrame of shape (n, columns)
        probability : ndarray of shape (n,)
        cluster : ndarray of shape (n,)
            The village of each row, or the household where it is not known.
        """
        clusters, of_row = np.unique(cluster, return_inverse=True)  # numbers once: names take long to sort
        return cls(
            clusters=len(clusters),
            columns=tuple(ColumnReference.of(column, of_row) for column in rows.iter_columns()),
            score=ColumnReference.of(pl.Series(SCORE, probability), of_row),
        )


def _edges(known: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Return the values but the largest where there are few, else the nine that part the rows into tenths."""
    known = known[np.isfinite(known)]
    distinct = np.unique(known)
    if len(distinct) > _BINS:
        distinct = np.append(np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS, method="inverted_cdf")), np.inf)
    return tuple(float(edge) for edge in distinct[:-1])


def _numbers(values: pl.Series) -> pl.Series:
    return values.cast(pl.Float64).fill_nan(None)
