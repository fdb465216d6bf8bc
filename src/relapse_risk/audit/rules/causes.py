"""The main cause of poverty, against what members were in the years on record: before, it may have been otherwise."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.policy import AuditLimits

__all__ = ["RULES"]


def _rule(rule: str, cause: str, broken: Test) -> AuditRule:
    where = pl.col("poverty_cause") == cause
    return AuditRule(id=rule, family="causes", table="households", column="poverty_cause", where=where, broken=broken)


def _ever(said: str) -> pl.Expr:
    """Return whether it was so of anybody of the household in any year on record: the cause is that of the first."""
    return pl.col(said).any(ignore_nulls=False).over("household_id")


def _always_many(limit: AuditLimits) -> pl.Expr:
    return pl.col("year.able").min().over("household_id") >= limit.able_workers


RULES = (
    _rule("illness_cause_nobody_ill", "illness", ~_ever("year.ill") & ~_ever("year.disabled")),
    _rule("disability_cause_nobody_disabled", "disability", ~_ever("year.disabled")),
    _rule("schooling_cause_no_pupil", "schooling", ~_ever("year.students")),
    _rule("labour_cause_many_able", "labour", _always_many),
)
