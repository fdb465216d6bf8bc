"""A scorecard for offices without a computer: few columns, few bins, whole points, a table from total to risk."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import polars as pl
from scipy.special import expit
from sklearn.utils.validation import check_is_fitted

from relapse_risk.metrics import Floats, Fold, Ints, bayesian_covariance, calibration_in_the_large, fit_logistic
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import Rows, fit_inflation, mean_log_odds
from relapse_risk.models.predictor import LinearPredictor, each
from relapse_risk.models.scorecard.bins import Bins
from relapse_risk.models.scorecard.card import Scorecard, ScorecardColumn

__all__ = ["ScorecardClassifier"]

_RIDGE = 1.0


@dataclass(frozen=True, kw_only=True)
class _Recipe:
    """How cards are made."""

    layout: FeatureLayout
    n_columns: int
    n_bins: int
    unit: float

    def cards(self, rows: Rows) -> list[Scorecard]:
        """Return cards of none, one, two, … columns, each with the column that adds most to those before."""
        y, w = rows.fell, rows.event_weight
        signs, effect = self.layout.signs, _design_effect(rows)
        bins = [
            Bins.of(column, y, w, sign=int(sign), most=self.n_bins, design_effect=effect)
            for column, sign in zip(rows.terms.T, signs, strict=True)
        ]
        evidence = np.column_stack([one.of_rows(column) for one, column in zip(bins, rows.terms.T, strict=True)])
        found, chosen = [self._card(rows, bins, evidence, [], np.array([mean_log_odds(rows)]))], list[int]()
        left = np.ptp(evidence, axis=0) > 1e-9
        at = np.array([mean_log_odds(rows)])
        while len(chosen) < self.n_columns and left.any():
            gain = _gains(evidence, at[0] + evidence[:, chosen] @ at[1:], rows)
            best = int(np.argmax(np.where(left, gain, -np.inf)))
            left[best] = False
            if gain[best] <= 0:
                break
            there = _weighed(evidence[:, [*chosen, best]], rows)
            if (there[1:] > 0).all():  # evidence turned round would no longer rise as the column's sign says
                chosen, at = [*chosen, best], there
                found.append(self._card(rows, bins, evidence, chosen, at))
        return found

    def _card(self, rows: Rows, bins: list[Bins], evidence: Floats, chosen: list[int], at: Floats) -> Scorecard:
        entries = tuple(
            ScorecardColumn(
                term=term, bins=bins[term], points=self._points(bins[term], slope, rows.terms[:, term], rows.weight)
            )
            for term, slope in zip(chosen, at[1:], strict=True)
        )
        start = Scorecard(
            layout=self.layout,
            intercept=0.0,
            unit=self.unit,
            entries=entries,
            covariance=_covariance(evidence[:, chosen], rows, at),
        )
        level = calibration_in_the_large(start.score(rows.terms), rows.outcome, rows.weight)
        return Scorecard(
            layout=self.layout, intercept=level, unit=self.unit, entries=entries, covariance=start.covariance
        )

    def _points(self, bins: Bins, slope: float, column: Floats, weight: Floats) -> Ints:
        """Return whole points, none below zero; missing figures that training had none of get the mean."""
        place, worth = bins.place(column), slope * bins.evidence / self.unit
        mass = np.bincount(place, weight, len(worth))
        if mass[-1] == 0:
            worth[-1] = np.average(worth, weights=mass)
        worth[:-1] = worth[:-1] if mass[:-1].any() else worth[-1]
        return np.asarray(np.round(worth - worth.min()), dtype=np.int64)


def _design_effect(rows: Rows) -> float:
    """Return how many times as much the mean outcome varies as that of as many independent rows, at least once."""
    miss = rows.outcome - np.average(rows.outcome, weights=rows.weight)
    of_home = np.bincount(np.unique(rows.household, return_inverse=True)[1], rows.weight * miss)
    alone = rows.weight @ miss**2
    return max(1.0, float(of_home @ of_home / alone)) if alone > 0 else 1.0


def _gains(evidence: Floats, score: Floats, rows: Rows) -> Floats:
    """Return each column's score statistic beside what is scored already; negative where it would count reversed."""
    risk = expit(score)
    information = rows.weight * risk * (1 - risk)
    centred = evidence - information @ evidence / information.sum()
    gradient = (rows.weight * (rows.outcome - risk)) @ centred
    return np.asarray(np.sign(gradient) * gradient**2 / np.maximum(information @ centred**2, 1e-12))


def _weighed(evidence: Floats, rows: Rows) -> Floats:
    design = np.column_stack([np.ones(len(evidence)), evidence])
    ridge = np.array([0.0] + [_RIDGE] * evidence.shape[1])
    return fit_logistic(design, rows.outcome, rows.weight, ridge=ridge, toward=np.zeros(design.shape[1]))


def _covariance(evidence: Floats, rows: Rows, at: Floats) -> Floats:
    design = np.column_stack([np.ones(len(evidence)), evidence])
    risk = expit(design @ at)
    ridge = np.array([1e-9] + [_RIDGE] * evidence.shape[1])
    hessian = (design * (rows.weight * risk * (1 - risk))[:, None]).T @ design + np.diag(ridge)
    gradients = (rows.weight * (rows.outcome - risk))[:, None] * design
    return bayesian_covariance(np.linalg.inv(hessian), ridge, gradients, rows.household)


