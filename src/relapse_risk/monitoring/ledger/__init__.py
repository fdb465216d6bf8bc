"""The append-only account of who was listed, what was done about it, and what is still open."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.monitoring.ledger.alert_filter import AlertFilter
    from relapse_risk.monitoring.ledger.clearing import CLEARING_LEVELS
    from relapse_risk.monitoring.ledger.earlier import EarlierRecords
    from relapse_risk.monitoring.ledger.ledger import Ledger
    from relapse_risk.monitoring.ledger.month_entries import Month, MonthAccount
    from relapse_risk.monitoring.ledger.opening import open_ledger, restore_ledger
    from relapse_risk.monitoring.ledger.upgrade import Upgrade
    from relapse_risk.monitoring.ledger.withdrawal import WithdrawnMonth
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "CLEARING_LEVELS",
    "AlertFilter",
    "EarlierRecords",
    "Ledger",
    "Month",
    "MonthAccount",
    "Upgrade",
    "WithdrawnMonth",
    "open_ledger",
    "restore_ledger",
]
