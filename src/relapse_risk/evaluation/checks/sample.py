"""Checks of the composition of the sample."""

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np

from relapse_risk.evaluation.checks.context import CheckContext, DayFacts
from relapse_risk.policy import CheckPolicy

__all__ = ["county_dominates", "not_forward", "rates_differ", "to_come"]

Details = dict[str, Any]


def county_dominates(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield the county that nearly all relapses are in, where there are others."""
    county = found.predictions.groups.get("county")
    events = found.predictions.outcome == 1
    if county is None or not events.any() or len(np.unique(county[county != ""])) < 2:
        return
    names, counts = np.unique(county[events], return_counts=True)
    share = counts.max() / events.sum()
    if share > data.limits.county_share and names[counts.argmax()]:
        yield {"county": str(names[counts.argmax()]), "share": float(share)}


def rates_differ(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that the rates of two days differ by more than chance and by a lot."""
    days = sorted((day for day in found.facts.days if day.rows), key=_rate)
    if len(days) < 2:
        return
    low, high, limits = days[0], days[-1], data.limits
    if _rate(high) > limits.rate_ratio * _rate(low) and _z(low, high) > limits.rate_z:
        yield {"low_day": low.day, "low": _rate(low), "high_day": high.day, "high": _rate(high)}


def to_come(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that some outcomes are still to be entered."""
    if found.facts.unreported_share > data.limits.to_come:
        yield {"share": found.facts.unreported_share}


def not_forward(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that nothing was tried forward in time."""
    if not found.facts.forward:
        yield {}


def _rate(day: DayFacts) -> float:
    return day.events / day.rows


def _z(low: DayFacts, high: DayFacts) -> float:
    """Return the difference of two rates in standard errors (two-sample test of proportions)."""
    pooled = (low.events + high.events) / (low.rows + high.rows)
    error = sqrt(pooled * (1 - pooled) * (1 / low.rows + 1 / high.rows))
    return (_rate(high) - _rate(low)) / error if error else 0.0
