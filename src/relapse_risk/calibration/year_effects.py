"""How far past years moved from what was predicted for them, as an interval for a total."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit
from scipy.stats import t as student
from sklearn.utils import check_consistent_length

from relapse_risk.metrics import (
    Floats,
    calibration_in_the_large,
    checked_finite,
    checked_level,
    checked_scores,
    numbered,
    outcome_in_the_end,
)

__all__ = ["YearEffects"]

_LEAST_YEARS = 3


@dataclass(frozen=True, kw_only=True)
class YearEffects:
    """By how much the log-odds of all households were off in each past year that was predicted beforehand.

    No model can know a year ahead that the rate will double; how often it did is known. Years are taken as alike and
    independent, which a trend is not, nor are days whose horizons overlap.

    Attributes
    ----------
    days : tuple of str
        The as-of days.
    shifts : tuple of float
        For each, what added to every predicted log-odds makes the expected number of relapses the observed one.

    Examples
    --------
    >>> past = YearEffects(days=("2016", "2017", "2018"), shifts=(-0.2, 0.1, 0.4))
    >>> [round(bound, 1) for bound in past.interval_of(np.full(1000, -3.0), 0.9)]
    [19.6, 131.4]
    """

    days: tuple[str, ...]
    shifts: tuple[float, ...]

    @classmethod
    def of(cls, score: Any, outcome: Any, weight: Any, day: Any, *, unreported_share: Floats | None = None) -> Self:
        """Measure the shift of each day on which anything happened.

        Parameters
        ----------
        score, outcome, weight, day : array-like of shape (n,)
            Calibrated log-odds by a model that saw no outcome of the day or later, 0 or 1, weights, as-of days whose
            horizons do not overlap.
        unreported_share : ndarray of shape (n,), optional
            What part of the relapses of each row's day is not entered yet.
        """
        s, y, w = checked_scores(score, outcome, weight)
        y = outcome_in_the_end(y, unreported_share, w)
        days, of_row = numbered(day, "day")
        check_consistent_length(s, of_row)
        rows = [np.flatnonzero(of_row == number) for number in range(len(days))]
        found = {str(one): _shift(s[there], y[there], w[there]) for one, there in zip(days, rows, strict=True)}
        known = {one: shift for one, shift in found.items() if np.isfinite(shift)}
        return cls(days=tuple(known), shifts=tuple(known.values()))

    @property
    def enough(self) -> bool:
        """Whether there are enough past years for an interval."""
        return len(self.shifts) >= _LEAST_YEARS

    def interval_of(self, score: Any, level: float = 0.9) -> tuple[float, float]:
        """Return the bounds of the total in a year like the past ones, assuming normal shifts.

        Mean of the shifts plus and minus a quantile of Student's t times their standard deviation times
        sqrt(1 + 1/k). It covers the mean of the year, not the chance of who falls within it.

        Raises
        ------
        ValueError
            If there are fewer than three past years.
        """
        k = len(self.shifts)
        if not self.enough:
            raise ValueError(f"an interval needs at least {_LEAST_YEARS} past years, there are {k}: too few to say")
        reach = student.ppf((1 + checked_level(level)) / 2, k - 1) * np.std(self.shifts, ddof=1) * np.sqrt(1 + 1 / k)
        middle = float(np.mean(self.shifts))
        return _total(score, middle - reach), _total(score, middle + reach)


def _total(score: Any, shift: float) -> float:
    return float(expit(checked_finite(score, "score") + shift).sum())


def _shift(score: Floats, outcome: Floats, weight: Floats) -> float:
    """Return the shift that makes the expected number the observed one; not finite where all or none relapsed."""
    observed = float(weight @ outcome)
    if not 0 < observed < weight.sum():
        return float("nan")
    return calibration_in_the_large(score, outcome, weight)
