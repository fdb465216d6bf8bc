"""Logistic regression over all columns, and over income alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from relapse_risk.metrics import Floats, Fold, Ints
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import Basis, DesignedRows, Linear, Rows, best_fit, fit_inflation
from relapse_risk.models.predictor import N_REDRAWS, LinearPredictor, out_of_fold

__all__ = ["IncomeOnlyClassifier", "LogisticClassifier"]

# Incomes are compared in the logarithm, from a twentieth of the line up: below, less is no longer poorer.
_LEAST_RATIO = 0.05
# One figure needs no penalty but what keeps separated samples finite.
_FREE = 0.01


@dataclass(frozen=True, kw_only=True)
class LogisticPredictor:
    """A penalised logistic model over all terms."""

    layout: FeatureLayout
    model: Linear
    kind: Literal["logistic"] = "logistic"
    df: ClassVar[float] = np.inf

    def __post_init__(self) -> None:
        if self.model.n_redraws != N_REDRAWS or len(self.model.basis.low) != self.layout.n_terms:
            raise ValueError(f"expected a model over the terms of the layout, with {N_REDRAWS} redraws")

    @property
    def intercept(self) -> float:
        """Log-odds that belong to no reason."""
        return self.model.intercept

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        return self.model.score(terms)

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""
        return self.model.parts(terms, self.layout.group, len(self.layout.reasons))

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard deviation of the log-odds around those given the same terms, shape (n,)."""
        return np.sqrt(self.model.variance(terms))

    def redrawn(self, terms: Floats) -> Floats:
        """Return by how much the log-odds would differ in other trainings, see `Redrawable`."""
        return self.model.redrawn(terms)

    def by_term(self, terms: Floats) -> Floats:
        """Return the split of the log-odds over terms, here exact, shape (n, terms)."""
        return self.model.parts(terms, np.arange(self.layout.n_terms), self.layout.n_terms)


@dataclass(frozen=True, kw_only=True)
class IncomeOnlyPredictor:
    """A logistic model over the logarithm of one term."""

    layout: FeatureLayout
    term: int
    model: Linear
    kind: Literal["income_only"] = "income_only"
    df: ClassVar[float] = np.inf

    def __post_init__(self) -> None:
        inside = 0 <= self.term < self.layout.n_terms
        if not inside or self.model.n_redraws != N_REDRAWS or len(self.model.basis.low) != 1:
            raise ValueError(f"expected a model over a single term of the layout, with {N_REDRAWS} redraws")

    @property
    def intercept(self) -> float:
        """Log-odds that belong to no reason."""
        return self.model.intercept

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        return self.model.score(_logged(terms, self.term))

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""
        group = self.layout.group[[self.term]]
        return self.model.parts(_logged(terms, self.term), group, len(self.layout.reasons))

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard deviation of the log-odds around those given the same terms, shape (n,)."""
        return np.sqrt(self.model.variance(_logged(terms, self.term)))

    def redrawn(self, terms: Floats) -> Floats:
        """Return by how much the log-odds would differ in other trainings, see `Redrawable`."""
        return self.model.redrawn(_logged(terms, self.term))

    def by_term(self, terms: Floats) -> Floats:
        """Return the split of the log-odds over terms, here exact, shape (n, terms)."""
        return self.model.parts(_logged(terms, self.term), np.array([self.term]), self.layout.n_terms)


def _logged(terms: Floats, term: int) -> Floats:
    return np.log(np.maximum(terms[:, [term]], _LEAST_RATIO))


class LogisticClassifier(RiskClassifier):
    """Penalised logistic regression over all columns: robustly scaled, missing values marked, codes as indicators.

    Parameters
    ----------
    reasons, signs, calibration, n_folds, n_jobs, random_state
        As for `ReasonAdditiveClassifier`; signs are not used.
    penalty : float, optional
        Ridge penalty on standardised columns; by the log loss with households left out if not given.

    Examples
    --------
    >>> model = LogisticClassifier().fit([[0.0], [1.0], [2.0], [3.0]] * 9, [0, 0, 1, 1] * 9)
    >>> model.predict([[0.5], [2.5]]).tolist()
    [0, 1]
    """

    positive = ("penalty",)

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        calibration: str | None = "sigmoid",
        n_folds: int = 5,
        penalty: float | None = None,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.calibration = calibration
        self.n_folds = n_folds
        self.penalty = penalty
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        designed = DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=0))
        fit = best_fit(designed) if self.penalty is None else designed.fit(self.penalty)

        def learn(chosen: Ints) -> LogisticPredictor:
            model = designed.take(chosen).fit(fit.penalty, fit.at).model(N_REDRAWS)
            return LogisticPredictor(layout=layout, model=model)

        scores, others = out_of_fold(learn, rows, folds, self.n_jobs)
        inflation = fit_inflation(rows, [fold.test for fold in folds], [core.model for core in others], scores)
        return LogisticPredictor(layout=layout, model=fit.model(N_REDRAWS).inflated(inflation)), scores


class IncomeOnlyClassifier(RiskClassifier):
    """Logistic regression on the logarithm of one column: income over the line.

    Parameters
    ----------
    reasons, signs, calibration, n_folds, n_jobs, random_state
        As for `ReasonAdditiveClassifier`; signs are not used.
    column : str, optional
        The column with income over line; the first one if not given.

    Examples
    --------
    >>> model = IncomeOnlyClassifier().fit([[0.9], [1.1], [2.0], [4.0]] * 9, [1, 1, 0, 0] * 9)
    >>> model.predict([[1.0], [3.0]]).tolist()
    [1, 0]
    """

    poor_alone = True

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        column: str | None = None,
        calibration: str | None = "sigmoid",
        n_folds: int = 5,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.column = column
        self.calibration = calibration
        self.n_folds = n_folds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        term = layout.columns.term(self.column or layout.columns.names[0])
        if term is None:
            raise ValueError(f"there is no such column of numbers as {self.column!r}; name the income column")

        logged = replace(rows, terms=_logged(rows.terms, term))
        designed = DesignedRows.of(logged, Basis.of(logged.terms, rows.weight, n_knots=0))
        fit = designed.fit(_FREE)

        def learn(chosen: Ints) -> IncomeOnlyPredictor:
            model = designed.take(chosen).fit(_FREE, fit.at).model(N_REDRAWS)
            return IncomeOnlyPredictor(layout=layout, term=term, model=model)

        scores, others = out_of_fold(learn, rows, folds, self.n_jobs)
        inflation = fit_inflation(logged, [fold.test for fold in folds], [core.model for core in others], scores)
        return IncomeOnlyPredictor(layout=layout, term=term, model=fit.model(N_REDRAWS).inflated(inflation)), scores
