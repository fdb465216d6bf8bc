"""Fitting a calibrator of a given kind, or the kind that does best on rows it was not fitted on."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from relapse_risk.calibration.beta import Beta
from relapse_risk.calibration.calibrator import Calibrator
from relapse_risk.calibration.piecewise_linear import PiecewiseLinear
from relapse_risk.calibration.sigmoid import Sigmoid
from relapse_risk.metrics import Floats, time_household_folds

__all__ = ["KINDS", "fit_calibrator"]

_TRIED: Mapping[str, Callable[..., Calibrator]] = {
    "sigmoid": Sigmoid.fit,
    "beta": Beta.fit,
    "isotonic": lambda score, outcome, weight, _: PiecewiseLinear.isotonic(score, outcome, weight),
    "venn_abers": lambda score, outcome, weight, _: PiecewiseLinear.venn_abers(score, outcome, weight),
}
KINDS = (*_TRIED, "chosen")
_FOLDS = 5
# Standard errors by which another kind must be better: as in the one-standard-error rule of Breiman et al. (1984), the
# simplest is kept where others are about as good.
_CLEARLY = 1.0


def fit_calibrator(
    kind: str | None,
    score: Floats,
    outcome: Floats,
    weight: Floats,
    household: npt.NDArray[np.uint64],
    time: Any = None,
) -> Calibrator:
    """Fit a calibrator on scores of rows that their model did not see.

    Parameters
    ----------
    kind : str or None
        One of `KINDS`; ``chosen`` is the sigmoid unless another has a log loss out of fold smaller by a standard error.
        None leaves scores as they are.
    score : ndarray of shape (n,)
        Log-odds, out of fold; empty where no fold could be made, which also leaves scores as they are.
    outcome, weight, household : ndarray of shape (n,)
        Rows of one household are adjacent.
    time : ndarray of shape (n,), optional
        With `household`, what the folds of the choice are made by.

    Examples
    --------
    >>> fit_calibrator(None, *[np.zeros(0)] * 4).value(np.array([0.3])).tolist()
    [0.3]
    """
    if kind is None or len(score) == 0 or np.ptp(score) == 0:
        return Sigmoid()
    if kind == "chosen":
        kind = _best(score, outcome, weight, household, time)
    return _TRIED[kind](score, outcome, weight, household)


def _best(score: Floats, outcome: Floats, weight: Floats, household: npt.NDArray[np.uint64], time: Any) -> str:
    folds = time_household_folds(household, time, n_folds=_FOLDS, outcome=outcome, weight=weight)
    if not folds:
        return "sigmoid"
    losses = {kind: np.zeros_like(score) for kind in _TRIED}
    for fold in folds:
        y, w, homes = outcome[fold.train], weight[fold.train], household[fold.train]
        for kind, fit in _TRIED.items():
            g = fit(score[fold.train], y, w, homes).value(score[fold.test])
            losses[kind][fold.test] = np.logaddexp(0, g) - outcome[fold.test] * g
    gains = {kind: _gain(losses["sigmoid"] - loss, weight, household) for kind, loss in losses.items()}
    best = max(gains, key=lambda kind: gains[kind])
    return best if gains[best] > _CLEARLY else "sigmoid"


def _gain(difference: Floats, weight: Floats, household: npt.NDArray[np.uint64]) -> float:
    """Return the mean gain in its standard errors, rows of one household counted as one."""
    _, of_row = np.unique(household, return_inverse=True)
    mean = np.average(difference, weights=weight)
    error = np.sqrt((np.bincount(of_row, weight * (difference - mean)) ** 2).sum()) / weight.sum()
    return float(mean / error) if error > 0 else 0.0
