"""The number of members of a household, from every source."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule

__all__ = ["RULES"]

_FAMILY = "counts"

_SIZE, _FEWEST, _MOST = pl.col("size"), pl.col("year.fewest"), pl.col("year.most")
# Persons of the village whom no household owns may be just those that are lacking.
_MAY_BE_UNPLACED = (_SIZE > _MOST) & (_SIZE - _MOST <= pl.col("year.unplaced"))
_OF_MEMBERS = (pl.col("household_size") >= _FEWEST) & (pl.col("household_size") <= _MOST)
_OF_REGISTER = pl.col("year.size").list.contains(pl.col("household_size"))
_REGISTERED = pl.col("year.size").list.len() > 0


def _positive(rule: str, table: str, column: str) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table=table, column=column, broken=pl.col(column) < 1)


def _many(rule: str, table: str, column: str) -> AuditRule:
    return AuditRule(
        id=rule, family=_FAMILY, table=table, column=column, broken=lambda limit: pl.col(column) > limit.persons
    )


RULES = (
    _positive("household_of_nobody", "households", "size"),
    _positive("income_of_nobody", "incomes", "household_size"),
    _many("household_of_too_many", "households", "size"),
    _many("income_of_too_many", "incomes", "household_size"),
    AuditRule(
        id="size_not_of_members",
        family=_FAMILY,
        table="households",
        column="size",
        where=~_MAY_BE_UNPLACED,
        broken=(_SIZE < _FEWEST) | (_SIZE > _MOST),
    ),
    AuditRule(
        id="income_size_not_of_register",
        family=_FAMILY,
        table="incomes",
        column="household_size",
        where=_REGISTERED,
        broken=~_OF_REGISTER & ~_OF_MEMBERS.fill_null(False),
    ),
    AuditRule(
        id="two_heads",
        family=_FAMILY,
        table="households",
        column="household_id",
        broken=pl.col("year.heads") > 1,
    ),
    AuditRule(
        id="no_head",
        family=_FAMILY,
        table="households",
        column="household_id",
        where=pl.col("year.unplaced") == 0,
        broken=pl.col("year.headless"),
    ),
    AuditRule(
        id="spouses_of_one_sex",
        family=_FAMILY,
        table="members",
        column="sex",
        where=pl.col("relation") == "spouse",
        broken=pl.coalesce("_id_sex", "sex") == pl.col("household.head_sex"),
        besides=("_id_sex",),
    ),
    AuditRule(
        id="two_spouses",
        family=_FAMILY,
        table="households",
        column="household_id",
        broken=pl.col("year.spouses") > 1,
    ),
)
