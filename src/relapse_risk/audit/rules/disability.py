"""Disability: category, grade and certificate, and what members' rows say of it."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.expressions import absent, several, stated

__all__ = ["RULES"]

_FAMILY = "disability"
_HEALTH = pl.col("health_status").str.split("+")
_CERTIFIED_BY_THEN = pl.col("person.certified").dt.year() < pl.col("year")


def _rule(
    rule: str, column: str, broken: pl.Expr, where: pl.Expr | None = None, table: str = "disabilities"
) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table=table, column=column, where=where, broken=broken)


RULES = (
    _rule("grade_without_category", "category", absent("category"), where=pl.col("grade").is_not_null()),
    _rule("category_without_grade", "grade", absent("grade"), where=pl.col("category").is_not_null()),
    _rule("certificate_of_other_category", "category", pl.col("category") != pl.col("_certificate_category")),
    _rule("certificate_of_other_grade", "grade", pl.col("grade") != pl.col("_certificate_grade")),
    _rule("certificate_of_other_person", "certificate_number", pl.col("_certificate") != pl.col("_id")),
    _rule(
        "two_categories_at_once",
        "category",
        several("category", "person_id", "certified_on"),
        where=pl.all_horizontal(pl.col(name).is_not_null() for name in ("category", "person_id", "certified_on")),
    ),
    _rule(
        "certified_not_disabled",
        "health_status",
        ~_HEALTH.list.contains("disabled"),
        where=_CERTIFIED_BY_THEN,
        table="members",
    ),
    _rule(
        "disabled_without_certificate",
        "health_status",
        ~pl.col("person.in_disabilities"),
        where=_HEALTH.list.contains("disabled"),
        table="members",
    ),
    _rule(
        "healthy_and_ill",
        "health_status",
        _HEALTH.list.contains("healthy") & (_HEALTH.list.len() > 1),
        table="members",
    ),
    _rule("certificate_never_dated", "certified_on", absent("certified_on"), where=stated("grade")),
)
