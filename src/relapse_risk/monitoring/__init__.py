"""What became of the lists of earlier months, and whether the register still is what the model was trained on."""

from relapse_risk.monitoring.drift import Drift, expected_performance, find_drift
from relapse_risk.monitoring.honest import visit_weights
from relapse_risk.monitoring.outcomes import Realised, realised_outcomes

__all__ = [
    "Drift",
    "Realised",
    "expected_performance",
    "find_drift",
    "realised_outcomes",
    "visit_weights",
]
