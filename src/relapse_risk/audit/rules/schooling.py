"""Insurance and schooling, by age."""

from collections.abc import Callable

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.policy import AuditLimits

__all__ = ["RULES"]

_FAMILY = "schooling"
_STUDENT, _AGE = pl.col("student_status"), pl.col("age")


def _rule(rule: str, column: str, broken: Test, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="members", column=column, where=where, broken=broken)


def _stage(stage: str, ages: Callable[[AuditLimits], tuple[float, float]]) -> AuditRule:
    return _rule(
        f"{stage}_pupil_age",
        "student_status",
        lambda limit: ~_AGE.is_between(*ages(limit)),
        where=_STUDENT == stage,
    )


def _learnt(level: str, youngest: Callable[[AuditLimits], float]) -> AuditRule:
    return _rule(
        f"{level}_education_age",
        "education",
        lambda limit: _AGE < youngest(limit),
        where=pl.col("education") == level,
    )


def _compulsory(limit: AuditLimits) -> pl.Expr:
    return _AGE.is_between(limit.compulsory_from, limit.compulsory_until)


RULES = (
    _stage("preschool", lambda limit: (limit.preschool_from, limit.preschool_until)),
    _stage("primary", lambda limit: (limit.primary_from, limit.primary_until)),
    _stage("junior", lambda limit: (limit.junior_from, limit.junior_until)),
    _stage("senior", lambda limit: (limit.senior_from, limit.senior_until)),
    _stage("college", lambda limit: (limit.college_from, limit.college_until)),
    _learnt("primary", lambda limit: limit.primary_learnt),
    _learnt("junior", lambda limit: limit.junior_learnt),
    _learnt("senior", lambda limit: limit.senior_learnt),
    _learnt("college", lambda limit: limit.college_learnt),
    _rule(
        "dropout_age",
        "student_status",
        lambda limit: ~_AGE.is_between(limit.dropout_from, limit.dropout_until),
        where=_STUDENT == "dropout",
    ),
    _rule("school_age_not_in_school", "student_status", _STUDENT == "not_student", where=_compulsory),
    _rule("pension_of_child", "pension_insured", lambda limit: _AGE < limit.pension_age, pl.col("pension_insured")),
    _rule(
        "old_without_pension",
        "pension_insured",
        ~pl.col("pension_insured"),
        where=lambda limit: _AGE >= limit.pensioner_age,
    ),
    _rule("not_insured", "medical_insured", ~pl.col("medical_insured")),
    _rule(
        "pupil_at_work",
        "work_months",
        pl.col("work_months") > 0,
        where=_STUDENT.is_in(["preschool", "primary", "junior"]),
    ),
)
