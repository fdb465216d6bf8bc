"""The audit of what was read: every row against every rule, each declared once and proven."""

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.closing import STANDINGS, AuditDiff, close
from relapse_risk.audit.locating import LOCATED, locate
from relapse_risk.audit.once import line_code, told_once
from relapse_risk.audit.rules import RULES
from relapse_risk.audit.run_audit import COUNTS, FINDINGS, AuditResult, run_audit
from relapse_risk.audit.sent import SENT, AuditTrail, sent_rows

__all__ = [
    "COUNTS",
    "FINDINGS",
    "LOCATED",
    "RULES",
    "SENT",
    "STANDINGS",
    "AuditDiff",
    "AuditResult",
    "AuditRule",
    "AuditTrail",
    "close",
    "line_code",
    "locate",
    "run_audit",
    "sent_rows",
    "told_once",
]
