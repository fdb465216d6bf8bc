"""The hazard of one kind of exit: a rate for every interval, proportional in the columns, bending with duration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from relapse_risk.metrics import Floats, Ints, sandwich_covariance
from relapse_risk.models.hazard.followed import PersonPeriods
from relapse_risk.models.hazard.solver import best_penalty, fit_cloglog, inverse_information, ridge_of, working
from relapse_risk.models.linear import Basis
from relapse_risk.models.rows import Rows
from relapse_risk.models.state import damaged, read_mapping, read_matrix, read_number, read_vector

__all__ = ["BaselineHazard", "HazardDesign", "course_penalty", "fit_course"]

_BENDS = 3
_FEW_DURATIONS = 2


@dataclass(frozen=True, kw_only=True)
class HazardDesign:
    """What a course is fitted on: the same for the whole sample and for each of its folds.

    Attributes
    ----------
    bounds : ndarray of shape (intervals,)
        Ends of the intervals, months.
    terms : ndarray of int, shape (chosen,)
        The terms whose effects are proportional.
    duration : int or None
        The term of the time since exit.
    unit : float
        Months in one unit of that term.
    basis : Basis
        Of the chosen terms.
    clock : Basis
        Of the duration at the start of an interval; of nothing where there is no such term.
    """

    bounds: Floats
    terms: Ints
    duration: int | None
    unit: float
    basis: Basis
    clock: Basis

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
            clock=Basis.of(durations, rows.weight[spells.row], n_knots=_BENDS, few=_FEW_DURATIONS),
        )

    def bent(self, terms: Floats, interval: int) -> Floats:
        """Return the columns of the duration at the start of an interval, shape (n, bends)."""
        if self.duration is None:
            return np.empty((len(terms), 0))
        start = 0.0 if interval == 0 else self.bounds[interval - 1]
        return self.clock.design(terms[:, [self.duration]] + start / self.unit)

    def design(self, rows: Rows, spells: PersonPeriods) -> Floats:
        """Return one, the interval, the columns, the bends of each spell, shape (spells, coefficients)."""
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
            found[there, first:] = self.bent(rows.terms[spells.row[there]], interval)
        return found

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "bounds": self.bounds.tolist(),
            "terms": self.terms.tolist(),
            "duration": [] if self.duration is None else [self.duration],
            "unit": self.unit,
            "basis": self.basis.to_values(),
            "clock": self.clock.to_values(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any], n_terms: int) -> Self:
        """Return what `to_values` described, checked."""
        bounds, terms, duration = (read_vector(values, key) for key in ("bounds", "terms", "duration"))
        if len(bounds) == 0 or bounds[0] <= 0 or (np.diff(bounds) <= 0).any():
            damaged("bounds", "intervals that do not follow one another")
        if not np.isin([*terms, *duration], np.arange(n_terms)).all() or len(duration) > 1:
            damaged("terms", "terms that there are none of")
        unit = read_number(values, "unit")
        if unit <= 0:
            damaged("unit", "a unit of no months")
        return cls(
            unit=unit,
            bounds=bounds,
            terms=terms.astype(np.int64),
            duration=int(duration[0]) if len(duration) else None,
            basis=Basis.from_values(read_mapping(values, "basis"), len(terms)),
            clock=Basis.from_values(read_mapping(values, "clock"), len(duration)),
        )


@dataclass(frozen=True, kw_only=True)
class BaselineHazard:
    """A fitted hazard: log rate a month = intercept + level of the interval + columns @ weights + bends @ turns.

    Attributes
    ----------
    plan : HazardDesign
    intercept : float
    levels : ndarray of shape (intervals,)
    weights : ndarray of shape (columns,)
    turns : ndarray of shape (bends,)
    covariance : ndarray of shape (coefficients, coefficients)
        Of all of these in this order, robust to rows of one household being alike.
    """

    plan: HazardDesign
    intercept: float
    levels: Floats
    weights: Floats
    turns: Floats
    covariance: Floats

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
        held = []
        for interval in np.flatnonzero(months > 0):
            level = np.full(len(terms), self.intercept + self.levels[interval] + np.log(months[interval]))
            bent = self.plan.bent(terms, int(interval))
            for column, turn in enumerate(self.turns):
                level += bent[:, column] * turn
            held.append(level)
        return np.column_stack(held)

    def rates(self, terms: Floats, months: Floats) -> Floats:
        """Return the logarithms of the rates of the intervals that count, shape (n, intervals)."""
        proportional = self.proportional(terms)
        total = np.zeros(len(terms))
        for column in proportional.T:
            total += column
        return self.levels_at(terms, months) + total[:, None]

    def variance(self, terms: Floats, months: Floats, slopes: Floats) -> Floats:
        """Return the variance of a figure by its slopes over the logarithms of the rates (delta method), shape (n,)."""
        total = slopes.sum(axis=1, keepdims=True)
        counted = np.flatnonzero(months > 0)
        by_level = np.zeros((len(terms), len(self.levels)))
        by_level[:, counted] = slopes
        by_turn = np.zeros((len(terms), len(self.turns)))
        for place, interval in enumerate(counted):
            by_turn += slopes[:, [place]] * self.plan.bent(terms, int(interval))
        columns = self.plan.basis.design(terms[:, self.plan.terms])
        slope = np.hstack([total, by_level, total * columns, by_turn])
        return np.asarray(np.einsum("ij,ij->i", slope @ self.covariance, slope))

    def to_values(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "plan": self.plan.to_values(),
            "intercept": self.intercept,
            "levels": self.levels.tolist(),
            "weights": self.weights.tolist(),
            "turns": self.turns.tolist(),
            "covariance": self.covariance.tolist(),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any], n_terms: int) -> Self:
        """Return what `to_values` described, checked."""
        plan = HazardDesign.from_values(read_mapping(values, "plan"), n_terms)
        sizes = (len(plan.bounds), len(plan.basis.mean), len(plan.clock.mean))
        n = 1 + sum(sizes)
        return cls(
            plan=plan,
            intercept=read_number(values, "intercept"),
            levels=read_vector(values, "levels", length=sizes[0]),
            weights=read_vector(values, "weights", length=sizes[1]),
            turns=read_vector(values, "turns", length=sizes[2]),
            covariance=read_matrix(values, "covariance", shape=(n, n)),
        )


def course_penalty(rows: Rows, spells: PersonPeriods, plan: HazardDesign) -> float:
    """Return the penalty of the smallest leave-one-household-out log loss."""
    design, offset = plan.design(rows, spells), np.log(spells.exposure)
    return best_penalty(design, spells.struck, rows.weight[spells.row], offset, rows.household[spells.row])


def fit_course(rows: Rows, spells: PersonPeriods, plan: HazardDesign, *, penalty: float) -> BaselineHazard:
    """Fit the rates by penalised maximum likelihood: ridge on levels and standardised columns, intercept free."""
    design, weight = plan.design(rows, spells), rows.weight[spells.row]
    offset, ridge = np.log(spells.exposure), ridge_of(penalty, design.shape[1])
    at = fit_cloglog(design, spells.struck, weight, offset=offset, ridge=ridge)
    pull, mass = working(design @ at + offset, spells.struck, weight)
    pulls = pull[:, None] * design
    covariance = sandwich_covariance(inverse_information(design, mass, ridge), pulls, rows.household[spells.row])
    intercept, levels, weights, turns = np.split(at, np.cumsum([1, len(plan.bounds), len(plan.basis.mean)]))
    return BaselineHazard(
        plan=plan,
        intercept=float(intercept[0]),
        levels=levels,
        weights=weights,
        turns=turns,
        covariance=covariance,
    )
