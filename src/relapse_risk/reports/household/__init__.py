"""One household: what it is, its risk over time and why, its alerts, and what fits it."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names
from relapse_risk.reports.household.household_document import household_document

if TYPE_CHECKING:
    from relapse_risk.reports.household.household_document import write_household
    from relapse_risk.reports.household.household_report import HouseholdReport
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["HouseholdReport", "household_document", "write_household"]
