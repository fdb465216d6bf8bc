"""Loans: amounts, days, borrowers and states."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import age_at, later
from relapse_risk.policy import AuditLimits

__all__ = ["RULES"]

_FAMILY = "loans"
_TERM = (pl.col("due_on") - pl.col("started_on")).dt.total_days()
# Of versions of one loan only the newest says how it stands.
_NEWEST = (pl.col("recorded_on") == pl.col("recorded_on").max().over("loan_id", "household_id")).fill_null(True)


def _rule(rule: str, column: str, broken: Test, where: pl.Expr | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="loans", column=column, where=where, broken=broken)


def _still_normal(limit: AuditLimits) -> pl.Expr:
    return later("known_until", pl.col("due_on") + pl.duration(days=int(limit.days_after_due)))


RULES = (
    _rule("loan_of_nothing", "principal", pl.col("principal") <= 0),
    _rule("loan_over_ceiling", "principal", lambda limit: pl.col("principal") > limit.loan),
    _rule("loan_due_before_start", "due_on", later("started_on", "due_on")),
    _rule("loan_too_long", "due_on", lambda limit: _TERM > limit.loan_days),
    _rule("loan_state_before_start", "status_on", later("started_on", "status_on")),
    _rule("loan_overdue_before_due", "status_on", later("due_on", "status_on"), pl.col("status") == "overdue"),
    AuditRule(
        id="loan_normal_after_due",
        family=_FAMILY,
        table="loans",
        column="status",
        where=(pl.col("status") == "normal") & _NEWEST,
        broken=_still_normal,
        besides=("recorded_on", "household_id"),
    ),
    _rule("borrower_too_young", "id_number", lambda limit: age_at("_id_birth_date", "started_on") < limit.borrower_age),
    _rule("loan_in_future", "started_on", later("started_on", "known_until")),
)
