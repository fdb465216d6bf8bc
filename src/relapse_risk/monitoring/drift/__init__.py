"""Whether the register still is what the model was trained on, and what may be expected before outcomes are known."""

from relapse_risk.monitoring.drift.expected import expected_performance
from relapse_risk.monitoring.drift.find_drift import Drift, find_drift

__all__ = ["Drift", "expected_performance", "find_drift"]
