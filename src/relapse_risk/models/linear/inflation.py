"""By how much standard errors are too small: what a model misses in totals of groups, out of fold."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit

from relapse_risk.metrics import Floats, Ints, fit_line
from relapse_risk.models.linear.training_rows import Rows

__all__ = ["fit_inflation"]

# What is known of the factor before looking, in standard deviations of its logarithm: totals say little where few fell.
_USUAL, _MOST = 0.2, 1.0
# As of the calibrator: the line that scores out of fold need.
_L2, _LEAST_SLOPE = 4.0, 0.05
# Rows in a group, and outside it, by weight.
_LEAST = 20.0


class StatesErrors(Protocol):
    """A fitted model that says how uncertain sums of its log-odds are."""

    def sum_variance(self, terms: Floats, factors: Floats) -> Floats:
        """Return the variance of sums of log-odds, each with factors of the rows, shape (n, sums), shape (sums,)."""


def fit_inflation(rows: Rows, tests: Sequence[Ints], models: Sequence[StatesErrors], score: Floats) -> float:
    """Return the factor that standard errors of log-odds need, at least one, from totals of groups out of fold.

    Groups are the lowest and the highest quarter of each term in a fold. What falls in one differs from what its fold's
    model expected by chance, and by the error of the model, whose variance is stated; the factor is the one that makes
    the differences the likeliest. Groups overlap, and those of a fold count as many as would say as much if they did
    not. So the factor holds what no variance over samples does: that risks bend or interact as the model cannot.

    Parameters
    ----------
    rows : Rows
    tests : sequence of ndarray of int
        The tested rows of each fold.
    models : sequence of StatesErrors
        Each fitted on the training rows of a fold.
    score : ndarray of shape (n,)
        Log-odds out of fold; of no rows where there are no folds.

    Examples
    --------
    >>> from relapse_risk.models.linear import ordered
    >>> fit_inflation(ordered(np.zeros((2, 1)), np.array([0.0, 1.0]), np.ones(2), None, None), (), (), np.zeros(0))
    1.0
    """
    if not tests:
        return 1.0
    line = fit_line(score, rows.outcome, rows.weight, l2=_L2)
    slope = max(line.slope, _LEAST_SLOPE)
    calibrated = line.intercept + slope * score
    found = [
        _totals(rows.take(test), model, calibrated[test], slope)
        for test, model in zip(tests, models, strict=True)
        if len(test)
    ]
    gap, chance, error, counted = (np.concatenate(parts) for parts in zip(*found, strict=True))

    def loss(log_factor: float) -> float:
        variance = chance + np.exp(2 * log_factor) * error
        return float(counted @ (np.log(variance) + gap**2 / variance) + (log_factor / _USUAL) ** 2) / 2

    return float(np.exp(minimize_scalar(loss, bounds=(0.0, _MOST), method="bounded", options={"xatol": 1e-6}).x))


def _totals(rows: Rows, model: StatesErrors, score: Floats, slope: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return of groups what more fell than expected, its variances by chance and by the model, and what each counts.

    Each against its share of what the whole fold is off by: the level belongs to the calibrator.
    """
    group = _groups(rows)
    risk = expit(score)
    mass, miss = rows.weight * risk * (1 - risk), rows.weight * (rows.outcome - risk)
    share = mass @ group / mass.sum()
    of_row = miss[:, None] * (group - share)
    begins = np.flatnonzero(np.concatenate([[True], rows.household[1:] != rows.household[:-1]]))
    of_home = np.add.reduceat(of_row, begins, axis=0)
    chance = (of_home**2).sum(axis=0)
    error = model.sum_variance(rows.terms, mass[:, None] * (group - share) * slope)
    kept = (chance > 0) & (error > 0)
    alike = of_home[:, kept] / np.sqrt(chance[kept])
    counted = np.full(kept.sum(), kept.sum() / max(((alike.T @ alike) ** 2).sum(), 1.0))
    return of_row.sum(axis=0)[kept], chance[kept], error[kept], counted


def _groups(rows: Rows) -> npt.NDArray[np.bool_]:
    """Return who is in each group, shape (n, groups): none of hardly any rows or of nearly all."""
    found = []
    for column in rows.terms.T:
        known = ~np.isnan(column)
        if not known.any():
            continue
        low, high = np.quantile(column[known], [0.25, 0.75], weights=rows.weight[known], method="inverted_cdf")
        found += [column <= low, column >= high]
    groups = np.column_stack(found) if found else np.zeros((len(rows.outcome), 0), dtype=bool)
    inside = rows.weight @ groups
    return groups[:, (inside >= _LEAST) & (inside <= rows.weight.sum() - _LEAST)]
