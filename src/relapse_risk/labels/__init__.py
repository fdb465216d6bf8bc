"""Who is at risk on a day, what became of them, and what is not known of it. Sees no features."""

from relapse_risk.labels.cohort import find_cohort
from relapse_risk.labels.relapse import Labels, label_relapse

__all__ = ["Labels", "find_cohort", "label_relapse"]
