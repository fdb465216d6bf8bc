"""The reasons that raise a household's risk most."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["top_reasons"]

# What moves the odds by less than one per cent is nothing to visit a household for.
_LEAST = 0.01


def top_reasons(contributions: NDArray[np.float64], reasons: Sequence[str], n: int = 3) -> pl.DataFrame:
    """Return the reasons that raise each row's risk most, largest first.

    Of equal contributions the reason that stands earlier in `reasons` comes first. Only reasons that raise the odds by
    more than one per cent count: a row with fewer than `n` of them has null in the rest.

    Parameters
    ----------
    contributions : (n_rows, n_reasons) array
        Log-odds.
    reasons : sequence of str
        What its columns are.
    n : int, default 3
        How many.

    Returns
    -------
    pl.DataFrame
        ``reason_1`` to ``reason_n``, codes or null; one row per row.

    Examples
    --------
    >>> top_reasons(np.array([[0.2, 0.9, -0.1]]), ["income", "illness", "place"]).row(0)
    ('illness', 'income', None)
    """
    names = np.array([*reasons, None], dtype=object)
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :n]
    raises = np.take_along_axis(contributions, order, axis=1) > _LEAST
    found = names[np.where(raises, order, len(reasons))]
    return pl.DataFrame({f"reason_{rank + 1}": _rank(found, rank) for rank in range(n)})


def _rank(found: NDArray[np.object_], rank: int) -> pl.Series:
    column = found[:, rank] if rank < found.shape[1] else np.full(len(found), None, dtype=object)
    return pl.Series(column.tolist(), dtype=pl.String)
