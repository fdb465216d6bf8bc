"""Models against a default one: scores, and whether a difference is more than chance."""

from dataclasses import asdict, dataclass
from math import nan
from typing import Any

import numpy as np

from relapse_risk.evaluation.bootstrap_figures import COMPARED, compared_figures
from relapse_risk.evaluation.context import BootstrapDraws, EvaluationContext
from relapse_risk.evaluation.plain import plain
from relapse_risk.evaluation.predictions import Predictions
from relapse_risk.evaluation.verdict import Verdict
from relapse_risk.metrics import GroupError, Interval, Scores, group_errors, score_all

__all__ = ["Evaluation", "ModelComparison", "compare"]

_PLACES = ("county",)


@dataclass(frozen=True, kw_only=True)
class ModelComparison:
    """How good one model is.

    Attributes
    ----------
    name : str
    scores : Scores
    exclusion_error : Interval
        Share of the relapses that its list at capacity misses.
    log_loss_over_default, brier_over_default, auc_over_default, exclusion_error_over_default : Interval
        Difference to the default model with its paired cluster-bootstrap interval; above zero: this one is worse, but
        for the AUC.
    """

    name: str
    scores: Scores
    exclusion_error: Interval
    log_loss_over_default: Interval
    brier_over_default: Interval
    auc_over_default: Interval
    exclusion_error_over_default: Interval

    @property
    def expected_observed_ratio(self) -> float:
        """Mean probability over mean outcome; not a number where nothing happened."""
        return self.scores.predicted / self.scores.observed if self.scores.observed else nan

    @property
    def over_default(self) -> dict[str, Interval]:
        """The paired differences by figure."""
        return {name: getattr(self, f"{name}_over_default") for name in COMPARED}


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Every model tried on the same rows.

    Attributes
    ----------
    scheme : str
        ``time``, ``village`` or ``household``, see `EvaluationFolds`.
    days : tuple of str
        The as-of days that were tested.
    households : int
        Households tested.
    level : float
        Of the intervals.
    capacity_share : float
        Share of each day's households that are listed.
    comparisons : tuple of ModelComparison
        The default model first.
    groups : tuple of GroupError
        How far the default model's probabilities of each group of households are off. Counties are left out: a bundle
        is used in others, and names nowhere.
    """

    scheme: str
    days: tuple[str, ...]
    households: int
    level: float
    capacity_share: float
    comparisons: tuple[ModelComparison, ...]
    groups: tuple[GroupError, ...] = ()

    @property
    def default(self) -> str:
        """Name of the model the others are compared with."""
        return self.comparisons[0].name

    @property
    def better(self) -> tuple[str, ...]:
        """Models whose log loss is lower than the default's by more than chance."""
        return tuple(one.name for one in self.comparisons if one.log_loss_over_default.upper < 0)

    @property
    def verdict(self) -> Verdict:
        """What the default model's list finds, and which other models are better."""
        return Verdict.of(
            {one.name: one.exclusion_error for one in self.comparisons},
            {one.name: one.over_default for one in self.comparisons},
            capacity_share=self.capacity_share,
            level=self.level,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data, the verdict in words first; what is not a number becomes None."""
        data: dict[str, Any] = plain(asdict(self))
        for found, one in zip(data["comparisons"], self.comparisons, strict=True):
            found["expected_observed_ratio"] = plain(one.expected_observed_ratio)
        return {"verdict": self.verdict.in_words(), **data}


def compare(
    predictions: Predictions,
    *,
    scheme: str,
    capacity_share: float = 0.05,
    level: float = 0.95,
    n_draws: int = 300,
    seed: int = 0,
) -> Evaluation:
    """Compare every model with the first on the rows it was tried on, by the figures and draws of `report_models`.

    Parameters
    ----------
    predictions : Predictions
    scheme : str
        How rows were left out for testing.
    capacity_share, level, n_draws, seed
        As in `report_models`.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.tile([0.0, 1.0], 20)
    >>> found = compare(
    ...     Predictions(
    ...         outcome=y, weight=np.ones(40), household=np.arange(40), day=np.repeat(np.datetime64("2019-12-31"), 40),
    ...         cluster=np.arange(40), risks={"right": 0.1 + 0.8 * y, "even": np.full(40, 0.5)},
    ...         fell_after=np.full(40, np.nan)),
    ...     scheme="household", n_draws=20)
    >>> found.default, found.better, round(found.comparisons[1].log_loss_over_default.estimate, 3)
    ('right', (), 0.588)
    """
    field = EvaluationContext.of(predictions, capacity_share=capacity_share, level=level, n_draws=n_draws, seed=seed)
    drawn = {name: compared_figures(field, p) for name, p in field.seen.risks.items()}
    of_default = drawn[predictions.default]
    return Evaluation(
        scheme=scheme,
        days=field.days.names,
        households=len(np.unique(field.seen.household)),
        level=level,
        capacity_share=capacity_share,
        comparisons=tuple(_comparison(field, name, figures, of_default) for name, figures in drawn.items()),
        groups=_group_errors(field),
    )


def _group_errors(field: EvaluationContext) -> tuple[GroupError, ...]:
    """Return the default model's errors by group, as `report_models` tells them."""
    seen = field.seen
    groups = {kind: labels for kind, labels in seen.groups.items() if kind not in _PLACES}
    entered = seen.risks[seen.default] * seen.entered
    return group_errors(seen.outcome, entered, groups, field.draws, seen.weight, level=field.level).groups


def _comparison(
    field: EvaluationContext, name: str, figures: dict[str, BootstrapDraws], of_default: dict[str, BootstrapDraws]
) -> ModelComparison:
    seen = field.seen
    over = {f"{key}_over_default": field.interval(figures[key] - of_default[key]) for key in COMPARED}
    return ModelComparison(
        name=name,
        scores=score_all(seen.outcome, seen.risks[name], seen.weight),
        exclusion_error=field.interval(figures["exclusion_error"]),
        **over,
    )
