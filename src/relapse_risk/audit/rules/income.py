"""Income: its parts, their sum, and what each person has of it."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import differ, exceeds
from relapse_risk.policy import AuditLimits

__all__ = ["RULES"]

_FAMILY = "income"
_PARTS = ("wage", "business", "property", "transfer")
_COST = "production_cost"

_ALL = [pl.col(name) for name in (*_PARTS, _COST)]
_NONE_NEGATIVE = pl.all_horizontal((part >= 0).fill_null(True) for part in _ALL)
_SUM = sum((pl.col(name) for name in _PARTS), -pl.col(_COST))
# Where parts are blank, the others say between what the sum can be: no part is negative.
_LEAST = sum((pl.col(name).fill_null(0) for name in _PARTS), -pl.col(_COST))
_MOST = sum((pl.col(name) for name in _PARTS), -pl.col(_COST).fill_null(0))
_TRANSFER = pl.col("transfer").abs()
_PERSONS = pl.col("household_size")


def _rule(rule: str, column: str, broken: Test, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="incomes", column=column, where=where, broken=broken)


def _negative(rule: str, column: str, where: pl.Expr | None = None) -> AuditRule:
    return _rule(rule, column, pl.col(column) < 0, where)


def _sum_is_off(limit: AuditLimits) -> pl.Expr:
    known = differ("net_income", _SUM, limit.yuan, limit.share)
    below = exceeds(_LEAST, "net_income", limit.yuan, limit.share)
    return known | below | exceeds("net_income", _MOST, limit.yuan, limit.share)


def _share_is_off(limit: AuditLimits) -> pl.Expr:
    # Both are rounded: a share by half a yuan at most, which counts once for every person.
    return differ(pl.col("net_income_per_capita") * _PERSONS, "net_income", limit.yuan * _PERSONS, limit.share)


RULES = (
    # A part that is negative already says that the row is wrong: its sum is judged once that is corrected.
    AuditRule(
        id="income_parts_and_sum",
        family=_FAMILY,
        table="incomes",
        column="net_income",
        where=_NONE_NEGATIVE,
        broken=_sum_is_off,
    ),
    AuditRule(
        id="income_per_person",
        family=_FAMILY,
        table="incomes",
        column="net_income_per_capita",
        where=_PERSONS > 0,
        broken=_share_is_off,
    ),
    _negative("wage_negative", "wage"),
    # Where costs have a column of their own, what was earned in business is no balance.
    _negative("business_negative", "business", where=pl.col(_COST).is_not_null()),
    _negative("property_negative", "property"),
    _negative("transfer_negative", "transfer"),
    _negative("cost_negative", _COST),
    AuditRule(
        id="income_of_nothing",
        family=_FAMILY,
        table="incomes",
        column="net_income",
        where=_PERSONS > 0,
        broken=pl.all_horizontal(pl.col(name) == 0 for name in (*_PARTS, "net_income")),
    ),
    _rule("income_per_person_negative", "net_income_per_capita", pl.col("net_income_per_capita") < 0),
    _rule(
        "income_per_person_too_high",
        "net_income_per_capita",
        lambda limit: pl.col("net_income_per_capita") > limit.per_person,
    ),
    _rule(
        "business_without_cost",
        _COST,
        pl.col(_COST) == 0,
        where=lambda limit: pl.col("business") > limit.business_costless,
    ),
    # A sum of some amounts is no more than that of all.
    _rule(
        "aid_over_transfer",
        "transfer",
        lambda limit: pl.col("year.aid") > pl.col("transfer") + pl.max_horizontal(limit.yuan, limit.share * _TRANSFER),
    ),
    AuditRule(
        id="wage_without_worker",
        family=_FAMILY,
        table="incomes",
        column="wage",
        where=lambda limit: pl.col("wage") > limit.wage_unworked,
        broken=~pl.col("year.work_entered") & ~pl.col("household.employed").fill_null(False),
        besides=("household.employed",),
    ),
    AuditRule(
        id="income_signs_differ",
        family=_FAMILY,
        table="incomes",
        column="net_income_per_capita",
        broken=pl.col("net_income") * pl.col("net_income_per_capita") < 0,
    ),
    AuditRule(
        id="income_year_not_of_period",
        family=_FAMILY,
        table="incomes",
        column="year",
        broken=pl.col("year") != pl.col("period_end").dt.year(),
    ),
    AuditRule(
        id="income_period_too_long",
        family=_FAMILY,
        table="incomes",
        column="period_end",
        broken=lambda limit: (pl.col("period_end") - pl.col("period_start")).dt.total_days() >= limit.period_days,
    ),
    AuditRule(
        id="wage_without_work",
        family=_FAMILY,
        table="incomes",
        column="wage",
        where=pl.col("year.months") == 0,
        broken=lambda limit: pl.col("wage") > limit.wage_unworked,
    ),
    AuditRule(
        id="work_without_wage",
        family=_FAMILY,
        table="incomes",
        column="wage",
        where=lambda limit: pl.col("year.least_months") >= limit.months_worked,
        broken=pl.col("wage") == 0,
    ),
)
