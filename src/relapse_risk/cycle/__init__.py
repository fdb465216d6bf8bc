"""The month's cycle: score, compare, enter in the ledger, visit, read the visits back, tell the month."""

from relapse_risk.cycle.month import MonthRun, monitor
from relapse_risk.cycle.visiting import VisitOutcome, enter_visits

__all__ = ["MonthRun", "VisitOutcome", "enter_visits", "monitor"]
