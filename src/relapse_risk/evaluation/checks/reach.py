"""Checks of whether tested rows are like those of training."""

from collections.abc import Iterator, Mapping
from typing import Any

from relapse_risk.evaluation.checks.context import CheckContext
from relapse_risk.policy import CheckPolicy

__all__ = ["codes_unseen", "drifting", "missing_anew", "outside_range"]

Details = dict[str, Any]


def outside_range(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield columns with tested values often outside the range of training."""
    for details in _beyond(found, found.facts.reach.outside, data):
        yield {**details, "rows": found.facts.reach.rows}


def codes_unseen(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield columns with tested codes often not seen in training."""
    return _beyond(found, found.facts.reach.unseen, data)


def missing_anew(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield columns that are often missing in tests and never were in training."""
    return _beyond(found, found.facts.reach.missing, data)


def drifting(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield columns whose mean moved from training to the newest day and moves the mean log-odds."""
    limits, words = data.limits, {column.name: column.words for column in found.facts.columns}
    for name, drift in found.facts.drifts.items():
        if abs(drift.shift) > limits.drift_shift and abs(drift.log_odds) > limits.drift_log_odds:
            yield {"column": words[name], "shift": drift.shift, "log_odds": drift.log_odds}


def _beyond(found: CheckContext, shares: Mapping[str, float], data: CheckPolicy) -> Iterator[Details]:
    words = {column.name: column.words for column in found.facts.columns}
    for name, share in shares.items():
        if share > data.limits.outside_share:
            yield {"column": words[name], "share": share}
