"""From month to month: what changed, what became of earlier lists, and whether the register drifts."""

from relapse_risk.monitoring.changes import compare
from relapse_risk.monitoring.honest import visit_weights
from relapse_risk.monitoring.outcomes import Realised, realised_outcomes

__all__ = ["Realised", "compare", "realised_outcomes", "visit_weights"]
