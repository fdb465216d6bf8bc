"""The rules: one module per family, every rule declared once."""

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.rules import (
    assistance,
    blanks,
    causes,
    counts,
    dates,
    departed,
    disability,
    disasters,
    employment,
    exits,
    housing,
    identity,
    income,
    keys,
    labour,
    loans,
    medical,
    monitoring,
    schooling,
)

__all__ = ["RULES"]

_FAMILIES = (
    *(identity, keys, counts, dates, income, medical, disability, loans, housing, exits, schooling, labour, departed),
    *(assistance, monitoring, disasters, employment, causes, blanks),
)

RULES: tuple[AuditRule, ...] = tuple(rule for family in _FAMILIES for rule in family.RULES)
"""Every rule, in the order of the families."""
