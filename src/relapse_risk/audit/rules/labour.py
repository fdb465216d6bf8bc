"""Labour capacity and work, as members' rows have them."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import absent
from relapse_risk.policy import AuditLimits
from relapse_risk.records import ABLE

__all__ = ["RULES"]

_FAMILY = "labour"
_MONTHS, _AGE, _CAPACITY = pl.col("work_months"), pl.col("age"), pl.col("labour_capacity")


def _rule(rule: str, column: str, broken: Test, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="members", column=column, where=where, broken=broken)


def _of_age(limit: AuditLimits) -> pl.Expr:
    return _AGE.is_between(limit.working_from, limit.working_until)


_HALE = (pl.col("health_status") == "healthy") & (pl.col("student_status") == "not_student")

RULES = (
    _rule("months_of_no_year", "work_months", ~_MONTHS.is_between(0, 12)),
    _rule("region_without_months", "work_months", _MONTHS == 0, where=pl.col("work_region").is_not_null()),
    _rule("region_with_blank_months", "work_months", absent("work_months"), where=pl.col("work_region").is_not_null()),
    _rule("work_without_place", "work_region", absent("work_region"), where=_MONTHS > 0),
    _rule("child_able_to_work", "labour_capacity", _CAPACITY.is_in(ABLE), where=lambda limit: _AGE < limit.able_age),
    _rule("old_able_to_work", "labour_capacity", _CAPACITY.is_in(ABLE), where=lambda limit: _AGE > limit.able_until),
    _rule("child_at_work", "work_months", _MONTHS > 0, where=lambda limit: _AGE < limit.worked_age),
    _rule(
        "unable_at_work",
        "work_months",
        lambda limit: _MONTHS > limit.unable_months,
        _CAPACITY.is_in(["lost", "none"]),
    ),
    # None is who never could, as a child: without an accident within the year nobody becomes so.
    _rule("never_able_at_work", "work_months", lambda limit: _MONTHS >= limit.months_worked, where=_CAPACITY == "none"),
    _rule(
        "able_called_incapable", "labour_capacity", lambda limit: (_CAPACITY == "none") & _of_age(limit), where=_HALE
    ),
    _rule("able_called_unable", "labour_capacity", lambda limit: (_CAPACITY == "lost") & _of_age(limit), where=_HALE),
)
