"""Insurance and schooling, by age."""

import polars as pl

from relapse_risk.audit.rule import AuditRule, Limits, Test

__all__ = ["RULES"]

_FAMILY = "schooling"
_STUDENT, _AGE = pl.col("student_status"), pl.col("age")
_STAGES = ("preschool", "primary", "junior", "senior", "college")
_LEARNT = ("primary", "junior", "senior", "college")


def _rule(rule: str, column: str, broken: Test, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="members", column=column, where=where, broken=broken)


def _stage(stage: str) -> AuditRule:
    def broken(limit: Limits) -> pl.Expr:
        return ~_AGE.is_between(limit[f"{stage}_from"], limit[f"{stage}_until"])

    return _rule(f"{stage}_pupil_age", "student_status", broken, where=_STUDENT == stage)


def _learnt(level: str) -> AuditRule:
    return _rule(
        f"{level}_education_age",
        "education",
        lambda limit: _AGE < limit[f"{level}_learnt"],
        where=pl.col("education") == level,
    )


def _compulsory(limit: Limits) -> pl.Expr:
    return _AGE.is_between(limit["compulsory_from"], limit["compulsory_until"])


RULES = (
    *(_stage(stage) for stage in _STAGES),
    *(_learnt(level) for level in _LEARNT),
    _rule(
        "dropout_age",
        "student_status",
        lambda limit: ~_AGE.is_between(limit["dropout_from"], limit["dropout_until"]),
        where=_STUDENT == "dropout",
    ),
    _rule("school_age_not_in_school", "student_status", _STUDENT == "not_student", where=_compulsory),
    _rule("pension_of_child", "pension_insured", lambda limit: _AGE < limit["pension_age"], pl.col("pension_insured")),
    _rule(
        "pupil_at_work",
        "work_months",
        pl.col("work_months") > 0,
        where=_STUDENT.is_in(["preschool", "primary", "junior"]),
    ),
)
