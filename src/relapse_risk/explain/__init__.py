"""From contributions to reasons, and from reasons to sentences with the household's own figures."""

from relapse_risk.explain.reasons import top_reasons
from relapse_risk.explain.sentences import sentences

__all__ = ["sentences", "top_reasons"]
