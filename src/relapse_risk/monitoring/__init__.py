"""What goes on from month to month: the ledger of alerts and acts, and the scores kept for later."""

from relapse_risk.monitoring.ledger import Ledger, Month, MonthAccount, open_ledger
from relapse_risk.monitoring.packed import pack, unpack

__all__ = ["Ledger", "Month", "MonthAccount", "open_ledger", "pack", "unpack"]
