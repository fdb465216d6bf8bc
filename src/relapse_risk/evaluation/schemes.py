"""Ways to hold rows out: the tested rows, and the rows that may be used for training."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from relapse_risk.errors import InputError
from relapse_risk.evaluation.evaluation_folds import (
    LEAST_EVENTS,
    EvaluationFold,
    EvaluationFolds,
    apart,
    enough,
    rolling_origin,
)
from relapse_risk.metrics import Fold, hash_ids

__all__ = ["MOST_COUNTIES", "Scheme", "plan_scheme"]

Scheme = Literal["auto", "time", "county", "village", "household"]

Held = Literal["county", "village", "household"]

LEAST_APART = 5
"""With fewer relapses in training, calibration out of fold has nothing to go by. With more the checks say how rough all
is."""

MOST_COUNTIES = 20
"""Counties that are left out one by one; of more, several are left out together."""

Texts = npt.NDArray[np.str_]
Floats = npt.NDArray[np.float64]


def plan_scheme(
    scheme: Scheme,
    *,
    household: Any,
    time: Any,
    outcome: Any,
    known_then: Mapping[Any, Any],
    county: Any,
    village: Any,
    n_groups: int = 5,
    seed: int = 0,
) -> EvaluationFolds:
    """Return the trials of a scheme; no row is tested twice, and no row is learned from on the day it is of.

    ``time``: each as-of day is predicted by a fit on every outcome known by that day, of the same households too, as
    in use. ``county``: each county is predicted from the others. ``village``: whole villages, dealt to `n_groups`, are
    predicted from the others; a household whose village is not known stands for itself. ``household``: the same with
    households. ``auto``: ``time`` where enough outcomes were known by some day, else ``village`` where there are as
    many villages as groups, else ``household``.

    The last three go forward in time too where enough outcomes were known by some day (`EvaluationFolds.forward`).
    Otherwise they learn from other places in the same days: that tells how a model fares elsewhere, not later. A
    household that is tested is never learned from in them, wherever it lived before. Rows without a county are left
    out of ``county``: they may lie in the county that is tested.

    Parameters
    ----------
    scheme : str
    household, time, outcome, known_then, seed
        As in `plan_trials`.
    county, village : array-like of str of shape (n,)
        Where each row's household lives, as known on its day; the empty text where that is not known.
    n_groups : int
        Groups of villages or households.

    Raises
    ------
    InputError
        ``scheme_unknown``; ``scheme_no_time`` if no day has enough outcomes before it; ``scheme_one_place`` if there
        are fewer than two counties; ``scheme_too_few`` if some training would lack relapses, or households without.

    Examples
    --------
    >>> trials = plan_scheme("county", household=range(200), time=[2019] * 200, outcome=[0, 1] * 100, known_then={},
    ...                      county=["a", "a", "b", "b"] * 50, village=[""] * 200)
    >>> [len(trial.test) for trial in trials.trials], trials.forward
    ([100, 100], False)
    """
    if scheme not in get_args(Scheme):
        raise InputError("scheme_unknown", scheme=scheme, known=", ".join(get_args(Scheme)))
    rows = np.arange(len(np.asarray(household)))
    y = np.asarray(outcome, dtype=float)
    tested = rows[np.isfinite(y)]
    if scheme in ("auto", "time"):
        ahead = rolling_origin([Fold(train=rows, test=tested)], time, known_then)
        if ahead:
            return EvaluationFolds(scheme="time", trials=ahead, forward=True)
        if scheme == "time":
            raise InputError("scheme_no_time", days=len(known_then) + 1, least=LEAST_EVENTS)
    held = _held(scheme, np.asarray(village), n_groups)
    homes = np.asarray(household).astype(str)
    block = _blocks(held, homes, np.asarray(county), np.asarray(village))
    folds = _folds(held, block, y, n_groups, seed)
    ahead = rolling_origin(folds, time, known_then, excluded_groups=homes)
    trials = ahead or apart(folds, y, excluded_groups=homes)
    _require_enough(held, trials)
    return EvaluationFolds(scheme=held, trials=trials, forward=bool(ahead))


def _held(scheme: Scheme, village: Texts, n_groups: int) -> Held:
    """Return what is held out where days are not."""
    if scheme == "auto" or scheme == "time":
        return "village" if len(np.unique(village[village != ""])) >= n_groups else "household"
    return scheme


def _blocks(scheme: str, household: Texts, county: Texts, village: Texts) -> Texts:
    """Return what each row is held out with; the empty text where it can neither be tested nor learned from."""
    if scheme == "county":
        return county
    own = np.char.add("household ", household)
    return own if scheme == "household" else np.where(village == "", own, np.char.add("village ", village))


def _folds(scheme: str, block: Texts, y: Floats, n_groups: int, seed: int) -> list[Fold]:
    placed = block != ""
    if scheme == "county":
        if (counties := len(np.unique(block[placed]))) < 2:
            raise InputError("scheme_one_place", found=counties)
        n_groups = MOST_COUNTIES
    group = np.where(placed, _dealt(block, n_groups, seed), -1)
    told = np.isfinite(y)
    return [
        Fold(train=np.flatnonzero(placed & (group != number)), test=np.flatnonzero(told & (group == number)))
        for number in np.unique(group[placed])
    ]


def _dealt(block: Texts, n_groups: int, seed: int) -> npt.NDArray[np.int64]:
    """Return each row's group: by its block's hash alone, so that blocks first heard of later change no other's."""
    distinct, of_row = np.unique(block, return_inverse=True)
    if len(distinct) <= n_groups + 1:  # the empty text may be one of them
        return of_row.astype(np.int64)
    return (hash_ids(block, seed) % np.uint64(n_groups)).astype(np.int64)


def _require_enough(scheme: str, trials: tuple[EvaluationFold, ...]) -> None:
    if not trials or not all(enough(trial, LEAST_APART) for trial in trials):
        raise InputError("scheme_too_few", scheme=scheme, least=LEAST_APART)
