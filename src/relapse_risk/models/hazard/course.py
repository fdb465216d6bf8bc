"""The hazard of one kind of exit: a rate for every interval, proportional in the columns, bending with duration."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from relapse_risk.metrics import Floats, Ints, IntVector, Matrix, Vector
from relapse_risk.models.hazard.followed import PersonPeriods
from relapse_risk.models.linear import Basis, Rows

__all__ = ["BaselineHazard", "HazardDesign"]

_N_KNOTS = 3
_FEW_DURATIONS = 2


@dataclass(frozen=True, kw_only=True)
class HazardDesign:
    """What a course is fitted on: the same for the whole sample and for each of its folds.

    Attributes
    ----------
    bounds : ndarray of shape (intervals,)
        Ends of the intervals, months.
    terms : ndarray of int, shape (chosen,)
        The terms with proportional effects.
    duration : int or None
        The term of the time since exit.
    unit : float
        Months in one unit of that term.
    basis : Basis
        Of the chosen terms.
    clock : Basis
        Of the duration at the start of an interval; of nothing where there is no such term.
    """

    bounds: Vector
    terms: IntVector
    duration: int | None
    unit: float
    basis: Basis
    clock: Basis

    def __post_init__(self) -> None:
        if not len(self.bounds) or self.bounds[0] <= 0 or (np.diff(self.bounds) <= 0).any():
            raise ValueError("expected rising interval bounds above 0")
        if len(self.basis.low) != len(self.terms) or len(self.clock.low) != (self.duration is not None):
            raise ValueError("expected one basis of the terms, and one of the duration if there is a duration")
        if min([*self.terms, self.duration or 0], default=0) < 0 or not self.unit > 0:
            raise ValueError("expected term numbers of at least 0, and a unit of more than 0 months")

    def fits(self, n_terms: int) -> bool:
        """Return whether it is a design over so many terms."""
        return max([*self.terms, self.duration or 0], default=0) < n_terms

    @classmethod
    def of(
        cls,
        rows: Rows,
        spells: PersonPeriods,
        bounds: Floats,
        terms: Ints,
        duration: int | None = None,
        unit: float = 1.0,
    ) -> Self:
        """Learn the bases from the training rows."""
        starts = np.append(0.0, bounds[:-1]) / unit
        at = [] if duration is None else [rows.terms[spells.row, duration] + starts[spells.interval]]
        durations = np.column_stack(at) if at else np.empty((len(spells.row), 0))
        return cls(
            bounds=bounds,
            terms=terms,
            duration=duration,
            unit=unit,
            basis=Basis.of(rows.terms[:, terms], rows.weight, n_knots=0),
            clock=Basis.of(durations, rows.weight[spells.row], n_knots=_N_KNOTS, few=_FEW_DURATIONS),
        )

    def duration_columns(self, terms: Floats, interval: int) -> Floats:
        """Return the columns of the duration at the start of an interval, shape (n, knots)."""
        if self.duration is None:
            return np.empty((len(terms), 0))
        start = 0.0 if interval == 0 else self.bounds[interval - 1]
        return self.clock.design(terms[:, [self.duration]] + start / self.unit)

    def design(self, rows: Rows, spells: PersonPeriods) -> Floats:
        """Return one, the interval, the columns, the duration of each spell, shape (spells, coefficients)."""
        found = np.hstack(
            [
                np.ones((len(spells.row), 1)),
                spells.interval[:, None] == np.arange(len(self.bounds)),
                self.basis.design(rows.terms[:, self.terms])[spells.row],
                np.empty((len(spells.row), len(self.clock.mean))),
            ]
        )
        first = found.shape[1] - len(self.clock.mean)
        for interval in range(len(self.bounds)):
            there = spells.interval == interval
            found[there, first:] = self.duration_columns(rows.terms[spells.row[there]], interval)
        return found


@dataclass(frozen=True, kw_only=True)
class BaselineHazard:
    """A fitted hazard: log rate a month = intercept + level of the interval + columns @ weights + what duration adds.

    Attributes
    ----------
    plan : HazardDesign
    intercept : float
    levels : ndarray of shape (intervals,)
    weights : ndarray of shape (columns,)
    duration_weights : ndarray of shape (knots,)
    covariance : ndarray of shape (coefficients, coefficients)
        Of all of these in this order, robust to rows of one household being alike.
    """

    plan: HazardDesign
    intercept: float
    levels: Vector
    weights: Vector
    duration_weights: Vector
    covariance: Matrix

    def __post_init__(self) -> None:
        wanted = (len(self.plan.bounds), len(self.plan.basis.mean), len(self.plan.clock.mean))
        n = 1 + sum(wanted)
        if (len(self.levels), len(self.weights), len(self.duration_weights)) != wanted or self.covariance.shape != (
            n,
            n,
        ):
            raise ValueError("expected one coefficient for each column of the design, and a square covariance matrix")

    def proportional(self, terms: Floats) -> Floats:
        """Return what each chosen term adds to the logarithm of every rate, shape (n, chosen).

        Column by column, so that a row's figure depends on nothing but the row.
        """
        found = np.zeros((len(terms), len(self.plan.terms)), order="F")
        design = self.plan.basis.design(terms[:, self.plan.terms])
        for column, term in enumerate(self.plan.basis.of_column):
            found[:, term] += design[:, column] * self.weights[column]
        return found

    def levels_at(self, terms: Floats, months: Floats) -> Floats:
        """Return the logarithm of the rate of intervals of some length but for the columns, shape (n, intervals).

        Parameters
        ----------
        months : ndarray of shape (intervals,)
            How much of each interval counts. Intervals that do not count at all are left out.
        """
        log_rates = []
        for interval in np.flatnonzero(months > 0):
            level = np.full(len(terms), self.intercept + self.levels[interval] + np.log(months[interval]))
            duration_columns = self.plan.duration_columns(terms, int(interval))
            for column, weight in enumerate(self.duration_weights):
                level += duration_columns[:, column] * weight
            log_rates.append(level)
        return np.column_stack(log_rates)

    def rates(self, terms: Floats, months: Floats) -> Floats:
        """Return the logarithms of the rates of the intervals that count, shape (n, intervals)."""
        proportional = self.proportional(terms)
        total = np.zeros(len(terms))
        for column in proportional.T:
            total += column
        return self.levels_at(terms, months) + total[:, None]

    def inflated(self, factor: float) -> Self:
        """Return the hazard with standard errors that many times as large."""
        return replace(self, covariance=self.covariance * factor**2)

    def gradient(self, terms: Floats, months: Floats, slopes: Floats) -> Floats:
        """Return how a figure moves with each coefficient, by its slopes over the logarithms of the rates.

        Shape (n, coefficients): what the delta method takes its variance from.
        """
        total = slopes.sum(axis=1, keepdims=True)
        counted = np.flatnonzero(months > 0)
        by_level = np.zeros((len(terms), len(self.levels)))
        by_level[:, counted] = slopes
        by_duration = np.zeros((len(terms), len(self.duration_weights)))
        for place, interval in enumerate(counted):
            by_duration += slopes[:, [place]] * self.plan.duration_columns(terms, int(interval))
        columns = self.plan.basis.design(terms[:, self.plan.terms])
        return np.hstack([total, by_level, total * columns, by_duration])
