"""Every household by the four factors, its classes, the populations of their own."""

from typing import TYPE_CHECKING

from relapse_risk.alerts.assessment.assess import assess
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.alerts.assessment.assess import MissingInputs, missing_inputs, suggest
    from relapse_risk.alerts.assessment.household_facts import HouseholdFacts, find_facts
    from relapse_risk.alerts.assessment.measures import fitting_measures
    from relapse_risk.alerts.assessment.populations import monitoring_line_remarks
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "HouseholdFacts",
    "MissingInputs",
    "assess",
    "find_facts",
    "fitting_measures",
    "missing_inputs",
    "monitoring_line_remarks",
    "suggest",
]
