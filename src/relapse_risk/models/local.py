"""What is added to everybody's log-odds because of where they live: by prefecture and by area."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.utils import check_consistent_length

from relapse_risk.models.calibrators import HELD
from relapse_risk.models.columns import Floats
from relapse_risk.models.places import RandomIntercepts
from relapse_risk.models.state import damaged, read_mapping, read_number

__all__ = ["PLACE", "AreaOffset"]

PLACE = "place"
"""The reason that what is added here is counted under."""


@dataclass(frozen=True, kw_only=True)
class AreaOffset:
    """Log-odds added after calibration.

    Attributes
    ----------
    everywhere : float
        Added to all rows: another prefecture's prevalence, see `with_prevalence_of`.
    everywhere_error : float
        Its standard error.
    shifts : RandomIntercepts or None
        Added by area.

    Examples
    --------
    >>> shifts = RandomIntercepts(levels=({"a": 0.2},), errors=({"a": 0.1},), spreads=(0.3,))
    >>> local = AreaOffset(everywhere=0.5, shifts=shifts)
    >>> local.added(np.array([-1.0, -1.0]), [["a"], ["b"]]).round(3).tolist()
    [0.7, 0.5]
    """

    everywhere: float = 0.0
    everywhere_error: float = 0.0
    shifts: RandomIntercepts | None = None

    @property
    def moves(self) -> bool:
        """Whether anything can be added at all."""
        return self.everywhere != 0 or self.shifts is not None

    def added(self, calibrated: Floats, place: Any = None) -> Floats:
        """Return what is added to calibrated log-odds, which stay held within `HELD`, shape (n,).

        Parameters
        ----------
        calibrated : ndarray of shape (n,)
        place : array-like of shape (n, levels), optional
            Areas, the widest level first; without it, as for areas never seen.
        """
        asked = self.everywhere + self._by_area(RandomIntercepts.value, calibrated, place)
        return np.clip(calibrated + asked, -HELD, HELD) - calibrated

    def error(self, calibrated: Floats, place: Any = None) -> Floats:
        """Return the standard error of what is added, shape (n,)."""
        return np.hypot(self.everywhere_error, self._by_area(RandomIntercepts.error, calibrated, place))

    def _by_area(self, read: Any, calibrated: Floats, place: Any) -> Floats:
        if place is not None:
            check_consistent_length(calibrated, place)
        if self.shifts is None:
            return np.zeros(len(calibrated))
        nowhere = np.full((len(calibrated), len(self.shifts.levels)), "", dtype=object)
        found: Floats = read(self.shifts, nowhere if place is None else place)
        return found

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        shifts = None if self.shifts is None else self.shifts.to_values()
        return {"everywhere": self.everywhere, "everywhere_error": self.everywhere_error, "shifts": shifts}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_values` described, checked."""
        error = read_number(values, "everywhere_error")
        if error < 0 or "shifts" not in values:
            damaged("local", "an error below zero, or no word of shifts")
        shifts = None if values["shifts"] is None else RandomIntercepts.from_values(read_mapping(values, "shifts"))
        return cls(everywhere=read_number(values, "everywhere"), everywhere_error=error, shifts=shifts)
