"""The reasons that raise a household's risk most and that its figures support."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["raises", "top_reasons"]

# What moves the odds by less than one per cent is nothing to visit a household for.
_LEAST = 0.01


def raises(contributions: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether each contribution raises the odds by more than one per cent.

    Examples
    --------
    >>> raises(np.array([[0.2, 0.005, -0.4]])).tolist()
    [[True, False, False]]
    """
    return np.asarray(contributions > _LEAST)


def top_reasons(
    contributions: NDArray[np.float64], reasons: Sequence[str], supported: NDArray[np.bool_], n: int = 3
) -> pl.DataFrame:
    """Return the supported reasons that raise each row's risk most, largest first.

    Of equal contributions the reason that stands earlier in `reasons` comes first. Only reasons that raise the odds by
    more than one per cent count, and only those that a figure of the household supports: a row with fewer than `n` of
    them has null in the rest, however much the others add.

    Parameters
    ----------
    contributions : (n_rows, n_reasons) array
        Log-odds.
    reasons : sequence of str
        What its columns are.
    supported : (n_rows, n_reasons) boolean array
        Whether a figure supports each (`find_speakers`).
    n : int, default 3
        How many.

    Returns
    -------
    pl.DataFrame
        ``reason_1`` to ``reason_n``, codes or null; one row per row.

    Examples
    --------
    >>> contributions, supported = np.array([[0.2, 0.9, 0.4]]), np.array([[True, True, False]])
    >>> top_reasons(contributions, ["income", "illness", "place"], supported).row(0)
    ('illness', 'income', None)
    """
    weight = np.where(supported & raises(contributions), contributions, -np.inf)
    order = np.argsort(-weight, axis=1, kind="stable")[:, :n]
    found = np.where(np.isfinite(np.take_along_axis(weight, order, axis=1)), order, len(reasons))
    nobody = np.full((len(found), max(n - found.shape[1], 0)), len(reasons))
    names = pl.Series([*reasons, None], dtype=pl.String)
    ranked = np.concatenate([found, nobody], axis=1).T
    return pl.DataFrame({f"reason_{rank + 1}": names.gather(place) for rank, place in enumerate(ranked)})
