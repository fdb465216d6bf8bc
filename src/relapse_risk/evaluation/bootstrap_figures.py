"""The figures of one model over all rows and over groups, in every draw of clusters."""

from collections.abc import Callable
from dataclasses import replace
from math import nan

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from relapse_risk.evaluation.context import BootstrapDraws, EvaluationContext
from relapse_risk.metrics import (
    Ranked,
    RecalibrationLine,
    cluster_bootstrap,
    line_draws,
    log_losses,
    log_odds,
    optimism,
    recalibration_line,
    split_scores,
)

__all__ = ["COMPARED", "compared_figures", "figures_drawn"]

Floats = npt.NDArray[np.float64]
Key = str | tuple[str, str, str]

COMPARED = ("log_loss", "brier", "auc", "exclusion_error")
"""The figures by which a model is held against the default one."""


def figures_drawn(field: EvaluationContext, p: Floats) -> dict[Key, BootstrapDraws]:
    """Return every figure of a model by name; those of a group by (kind, group, name).

    Parameters
    ----------
    field : EvaluationContext
    p : ndarray of shape (n,)
        The model's probabilities.
    """
    y, w, figures = field.seen.outcome, field.seen.weight, _figures_of(field, p)
    line, estimates = recalibration_line(y, p * field.seen.entered, w), figures(w)
    raised = _raised(field, p, line)
    found = cluster_bootstrap(lambda weight: np.array([*figures(weight).values()]), field.draws, w)
    drawn = {
        name: BootstrapDraws(estimate=estimate, found=found[:, i], raised=raised.get(name))
        for i, (name, estimate) in enumerate(estimates.items())
    }
    ratio = drawn["expected_observed_ratio"]
    drawn["expected_observed_ratio"] = replace(ratio, found=ratio.found * field.level_moves(p))
    return drawn | _line(field, p * field.seen.entered, line)


def compared_figures(field: EvaluationContext, p: Floats) -> dict[str, BootstrapDraws]:
    """Return the figures of `COMPARED` alone, as `figures_drawn` does."""
    y, w = field.seen.outcome, field.seen.weight
    losses = _losses(field, p)
    ranked, by_day = Ranked.of(y, p), Ranked.of(y, p, field.days.of_row, len(field.days.names))

    def figures(weight: Floats) -> Floats:
        listed = by_day.listed(weight, field.capacity_share, field.fallen.rows)
        of_list = field.fallen.listing(weight, listed, field.capacity_share)
        brier, log_loss, *_ = weight @ losses / weight.sum()
        return np.array([log_loss, brier, ranked.auc(weight)[0], of_list.exclusion_error])

    estimates, found = figures(w), cluster_bootstrap(figures, field.draws, w)
    return {name: BootstrapDraws(estimate=float(estimates[i]), found=found[:, i]) for i, name in enumerate(COMPARED)}


def _losses(field: EvaluationContext, p: Floats) -> Floats:
    """Return the columns whose weighted means are figures."""
    y = field.seen.outcome
    return np.column_stack([(p - y) ** 2, log_losses(y, p), p, field.seen.mature])


def _figures_of(field: EvaluationContext, p: Floats) -> Callable[[Floats], dict[Key, float]]:
    """Return what computes all figures but the calibration line for any weights; rows are sorted once, here."""
    y, days = field.seen.outcome, field.days
    losses = _losses(field, p)
    ranked, by_day = Ranked.of(y, p), Ranked.of(y, p, days.of_row, len(days.names))
    by_group = {kind: Ranked.of(y, p, part.of_row, len(part.names)) for kind, part in field.groups.items()}

    def figures(w: Floats) -> dict[Key, float]:
        brier, log_loss, predicted, observed = (w @ losses / w.sum()).tolist()
        listed = by_day.listed(w, field.capacity_share, field.fallen.rows)
        of_list = field.fallen.listing(w, listed, field.capacity_share)
        return {
            "auc": float(ranked.auc(w)[0]),
            "average_precision": float(ranked.average_precision(w)[0]),
            "brier": brier,
            "log_loss": log_loss,
            **_split(ranked, w, np.array([brier, log_loss])),
            "predicted": predicted,
            "observed": observed,
            "expected_observed_ratio": predicted / observed if observed else nan,
            "exclusion_error": of_list.exclusion_error,
            "inclusion_error": of_list.inclusion_error,
            "lead_time_months": of_list.lead_time_months,
            "lead_time_months_median": of_list.lead_time_months_median,
            **_of_groups(field, by_group, w, listed),
        }

    return figures


def _split(ranked: Ranked, w: Floats, scores: Floats) -> dict[Key, float]:
    split = split_scores(ranked, w, scores)
    return {f"{name}_{part}": one for name, parts in split.items() for part, one in parts.items() if part != "score"}


def _of_groups(field: EvaluationContext, by_group: dict[str, Ranked], w: Floats, listed: Floats) -> dict[Key, float]:
    found: dict[Key, float] = {}
    fell = w[field.fallen.rows]
    for kind, parts in field.groups.items():
        of_fallen, n = parts.of_row[field.fallen.rows], len(parts.names)
        missed, fallen = np.bincount(of_fallen, fell * (1 - listed), n), np.bincount(of_fallen, fell, n)
        excluded = np.divide(missed, fallen, out=np.full(n, nan), where=fallen > 0)
        for name, auc, error in zip(parts.names, by_group[kind].auc(w), excluded, strict=True):
            found[kind, name, "auc"], found[kind, name, "exclusion_error"] = float(auc), float(error)
    return found


def _raised(field: EvaluationContext, p: Floats, line: RecalibrationLine) -> dict[Key, float]:
    """Return how far chance raises what isotonic regression finds, if the recalibrated risks were the true ones."""
    y, w = field.seen.outcome, field.seen.weight
    risk = expit(line.intercept + line.slope * log_odds(p))
    flat = np.full(len(y), np.average(y, weights=w))
    raised = optimism(Ranked.of(y, p), flat if np.isnan(line.slope) else risk, w, seed=field.draws.seed)
    return {
        f"{score}_{part}": float(raised[i])
        for i, score in enumerate(("brier", "log_loss"))
        for part in ("miscalibration", "discrimination")
    }


def _line(field: EvaluationContext, p: Floats, line: RecalibrationLine) -> dict[Key, BootstrapDraws]:
    y, w = field.seen.outcome, field.seen.weight
    found = line_draws(log_odds(p), y, w, [line], field.draws, np.zeros(len(y), dtype=np.int64))[:, 0]
    return {
        "calibration_intercept": BootstrapDraws(estimate=line.intercept, found=found[:, 0]),
        "calibration_slope": BootstrapDraws(estimate=line.slope, found=found[:, 1]),
    }
