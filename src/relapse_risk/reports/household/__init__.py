"""One household: what it is, its risk over time and why, its alerts, and what fits it."""

from relapse_risk.reports.household.household_document import household_document, write_household
from relapse_risk.reports.household.household_report import HouseholdReport

__all__ = ["HouseholdReport", "household_document", "write_household"]
