"""From contributions to reasons, and from reasons to sentences with the household's own figures."""

from typing import TYPE_CHECKING

from relapse_risk.explain.sentences import sentences
from relapse_risk.explain.top_reasons import top_reasons
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.explain.shapley import explain_features
    from relapse_risk.explain.speakers import find_speakers
    from relapse_risk.explain.top_reasons import raises
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["explain_features", "find_speakers", "raises", "sentences", "top_reasons"]
