"""Spiegelhalter's test of calibration."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from relapse_risk.metrics.array_checks import checked

__all__ = ["Spiegelhalter", "spiegelhalter"]


@dataclass(frozen=True, kw_only=True)
class Spiegelhalter:
    """Spiegelhalter's z and its two-sided p value. Below zero: the Brier score is lower than the risks promise."""

    z: float
    p_value: float


def spiegelhalter(outcome: Any, probability: Any, weight: Any = None) -> Spiegelhalter:
    """Test whether the Brier score is what it would be if the probabilities were right (Spiegelhalter 1986).

    ``z = sum(w (y - p)(1 - 2p)) / sqrt(sum(w**2 (1 - 2p)**2 p (1 - p)))``. Weights are taken as fixed: a weight enters
    the variance of a weighted sum by its square, so that weighted rows count as ``sum(w)**2 / sum(w**2)`` rows (Kish
    1965), and multiplying all weights by one number changes nothing. Rows are taken as independent: where a household
    or a village has several rows, p values are too small. Not a number where nothing could deviate (each p is 0,
    1/2 or 1).

    Examples
    --------
    >>> found = spiegelhalter([1, 0, 0, 0, 0], [0.2] * 5)
    >>> round(found.z, 6) + 0.0, round(found.p_value, 6)
    (0.0, 1.0)
    """
    y, p, w = checked(outcome, probability, weight)
    deviation = w @ ((y - p) * (1 - 2 * p))
    variance = w**2 @ ((1 - 2 * p) ** 2 * p * (1 - p))
    z = float(deviation / np.sqrt(variance)) if variance > 0 else float("nan")
    return Spiegelhalter(z=z, p_value=float(2 * norm.sf(abs(z))))
