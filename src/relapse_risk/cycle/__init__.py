"""The month's cycle: score, compare, enter in the ledger, visit, read the visits back, write the bulletin."""

from typing import TYPE_CHECKING

from relapse_risk.cycle.describe_household import describe_household
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.cycle.claims import find_claims
    from relapse_risk.cycle.endline import endline_due, endline_visits
    from relapse_risk.cycle.month_run import MonitorRequest, MonthRun, monitor
    from relapse_risk.cycle.visiting import FileOutcome, VisitOutcome, completion_of, enter_visits, visits_of
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "FileOutcome",
    "MonitorRequest",
    "MonthRun",
    "VisitOutcome",
    "completion_of",
    "describe_household",
    "endline_due",
    "endline_visits",
    "enter_visits",
    "find_claims",
    "monitor",
    "visits_of",
]
