"""Cells that should say something; a list that has no such column, or leaves it blank throughout, is not judged."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import absent
from relapse_risk.policy import AuditLimits

__all__ = ["RULES"]

_POOR = ("poor", "exited", "near_poor")


def _blank(rule: str, table: str, column: str, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family="blanks", table=table, column=column, where=where, broken=absent(column))


def _adult(limit: AuditLimits) -> pl.Expr:
    return pl.col("age") >= limit.working_from


RULES = (
    _blank("type_blank", "households", "household_type"),
    _blank("cause_blank", "households", "poverty_cause", pl.col("household_type").is_in(_POOR)),
    _blank("relation_blank", "members", "relation"),
    _blank("ethnicity_blank", "members", "ethnicity"),
    _blank("health_blank", "members", "health_status"),
    _blank("capacity_blank", "members", "labour_capacity", _adult),
    _blank("education_blank", "members", "education", _adult),
)
