"""Whether the register still is what the model was trained on, and what may be expected before outcomes are known."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names
from relapse_risk.monitoring.drift.find_drift import find_drift

if TYPE_CHECKING:
    from relapse_risk.monitoring.drift.expected import expected_performance
    from relapse_risk.monitoring.drift.find_drift import Drift
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["Drift", "expected_performance", "find_drift"]