class ScorecardClassifier(RiskClassifier):
    """A card to be filled in by pencil: at most ten columns in a few bins each, whole points, total to risk.

    Every column is cut into bins whose rates rise or fall throughout (as its sign says, or as the data do), with one
    more for missing figures; columns are added one by one, the one that adds most to those before first, as
    long as log loss out of fold falls; a penalised logistic regression on the evidence of the bins (log-odds of a
    bin over those of all) is put in whole points (Siddiqi 2006, "Credit Risk Scorecards").

    Parameters
    ----------
    reasons, signs, calibration, n_folds, n_jobs, random_state
        As for `ReasonAdditiveClassifier`.
    n_columns : int
        The most columns on the card; each code of a column of codes counts as one.
    n_bins : int
        The most bins of a column, missing figures apart.
    doubling : int
        Points that double the odds, before calibration.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> X = random.integers(0, 4, size=(400, 1))
    >>> model = ScorecardClassifier().fit(X, random.logistic(size=400) < 2 * (X[:, 0] > 1) - 1, household=range(400))
    >>> model.card().select("column", "from", "to", "points").rows()
    [('x0', None, 2.0, 0), ('x0', 2.0, None, 12), ('x0', None, None, 6)]
    >>> model.risks().height
    13
    """

    whole_from = MappingProxyType({"n_folds": 2, "n_columns": 1, "n_bins": 2, "doubling": 1})

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        calibration: str | None = "sigmoid",
        n_folds: int = 5,
        n_columns: int = 10,
        n_bins: int = 4,
        doubling: int = 4,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.calibration = calibration
        self.n_folds = n_folds
        self.n_columns = n_columns
        self.n_bins = n_bins
        self.doubling = doubling
        self.n_jobs = n_jobs
        self.random_state = random_state

    def card(self) -> pl.DataFrame:
        """Return the card, a row for each bin.

        Returns
        -------
        polars.DataFrame
            ``column``; ``code``, where the bin is one code (a following row without one holds all other codes);
            ``from`` (included) and ``to`` (not included), none where open; ``missing``, whether the row is for
            figures that are not known; ``points``.
        """
        check_is_fitted(self)
        rows = [row for entry in cast(Scorecard, self.core_).entries for row in _bins_of(entry, self.layout_)]
        schema = {"column": pl.String, "code": pl.String, "from": pl.Float64, "to": pl.Float64}
        return pl.DataFrame(rows, {**schema, "missing": pl.Boolean, "points": pl.Int64}, orient="row")

    def risks(self) -> pl.DataFrame:
        """Return ``points``, every total from 0 to the greatest, and its calibrated ``risk``, which never falls."""
        check_is_fitted(self)
        core = cast(Scorecard, self.core_)
        points = np.arange(sum([int(entry.points.max()) for entry in core.entries]) + 1)
        scores = np.asarray(core.intercept + core.unit * points, dtype=np.float64)
        return pl.DataFrame({"points": points, "risk": expit(self.calibrator_.value(scores))})

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        recipe = _Recipe(
            layout=layout, n_columns=self.n_columns, n_bins=self.n_bins, unit=float(np.log(2) / self.doubling)
        )
        scores = np.zeros((self.n_columns + 1, len(rows.outcome) if folds else 0))

        def test(fold: Fold) -> list[Scorecard]:
            cards = recipe.cards(rows.take(fold.train))
            for n in range(len(scores)):
                scores[n, fold.test] = _of_length(cards, n).score(rows.terms[fold.test])
            return cards

        others = each(test, folds, self.n_jobs)
        cards = recipe.cards(rows)
        if not folds:
            return cards[-1], scores[0]
        best = _best_length(scores, rows)
        tests = [fold.test for fold in folds]
        inflation = fit_inflation(rows, tests, [_of_length(each_one, best) for each_one in others], scores[best])
        return _of_length(cards, best).inflated(inflation), scores[best]


def _of_length(cards: list[Scorecard], n_columns: int) -> Scorecard:
    """Return the card of so many columns, or the longest where it has fewer."""
    return cards[min(n_columns, len(cards) - 1)]


def _best_length(scores: Floats, rows: Rows) -> int:
    losses = [rows.weight @ (np.logaddexp(0, score) - rows.outcome * score) for score in scores]
    return int(np.argmin(losses))


def _bins_of(
    entry: ScorecardColumn, layout: FeatureLayout
) -> list[tuple[str, str | None, float | None, float | None, bool, int]]:
    column = int(layout.columns.of_term[entry.term])
    name, points = layout.columns.names[column], entry.points.tolist()
    if column in layout.columns.levels:
        code = layout.columns.levels[column][entry.term - int(np.searchsorted(layout.columns.of_term, column))]
        return [(name, code, None, None, code == "", points[1]), (name, None, None, None, False, points[0])]
    edges = [None, *entry.bins.edges.tolist(), None]
    bins = [(name, None, low, high, False, p) for low, high, p in zip(edges[:-1], edges[1:], points[:-1], strict=True)]
    return [*bins, (name, None, None, None, True, points[-1])]
