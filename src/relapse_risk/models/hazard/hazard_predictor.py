"""The fitted hazard as every estimator's core: log-odds of a relapse by the horizon, split over reasons."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

import numpy as np
from scipy.special import logsumexp

from relapse_risk.metrics import Floats, Ints, Vector
from relapse_risk.models.contributions import scale_through
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.hazard.course import BaselineHazard
from relapse_risk.models.hazard.followed import spans
from relapse_risk.models.hazard.incidence import Link, log_odds, log_odds_slopes
from relapse_risk.models.linear import Rows, quadratic

__all__ = ["HazardPredictor"]


@dataclass(frozen=True, kw_only=True)
class HazardPredictor:
    """Rates of relapse and of competing exits.

    The logarithm r of the cumulative rate to the horizon is additive: each column its part, and duration what it makes
    of the intervals. A `Link` takes r to log-odds, as things are on average; parts are scaled through it. What is left,
    because this household's other exits or the course of its duration differ from the average, goes to the term `rest`.

    Attributes
    ----------
    layout : FeatureLayout
    horizon : float
        Months.
    relapse : BaselineHazard
    competing : BaselineHazard or None
        Of competing exits, where there were any.
    link : Link
    centre : ndarray of shape (terms,)
        Mean parts of r over the training rows.
    """

    layout: FeatureLayout
    horizon: float
    relapse: BaselineHazard
    competing: BaselineHazard | None
    link: Link
    centre: Vector
    kind: Literal["hazard"] = "hazard"
    df: ClassVar[float] = np.inf

    def __post_init__(self) -> None:
        hazards = [self.relapse] if self.competing is None else [self.relapse, self.competing]
        n, bounds = self.layout.n_terms, self.relapse.plan.bounds
        if len(self.centre) != n or not all(one.plan.fits(n) for one in hazards):
            raise ValueError("expected hazards over the terms of the layout")
        if not self.horizon > 0 or not all(np.array_equal(one.plan.bounds, bounds) for one in hazards):
            raise ValueError("expected hazards over the same intervals, and a horizon above 0")
        counted = np.count_nonzero(spans(bounds, self.horizon))
        sizes = [counted] if self.competing is None else [counted, counted]
        if [len(part) for part in (self.link.profile, self.link.competing) if part is not None] != sizes:
            raise ValueError("expected a link over the intervals up to the horizon")

    @property
    def rest(self) -> int | None:
        """The term that takes what is left; None where nothing can be."""
        exits = () if self.competing is None else self.competing.plan.terms
        return None if self.competing is None else next((int(term) for term in exits), self.relapse.plan.duration)

    @classmethod
    def of(
        cls,
        rows: Rows,
        layout: FeatureLayout,
        horizon: float,
        relapse: BaselineHazard,
        competing: BaselineHazard | None,
    ) -> Self:
        """Take the averages over the training rows."""
        months = spans(relapse.plan.bounds, horizon)
        rates = relapse.rates(rows.terms, months)
        parts = np.average(rates - logsumexp(rates, axis=1, keepdims=True), axis=0, weights=rows.weight)
        left = (
            None if competing is None else np.average(competing.rates(rows.terms, months), axis=0, weights=rows.weight)
        )
        link = Link(profile=parts - logsumexp(parts), competing=left)
        nowhere = np.zeros(layout.n_terms)
        core = cls(layout=layout, horizon=horizon, relapse=relapse, competing=competing, link=link, centre=nowhere)
        return replace(core, centre=np.average(core.rate_parts(rows.terms), axis=0, weights=rows.weight))

    @property
    def intercept(self) -> float:
        """Log-odds that belong to no reason: those at the mean of the parts of r."""
        return float(self.link.value(np.array([self._rate_centre]))[0])

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds of a relapse by the horizon, shape (n,)."""
        return self.score_at(terms, self.horizon)

    def score_at(self, terms: Floats, horizon: float) -> Floats:
        """Return the log-odds of a relapse within some months, shape (n,)."""
        return log_odds(*self._rates(terms, horizon))

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""
        return self._grouped(self.by_term(terms), self.layout.group, len(self.layout.reasons))

    def by_term(self, terms: Floats) -> Floats:
        """Return the split of the log-odds over terms, exact but for the choice of `rest`, shape (n, terms)."""
        parts = self.rate_parts(terms) - self.centre
        rate = self._rate_centre + self._grouped(parts, np.zeros(parts.shape[1], dtype=np.int64), 1)[:, 0]
        found = parts * scale_through(self.link, rate, self._rate_centre)[:, None]
        if self.rest is not None:
            found[:, self.rest] += self.score(terms) - self.link.value(rate)
        return found

    def rate_parts(self, terms: Floats) -> Floats:
        """Return what each term adds to the logarithm of the cumulative rate, not centred, shape (n, terms)."""
        found = np.zeros((len(terms), self.layout.n_terms), order="F")
        found[:, self.relapse.plan.terms] = self.relapse.proportional(terms)
        duration = self.relapse.plan.duration
        if duration is not None:
            levels = self.relapse.levels_at(terms, spans(self.relapse.plan.bounds, self.horizon))
            found[:, duration] = logsumexp(levels, axis=1) - self._level
        return found

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard deviation of the log-odds around those given the terms (delta method), shape (n,)."""
        variances = [quadratic(gradient, covariance) for gradient, covariance in self._gradients(terms)]
        return np.asarray(np.sqrt(np.maximum(np.sum(variances, axis=0), 0.0)))

    def sum_variance(self, terms: Floats, factors: Floats) -> Floats:
        """Return the variance of sums of log-odds, each with factors of the rows, shape (n, sums), shape (sums,)."""
        variances = [quadratic(factors.T @ gradient, covariance) for gradient, covariance in self._gradients(terms)]
        return np.asarray(np.sum(variances, axis=0))

    def inflated(self, factor: float) -> Self:
        """Return the hazard with standard errors that many times as large."""
        left = None if self.competing is None else self.competing.inflated(factor)
        return replace(self, relapse=self.relapse.inflated(factor), competing=left)

    @property
    def reach(self) -> float:
        """Months of follow-up that were learned from."""
        return float(self.relapse.plan.bounds[-1])

    @property
    def _level(self) -> float:
        """The logarithm of the cumulative rate but for columns and duration."""
        months = spans(self.relapse.plan.bounds, self.horizon)
        counted = months > 0
        return self.relapse.intercept + float(logsumexp(self.relapse.levels[counted] + np.log(months[counted])))

    @property
    def _rate_centre(self) -> float:
        return self._level + float(self.centre.sum())

    def _gradients(self, terms: Floats) -> list[tuple[Floats, Floats]]:
        """Return how the log-odds move with the coefficients of each hazard, and the covariance of these."""
        slopes = log_odds_slopes(*self._rates(terms, self.horizon))
        months = spans(self.relapse.plan.bounds, self.horizon)
        hazards = [self.relapse] if self.competing is None else [self.relapse, self.competing]
        return [
            (one.gradient(terms, months, slope), one.covariance) for one, slope in zip(hazards, slopes, strict=False)
        ]

    def _rates(self, terms: Floats, horizon: float) -> tuple[Floats, Floats | None]:
        months = spans(self.relapse.plan.bounds, horizon)
        return self.relapse.rates(terms, months), None if self.competing is None else self.competing.rates(
            terms, months
        )

    @staticmethod
    def _grouped(by_term: Floats, group: Ints, n: int) -> Floats:
        """Return figures of terms summed by group, term by term, shape (n, groups)."""
        found = np.zeros((len(by_term), n), order="F")
        for term, place in enumerate(group):
            found[:, place] += by_term[:, term]
        return found
