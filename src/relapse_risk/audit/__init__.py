"""The audit of what was read: every row against every rule, each declared once and proven."""

from typing import TYPE_CHECKING

from relapse_risk.audit.run_audit import run_audit
from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.audit.audit_rule import AuditRule
    from relapse_risk.audit.closing import FAULT, STANDINGS, AuditDiff, close, in_order
    from relapse_risk.audit.corrections import ANSWERS, CORRECTIONS, CorrectionCheck, check_corrections
    from relapse_risk.audit.locating import LOCATED, locate
    from relapse_risk.audit.once import line_code, one_line_per_fault
    from relapse_risk.audit.rules import RULES
    from relapse_risk.audit.run_audit import COUNTS, FINDINGS, AuditResult
    from relapse_risk.audit.sent import SENT, AuditTrail, sent_rows
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "ANSWERS",
    "CORRECTIONS",
    "COUNTS",
    "FAULT",
    "FINDINGS",
    "LOCATED",
    "RULES",
    "SENT",
    "STANDINGS",
    "AuditDiff",
    "AuditResult",
    "AuditRule",
    "AuditTrail",
    "CorrectionCheck",
    "check_corrections",
    "close",
    "in_order",
    "line_code",
    "locate",
    "one_line_per_fault",
    "run_audit",
    "sent_rows",
]
