"""The default model: a penalised logistic base, and small trees that never mix two reasons."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from relapse_risk.metrics import Floats, Fold, Ints
from relapse_risk.models.additive_predictor import AdditivePredictor
from relapse_risk.models.base import RiskClassifier
from relapse_risk.models.blend import Blend, BlendParts, choose_blend, start_of
from relapse_risk.models.feature_layout import FeatureLayout
from relapse_risk.models.linear import (
    Basis,
    DesignedRows,
    Linear,
    Rows,
    best_fit,
    first_rows,
    fit_inflation,
    mean_log_odds,
    without_one,
)
from relapse_risk.models.predictor import N_REDRAWS, LinearPredictor, each
from relapse_risk.models.trees import BinnedRows, Forest, TreeShape

__all__ = ["ReasonAdditiveClassifier"]

# Sixty-three steps of a column are enough for small trees, and faster than LightGBM's 255.
_BINS = 63
# Rows on which members are compared.
_COMPARED = 2000


def fit_additive(
    parts: BlendParts, layout: FeatureLayout, rows: Rows, join: Blend, *, n_members: int, seed: int
) -> AdditivePredictor:
    """Fit base and members on all rows, joined as was chosen."""

    def member(job: tuple[int, Ints]) -> tuple[Linear, Forest]:
        base = parts.base(job[1])
        start = start_of(join.kind, base)
        forest = parts.binned.grow(job[1], start, n_rounds=join.n_rounds, seed=seed + job[0])
        return base.model(), forest

    jobs = enumerate(without_one(rows, n_members, seed)) if join.kind != "base" else ()
    return AdditivePredictor(
        layout=layout,
        base=parts.whole.model(N_REDRAWS),
        join=join,
        start=mean_log_odds(rows) if join.kind == "average" else 0.0,
        members=tuple(each(member, jobs, parts.n_jobs)),
        n_jobs=parts.n_jobs,
    )


class ReasonAdditiveClassifier(RiskClassifier):
    """Risk of relapse as a sum over reasons: a penalised logistic base and small trees that never mix two reasons.

    A penalised logistic model, and an average of small LightGBM ensembles whose every tree splits on columns of one
    reason only, joined in log-odds as a correction or as an average, whichever has the smaller log loss out of fold
    (by time and household), the number of rounds chosen there too; where neither beats the base, the base alone.
    A reason's contribution is then exact, and as cheap as a prediction.

    Parameters
    ----------
    reasons : Mapping of str to str, optional
        The reason of each column; a column it does not name is ``other``. Without it, every column is its own.
    signs : Mapping of str to int, optional
        1 where more of a column never lowers the risk, -1 where it never raises it: holds for the trees.
    calibration : str or None
        One of ``calibration.KINDS``, fitted on scores out of fold; ``chosen`` is the sigmoid unless another does better
        there by a standard error.
    n_folds : int
        See `time_household_folds`.
    n_members : int
        Ensembles that are averaged, each fitted without one of as many groups of households.
    n_rounds : int
        The most trees an ensemble may have.
    n_leaves, learning_rate, row_share, column_share, min_rows, l2
        Shape of the trees: LightGBM's ``num_leaves``, ``learning_rate``, ``bagging_fraction``,
        ``feature_fraction``, ``min_data_in_leaf``, ``lambda_l2``.
    n_knots : int
        At how many quantiles the slope of the base may change in a column of many values.
    penalty : float, optional
        Ridge penalty of the base, on standardised columns; by the log loss with households left out if not given.
    n_jobs : int
        Fits at a time; -1 for as many as there are processors. No figure depends on it.
    random_state : int, RandomState or None

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
    n_features_in_ : int
    core_ : AdditivePredictor
        The fitted parts; ``core_.join`` says what was chosen.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> X = random.normal(size=(300, 2))
    >>> y = random.logistic(size=300) < X[:, 0] - 1
    >>> model = ReasonAdditiveClassifier(n_rounds=20).fit(X, y)
    >>> found = model.explain(X[:1])
    >>> found.reasons, bool(abs(found.base + found.values.sum() - model.decision_function(X[:1])[0]) < 1e-9)
    (('x0', 'x1'), True)
    """

    positive = ("penalty",)
    not_negative = ("l2",)
    shares = ("learning_rate", "row_share", "column_share")
    whole_from = MappingProxyType(
        {"n_folds": 2, "n_members": 2, "n_rounds": 1, "n_leaves": 2, "min_rows": 0, "n_knots": 0}
    )

    def __init__(
        self,
        reasons: Mapping[str, str] | None = None,
        signs: Mapping[str, int] | None = None,
        *,
        calibration: str | None = "chosen",
        n_folds: int = 5,
        n_members: int = 4,
        n_rounds: int = 240,
        n_leaves: int = 6,
        learning_rate: float = 0.08,
        row_share: float = 0.6,
        column_share: float = 0.5,
        min_rows: int = 50,
        l2: float = 10.0,
        n_knots: int = 3,
        penalty: float | None = None,
        n_jobs: int = -1,
        random_state: Any = 0,
    ) -> None:
        self.reasons = reasons
        self.signs = signs
        self.calibration = calibration
        self.n_folds = n_folds
        self.n_members = n_members
        self.n_rounds = n_rounds
        self.n_leaves = n_leaves
        self.learning_rate = learning_rate
        self.row_share = row_share
        self.column_share = column_share
        self.min_rows = min_rows
        self.l2 = l2
        self.n_knots = n_knots
        self.penalty = penalty
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _learn(
        self, rows: Rows, layout: FeatureLayout, folds: tuple[Fold, ...], seed: int
    ) -> tuple[LinearPredictor, Floats]:
        shape = TreeShape(
            group=layout.group,
            signs=layout.signs,
            n_leaves=self.n_leaves,
            learning_rate=self.learning_rate,
            row_share=self.row_share,
            column_share=self.column_share,
            min_rows=self.min_rows,
            l2=self.l2,
            n_bins=_BINS,
        )
        designed = DesignedRows.of(rows, Basis.of(rows.terms, rows.weight, n_knots=self.n_knots))
        parts = BlendParts(
            designed=designed,
            binned=BinnedRows.of(rows, shape),
            whole=best_fit(designed) if self.penalty is None else designed.fit(self.penalty),
            n_rounds=self.n_rounds,
            n_jobs=self.n_jobs,
        )
        join, scores = choose_blend(parts, rows.terms, folds, seed)
        core = fit_additive(parts, layout, rows, join, n_members=self.n_members, seed=seed)
        factor = 1.0 if join.kind == "average" else _missed(parts, rows, folds, scores)
        if not core.members:
            return replace(core, base=core.base.inflated(factor)), scores
        seen = first_rows(rows, _COMPARED)
        read = core.read(seen.terms)
        base = core.base.inflated(max(factor, read.varies(seen.weight)))
        return replace(core, base=base, chance=read.chance(seen.weight)), scores


def _missed(parts: BlendParts, rows: Rows, folds: tuple[Fold, ...], scores: Floats) -> float:
    """Return by how much the base's standard errors are too small for what is missed in totals of groups.

    Needed where the base stands alone and where trees correct it, from which they start. Trees of an average are a
    model of their own: how far they lie from the base shows what it cannot follow (`Blend.between`).
    """
    bases = [parts.base(fold.train).model() for fold in folds]
    return fit_inflation(rows, [fold.test for fold in folds], bases, scores)
