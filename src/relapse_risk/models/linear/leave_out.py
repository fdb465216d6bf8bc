"""What every row would be scored by a fit without its household, from the fit itself."""

import numpy as np
import numpy.typing as npt

from relapse_risk.metrics import Floats, Ints

__all__ = ["leave_household_out"]

# A household that alone decides a coefficient would move its own scores without bound.
_MOST_HELD = 0.99


def leave_household_out(
    design: Floats, inverse_information: Floats, mass: Floats, gradient: Floats, household: npt.NDArray[np.uint64]
) -> Floats:
    """Return how far each row's score lies above that of a fit without its household, shape (n,).

    One Newton step from the fit, exact where the loss is quadratic: the closed form of leave-one-out (Rad and Maleki
    2020) for groups of rows, by the block of the hat matrix that belongs to each (Cook and Weisberg 1982, section 3.4).

    Parameters
    ----------
    design : ndarray of shape (n, columns)
    inverse_information : ndarray of shape (columns, columns)
        Inverse second derivatives of the penalised loss.
    mass, gradient : ndarray of shape (n,)
        Second and negative first derivative of each row's loss by its score.
    household : ndarray of shape (n,)
        Rows of one household are adjacent.

    Examples
    --------
    The mean of three figures, of which the first two belong to one household:

    >>> figures, ones = np.array([2.0, 2.0, 5.0]), np.ones(3)
    >>> home = np.array([1, 1, 2], dtype=np.uint64)
    >>> change = leave_household_out(ones[:, None], np.array([[1 / 3]]), ones, figures - 3.0, home)
    >>> (3.0 - change).round(9).tolist()
    [5.0, 5.0, 2.0]
    """
    begins, of_row = _merged(design, household)
    x, mass, gradient = design[begins], np.add.reduceat(mass, begins), np.add.reduceat(gradient, begins)
    turned = x @ inverse_information
    change = np.empty(len(begins))
    for rows in _households(household[begins]):
        if rows.shape[1] <= x.shape[1]:
            change[rows] = _by_rows(turned[rows] @ x[rows].transpose(0, 2, 1), mass[rows], gradient[rows])
        else:
            change[rows] = _by_columns(x[rows], inverse_information, mass[rows], gradient[rows])
    return change[of_row]


def _merged(design: Floats, household: npt.NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Return where runs of equal rows of a household begin, and the run of each row: a row twice is a weight of 2."""
    new = (household[1:] != household[:-1]) | (design[1:] != design[:-1]).any(axis=1)
    first = np.concatenate([[True], new])
    return np.flatnonzero(first), np.cumsum(first) - 1


def _households(household: npt.NDArray[np.uint64]) -> list[Ints]:
    """Return the row numbers of households, those of as many rows together, each of shape (households, rows)."""
    begins = np.flatnonzero(np.concatenate([[True], household[1:] != household[:-1]]))
    sizes = np.diff(begins, append=len(household))
    return [begins[sizes == size][:, None] + np.arange(size) for size in np.unique(sizes)]


def _by_rows(reach: Floats, mass: Floats, gradient: Floats) -> Floats:
    """Return the changes from what each row's gradient does to each score of its household, shape (k, rows)."""
    root = np.sqrt(mass)
    held, vectors = np.linalg.eigh(root[:, :, None] * reach * root[:, None, :])
    first = (reach @ gradient[:, :, None])[:, :, 0]
    along = np.einsum("kij,ki->kj", vectors, root * first) / (1 - np.minimum(held, _MOST_HELD))
    again = np.einsum("kij,kj->ki", vectors, along) * root
    return np.asarray(first + (reach @ again[:, :, None])[:, :, 0])


def _by_columns(x: Floats, inverse_information: Floats, mass: Floats, gradient: Floats) -> Floats:
    """Return the same of households of more rows than there are columns, shape (k, rows)."""
    information = np.linalg.inv(inverse_information)
    rest = information - np.einsum("kri,kr,krj->kij", x, mass, x, optimize=True)
    step = np.linalg.solve(rest, np.einsum("kri,kr->ki", x, gradient)[:, :, None])
    return np.asarray((x @ step)[:, :, 0])
