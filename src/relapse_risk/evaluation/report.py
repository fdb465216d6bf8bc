"""All measures over the predictions of every model."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from relapse_risk.evaluation.bootstrap_figures import COMPARED, figures_drawn
from relapse_risk.evaluation.context import BootstrapDraws, EvaluationContext
from relapse_risk.evaluation.model_report import GroupReport, ModelReport, ModelReports
from relapse_risk.evaluation.predictions import Predictions
from relapse_risk.evaluation.sections import judge_bands, judge_benefit, judge_curve, judge_days
from relapse_risk.metrics import GroupErrors, group_errors, spiegelhalter
from relapse_risk.policy import CheckPolicy, read_model
from relapse_risk.progress import Progress, silent

__all__ = ["report_models"]

Floats = npt.NDArray[np.float64]
Figures = dict[str | tuple[str, str, str], BootstrapDraws]


def report_models(
    predictions: Predictions,
    *,
    capacity_share: float = 0.05,
    level: float = 0.95,
    year_sd: float | None = None,
    n_draws: int = 300,
    seed: int = 0,
    progress: Progress = silent,
) -> ModelReports:
    """Return every measure of every model, with cluster-bootstrap intervals.

    All models are judged on the same draws of clusters, so that differences are paired. What is not defined (one class
    alone, one cluster, a group in which nobody fell) is not a number.

    Parameters
    ----------
    predictions : Predictions
        Rows of weight 0 are left out.
    capacity_share : float
        Share of each as-of day's rows, by weight, that are listed by highest risk.
    level : float
        Of the intervals.
    year_sd : float, optional
        Standard deviation of a year's level, in logarithms, in intervals of predicted over observed; by default that of
        ``evaluation.toml``.
    n_draws : int
        Of the cluster bootstrap.
    seed : int
    progress : callable
        Told the stage ``report_models``.

    Raises
    ------
    ValueError
        Where no row has a positive weight, an outcome is not 0 or 1, or a probability lies outside [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> y = np.tile([0.0, 0.0, 1.0], 20)
    >>> found = report_models(Predictions(
    ...     outcome=y, weight=np.ones(60), household=np.arange(60), day=np.repeat(np.datetime64("2019-12-31"), 60),
    ...     cluster=np.arange(60) // 6, risks={"even": np.full(60, 1 / 3), "knows": 0.1 + 0.8 * y},
    ...     fell_after=np.full(60, np.nan)), n_draws=20)
    >>> found.default, found.better, round(found.models[1].figures["auc"].estimate, 3)
    ('even', ('knows',), 1.0)
    """
    field = EvaluationContext.of(
        predictions,
        capacity_share=capacity_share,
        level=level,
        year_sd=read_model(CheckPolicy, "evaluation").limits.year_sd if year_sd is None else year_sd,
        n_draws=n_draws,
        seed=seed,
    )
    seen = field.seen
    return ModelReports(
        households=len(np.unique(seen.household)),
        rows=len(seen.outcome),
        events=int(seen.outcome.sum()),
        clusters=field.draws.clusters,
        days=field.days.names,
        observed=float(np.average(seen.mature, weights=seen.weight)),
        level=level,
        capacity_share=capacity_share,
        n_draws=n_draws,
        models=tuple(_models(field, progress)),
    )


def _models(field: EvaluationContext, progress: Progress) -> Iterator[ModelReport]:
    of_default: Figures = {}
    for done, (name, p) in enumerate(field.seen.risks.items(), start=1):
        figures = figures_drawn(field, p)
        of_default = of_default or figures
        yield _model(field, name, p, figures, of_default)
        progress("judge", done / len(field.seen.risks))


def _model(field: EvaluationContext, name: str, p: Floats, figures: Figures, of_default: Figures) -> ModelReport:
    seen = field.seen
    entered = p * seen.entered
    errors = group_errors(seen.outcome, entered, seen.groups, field.draws, seen.weight, level=field.level)
    return ModelReport(
        name=name,
        figures={key: field.interval(one) for key, one in figures.items() if isinstance(key, str)},
        over_default={key: field.interval(figures[key] - of_default[key]) for key in COMPARED},
        spiegelhalter=spiegelhalter(seen.outcome, entered, seen.weight),
        bands=tuple(judge_bands(field, p)),
        curve=judge_curve(field, p) if name == seen.default else (),
        days=tuple(judge_days(field, p)),
        groups=tuple(_groups(field, errors, figures)),
        largest_group_error=errors.largest,
        net_benefit=tuple(judge_benefit(field, p)),
    )


def _groups(field: EvaluationContext, errors: GroupErrors, figures: Figures) -> Iterator[GroupReport]:
    for one in errors.groups:
        yield GroupReport(
            kind=one.kind,
            group=one.group,
            rows=one.rows,
            events=one.events,
            observed=one.observed,
            predicted=one.predicted,
            error=one.error,
            z=one.z,
            smallest_seen=one.smallest_seen,
            auc=field.interval(figures[one.kind, one.group, "auc"], one.clusters),
            exclusion_error=field.interval(figures[one.kind, one.group, "exclusion_error"], one.clusters),
        )
