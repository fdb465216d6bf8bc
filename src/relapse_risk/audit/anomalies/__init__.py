"""Anomalies: figures of a village or file that stand out, tested against chance and all others."""

from relapse_risk.audit.anomalies.anomaly_frames import FLAGGED, TESTS
from relapse_risk.audit.anomalies.find import ANOMALY_RULES, AnomalyResult, find_anomalies

__all__ = [
    "ANOMALY_RULES",
    "FLAGGED",
    "TESTS",
    "AnomalyResult",
    "find_anomalies",
]
