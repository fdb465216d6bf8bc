"""How many are poor, how far below the line, and how unequally so: the measures of Foster, Greer and Thorbecke."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_consistent_length

from relapse_risk.metrics.array_checks import Floats, Ints, numbered

__all__ = ["Poverty", "fgt"]

_POWERS = {"headcount": 0, "gap": 1, "severity": 2}


@dataclass(frozen=True, kw_only=True, eq=False)
class Poverty:
    """Poverty of each area, in the order of their names; arrays of shape (areas,).

    Attributes
    ----------
    area : ndarray
        Names.
    rows : ndarray
        Households of each.
    weight : ndarray
        Sum of their weights.
    headcount : ndarray
        Share of the weight that is below the line.
    gap : ndarray
        Mean shortfall as a share of the line; 0 for who is not below it.
    severity : ndarray
        Mean square of that.
    headcount_error, gap_error, severity_error : ndarray
        Linearised standard errors, as if households were a simple random sample; NaN for fewer than two.
    """

    area: npt.NDArray[Any]
    rows: Ints
    weight: Floats
    headcount: Floats
    gap: Floats
    severity: Floats
    headcount_error: Floats
    gap_error: Floats
    severity_error: Floats


def fgt(income: Any, line: Any, weight: Any = None, area: Any = None) -> Poverty:
    """Return headcount, gap and severity of poverty, by area.

    The mean over persons of ((line - income) / line)^a for those below the line, 0 for the others, with a = 0, 1, 2
    (Foster, Greer and Thorbecke 1984). At the line is not below it; an income below zero counts as none, lest somebody
    falls short of more than the line. Of a mean m with weights w over n households the error is the square root of
    n / (n - 1) sum w^2 (g - m)^2 / (sum w)^2: a ratio of two totals, linearised (Cochran 1977, 2.44).

    Parameters
    ----------
    income : array-like of shape (n,)
        Per person, in the unit of the line.
    line : float or array-like of shape (n,)
        Poverty lines, above 0.
    weight : array-like of shape (n,), optional
        Persons that the income stands for, above 0; one each by default.
    area : array-like of shape (n,), optional
        Of any kind that sorts; one area by default.

    Raises
    ------
    ValueError
        Where lengths differ, an income is not finite, a line or weight is not finite and above zero, or an area is
        missing.

    Examples
    --------
    >>> found = fgt([1000, 3000, 5000], 4000, weight=[2, 1, 1])
    >>> found.headcount.tolist(), found.gap.tolist(), found.severity.tolist()
    ([0.75], [0.4375], [0.296875])
    """
    y = np.asarray(income, dtype=float)
    z, w = np.broadcast_to(line, y.shape), np.ones(y.shape) if weight is None else np.asarray(weight, dtype=float)
    check_consistent_length(y, w)
    if y.ndim != 1 or not np.isfinite(y).all():
        raise ValueError("income must be a vector of finite numbers")
    if not all((np.isfinite(one) & (one > 0)).all() for one in (z, w)):
        raise ValueError("line and weight must be finite and above 0")
    names, of_row = numbered(np.zeros(len(y), dtype=int) if area is None else area, "area")
    check_consistent_length(y, of_row)
    below, short = y < z, np.clip((z - y) / z, 0.0, 1.0)
    means, errors = {}, {}
    for name, power in _POWERS.items():
        means[name], errors[f"{name}_error"] = _mean(np.where(below, short**power, 0.0), w, of_row, len(names))
    rows, total = np.bincount(of_row, minlength=len(names)), np.bincount(of_row, w, minlength=len(names))
    return Poverty(area=names, rows=rows, weight=np.asarray(total, dtype=float), **means, **errors)


def _mean(values: Floats, weight: Floats, of_row: Ints, areas: int) -> tuple[Floats, Floats]:
    """Return the weighted mean of each area and its linearised error."""
    rows, total = np.bincount(of_row, minlength=areas), np.bincount(of_row, weight, minlength=areas)
    mean = np.bincount(of_row, weight * values, minlength=areas) / total
    squares = np.bincount(of_row, (weight * (values - mean[of_row])) ** 2, minlength=areas)
    free = np.where(rows > 1, rows - 1.0, np.nan)
    return mean, np.sqrt(rows / free * squares) / total
