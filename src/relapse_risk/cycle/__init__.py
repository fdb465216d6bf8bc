"""The month's cycle: score, compare, enter in the ledger, visit, read the visits back, tell the month."""

from relapse_risk.cycle.month import MonitorRequest, MonthRun, monitor
from relapse_risk.cycle.visiting import VisitOutcome, enter_visits

__all__ = ["MonitorRequest", "MonthRun", "VisitOutcome", "enter_visits", "monitor"]
