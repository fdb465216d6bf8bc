"""One model day by day, band by band and threshold by threshold."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from relapse_risk.evaluation.context import BootstrapDraws, EvaluationContext, RowParts
from relapse_risk.evaluation.model_report import BenefitReport, BinReport, DayReport
from relapse_risk.metrics import (
    CurvePoint,
    RecalibrationLine,
    line_draws,
    log_losses,
    log_odds,
    net_benefit,
    recalibration_line,
    reliability_bands,
    reliability_curve,
    visits,
)

__all__ = ["judge_bands", "judge_benefit", "judge_curve", "judge_days"]

Floats = npt.NDArray[np.float64]

# Rates of relapse are a few in a hundred: the thresholds between which a visit may be worth its cost.
_THRESHOLDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3)


def judge_days(field: EvaluationContext, p: Floats) -> Iterator[DayReport]:
    """Yield the figures of each as-of day, in order of time."""
    y, w, days = field.seen.outcome, field.seen.weight, field.days
    entered = p * field.seen.entered
    lines = [_line_of(field, entered, np.flatnonzero(days.of_row == i)) for i in range(len(days.names))]
    slopes = line_draws(log_odds(entered), y, w, lines, field.draws, days.of_row)[:, :, 1]
    means = _means(field, np.column_stack([field.seen.mature, p, log_losses(y, p), (p - y) ** 2]), days)
    rows, events = np.bincount(days.of_row), np.bincount(days.of_row, y)
    for i, day in enumerate(days.names):
        observed, predicted, log_loss, brier = means[i]
        clusters, year = int(days.clusters[i]), field.years.of_row[days.of_row == i][0]
        ratio = _over(predicted, observed)
        ratio = replace(ratio, found=ratio.found * field.moves[:, year])
        yield DayReport(
            day=day,
            rows=int(rows[i]),
            events=int(events[i]),
            observed=observed.estimate,
            predicted=predicted.estimate,
            expected_observed_ratio=field.interval(ratio, clusters),
            log_loss=field.interval(log_loss, clusters),
            brier=field.interval(brier, clusters),
            slope=field.interval(BootstrapDraws(estimate=lines[i].slope, found=slopes[:, i]), clusters),
        )


def judge_bands(field: EvaluationContext, p: Floats) -> Iterator[BinReport]:
    """Yield reliability bands in rising order of probability."""
    y, w = field.seen.outcome, field.seen.weight
    bands = reliability_bands(y, p, w)
    parts = RowParts.of(np.searchsorted([band.high for band in bands], p), field.draws)
    for i, (band, (observed,)) in enumerate(zip(bands, _means(field, field.seen.mature[:, None], parts), strict=True)):
        yield BinReport(
            low=band.low,
            high=band.high,
            predicted=band.predicted,
            observed=field.interval(observed, int(parts.clusters[i])),
            rows=band.rows,
            events=band.events,
        )


def judge_curve(field: EvaluationContext, p: Floats) -> tuple[CurvePoint, ...]:
    """Return the reliability curve without bins, with its consistency band."""
    seen = field.seen
    return reliability_curve(
        seen.outcome, p, seen.weight, entered=seen.entered, level=field.level, seed=field.draws.seed
    )


def judge_benefit(field: EvaluationContext, p: Floats) -> Iterator[BenefitReport]:
    """Yield net benefit at each threshold."""
    y, w = field.seen.outcome, field.seen.weight
    added = np.column_stack([visits(y, p, np.array(_THRESHOLDS)), np.ones(len(y))]) * w[:, None]
    sums = field.draws.sums(added)[:, 0]
    model, everyone = np.moveaxis((sums[:, :-1] / sums[:, -1:]).reshape(len(sums), 2, -1), 1, 0)
    for i, one in enumerate(net_benefit(y, p, _THRESHOLDS, w)):
        by_model = BootstrapDraws(estimate=one.model, found=model[:, i])
        of_all = BootstrapDraws(estimate=one.visit_all, found=everyone[:, i])
        either = BootstrapDraws(estimate=max(one.visit_all, 0.0), found=np.maximum(everyone[:, i], 0))
        yield BenefitReport(
            threshold=one.threshold,
            model=field.interval(by_model),
            visit_all=field.interval(of_all),
            gain=field.interval(by_model - either),
        )


def _line_of(field: EvaluationContext, p: Floats, rows: npt.NDArray[np.int64]) -> RecalibrationLine:
    return recalibration_line(field.seen.outcome[rows], p[rows], field.seen.weight[rows])


def _means(field: EvaluationContext, values: Floats, parts: RowParts) -> list[list[BootstrapDraws]]:
    """Return the weighted means of columns in each part, and in each draw."""
    weighted = np.column_stack([values, np.ones(len(values))]) * field.seen.weight[:, None]
    n = len(parts.names)
    whole = np.stack([np.bincount(parts.of_row, column, n) for column in weighted.T], axis=1)
    sums = field.draws.sums(weighted, parts.of_row, n)
    with np.errstate(invalid="ignore"):
        estimates, found = whole[:, :-1] / whole[:, -1:], sums[:, :, :-1] / sums[:, :, -1:]
    return [
        [BootstrapDraws(estimate=float(estimates[i, j]), found=found[:, i, j]) for j in range(values.shape[1])]
        for i in range(n)
    ]


def _over(one: BootstrapDraws, other: BootstrapDraws) -> BootstrapDraws:
    """Return one over the other; not a number where the other is 0."""
    above, below = np.append(one.found, one.estimate), np.append(other.found, other.estimate)
    ratio = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return BootstrapDraws(estimate=float(ratio[-1]), found=ratio[:-1])
