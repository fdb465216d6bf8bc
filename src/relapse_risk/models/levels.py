"""Level and slope of a model, laid over its calibrator: those of all its rows, then half way to those of the newest."""

import numpy as np

from relapse_risk.models.calibrators import Calibrator, Chain, Sigmoid
from relapse_risk.models.columns import Floats, Ints
from relapse_risk.models.rows import Rows, missing_level

__all__ = ["levelled", "newest_rows", "recalibrate_latest"]


def newest_rows(rows: Rows) -> Ints | None:
    """Return the rows of the newest time; none where there is one time only, or where all or none of them fell."""
    if rows.time is None or np.ptp(rows.time) == 0:
        return None
    newest = np.flatnonzero(rows.time == rows.time.max())
    return newest if np.ptp(rows.outcome[newest]) > 0 else None


def levelled(g: Calibrator, itself: Floats, rows: Rows) -> Calibrator:
    """Return the calibrator with the level at which the model itself predicts as many events as there were.

    Out of fold, scores come from models of fewer rows and of other times: they scatter more than the model's own, and
    the level that suits them is too low for it.

    Parameters
    ----------
    itself : ndarray of shape (n,)
        The model's own scores of the rows.
    """
    level = missing_level(g.value(itself), rows.outcome_in_the_end, rows.weight)
    return Chain(first=g, then=Sigmoid(shift=level))


def recalibrate_latest(first: Calibrator, itself: Floats, scores: Floats, rows: Rows) -> Calibrator:
    """Return the calibrator with level and slope half way to those of the newest outcomes laid over it.

    The slope is that of scores out of fold. The level is that of the model itself, which saw the newest outcomes among
    others: one that did not see them lies further from them, and would be moved too far.

    Parameters
    ----------
    itself, scores : ndarray of shape (n,)
        The newest rows' scores by the model itself and out of fold.
    """
    whole = rows.outcome_in_the_end
    line = Sigmoid.fit_shrunken(first.value(scores), whole, rows.weight, rows.household, level=first.value(itself))
    return Chain(first=first, then=line.halfway())
