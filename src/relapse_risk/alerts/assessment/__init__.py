"""Every household by the four factors, its classes, the populations of their own."""

from relapse_risk.alerts.assessment.assess import Lacks, assess, lacks, suggest
from relapse_risk.alerts.assessment.facts import Facts, find_facts
from relapse_risk.alerts.assessment.populations import POPULATIONS, monitoring_line

__all__ = ["POPULATIONS", "Facts", "Lacks", "assess", "find_facts", "lacks", "monitoring_line", "suggest"]
