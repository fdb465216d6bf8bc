"""Where a model is from: how it was made, by which releases, and how it was moved to a county it was not trained in."""

from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from math import isfinite
from platform import python_version
from typing import Literal

from relapse_risk.metrics import Interval

__all__ = ["Adaptation", "Origin", "versions_in_use"]

_LIBRARIES = ("relapse-risk", "lightgbm", "numpy", "polars", "scikit-learn", "scipy")

Origin = Literal["own", "recalibrated", "prevalence", "rule"]
"""``own``: as it was trained. ``recalibrated``: trained elsewhere, level and slope from outcomes here. ``prevalence``:
trained elsewhere, the level moved without outcomes. ``rule``: not trained at all, levels assumed."""


@dataclass(frozen=True, kw_only=True)
class Adaptation:
    """How a model trained elsewhere was moved to a county.

    Attributes
    ----------
    as_of : date
        The day it was moved as of; nothing known later was looked at.
    households : int
        Households at risk here on that day.
    relapses : int
        Relapses known here by that day.
    before, after : float
        Mean probability of these households before and after.
    shift, error : float
        What was added to their log-odds on average, and its standard error.
    own_over : Interval or None
        Log loss of a model trained here over that of the moved one on the same held-out rows; None where there were
        too few relapses to train one.

    Examples
    --------
    >>> risks = {"before": 0.04, "after": 0.07, "shift": 0.6, "error": 0.2}
    >>> Adaptation(as_of=date(2019, 12, 31), households=800, relapses=0, **risks).shift
    0.6
    """

    as_of: date
    households: int
    relapses: int
    before: float
    after: float
    shift: float
    error: float
    own_over: Interval | None = None

    def __post_init__(self) -> None:
        shares = 0 < self.before < 1 and 0 < self.after < 1
        if self.households < 1 or self.relapses < 0 or not shares:
            raise ValueError("a model is moved by households, and from one probability to another")
        if not isfinite(self.shift) or not 0 <= self.error < float("inf"):
            raise ValueError("a shift is finite, and so is its error")


def versions_in_use() -> dict[str, str]:
    """Return the release of Python and of each library that figures depend on.

    Examples
    --------
    >>> sorted(versions_in_use())[:2]
    ['lightgbm', 'numpy']
    """
    return {"python": python_version()} | {name: version(name) for name in _LIBRARIES}
