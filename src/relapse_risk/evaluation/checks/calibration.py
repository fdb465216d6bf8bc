"""Checks of whether probabilities of the default model are frequencies."""

from collections.abc import Iterator
from typing import Any

from relapse_risk.evaluation.checks.context import CheckContext
from relapse_risk.evaluation.checks.finding import group_words, kind_words
from relapse_risk.metrics import Interval
from relapse_risk.policy import CheckPolicy

__all__ = ["group_off", "groups_unseen", "level_off", "slope_off", "spiegelhalter_off"]

Details = dict[str, Any]

_DIRECTIONS = {True: {"zh": "高", "en": "too high"}, False: {"zh": "低", "en": "too low"}}


def level_off(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that predicted over observed is off one by more than chance and by more than is allowed."""
    ratio = found.judgement.models[0].figures["expected_observed_ratio"]
    if _off_one(ratio, data.limits.level):
        yield {"ratio": ratio.estimate, **_bounds(ratio, found)}


def slope_off(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that the calibration slope is off one by more than chance and by more than is allowed."""
    slope = found.judgement.models[0].figures["calibration_slope"]
    if _off_one(slope, data.limits.slope):
        yield {"slope": slope.estimate, **_bounds(slope, found)}


def spiegelhalter_off(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that Spiegelhalter's test fails."""
    test = found.judgement.models[0].spiegelhalter
    if test.p_value < data.limits.p_value:
        yield {"z": test.z, "p_value": test.p_value}


def group_off(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield the group whose error is largest in its own noise, where chance does not give such an error."""
    model = found.judgement.models[0]
    worst = model.largest_group_error
    if worst is None or not worst.p_value < data.limits.group_p_value:
        return
    smallest = [one.smallest_seen for one in model.groups if (one.kind, one.group) == (worst.kind, worst.group)]
    yield {
        "kind": kind_words(worst.kind),
        "group": group_words(worst.kind, worst.group),
        "error": abs(worst.error),
        "direction": _DIRECTIONS[worst.error > 0],
        "z": worst.z,
        "p_value": worst.p_value,
        "groups": worst.groups,
        "smallest": smallest[0],
    }


def groups_unseen(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that an error that matters could not have been seen in some groups."""
    groups, share = found.judgement.models[0].groups, data.limits.unseen_error
    blind = [one for one in groups if not one.smallest_seen <= share * found.judgement.observed]
    if blind:
        worst = max(blind, key=lambda one: one.smallest_seen)
        yield {
            "blind": len(blind),
            "groups": len(groups),
            "share": share,
            "kind": kind_words(worst.kind),
            "group": group_words(worst.kind, worst.group),
            "smallest": worst.smallest_seen,
        }


def _off_one(found: Interval, allowed: float) -> bool:
    beyond_chance = found.lower > 1 or found.upper < 1  # bounds that are no numbers tell nothing of chance
    return abs(found.estimate - 1) > allowed and beyond_chance


def _bounds(found: Interval, context: CheckContext) -> Details:
    return {"lower": found.lower, "upper": found.upper, "level": context.judgement.level}
