"""Outcomes with the relapses that are not entered yet."""

import numpy as np

from relapse_risk.metrics.array_checks import Floats

__all__ = ["outcome_in_the_end"]

# However many are still to come, not all fall.
_MOST_FALL = 0.95


def outcome_in_the_end(outcome: Floats, unreported_share: Floats | None, weight: Floats) -> Floats:
    """Return outcomes with the mean that they will have once unreported relapses are entered, shape (n,).

    A relapse counts 1 / (1 - share) times: for itself, and for those of its time that are still to come.

    Examples
    --------
    >>> outcome_in_the_end(np.array([0.0, 0.0, 0.0, 1.0]), np.full(4, 0.2), np.ones(4)).tolist()
    [0.0, 0.0, 0.0, 1.25]
    """
    if unreported_share is None or not unreported_share.any():
        return outcome
    whole = outcome / (1 - unreported_share)
    _, time = np.unique(unreported_share, return_inverse=True)
    mean = np.bincount(time, weight * whole) / np.maximum(np.bincount(time, weight), 1e-12)
    return np.asarray(whole * np.minimum(1.0, _MOST_FALL / np.maximum(mean, 1e-12))[time])
