"""The rule in force: named conditions, and how often households that meet one, two, three of them fell back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, Self, cast

import numpy as np
from scipy.special import logit
from scipy.stats import norm
from sklearn.isotonic import IsotonicRegression

from relapse_risk.area_effects.area_offset import AreaOffset
from relapse_risk.calibration import Sigmoid
from relapse_risk.metrics import Floats, Fold, Ints, Vector
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.feature_columns import Columns
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import Rows
from relapse_risk.models.predictor import LinearPredictor, out_of_fold

__all__ = ["ColumnTest", "Condition", "PolicyRuleClassifier"]

_Test = Literal["at_least", "at_most", "above", "below"]
_TESTS: Mapping[_Test, Any] = {
    "at_least": np.greater_equal,
    "at_most": np.less_equal,
    "above": np.greater,
    "below": np.less,
}


class ColumnTest(Protocol):
    """A condition on a column by its name, whoever wrote it down: a bound that a figure is compared with, or a code."""

    @property
    def column(self) -> str:
        """The column's name."""

    @property
    def test(self) -> str:
        """One of ``at_least``, ``at_most``, ``above``, ``below`` or, of a code, ``is``."""

    @property
    def bound(self) -> float | None:
        """What a figure is compared with; None of a code."""

    @property
    def code(self) -> str | None:
        """What a code has to be; None of a figure."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A comparison of one term with a bound; a missing figure does not meet it."""

    term: int
    test: _Test
    bound: float

    def met(self, terms: Floats) -> Floats:
        """Return 1.0 where a row meets it, shape (n,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(_TESTS[self.test](terms[:, self.term], self.bound), dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class RulePredictor:
    """Log-odds by the number of conditions met.

    Attributes
    ----------
    layout : FeatureLayout
    conditions : tuple of Condition
    levels : ndarray of shape (conditions + 1,)
        Log-odds of households that meet none, one, two, …
    errors : ndarray of shape (conditions + 1,)
        Standard errors of the levels.
    """

    layout: FeatureLayout
    conditions: tuple[Condition, ...]
    levels: Vector
    errors: Vector
    kind: Literal["rule"] = "rule"
    df: ClassVar[float] = np.inf

    def __post_init__(self) -> None:
        if not len(self.levels) == len(self.errors) == len(self.conditions) + 1:
            raise ValueError("expected one level and one standard error for each possible number of conditions met")
        if not {condition.term for condition in self.conditions} <= set(range(self.layout.n_terms)):
            raise ValueError("expected conditions on terms of the layout")

    @property
    def intercept(self) -> float:
        """Log-odds of a household that meets no condition."""
        return float(self.levels[0])

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        return np.asarray(self.levels[_count(self.conditions, terms)])

    def by_term(self, terms: Floats) -> Floats:
        """Return the log-odds above the first level, split evenly over the conditions met, shape (n, terms)."""
        found = np.zeros(terms.shape, order="F")
        met = [condition.met(terms) for condition in self.conditions]
        count = _count(self.conditions, terms)
        share = (self.levels[count] - self.levels[0]) / np.maximum(count, 1)
        for condition, holds in zip(self.conditions, met, strict=True):
            found[:, condition.term] += holds * share
        return found

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""
        found = np.zeros((len(terms), len(self.layout.reasons)), order="F")
        split = self.by_term(terms)
        for term, reason in enumerate(self.layout.group):
            found[:, reason] += split[:, term]
        return found

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard error of the level, shape (n,)."""
        return np.asarray(self.errors[_count(self.conditions, terms)])


def _count(conditions: tuple[Condition, ...], terms: Floats) -> Ints:
    total = np.zeros(len(terms))
    for condition in conditions:
        total += condition.met(terms)
    return total.astype(np.int64)


def _learned(layout: FeatureLayout, conditions: tuple[Condition, ...], rows: Rows) -> RulePredictor:
    """Return the rule with its rates: each drawn to the mean by one row's weight, and rising with the number met."""
    count, n = _count(conditions, rows.terms), len(conditions) + 1
    mass = np.bincount(count, rows.event_weight, n)
    mean = np.average(rows.fell, weights=rows.event_weight)
    rates = (np.bincount(count, rows.event_weight * rows.fell, n) + mean) / (mass + 1)
    rising = np.asarray(IsotonicRegression().fit(np.arange(n), rates, sample_weight=mass + 1).predict(np.arange(n)))
    return RulePredictor(
        layout=layout,
        conditions=conditions,
        levels=np.asarray(logit(rising)),
        errors=1 / np.sqrt((mass + 1) * rising * (1 - rising)),
    )


