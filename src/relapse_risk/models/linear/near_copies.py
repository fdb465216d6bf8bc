"""Whether rows come in bunches that hardly differ: households given several times without being named."""

import numpy as np

from relapse_risk.metrics import Floats
from relapse_risk.models.linear.logistic_fit import Basis
from relapse_risk.models.linear.training_rows import Rows

__all__ = ["have_near_copies"]

# Rows looked at, and how many others of the nearest ones of each: a household of three years of months would show.
_LOOKED_AT, _NEAREST = 100, 40
# By how much the next row lies further off than a bunch is wide. Of independent rows on one line half lie so by chance,
# in a plane a tenth, in space hardly any.
_APART = 3.0
_MOST = 0.7
_MANY_VALUES = 12
_LEAST_COLUMNS = 2


def have_near_copies(rows: Rows) -> bool:
    """Return whether most rows have a few others close by, and then none for a long way.

    Looked at are columns of many values; rows that are the same in all columns are one, and no sign of anything.

    Parameters
    ----------
    rows : Rows
        Whose households are hashes of their content.
    """
    distinct = rows.take(np.flatnonzero(np.concatenate([[True], rows.household[1:] != rows.household[:-1]])))
    varied = [len(np.unique(column[~np.isnan(column)])) > _MANY_VALUES for column in distinct.terms.T]
    if sum(varied) < _LEAST_COLUMNS or len(distinct.outcome) < 2 * _NEAREST:
        return False
    terms = np.asfortranarray(distinct.terms[:, varied])
    design = Basis.of(terms, np.ones(len(terms)), n_knots=0).design(terms)
    length = np.einsum("ij,ij->i", design, design)
    bunched = [_bunched(design, length, row) for row in range(min(_LOOKED_AT, len(design)))]
    return bool(np.mean(bunched) > _MOST)


def _bunched(design: Floats, length: Floats, row: int) -> bool:
    """Return whether a row has near neighbours, and beyond them none for a long way."""
    roughly = length - 2 * design @ design[row]
    roughly[row] = np.inf
    nearest = np.argpartition(roughly, _NEAREST)[:_NEAREST]
    distance = np.sort(np.sqrt(((design[nearest] - design[row]) ** 2).sum(axis=1)))
    return bool((distance[1:] > _APART * distance[:-1]).any())
