"""A fitted model moved to other times and places: by newest outcomes, by area, by prevalence alone."""

from copy import copy
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from sklearn.utils import check_consistent_length

from relapse_risk.area_effects import fit_random_intercepts
from relapse_risk.calibration import Chain, Sigmoid, prevalence_shift
from relapse_risk.metrics import Floats, checked_weight, hash_ids, outcome_in_the_end
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.linear import read_unreported

__all__ = ["recalibrated", "with_prevalence_of", "with_random_intercepts"]

Model = TypeVar("Model", bound=RiskClassifier)


def recalibrated(
    model: Model,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    household: Any = None,
    place: Any = None,
    unreported_share: Any = None,
    unreported_error: Any = None,
) -> Model:
    """Return the model with intercept and slope from newer outcomes added to its calibrator.

    Logistic recalibration (Cox 1958) of the model's log-odds on rows it was not fitted on, shrunken towards no change
    where events are few (`Sigmoid.fit_shrunken`). Order of risks and shares of reasons stay. What was added to all by
    prevalence alone (`with_prevalence_of`) is taken back first.

    Parameters
    ----------
    model : fitted estimator
        It is left as it is.
    X : array-like or frame of shape (n, columns)
    y : array-like of shape (n,)
        The model's two classes.
    sample_weight, household : array-like of shape (n,), optional
    place : array-like of shape (n, levels), optional
        As in ``predict_proba``.
    unreported_share, unreported_error : array-like of shape (n,), optional
        As in ``fit``.

    Raises
    ------
    ValueError
        Where only one class occurs: nothing can be learned of the level.

    Examples
    --------
    >>> from relapse_risk.models import LogisticClassifier
    >>> model = LogisticClassifier().fit([[0.0], [1.0], [2.0], [3.0]] * 50, [0, 0, 0, 1] * 50)
    >>> X, worse = [[0.0], [1.0], [2.0], [3.0]] * 50, [0, 0, 1, 1] * 50
    >>> later = recalibrated(model, X, worse)
    >>> bool(later.predict_proba(X)[:, 1].mean() > model.predict_proba(X)[:, 1].mean())
    True
    """
    outcome, weight = _outcomes(model, y, sample_weight)
    moved = copy(model)
    moved.local_ = replace(model.local_, everywhere=0.0, everywhere_std_error=0.0)
    log_odds = moved.decision_function(X, place)
    unreported = read_unreported(unreported_share, unreported_error)
    check_consistent_length(log_odds, outcome, weight, household, *unreported.values())
    _require_both(outcome[weight > 0])
    outcome, error = outcome_in_the_end(outcome, unreported["unreported_share"], weight), unreported["unreported_error"]
    homes = np.arange(len(outcome), dtype=np.uint64) if household is None else hash_ids(household)
    order = np.lexsort([outcome, log_odds, homes])
    order = order[weight[order] > 0]
    line = Sigmoid.fit_shrunken(log_odds[order], outcome[order], weight[order], homes[order])
    if error is not None:
        line = line.with_level_error(float(np.average(error, weights=weight * outcome)))
    moved.calibrator_ = Chain(first=model.calibrator_, then=line)
    moved.prevalence_ = float(np.average(outcome, weights=weight))
    return moved


def with_random_intercepts(model: Model, X: Any, y: Any, place: Any, sample_weight: Any = None) -> Model:
    """Return the model with shrunken shifts by area or group, from rows it was not fitted on.

    What was added by area before is replaced; see `fit_random_intercepts`. Parameters as `recalibrated`.

    Examples
    --------
    >>> from relapse_risk.models import LogisticClassifier
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]] * 200, [0, 0, 0, 1] * 200
    >>> model = LogisticClassifier().fit(X, y)
    >>> moved = with_random_intercepts(model, X, [0, 0, 1, 1] * 100 + [0, 0, 0, 0] * 100, [["a"]] * 400 + [["b"]] * 400)
    >>> a, b = moved.predict_proba([[2.0]] * 2, place=[["a"], ["b"]])[:, 1]
    >>> bool(a > b)
    True
    """
    outcome, weight = _outcomes(model, y, sample_weight)
    moved = copy(model)
    moved.local_ = replace(model.local_, random_intercepts=None)
    log_odds = moved.decision_function(X)
    check_consistent_length(log_odds, outcome, weight)
    moved.local_ = replace(model.local_, random_intercepts=fit_random_intercepts(log_odds, outcome, weight, place))
    return moved


def with_prevalence_of(model: Model, X: Any, sample_weight: Any = None, *, moves: float = np.inf) -> Model:
    """Return the model moved to the prevalence of a population without outcomes.

    If households that fall look here as they look where the model was trained, and so do those that do not, then only
    their shares differ, and the share here is the one that makes the households seen the likeliest (Saerens, Latinne
    and Decaestecker 2002). In log-odds that is one figure added to all, counted under the reason ``place``; its
    standard error, from the curvature of the likelihood, goes into the intervals. Nothing here can show whether the
    premise holds: a recession that pushes over other households than usual breaks it.

    Parameters
    ----------
    model : fitted estimator
        It is left as it is.
    X : array-like or frame of shape (n, columns)
        The households of the new population.
    sample_weight : array-like of shape (n,), optional
    moves : float
        How far prevalences are expected to lie apart, in log-odds: a normal prior on the move. Without it, the
        likeliest one is taken, which few households at low risk leave wide open.

    Examples
    --------
    >>> from relapse_risk.models import LogisticClassifier
    >>> model = LogisticClassifier().fit([[0.0], [1.0], [2.0], [3.0]] * 50, [0, 0, 0, 1] * 50)
    >>> elsewhere = with_prevalence_of(model, [[0.0], [2.0], [3.0], [3.0]] * 50)
    >>> elsewhere.local_.everywhere > 0
    True
    """
    moved = copy(model)
    moved.local_ = replace(model.local_, everywhere=0.0, everywhere_std_error=0.0)
    log_odds = moved.decision_function(X)
    weight = checked_weight(sample_weight, log_odds)
    move, error = prevalence_shift(log_odds, weight, model.prevalence_, moves=moves)
    moved.local_ = replace(moved.local_, everywhere=move, everywhere_std_error=error)
    return moved


def _outcomes(model: RiskClassifier, y: Any, sample_weight: Any) -> tuple[Floats, Floats]:
    values = np.asarray(y)
    if not np.isin(values, model.classes_).all():
        raise ValueError(f"outcomes must be {model.classes_[0]!r} or {model.classes_[1]!r}, as in fit")
    return (values == model.classes_[1]).astype(np.float64), checked_weight(sample_weight, values)


def _require_both(outcome: Floats) -> None:
    if len(np.unique(outcome)) < 2:
        raise ValueError("recalibration needs rows of two classes, y has one class only")
