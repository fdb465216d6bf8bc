"""Models against a default one: scores, and whether a difference is more than chance."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import nan
from typing import Any

import numpy as np
import numpy.typing as npt

from relapse_risk.evaluation.evaluation_folds import EvaluationFolds, FitPredict, predict_tested
from relapse_risk.evaluation.plain import plain
from relapse_risk.metrics import Interval, Scores, household_bootstrap, log_losses, score_all
from relapse_risk.progress import Progress, silent

__all__ = ["Evaluation", "ModelComparison", "compare"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ModelComparison:
    """How good one model is.

    Attributes
    ----------
    name : str
    scores : Scores
    log_loss_over_default, brier_over_default : Interval
        Mean difference to the default model with its paired household-bootstrap interval; above zero: this one is
        worse.
    """

    name: str
    scores: Scores
    log_loss_over_default: Interval
    brier_over_default: Interval

    @property
    def expected_observed_ratio(self) -> float:
        """Mean probability over mean outcome; not a number where nothing happened."""
        return self.scores.predicted / self.scores.observed if self.scores.observed else nan


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Every model tried on the same rows.

    Attributes
    ----------
    scheme : str
        ``time`` or ``household``, see `EvaluationFolds`.
    days : tuple of str
        The as-of days that were tested.
    households : int
        Households tested.
    level : float
        Of the intervals.
    standings : tuple of ModelComparison
        The default model first.
    """

    scheme: str
    days: tuple[str, ...]
    households: int
    level: float
    standings: tuple[ModelComparison, ...]

    @property
    def default(self) -> str:
        """Name of the model the others are compared with."""
        return self.standings[0].name

    @property
    def better(self) -> tuple[str, ...]:
        """Models whose log loss is lower than the default's by more than chance."""
        return tuple(one.name for one in self.standings if one.log_loss_over_default.upper < 0)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; what is not a number becomes None."""
        data: dict[str, Any] = plain(asdict(self))
        for found, standing in zip(data["standings"], self.standings, strict=True):
            found["expected_observed_ratio"] = plain(standing.expected_observed_ratio)
        return data


def compare(
    outcome: Any,
    household: Any,
    time: Any,
    trials: EvaluationFolds,
    candidates: Mapping[str, FitPredict],
    *,
    level: float = 0.95,
    seed: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """Fit and try every candidate in the same trials; the first is the default the others are compared with.

    Parameters
    ----------
    outcome, household, time : array-like of shape (n,)
        0 or 1, the household and the as-of day of each row.
    candidates : Mapping of name to callable
        See `FitPredict`.

    Examples
    --------
    >>> import numpy as np
    >>> from relapse_risk.evaluation import plan_trials
    >>> y, homes = np.tile([0, 1], 20), np.arange(40)
    >>> trials = plan_trials(homes, np.full(40, 2019), y, {})
    >>> found = compare(y, homes, np.full(40, 2019), trials, {
    ...     "right": lambda trial: 0.1 + 0.8 * y[trial.test], "even": lambda trial: np.full(len(trial.test), 0.5)})
    >>> found.default, found.better, round(found.standings[1].log_loss_over_default.estimate, 3)
    ('right', (), 0.588)
    """
    tested = np.sort(np.concatenate([trial.test for trial in trials.trials]))
    y, homes = np.asarray(outcome, dtype=float)[tested], np.asarray(household)[tested]
    predicted = {name: p[tested] for name, p in predict_tested(trials, candidates, len(time), progress)}
    first = next(iter(predicted.values()))

    def standing(name: str, p: Floats) -> ModelComparison:
        def over(losses: Floats, of_first: Floats) -> Interval:
            return household_bootstrap(losses, of_first, homes, level=level, seed=seed)

        return ModelComparison(
            name=name,
            scores=score_all(y, p),
            log_loss_over_default=over(log_losses(y, p), log_losses(y, first)),
            brier_over_default=over((p - y) ** 2, (first - y) ** 2),
        )

    return Evaluation(
        scheme=trials.scheme,
        days=tuple(str(day) for day in np.unique(np.asarray(time)[tested])),
        households=len(np.unique(homes)),
        level=level,
        standings=tuple(standing(name, p) for name, p in predicted.items()),
    )
