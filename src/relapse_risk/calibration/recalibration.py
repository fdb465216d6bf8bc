"""Level and slope that correct a calibrator: by its own rows, by newest outcomes, by a prevalence without outcomes."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from relapse_risk.calibration.calibrator import Calibrator, Chain
from relapse_risk.calibration.sigmoid import Sigmoid
from relapse_risk.metrics import Floats, calibration_in_the_large

__all__ = ["level_moves", "prevalence_shift", "recalibrate_halfway", "recalibrate_level"]

# A prevalence further than this from that of training, in log-odds, is no shift of prevalence any more.
_FURTHEST = 4.0
_STEP = 1e-3
# How far times lie apart, in log-odds, where nothing is known of it, and where they seem not to at all.
_USUAL_MOVES, _LEAST_MOVES = 0.05, 1e-3


def recalibrate_level(
    g: Calibrator, score: Floats, outcome: Floats, weight: Floats, *, error: float = 0.0
) -> Calibrator:
    """Return the calibrator with the level at which the model itself predicts as many events as there were.

    Out of fold, scores come from models of fewer rows and of other times: they scatter more than the model's own, and
    the level that suits them is too low for it.

    Parameters
    ----------
    score : ndarray of shape (n,)
        The model's own scores of the rows.
    outcome, weight : ndarray of shape (n,)
    error : float
        Standard error of the level for what the outcomes do not show: how many are still to come.
    """
    level = calibration_in_the_large(g.value(score), outcome, weight)
    return Chain(first=g, then=Sigmoid(intercept=level).with_level_error(error))


def level_moves(score: Floats, outcome: Floats, weight: Floats, time: npt.NDArray[Any]) -> float:
    """Return the standard deviation of the levels of times, in log-odds: empirical Bayes with a weak prior.

    The variance of the observed levels less that of chance, taken together with one time that lies 0.05 off: where
    times differ by no more than chance the newest says nothing, where they differ much it counts in full.

    Parameters
    ----------
    score : ndarray of shape (n,)
        Calibrated log-odds out of fold.
    outcome, weight, time : ndarray of shape (n,)

    Examples
    --------
    Of a hundred rows a year nothing is known but chance; of a hundred thousand that half as many fall in one of them:

    >>> outcome, time = np.tile([1.0] + [0.0] * 9 + [1.0] + [0.0] * 19, 1), np.array([0] * 10 + [1] * 20)
    >>> found = [level_moves(np.full(30 * n, -2.6), np.repeat(outcome, n), np.ones(30 * n), np.repeat(time, n))
    ...          for n in (3, 3000)]
    >>> found[0] < 0.01, 0.3 < found[1] < 0.5
    (True, True)
    """
    found = []
    for one in np.unique(time):
        of = time == one
        if np.ptp(outcome[of]) > 0:
            shift = calibration_in_the_large(score[of], outcome[of], weight[of])
            risk = expit(score[of] + shift)
            found.append((shift, 1 / (weight[of] @ (risk * (1 - risk)))))
    if not found:
        return _LEAST_MOVES
    shifts, variances = np.array(found).T
    apart = shifts - np.average(shifts, weights=1 / variances)
    by_chance = variances.sum() - 1 / (1 / variances).sum()
    return float(np.sqrt(max((_USUAL_MOVES**2 + apart @ apart - by_chance) / len(shifts), _LEAST_MOVES**2)))


def recalibrate_halfway(
    first: Calibrator,
    score: Floats,
    score_out_of_fold: Floats,
    outcome: Floats,
    weight: Floats,
    household: npt.NDArray[np.uint64],
    *,
    moves: float,
) -> Calibrator:
    """Return the calibrator corrected by level and slope half way to those of the newest outcomes.

    The slope is that of scores out of fold. The level is that of the model itself, which saw the newest outcomes among
    others: one that did not see them lies further from them, and would be moved too far.

    Parameters
    ----------
    score, score_out_of_fold : ndarray of shape (n,)
        The newest rows' scores by the model itself and out of fold.
    outcome, weight, household : ndarray of shape (n,)
    moves : float
        How far levels of times lie apart (`level_moves`): what the newest says of its level counts
        moves² / (moves² + its error²).
    """
    scores, own = first.value(score_out_of_fold), first.value(score)
    line = Sigmoid.fit_shrunken(scores, outcome, weight, household, level=own, moves=moves)
    move, half = calibration_in_the_large(own, expit(line.value(own)), weight), line.halfway()
    # a line turned half way expects other numbers of events than the level half way, which it is to have
    level = calibration_in_the_large(half.value(own), expit(own + move / 2), weight)
    return Chain(first=first, then=replace(half, intercept=half.intercept + level))


def prevalence_shift(score: Floats, weight: Floats, prevalence: float, *, moves: float = np.inf) -> tuple[float, float]:
    """Return how far the log-odds of the prevalence lie from those of training, and the standard error of that.

    If those that fall look as they looked in training, and so do those that do not, only their shares differ, and the
    share is the one that makes the rows seen the likeliest (Saerens, Latinne and Decaestecker 2002).

    Parameters
    ----------
    score : ndarray of shape (n,)
        Calibrated log-odds of a population without outcomes.
    weight : ndarray of shape (n,)
    prevalence : float
        That of training.
    moves : float
        Standard deviation of a normal prior on the shift, in log-odds; without it, the likeliest shift is taken.

    Examples
    --------
    >>> shift, error = prevalence_shift(np.array([-1.0, 0.0, 1.0, 2.0] * 50), np.ones(200), 0.5)
    >>> shift > error > 0
    True
    """
    here = float(logit(prevalence))

    def loss(move: float) -> float:
        return (move / moves) ** 2 / 2 - float(weight @ _log_likelihood(score, move, here))

    move = float(minimize_scalar(loss, bounds=(-_FURTHEST, _FURTHEST), method="bounded", options={"xatol": 1e-8}).x)
    curvature = (loss(move + _STEP) - 2 * loss(move) + loss(move - _STEP)) / _STEP**2
    error = 1 / np.sqrt(curvature) if curvature > 1 / _FURTHEST**2 else _FURTHEST
    return move, float(error)


def _log_likelihood(score: Floats, move: float, here: float) -> Floats:
    """Return the log of each row's density at another prevalence over that at the model's own."""
    share, own = expit(here + move), expit(here)
    fell, stayed = np.log(share / own), np.log((1 - share) / (1 - own))
    found: Floats = np.logaddexp(-np.logaddexp(0, -score) + fell, -np.logaddexp(0, score) + stayed)
    return found
