"""The audit's workbook, sent back to the county to be corrected, and its page of totals."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.reports.audit.audit_content import AuditContent
    from relapse_risk.reports.audit.page import render_audit_page
    from relapse_risk.reports.audit.split import write_split_audit
    from relapse_risk.reports.audit.totals import answer_grid
    from relapse_risk.reports.audit.unanswered import write_unanswered
    from relapse_risk.reports.audit.workbook import write_audit_workbook
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "AuditContent",
    "answer_grid",
    "render_audit_page",
    "write_audit_workbook",
    "write_split_audit",
    "write_unanswered",
]
