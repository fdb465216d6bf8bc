"""Several models as one: weighed together in log-odds where that wins out of fold, else the best of them alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, cast

import numpy as np
from pydantic import Field
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import clone

from relapse_risk.metrics import Floats, Fold, Vector
from relapse_risk.models.additive import ReasonAdditiveClassifier
from relapse_risk.models.additive_predictor import AdditivePredictor
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.hazard.hazard_predictor import HazardPredictor
from relapse_risk.models.lightgbm import LightGBMBaseline, TreesPredictor
from relapse_risk.models.linear import Rows
from relapse_risk.models.logistic import IncomeOnlyPredictor, LogisticClassifier, LogisticPredictor
from relapse_risk.models.policy_rule import RulePredictor
from relapse_risk.models.predictor import LinearPredictor
from relapse_risk.models.scorecard import Scorecard
from relapse_risk.models.vulnerability.vulnerability_predictor import VulnerabilityPredictor

__all__ = ["AnyPredictor", "StackPredictor", "StackedClassifier"]

# On weights, against their sum of one spread evenly: with few events, members count alike.
_L2 = 4.0
_USED = 1e-6


@dataclass(frozen=True, kw_only=True)
class StackPredictor:
    """Log-odds = intercept + weights times the members' log-odds.

    Attributes
    ----------
    layout : FeatureLayout
    meta_intercept : float
    weights : ndarray of shape (members,)
        None below zero; a member of weight zero is not kept.
    members : tuple of LinearPredictor or None
    gain, error : float
        By how much the weighing lowers the log loss of the best member out of fold, and the standard error of that
        (whole households are drawn).
    """

    layout: FeatureLayout
    meta_intercept: float
    weights: Vector
    members: "tuple[AnyPredictor | None, ...]"
    gain: float = 0.0
    error: float = 0.0
    kind: Literal["stack"] = "stack"

    def __post_init__(self) -> None:
        if [one is not None for one in self.members] != (self.weights > 0).tolist() or not self.used:
            raise ValueError("expected exactly the members with a weight above 0, and at least one")
        if (self.weights < 0).any() or any(one.layout != self.layout for _, one in self.used):
            raise ValueError("expected weights of at least 0, and members over the layout of the stack")

    @property
    def intercept(self) -> float:
        """Log-odds that belong to no reason."""
        return self.meta_intercept + sum(weight * core.intercept for weight, core in self.used)

    @property
    def used(self) -> "list[tuple[float, AnyPredictor]]":
        """The members of some weight, with it."""
        pairs = zip(self.weights.tolist(), self.members, strict=True)
        return [(weight, core) for weight, core in pairs if core is not None]

    @property
    def df(self) -> float:
        """Degrees of freedom behind `std_error`: those of the member with the fewest."""
        return min(core.df for _, core in self.used)

    def score(self, terms: Floats) -> Floats:
        """Return the log-odds, shape (n,)."""
        return self.meta_intercept + self._sum(lambda core: core.score(terms))

    def parts(self, terms: Floats) -> Floats:
        """Return each reason's log-odds, not centred, shape (n, reasons)."""
        return self._sum(lambda core: core.parts(terms))

    def by_term(self, terms: Floats) -> Floats:
        """Return an approximate split of the log-odds over terms, shape (n, terms)."""
        return self._sum(lambda core: core.by_term(terms))

    def std_error(self, terms: Floats) -> Floats:
        """Return the standard deviation of the log-odds, shape (n,): as if members, fitted on one sample, erred as one.

        So it is never too small for being a sum.
        """
        return self._sum(lambda core: core.std_error(terms))

    def _sum(self, read: Callable[[LinearPredictor], Floats]) -> Floats:
        (weight, first), *others = self.used
        found = weight * read(first)
        for weight, core in others:
            found = found + weight * read(core)
        return np.asarray(found)


AnyPredictor = Annotated[
    AdditivePredictor
    | HazardPredictor
    | IncomeOnlyPredictor
    | LogisticPredictor
    | RulePredictor
    | Scorecard
    | StackPredictor
    | TreesPredictor
    | VulnerabilityPredictor,
    Field(discriminator="kind"),
]
"""What an estimator has learned: every kind that can be saved, and so be a member of a stack."""


@dataclass(frozen=True, kw_only=True)
class _Mix:
    """A line through several scores: shift + scores @ weights."""

    meta_intercept: float
    weights: Floats

    @classmethod
    def of(cls, scores: Floats, rows: Rows) -> Self:
        """Fit by maximum likelihood with weights of at least 0, shrunken slightly towards equal weights of sum one."""
        mean = np.average(scores, axis=0, weights=rows.weight)
        centred, even = scores - mean, 1 / scores.shape[1]

        def loss(at: Floats) -> tuple[float, Floats]:
            s = at[0] + centred @ at[1:]
            off = rows.weight * (expit(s) - rows.outcome)
            value = rows.weight @ (np.logaddexp(0, s) - rows.outcome * s) + _L2 / 2 * ((at[1:] - even) ** 2).sum()
            return float(value), np.concatenate([[off.sum()], off @ centred + _L2 * (at[1:] - even)])

        start = np.concatenate([[mean.mean()], np.full(scores.shape[1], even)])
        bounds = [(None, None), *[(0.0, None)] * scores.shape[1]]
        options = {"ftol": 1e-12, "gtol": 1e-8, "maxiter": 500}
        at = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
        weights = np.where(at[1:] > _USED, at[1:], 0.0)
        return cls(meta_intercept=float(at[0] - mean @ weights), weights=weights)

    def of_scores(self, scores: Floats) -> Floats:
        """Return the mixed score, shape (n,)."""
        return np.asarray(self.meta_intercept + scores @ self.weights)


