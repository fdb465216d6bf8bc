"""The audit of what was read: every row against every rule, each declared once and proven."""

from relapse_risk.audit.rule import AuditRule
from relapse_risk.audit.rules import RULES
from relapse_risk.audit.run_audit import AuditResult, run_audit

__all__ = ["RULES", "AuditResult", "AuditRule", "run_audit"]
