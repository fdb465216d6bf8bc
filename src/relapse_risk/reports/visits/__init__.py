"""The month's visits: a workbook to be printed, carried along, filled in and read back."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names
from relapse_risk.reports.visits.completion_table import completion_table

if TYPE_CHECKING:
    from relapse_risk.reports.visits.send_back import reasons_of, write_send_back
    from relapse_risk.reports.visits.split import write_split_visits
    from relapse_risk.reports.visits.visit_content import VisitList
    from relapse_risk.reports.visits.workbook import write_visit_workbook
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "VisitList",
    "completion_table",
    "reasons_of",
    "write_send_back",
    "write_split_visits",
    "write_visit_workbook",
]