class PolicyRuleClassifier(RiskClassifier):
    """The status quo: households are ranked by how many named conditions they meet.

    The risk of each number of conditions is estimated in training; it never falls with the number.

    Parameters
    ----------
    conditions : Mapping of str to ColumnTest, optional
        By name, as `relapse_risk.policy.ColumnCondition`: a column, and a bound or a code. Conditions on columns that
        are not there are left out; none at all gives everyone the mean risk.
    reasons, signs, calibration, n_folds, n_jobs, random_state
        As for `ReasonAdditiveClassifier`; signs are not used.

    Examples
    --------
    >>> from relapse_risk.policy import ColumnCondition
    >>> rule = {"poor": ColumnCondition(column="x0", below=1.5), "ill": ColumnCondition(column="x1", at_least=1)}
    >>> model = PolicyRuleClassifier(conditions=rule)
    >>> model = model.fit([[1.0, 1], [1.2, 0], [3.0, 0], [1.1, 1]] * 9, [1, 0, 0, 1] * 9)
    >>> model.predict([[1.0, 1], [9.0, 0]]).tolist()
    [1, 0]
    """

    poor_alone = True

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        conditions: Mapping[str, ColumnTest] | None = None,
        calibration: str | None = None,
        n_folds: int = 5,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.conditions = conditions
        self.calibration = calibration
        self.n_folds = n_folds
        self.n_jobs = n_jobs
        self.random_state = random_state

    @classmethod
    def assumed(
        cls,
        conditions: Mapping[str, ColumnTest],
        reasons: Mapping[str, str] | None = None,
        *,
        risk: float,
        odds_ratio: float,
        factor: float,
    ) -> Self:
        """Return the rule with rates that are assumed, not learned from any outcome.

        Parameters
        ----------
        conditions, reasons
            As for the class; the columns are those the conditions name.
        risk : float
            Probability of a household that meets no condition.
        odds_ratio : float
            What every condition met multiplies the odds by, from 1.
        factor : float
            By how much the odds may be off either way, from 1: the 90 % interval reaches so far.

        Examples
        --------
        >>> import polars as pl
        >>> from relapse_risk.policy import ColumnCondition
        >>> rule = {"poor": ColumnCondition(column="ratio", below=1.5)}
        >>> rule["ill"] = ColumnCondition(column="ill", at_least=1)
        >>> model = PolicyRuleClassifier.assumed(rule, risk=0.02, odds_ratio=2, factor=4)
        >>> model.predict_proba(pl.DataFrame({"ratio": [9.0, 1.0, 1.0], "ill": [0, None, 1]}))[:, 1].round(3).tolist()
        [0.02, 0.039, 0.075]
        """
        model = cls(reasons, conditions=conditions)
        model.layout_ = layout = FeatureLayout.of(_columns(conditions), reasons, None)
        compiled = tuple(_conditions(conditions, layout))
        model.core_ = RulePredictor(
            layout=layout,
            conditions=compiled,
            levels=logit(risk) + np.log(odds_ratio) * np.arange(len(compiled) + 1),
            errors=np.full(len(compiled) + 1, np.log(factor) / norm.ppf(0.95)),
        )
        model.calibrator_, model.local_, model.prevalence_ = Sigmoid(), AreaOffset(), float(risk)
        # Contributions are against a household that meets no condition.
        model.centre_, model.column_centre_ = np.zeros(len(layout.reasons)), np.zeros(len(layout.columns.names))
        model.classes_, model.n_features_in_ = np.array([0.0, 1.0]), len(layout.columns.names)
        model.feature_names_in_ = np.array(layout.columns.names, dtype=object)
        return model

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        conditions = tuple(_conditions(self.conditions or {}, layout))

        def learn(sample: Rows) -> LinearPredictor:
            return _learned(layout, conditions, sample)

        return learn(rows), out_of_fold(lambda chosen: learn(rows.take(chosen)), rows, folds, self.n_jobs)[0]


def _columns(named: Mapping[str, ColumnTest]) -> Columns:
    """Return the columns that conditions name, with the codes they ask for."""
    names = tuple(dict.fromkeys(asked.column for asked in named.values()))
    codes = {
        place: tuple(dict.fromkeys(asked.code for asked in named.values() if asked.column == name and asked.code))
        for place, name in enumerate(names)
    }
    return Columns(names=names, levels={place: asked for place, asked in codes.items() if asked})


def _conditions(named: Mapping[str, ColumnTest], layout: FeatureLayout) -> list[Condition]:
    found = []
    for asked in named.values():
        term = layout.columns.term(asked.column, asked.code)
        if term is not None:
            # The term of a code is 1 where a row has it.
            test, bound = ("above", 0.5) if asked.bound is None else (asked.test, asked.bound)
            found.append(Condition(term=term, test=cast(_Test, test), bound=bound))
    return found
