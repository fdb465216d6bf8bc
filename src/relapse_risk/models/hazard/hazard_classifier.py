"""The discrete-time hazard as an estimator: risks of several horizons that agree with one another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any, Self

import numpy as np
from scipy.special import expit

from relapse_risk.errors import warn
from relapse_risk.metrics import Floats, Fold, Ints, bayesian_covariance, inverse_information
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.hazard.course import BaselineHazard, HazardDesign
from relapse_risk.models.hazard.followed import PersonPeriods, cut_bounds, cut_rows, read_followed, settled_rows
from relapse_risk.models.hazard.hazard_predictor import HazardPredictor
from relapse_risk.models.hazard.solver import best_penalty, fit_cloglog, ridge_of, working
from relapse_risk.models.linear import Rows, fit_inflation, read_unreported
from relapse_risk.models.predictor import LinearPredictor, out_of_fold

__all__ = ["HazardClassifier", "course_penalty", "fit_course"]

# A year of follow-up may be some days short.
_REACHED = 1.05


class HazardClassifier(RiskClassifier):
    """Discrete-time hazard with complementary log-log link, competing exits, partial follow-up and several horizons.

    In every interval the probability of a relapse among those still there is 1 - exp(-exp(r)), r the logarithm of its
    rate: a level for the interval, the months of exposure, a bending line in the time since exit at its start, and the
    columns (Prentice and Gloeckler 1978, Biometrics 34, 57-67; Jenkins 1995, Oxford Bulletin 57, 129-136). Competing
    exits have rates of their own. Coefficients have a ridge penalty.

    Parameters
    ----------
    reasons, signs, calibration, n_folds, n_jobs, random_state
        As for `ReasonAdditiveClassifier`; signs are not used.
    horizon : int
        Months `predict_proba` speaks of.
    intervals : tuple of float
        Ends of the intervals, months. The horizon is always one of them.
    duration : str or None
        The column with the time since exit, if there is such a column of numbers.
    duration_months : float
        Months in one unit of that column: 12 where it counts years.
    competing_columns : tuple of str
        Columns the rates of competing exits depend on.
    penalty : float, optional
        Ridge penalty on the levels of the intervals and on standardised columns; if not given, that of the smallest
        log loss of the relapses, households left out one by one, among seven from 3 to 3,000.

    Examples
    --------
    >>> X = [[float(i % 3), float(i % 7)] for i in range(120)]
    >>> y = [int(i % 3 == 0 and i % 2 == 0) for i in range(120)]
    >>> months = [5 if fell else 24 for fell in y]
    >>> model = HazardClassifier(duration=None).fit(X, y, months=months)
    >>> bool((np.diff(model.predict_risk(X, horizons=(3, 6, 12, 24)), axis=1) >= 0).all())
    True
    """

    core_: HazardPredictor
    positive = ("penalty",)

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        horizon: int = 12,
        intervals: tuple[float, ...] = (3, 6, 12, 24),
        duration: str | None = "duration",
        duration_months: float = 1.0,
        competing_columns: tuple[str, ...] = (),
        calibration: str | None = "sigmoid",
        n_folds: int = 5,
        penalty: float | None = None,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.horizon = horizon
        self.intervals = intervals
        self.duration = duration
        self.duration_months = duration_months
        self.competing_columns = competing_columns
        self.calibration = calibration
        self.n_folds = n_folds
        self.penalty = penalty
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        time: Any = None,
        household: Any = None,
        place: Any = None,
        recalibrate_latest: bool = False,
        unreported_share: Any = None,
        unreported_error: Any = None,
        months: Any = None,
        competing_event: Any = None,
    ) -> Self:
        """Fit the rates and, out of fold, the calibrator of the risk at the horizon.

        Parameters
        ----------
        X : array-like or frame of shape (n, columns)
            As known on the as-of day.
        y : array-like of shape (n,)
            Two classes; the greater one is a relapse that was seen.
        sample_weight, time, household, place, recalibrate_latest, unreported_share, unreported_error
            As for every estimator here.
        months : array-like of shape (n,), optional
            Months from the as-of day to the relapse, the competing exit or the end of follow-up, whichever came first.
            Without it, outcomes are those at the horizon, everybody was followed that long, and of the months inside it
            nothing is known: the rate is then the same in all of them.
        competing_event : array-like of bool, shape (n,), optional
            Whether a competing exit (death, departure) ended the follow-up.

        Raises
        ------
        ValueError
            As for every estimator here; for months that are none, and for rows with a relapse and a competing event.

        Warns
        -----
        RelapseRiskWarning
            If nobody was followed as long as the horizon (``horizon_not_followed``).
        """
        fit_params = {
            "place": place,
            **read_unreported(unreported_share, unreported_error),
            "followed": read_followed(months, competing_event),
        }
        self._fit(X, y, sample_weight, time, household, recalibrate_latest, **fit_params)
        if beyond := self._beyond([self.horizon]):
            warn("horizon_not_followed", **beyond)
        return self

    def predict_risk(self, X: Any, horizons: Sequence[float] = (3, 6, 12, 24), place: Any = None) -> Floats:
        """Return the probability of a relapse within each of several horizons, shape (n, horizons).

        A longer horizon never has the smaller risk. The calibrator of the main horizon, and what the place adds, are
        applied to all of them.

        Parameters
        ----------
        X : array-like or frame of shape (n, columns)
        horizons : sequence of float
            Months, in any order.
        place : array-like of shape (n, levels), optional
            As in `predict_proba`.

        Raises
        ------
        ValueError
            For horizons that are no positive numbers.

        Warns
        -----
        RelapseRiskWarning
            If follow-up in training never reached one of them (``horizon_not_followed``): the rate of the last interval
            is then taken to go on.
        """
        asked = np.asarray(horizons, dtype=np.float64)
        if asked.ndim != 1 or not (np.isfinite(asked) & (asked > 0)).all():
            raise ValueError(f"horizons must be a list of positive numbers of months, not {horizons!r}")
        terms = self.encode(X).terms
        if beyond := self._beyond(asked.tolist()):
            warn("horizon_not_followed", **beyond)
        order = np.argsort(asked, kind="stable")
        calibrated = [self.calibrator_.value(self.core_.score_at(terms, asked[number])) for number in order]
        scores = [one + self.local_.added(one, place) for one in calibrated]
        found = np.empty((len(terms), len(asked)))
        for number, risk in zip(order, np.maximum.accumulate(expit(scores), axis=0) if scores else (), strict=True):
            found[:, number] = risk
        return found

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        if rows.followed is not None and (rows.outcome * rows.followed[:, 1]).any():
            raise ValueError("a row has both a relapse and a competing exit; keep only the one that came first")
        bounds = cut_bounds(tuple(self.intervals), self.horizon, rows.followed)
        duration = None if self.duration is None else layout.columns.term(self.duration)
        others = np.setdiff1d(np.arange(layout.n_terms), [] if duration is None else [duration])
        exits = _terms_of(layout, self.competing_columns)
        unit = float(self.duration_months)
        relapse = HazardDesign.of(rows, cut_rows(rows, bounds, event="relapse"), bounds, others, duration, unit)
        competing_event = (
            HazardDesign.of(rows, cut_rows(rows, bounds, event="competing"), bounds, exits)
            if _any_competing(rows)
            else None
        )

        penalty = self.penalty or course_penalty(rows, cut_rows(rows, bounds, event="relapse"), relapse)

        def course(sample: Rows, plan: HazardDesign, event: str) -> BaselineHazard:
            return fit_course(sample, cut_rows(sample, bounds, event=event), plan, penalty=penalty)

        def learn(sample: Rows) -> HazardPredictor:
            left = None if competing_event is None else course(sample, competing_event, "competing")
            return HazardPredictor.of(sample, layout, float(self.horizon), course(sample, relapse, "relapse"), left)

        scores, tried = out_of_fold(lambda chosen: learn(rows.take(chosen)), rows, folds, self.n_jobs)
        return learn(rows).inflated(self._inflation(rows, folds, tried, scores)), scores

    def _inflation(self, rows: Rows, folds: tuple[Fold, ...], tried: list[HazardPredictor], scores: Floats) -> float:
        """Return what standard errors are multiplied by, from the rows whose outcome at the horizon is known."""
        known, outcome, weight = settled_rows(rows, self.horizon)
        if not folds or len(np.unique(outcome > 0)) < 2:
            return 1.0
        place = np.full(len(rows.outcome), -1)
        place[known] = np.arange(len(known))
        tests = [place[fold.test][place[fold.test] >= 0] for fold in folds]
        settled = replace(rows.take(known), outcome=outcome, weight=weight)
        return fit_inflation(settled, tests, tried, scores[known])

    def _settled(self, scores: Floats, rows: Rows) -> tuple[Floats, Rows]:
        known, outcome, weight = settled_rows(rows, self.horizon)
        if len(np.unique(outcome > 0)) < 2:
            return scores[:0], rows
        return scores[known], replace(rows.take(known), outcome=outcome, weight=weight)

    def _beyond(self, horizons: Sequence[float]) -> dict[str, str]:
        """Return the longest of some horizons and the months learned from, where it lies well beyond these."""
        longest, reach = max(horizons, default=0.0), self.core_.reach
        return {"horizon": f"{longest:g}", "reach": f"{reach:.3g}"} if longest > _REACHED * reach else {}

    def check_parameters(self) -> None:
        """Raise a ValueError where a parameter is out of its range."""
        super().check_parameters()
        months = {"horizon": (self.horizon,), "intervals": self.intervals, "duration_months": (self.duration_months,)}
        for name, values in months.items():
            if not all(isinstance(one, Real) and not isinstance(one, bool) and 0 < one < np.inf for one in values):
                raise ValueError(f"{name} must be a positive number of months, not {getattr(self, name)!r}")


def _any_competing(rows: Rows) -> bool:
    return rows.followed is not None and bool(rows.followed[:, 1].any())


def _terms_of(layout: FeatureLayout, names: Sequence[str]) -> Ints:
    columns = [layout.columns.names.index(name) for name in names if name in layout.columns.names]
    return np.flatnonzero(np.isin(layout.columns.of_term, columns)).astype(np.int64)


def course_penalty(rows: Rows, spells: PersonPeriods, plan: HazardDesign) -> float:
    """Return the penalty of the smallest leave-one-household-out log loss."""
    design, offset = plan.design(rows, spells), np.log(spells.exposure)
    return best_penalty(design, spells.event, rows.event_weight[spells.row], offset, rows.household[spells.row])


def fit_course(rows: Rows, spells: PersonPeriods, plan: HazardDesign, *, penalty: float) -> BaselineHazard:
    """Fit the rates by penalised maximum likelihood: ridge on levels and standardised columns, intercept free."""
    design, weight = plan.design(rows, spells), rows.event_weight[spells.row]
    offset, ridge = np.log(spells.exposure), ridge_of(penalty, design.shape[1])
    at = fit_cloglog(design, spells.event, weight, offset=offset, ridge=ridge)
    gradient, mass = working(design @ at + offset, spells.event, weight)
    gradients = gradient[:, None] * design
    covariance = bayesian_covariance(
        inverse_information(design, mass, ridge), ridge, gradients, rows.household[spells.row]
    )
    intercept, levels, weights, duration_weights = np.split(at, np.cumsum([1, len(plan.bounds), len(plan.basis.mean)]))
    return BaselineHazard(
        plan=plan,
        intercept=float(intercept[0]),
        levels=levels,
        weights=weights,
        duration_weights=duration_weights,
        covariance=covariance,
    )
