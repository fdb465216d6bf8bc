"""From contributions to reasons, and from reasons to sentences with the household's own figures."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from relapse_risk.explain.sentences import sentences
from relapse_risk.explain.speakers import find_speakers
from relapse_risk.explain.top_reasons import raises, top_reasons

if TYPE_CHECKING:
    from relapse_risk.explain.shapley import explain_features

__all__ = ["explain_features", "find_speakers", "raises", "sentences", "top_reasons"]


def __getattr__(name: str) -> Any:
    if name != "explain_features":  # fetched when it is first used: scoring need not wait for shap
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.shapley").explain_features