class StackedClassifier(RiskClassifier):
    """Several models combined in log-odds with weights of at least 0 (Breiman 1996).

    All members give their scores out of fold; weights are fitted to these. Whether to weigh at all is judged one fold
    further out: in each fold, weights, and one line for each member alone, are fitted on the rows that fold trains on,
    and tested on the others. Only where the weighing's log loss is below that of the best member by more than one
    standard error of the difference, paired and households drawn whole, is it used; else one member alone: the first,
    unless the best is better than it by more than one standard error. It costs what its members cost together, in
    training and, where it is used, in every prediction.

    Parameters
    ----------
    members : list of RiskClassifier, optional
        The default model first. Their reasons, signs, folds, calibration, number of jobs and seed are the stack's. If
        not given: the reason-additive model, logistic regression, LightGBM.
    reasons, signs, calibration, n_folds, n_jobs, random_state
        As for `ReasonAdditiveClassifier`.

    Attributes
    ----------
    core_ : StackPredictor
        ``core_.weights`` says what was chosen, ``core_.gain`` and ``core_.error`` why.

    Examples
    --------
    >>> from relapse_risk.models import ScorecardClassifier
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(300, 2))
    >>> model = StackedClassifier(members=[LogisticClassifier(), ScorecardClassifier()])
    >>> model = model.fit(X, random.logistic(size=300) < X[:, 0] - 1)
    >>> model.core_.weights.tolist()
    [1.0, 0.0]
    """

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        members: Sequence[RiskClassifier] | None = None,
        calibration: str | None = "sigmoid",
        n_folds: int = 5,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.members = members
        self.reasons = reasons
        self.signs = signs
        self.calibration = calibration
        self.n_folds = n_folds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        learned = [member._learn(rows, layout, folds, seed) for member in self._members()]
        cores = [cast(AnyPredictor, core) for core, _ in learned]
        if not folds:
            return StackPredictor(
                layout=layout, meta_intercept=0.0, weights=np.eye(len(cores))[0], members=_kept(cores, 0)
            ), np.zeros(0)
        scores = np.column_stack([score for _, score in learned])
        mixed, alone = _crossed(scores, rows, folds)
        best = int(np.argmin([rows.weight @ _losses(one, rows) for one in alone.T]))
        gain, error = _difference(alone[:, best], mixed, rows)
        mix = _Mix.of(scores, rows)
        if gain > error and mix.weights.any():
            kept = tuple(core if weight else None for core, weight in zip(cores, mix.weights, strict=True))
            stack = StackPredictor(
                layout=layout,
                meta_intercept=mix.meta_intercept,
                weights=mix.weights,
                members=kept,
                gain=gain,
                error=error,
            )
            return stack, mixed
        lead, doubt = _difference(alone[:, 0], alone[:, best], rows)
        one = best if lead > doubt else 0
        weights = np.eye(len(cores))[one]
        stack = StackPredictor(
            layout=layout, meta_intercept=0.0, weights=weights, members=_kept(cores, one), gain=gain, error=error
        )
        return stack, scores[:, one]

    def check_parameters(self) -> None:
        """Raise a ValueError where a parameter is out of its range, here or in a member."""
        super().check_parameters()
        self._members()

    def _members(self) -> list[RiskClassifier]:
        default = [ReasonAdditiveClassifier(), LogisticClassifier(), LightGBMBaseline()]
        given = default if self.members is None else self.members
        if not given:
            raise ValueError("a stack needs members, members is empty")
        found = [clone(member).set_params(n_jobs=self.n_jobs) for member in given]
        for member in found:
            member.check_parameters()
        return found

    def _centring(self, rows: Rows) -> Rows:
        used = zip(self._members(), cast(StackPredictor, self.core_).members, strict=True)
        for member, core in used:
            rows = rows if core is None else member._centring(rows)
        return rows


def _kept(cores: list[AnyPredictor], one: int) -> tuple[AnyPredictor | None, ...]:
    return tuple(core if m == one else None for m, core in enumerate(cores))


def _crossed(scores: Floats, rows: Rows, folds: tuple[Fold, ...]) -> tuple[Floats, Floats]:
    """Return the mixed scores, and each member's own, put in line by rows the fold trains on: (n,) and (n, members)."""
    mixed, alone = np.zeros(len(scores)), np.zeros_like(scores)
    for fold in folds:
        train, seen = rows.take(fold.train), scores[fold.train]
        mixed[fold.test] = _Mix.of(seen, train).of_scores(scores[fold.test])
        for m in range(scores.shape[1]):
            alone[fold.test, m] = _Mix.of(seen[:, [m]], train).of_scores(scores[fold.test][:, [m]])
    return mixed, alone


def _losses(score: Floats, rows: Rows) -> Floats:
    return np.asarray(np.logaddexp(0, score) - rows.outcome * score)


def _difference(one: Floats, other: Floats, rows: Rows) -> tuple[float, float]:
    """Return by how much the log loss of the other score is lower, and the standard error of that by household."""
    gain = _losses(one, rows) - _losses(other, rows)
    mean = float(np.average(gain, weights=rows.weight))
    _, home = np.unique(rows.household, return_inverse=True)
    homes = np.bincount(home, rows.weight * (gain - mean))
    return mean, float(np.sqrt((homes**2).sum()) / rows.weight.sum())
