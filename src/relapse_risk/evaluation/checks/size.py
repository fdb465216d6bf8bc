"""Checks of whether there is enough to judge by."""

from collections.abc import Iterator
from typing import Any

from relapse_risk.evaluation.checks.context import CheckContext
from relapse_risk.policy import CheckPolicy

__all__ = ["few_per_column", "few_tested", "few_trained"]

Details = dict[str, Any]


def few_tested(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that few relapses were tested."""
    least = data.limits.tested_events
    if found.judgement.events < least:
        yield {"events": found.judgement.events, "least": least}


def few_trained(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that some fit learned from few relapses."""
    least = data.limits.trained_events
    if found.facts.trained_events < least:
        yield {"events": found.facts.trained_events, "least": least}


def few_per_column(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that there are few relapses for each column."""
    columns = len(found.facts.columns)
    if columns and found.facts.trained_events / columns < data.limits.events_per_column:
        yield {"columns": columns, "per_column": found.facts.trained_events / columns}
