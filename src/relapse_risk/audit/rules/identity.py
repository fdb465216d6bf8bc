"""Identity numbers: their form, and whether they fit the person."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.expressions import several

__all__ = ["RULES"]

_FAMILY = "identity"
_LISTS = ("illness", "disabilities", "employment", "loans", "assistance")


def _checked(rule: str, table: str, column: str, found: str) -> AuditRule:
    number = "_head_id_check" if column == "head_id_number" else "_id_check"
    return AuditRule(id=rule, family=_FAMILY, table=table, column=column, broken=pl.col(number) == found)


def _whole(table: str) -> AuditRule:
    return AuditRule(
        id=f"{table}_number_wrong", family=_FAMILY, table=table, column="id_number", broken=pl.col("_id_check") != "ok"
    )


def _of_number(rule: str, column: str, broken: pl.Expr, table: str = "members") -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table=table, column=column, broken=broken)


# A day of birth may be given as a month only, which is read as its last day.
_SAME_MONTH = (pl.col("birth_date") == pl.col("birth_date").dt.month_end()) & (
    pl.col("birth_date").dt.month_start() == pl.col("_id_birth_date").dt.month_start()
)

RULES = (
    _checked("number_check_digit", "members", "id_number", "check_digit"),
    _checked("number_birth_impossible", "members", "id_number", "birth_date"),
    _checked("number_shape", "members", "id_number", "shape"),
    _checked("head_number_check_digit", "households", "head_id_number", "check_digit"),
    _checked("head_number_birth_impossible", "households", "head_id_number", "birth_date"),
    _checked("head_number_shape", "households", "head_id_number", "shape"),
    *(_whole(table) for table in _LISTS),
    _of_number("birth_not_of_number", "birth_date", (pl.col("birth_date") != pl.col("_id_birth_date")) & ~_SAME_MONTH),
    _of_number("birth_year_not_of_number", "birth_year", pl.col("birth_year") != pl.col("_id_birth_date").dt.year()),
    _of_number("sex_not_of_number", "sex", pl.col("sex") != pl.col("_id_sex")),
    AuditRule(
        id="sex_not_of_relation",
        family=_FAMILY,
        table="members",
        column="relation",
        broken=pl.coalesce("_id_sex", "sex") != pl.col("_relation_sex"),  # a whole number says better whose it is
        besides=("_id_sex",),
    ),
    AuditRule(
        id="number_of_two_persons",
        family=_FAMILY,
        table="members",
        column="id_number",
        where=(pl.col("_id_check") == "ok") & pl.col("person_id").is_not_null(),
        broken=several("person_id", "_id", "year"),
        besides=("year",),
    ),
    AuditRule(
        id="person_with_two_numbers",
        family=_FAMILY,
        table="members",
        column="id_number",
        where=pl.col("_id").is_not_null() & pl.col("person_id").is_not_null(),
        broken=several("_id", "person_id", "year"),
        besides=("year",),
    ),
    AuditRule(
        id="head_is_another_member",
        family=_FAMILY,
        table="households",
        column="head_id_number",
        where=pl.col("_head_id_check") == "ok",
        broken=~pl.col("household.number").list.contains(pl.col("_head_id")),
    ),
)
