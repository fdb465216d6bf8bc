"""Ways to hold rows out: the tested rows, and the rows that may be used for training."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from relapse_risk.errors import InputError
from relapse_risk.evaluation.evaluation_folds import (
    LEAST_EVENTS,
    EvaluationFolds,
    apart,
    enough,
    rolling_origin,
)
from relapse_risk.metrics import Fold, hash_ids, time_household_folds

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
    """Return the trials of a scheme, for training and evaluation alike; no row is tested twice.

    ``time``: each as-of day is predicted by a fit on every outcome known by that day, of the same households too, as
    in use. ``county``: each county is predicted from the others. ``village``: whole villages, dealt to `n_groups`, are
    predicted from the others; a household whose village is not known stands for itself. ``household``: the same with
    households. ``auto``: ``time`` where enough outcomes were known by some day, else ``village`` where there are as
    many villages as groups and enough relapses outside each, else ``household``.

    Those of places and households go forward in time too where enough outcomes were known by some day
    (`EvaluationFolds.forward`). Otherwise they learn from other places in the same days: that shows how a model does
    elsewhere, not later. A household that is tested is never learned from in them, wherever it lived before. Rows
    without a county are left out of ``county``: they may lie in the county that is tested.

    Parameters
    ----------
    scheme : str
    household : array-like of shape (n,)
        The household of each row.
    time : array-like of shape (n,)
        The as-of day of each row.
    outcome : array-like of shape (n,)
        0 or 1, as known today; not a number where it is not known: such a row is never tested.
    known_then : Mapping of time to array-like of shape (n,)
        As in `rolling_origin`.
    county, village : array-like of str of shape (n,)
        Where each row's household lives, as known on its day; the empty text where that is not known.
    n_groups : int
        Groups of villages or households.
    seed : int
        Of the hash that deals villages and households.

    Raises
    ------
    InputError
        ``scheme_unknown``; ``scheme_no_time`` if no day has enough outcomes before it; ``scheme_one_place`` if there
        are fewer than two counties; ``scheme_too_few`` if some training would have no relapses, or nothing else.

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
    homes, places = np.asarray(household).astype(str), np.asarray(village)
    for held in _held(scheme, places, n_groups):
        folds = _folds(held, _blocks(held, homes, np.asarray(county), places), y, n_groups, seed)
        ahead = rolling_origin(folds, time, known_then, excluded_groups=homes)
        trials = ahead or apart(_dealt_evenly(held, folds, homes, y, seed), y, excluded_groups=homes)
        if trials and all(enough(trial, LEAST_APART) for trial in trials):
            return EvaluationFolds(scheme=held, trials=trials, forward=bool(ahead))
    raise InputError("scheme_too_few", scheme=held, least=LEAST_APART)


def _held(scheme: Scheme, village: Texts, n_groups: int) -> Iterator[Held]:
    """Yield what is held out where days are not, until enough can be learned from the rest."""
    if scheme != "auto" and scheme != "time":
        yield scheme
        return
    if len(np.unique(village[village != ""])) >= n_groups:
        yield "village"
    yield "household"


def _dealt_evenly(held: Held, folds: list[Fold], household: Texts, y: Floats, seed: int) -> list[Fold]:
    """Return folds of households in which those that relapsed are dealt evenly; of places, the folds as they are.

    Only where no day is predicted: how households are dealt then looks at what is known in the end, as the trials do.
    """
    if held != "household":
        return folds
    known = np.isfinite(y)
    dealt = time_household_folds(household, n_folds=len(folds), outcome=np.where(known, y, 0), seed=seed)
    return [Fold(train=fold.train, test=fold.test[known[fold.test]]) for fold in dealt]


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
    known = np.isfinite(y)
    return [
        Fold(train=np.flatnonzero(placed & (group != number)), test=np.flatnonzero(known & (group == number)))
        for number in np.unique(group[placed])
    ]


def _dealt(block: Texts, n_groups: int, seed: int) -> npt.NDArray[np.int64]:
    """Return each row's group: by its block's hash alone, so that blocks first heard of later change no other's."""
    distinct, of_row = np.unique(block, return_inverse=True)
    if len(distinct) <= n_groups + 1:  # the empty text may be one of them
        return of_row.astype(np.int64)
    return (hash_ids(block, seed) % np.uint64(n_groups)).astype(np.int64)
