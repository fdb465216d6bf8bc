"""Net benefit: the value of visits by risk compared with visiting everybody or nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from relapse_risk.metrics.array_checks import Floats, checked

__all__ = ["NetBenefit", "net_benefit", "visits"]


@dataclass(frozen=True, kw_only=True)
class NetBenefit:
    """Net benefit per household at one threshold; that of visiting none is 0.

    Attributes
    ----------
    threshold : float
        The risk at which a visit is just worth its cost.
    model : float
        If those at or above the threshold are visited.
    visit_all : float
    """

    threshold: float
    model: float
    visit_all: float


def net_benefit(
    outcome: Any, probability: Any, thresholds: Sequence[float], weight: Any = None
) -> tuple[NetBenefit, ...]:
    """Return true positives less false positives times t / (1 - t), per household (Vickers and Elkin 2006).

    Parameters
    ----------
    outcome, probability, weight : array-like of shape (n,)
    thresholds : sequence of float
        Each t above 0 and below 1.

    Raises
    ------
    ValueError
        As `checked` says, and where a threshold does not lie between 0 and 1.

    Examples
    --------
    >>> (found,) = net_benefit([1, 1, 0, 0], [0.9, 0.1, 0.6, 0.2], [0.5])
    >>> found.model, found.visit_all
    (0.0, 0.0)
    """
    y, p, w = checked(outcome, probability, weight)
    cuts = np.asarray(thresholds, dtype=float)
    if not ((cuts > 0) & (cuts < 1)).all():
        raise ValueError("thresholds must lie between 0 and 1")
    model, everyone = (w @ visits(y, p, cuts)).reshape(2, -1) / w.sum()
    return tuple(
        NetBenefit(threshold=float(cut), model=float(one), visit_all=float(other))
        for cut, one, other in zip(cuts, model, everyone, strict=True)
    )


def visits(outcome: Floats, probability: Floats, thresholds: Floats) -> Floats:
    """Return what each row adds to net benefit, shape (n, 2 k): by the model at k thresholds, then by visiting all.

    Examples
    --------
    >>> import numpy as np
    >>> visits(np.array([1.0, 0.0]), np.array([0.1, 0.9]), np.array([0.5])).tolist()
    [[0.0, 1.0], [-1.0, -1.0]]
    """
    worth = np.where(outcome[:, None] == 1, 1.0, -thresholds / (1 - thresholds))
    return np.column_stack([worth * (probability[:, None] >= thresholds), worth])
