"""Anomalies: figures of a village or file that stand out, tested against chance and all others."""

from relapse_risk.audit.anomalies.anomaly_frames import FLAGGED, TESTS
from relapse_risk.audit.anomalies.find import ANOMALY_RULES, AnomalyResult, find_anomalies
from relapse_risk.audit.anomalies.upper_tails import binomial_upper_tail, poisson_upper_tail

__all__ = [
    "ANOMALY_RULES",
    "FLAGGED",
    "TESTS",
    "AnomalyResult",
    "binomial_upper_tail",
    "find_anomalies",
    "poisson_upper_tail",
]
