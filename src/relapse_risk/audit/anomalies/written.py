"""How amounts are written: where their last digit other than zero stands, and which of them recur to the fen."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["PLACES", "last_place", "parts_of_fen", "place_shares"]

PLACES = range(-12, 18)
"""Powers of ten at which a digit may stand, with room to move by a slip."""

_FINEST = -6
_FEN = -2
_PRIOR = 20.0  # amounts of all decades count for so many of one


def parts_of_fen(amounts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return amounts as whole numbers of the finest unit, a ten-thousandth of a fen."""
    return np.rint(np.clip(amounts, 0.0, 1e12) * 10.0**-_FINEST).astype(np.int64)


def last_place(amounts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the power of ten at which the last digit other than zero stands.

    Examples
    --------
    >>> last_place(np.array([1130.0, 0.113, 47000.0, 12.34])).tolist()
    [1, -3, 3, -2]
    """
    whole = parts_of_fen(amounts)
    places = np.full(len(whole), _FINEST)
    for step in range(1, 18):
        places[(whole != 0) & (whole % 10**step == 0)] = _FINEST + step
    return places


def place_shares(
    places: NDArray[np.int64], decades: NDArray[np.int64], column: NDArray[np.int64], any_form: float
) -> NDArray[np.float64]:
    """Return how often last digits stand at each of ``PLACES``, for amounts of each decade (``PLACES`` too).

    Some round to so many yuan, others to so many digits: what is usual is estimated from the amounts of the decade,
    shrunken towards those of all.

    Parameters
    ----------
    places, decades : arrays of int
        Places of the last and of the first digits of alike amounts.
    column : array of int
        Places of the last digits of all amounts of their column.
    any_form : float
        Share of the amounts that may be rounded in any way. Money has no parts of a fen: whether a column has them
        nevertheless (as computed ones do) is seen from its own amounts.

    Returns
    -------
    array, shape (len(PLACES), len(PLACES))
        By decade, shares of each place.
    """
    counts = np.zeros((len(PLACES), len(PLACES)))
    np.add.at(counts, (decades - PLACES.start, places - PLACES.start), 1.0)
    whole = np.array(PLACES) >= _FEN
    of_all = counts.sum(axis=0) / max(counts.sum(), 1.0)
    leaning = (counts + _PRIOR * of_all) / (counts.sum(axis=1, keepdims=True) + _PRIOR)
    shares: NDArray[np.float64] = (1.0 - any_form) * leaning + any_form * whole / whole.sum()
    finer = np.bincount(column - PLACES.start, minlength=len(PLACES)) + 0.5
    shares[:, ~whole] = finer[~whole] / (len(column) + 1.0)
    shares /= shares.sum(axis=1, keepdims=True)
    return shares
