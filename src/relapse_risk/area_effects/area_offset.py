"""What is added to everybody's log-odds because of where they live: by prefecture and by area."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_consistent_length

from relapse_risk.area_effects.random_intercepts import RandomIntercepts
from relapse_risk.metrics import Floats, clip_log_odds

__all__ = ["AreaOffset"]


@dataclass(frozen=True, kw_only=True)
class AreaOffset:
    """Log-odds added after calibration.

    Attributes
    ----------
    everywhere : float
        Added to all rows: another prefecture's prevalence, see `with_prevalence_of`.
    everywhere_std_error : float
        Its standard error.
    random_intercepts : RandomIntercepts or None
        Added by area.

    Examples
    --------
    >>> shifts = RandomIntercepts(levels=({"a": 0.2},), errors=({"a": 0.1},), std_devs=(0.3,))
    >>> local = AreaOffset(everywhere=0.5, random_intercepts=shifts)
    >>> local.added(np.array([-1.0, -1.0]), [["a"], ["b"]]).round(3).tolist()
    [0.7, 0.5]
    """

    everywhere: float = 0.0
    everywhere_std_error: float = 0.0
    random_intercepts: RandomIntercepts | None = None

    def __post_init__(self) -> None:
        if not self.everywhere_std_error >= 0:
            raise ValueError("expected a standard error of at least 0")

    @property
    def moves(self) -> bool:
        """Whether anything can be added at all."""
        return self.everywhere != 0 or self.random_intercepts is not None

    def added(self, calibrated: Floats, place: Any = None) -> Floats:
        """Return what is added to calibrated log-odds, clipped to `MAX_LOG_ODDS`, shape (n,).

        Parameters
        ----------
        calibrated : ndarray of shape (n,)
        place : array-like of shape (n, levels), optional
            Areas, the widest level first; without it, as for areas never seen.
        """
        asked = self.everywhere + self._by_area(RandomIntercepts.value, calibrated, place)
        return clip_log_odds(calibrated + asked) - calibrated

    def std_error(self, calibrated: Floats, place: Any = None) -> Floats:
        """Return the standard error of what is added, shape (n,)."""
        return np.hypot(self.everywhere_std_error, self._by_area(RandomIntercepts.std_error, calibrated, place))

    def redrawn(self, n: int, place: Any, n_draws: int) -> Floats:
        """Return by how much what is added would differ had other households been drawn, shape (n, n_draws) or (1, 1).

        As two trainings differ from each other. What is added everywhere moves nobody past another.
        """
        if self.random_intercepts is None or place is None:
            return np.zeros((1, 1))
        check_consistent_length(np.empty(n), place)
        return np.asarray(np.sqrt(2) * self.random_intercepts.redrawn(place, n_draws))

    def _by_area(self, read: Any, calibrated: Floats, place: Any) -> Floats:
        if place is not None:
            check_consistent_length(calibrated, place)
        if self.random_intercepts is None:
            return np.zeros(len(calibrated))
        nowhere = np.full((len(calibrated), len(self.random_intercepts.levels)), "", dtype=object)
        found: Floats = read(self.random_intercepts, nowhere if place is None else place)
        return found
