"""The append-only account of who was listed, what was done about it, and what is still open."""

from relapse_risk.monitoring.ledger.clearing import CLEARING_LEVELS
from relapse_risk.monitoring.ledger.ledger import Ledger, open_ledger
from relapse_risk.monitoring.ledger.month_entries import Month, MonthAccount

__all__ = ["CLEARING_LEVELS", "Ledger", "Month", "MonthAccount", "open_ledger"]
