"""What goes on from month to month: who became listed, worse, better, or is listed no longer."""

from relapse_risk.monitoring.changes import compare

__all__ = ["compare"]
