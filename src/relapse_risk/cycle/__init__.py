"""The month's cycle: score, compare, enter in the ledger, visit, read the visits back, tell the month."""

from relapse_risk.cycle.month import MonthRun, monitor
from relapse_risk.cycle.visiting import Entered, enter_visits

__all__ = ["Entered", "MonthRun", "enter_visits", "monitor"]
