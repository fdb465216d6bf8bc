"""Who is at risk on a day, and who relapsed within the horizon; what is not known stays unknown."""

from relapse_risk.labels.cohort import find_cohort
from relapse_risk.labels.relapse import Labels, label_relapse

__all__ = ["Labels", "find_cohort", "label_relapse"]
