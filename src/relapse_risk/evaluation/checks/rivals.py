"""Checks against what an office would otherwise use."""

from collections.abc import Iterator
from typing import Any

from relapse_risk.evaluation.checks.context import CheckContext
from relapse_risk.evaluation.checks.finding import model_words
from relapse_risk.evaluation.model_report import ModelReport
from relapse_risk.policy import CheckPolicy

__all__ = ["another_better", "not_better", "worse_than_income", "worse_than_rule"]

Details = dict[str, Any]


def worse_than_income(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that the default model is worse than income alone by more than chance."""
    return _worse_than("income", found)


def worse_than_rule(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield that the default model is worse than the policy rule by more than chance."""
    return _worse_than("policy_rule", found)


def not_better(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield each simple way that the default model is not shown to be better, nor worse, than."""
    for model in _rivals(found, "income", "policy_rule"):
        over = model.over_default["log_loss"]
        if over.lower <= 0 <= over.upper:
            yield _against(found, model)


def another_better(found: CheckContext, data: CheckPolicy) -> Iterator[Details]:
    """Yield every other model that is better than the default by more than chance."""
    simple = {"income", "policy_rule"}
    for model in found.judgement.models[1:]:
        if model.name not in simple and model.over_default["log_loss"].upper < 0:
            yield _against(found, model)


def _worse_than(name: str, found: CheckContext) -> Iterator[Details]:
    for model in _rivals(found, name):
        if model.over_default["log_loss"].upper < 0:
            yield _against(found, model)


def _rivals(found: CheckContext, *names: str) -> list[ModelReport]:
    return [model for model in found.judgement.models[1:] if model.name in names]


def _against(found: CheckContext, rival: ModelReport) -> Details:
    """Return by how much the default model's log loss is above a rival's."""
    over = rival.over_default["log_loss"]
    return {
        "model": model_words(found.judgement.default),
        "rival": model_words(rival.name),
        "difference": -over.estimate,
        "lower": -over.upper,
        "upper": -over.lower,
        "level": found.judgement.level,
    }
