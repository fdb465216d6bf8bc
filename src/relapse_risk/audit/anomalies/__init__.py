"""Relief on paper: what stands out in the figures of a village or file, tested against chance and all others."""

from relapse_risk.audit.anomalies.find import PAPER_RULES, AnomalyResult, find_paper

__all__ = ["PAPER_RULES", "AnomalyResult", "find_paper"]
