"""Ages, and days that must come in order."""

from collections.abc import Callable

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.expressions import age_at, later, years_apart
from relapse_risk.policy import AuditLimits

__all__ = ["RULES"]

_FAMILY = "dates"

# By table: the day that speaks of the past and cannot lie behind the export.
_HAPPENED = {
    "illness": "occurred_on",
    "disabilities": "certified_on",
    "disasters": "occurred_on",
    "employment": "started_on",
    "assistance": "started_on",
    "monitoring": "identified_on",
    "relapses": "relapsed_on",
}
# By table: the day that was there before anybody could write it down.
_WRITTEN = {
    "illness": "occurred_on",
    "disabilities": "certified_on",
    "disasters": "occurred_on",
    "monitoring": "identified_on",
    "relapses": "relapsed_on",
}
_BORN, _HEAD_BORN = "person.born", "household.head_born"


def _in_future(table: str, column: str) -> AuditRule:
    broken = later(column, "known_until")
    return AuditRule(id=f"{table}_in_future", family=_FAMILY, table=table, column=column, broken=broken)


def _recorded_early(table: str, column: str) -> AuditRule:
    broken = later(column, "recorded_on")
    return AuditRule(id=f"{table}_recorded_early", family=_FAMILY, table=table, column=column, broken=broken)


def _ordered(rule: str, table: str, first: str, then: str) -> AuditRule:
    """Return the rule that one day does not come before another; the later one is flagged."""
    return AuditRule(id=rule, family=_FAMILY, table=table, column=then, broken=later(first, then))


def _relation_younger(rule: str, relation: str, years: Callable[[AuditLimits], float]) -> AuditRule:
    """Return the rule that a relation of the head is born after the head by some years at least (negative: before)."""

    def broken(limit: AuditLimits) -> pl.Expr:
        apart = years_apart(_BORN, _HEAD_BORN)
        least = years(limit)
        return apart < least if least > 0 else apart > least

    where = (pl.col("relation") == relation) & pl.col(_BORN).is_not_null()
    return AuditRule(id=rule, family=_FAMILY, table="members", column="relation", where=where, broken=broken)


RULES = (
    AuditRule(
        id="born_in_future",
        family=_FAMILY,
        table="members",
        column="birth_date",
        broken=later("birth_date", pl.coalesce("recorded_on", "known_until")),
        besides=("recorded_on",),
    ),
    AuditRule(
        id="too_old",
        family=_FAMILY,
        table="members",
        column="birth_date",
        broken=lambda limit: pl.col("age") > limit.age,
    ),
    AuditRule(
        id="head_too_young",
        family=_FAMILY,
        table="members",
        column="birth_date",
        where=pl.col("relation") == "head",
        broken=lambda limit: pl.col("age") < limit.head_age,
    ),
    AuditRule(
        id="spouse_too_young",
        family=_FAMILY,
        table="members",
        column="birth_date",
        where=pl.col("relation") == "spouse",
        broken=lambda limit: pl.col("age") < limit.spouse_age,
    ),
    _relation_younger("child_not_younger", "child", lambda limit: limit.child_after_head),
    _relation_younger("grandchild_not_younger", "grandchild", lambda limit: limit.grandchild_after_head),
    _relation_younger("parent_not_older", "parent", lambda limit: limit.parent_after_head),
    _relation_younger("grandparent_not_older", "grandparent", lambda limit: limit.grandparent_after_head),
    _ordered("joined_before_birth", "members", _BORN, "joined_on"),
    _ordered("died_before_birth", "members", _BORN, "died_on"),
    _ordered("removed_before_joining", "members", "joined_on", "removed_on"),
    _ordered("illness_before_birth", "illness", _BORN, "occurred_on"),
    _ordered("settled_before_birth", "illness", _BORN, "settled_on"),
    _ordered("settled_before_admission", "illness", "occurred_on", "settled_on"),
    _ordered("disabled_before_birth", "disabilities", _BORN, "disabled_on"),
    _ordered("certified_before_birth", "disabilities", _BORN, "certified_on"),
    _ordered("certified_before_disability", "disabilities", "disabled_on", "certified_on"),
    _ordered("work_ended_before_start", "employment", "started_on", "ended_on"),
    _ordered("aid_ended_before_start", "assistance", "started_on", "ended_on"),
    AuditRule(
        id="died_in_future",
        family=_FAMILY,
        table="members",
        column="died_on",
        broken=later("died_on", "known_until"),
    ),
    AuditRule(
        id="stay_too_long",
        family=_FAMILY,
        table="illness",
        column="settled_on",
        broken=lambda limit: (pl.col("settled_on") - pl.col("occurred_on")).dt.total_days() > limit.stay_days,
    ),
    AuditRule(
        id="removed_before_death",
        family=_FAMILY,
        table="members",
        column="removed_on",
        where=pl.col("left_reason") == "death",
        broken=later("died_on", "removed_on"),
    ),
    AuditRule(
        id="work_too_young",
        family=_FAMILY,
        table="employment",
        column="started_on",
        broken=lambda limit: age_at(_BORN, "started_on") < limit.hired_age,
    ),
    AuditRule(
        id="work_too_old",
        family=_FAMILY,
        table="employment",
        column="started_on",
        broken=lambda limit: age_at(_BORN, "started_on") > limit.hired_until,
    ),
    AuditRule(
        id="income_of_future",
        family=_FAMILY,
        table="incomes",
        column="year",
        broken=pl.col("income_year") > pl.col("known_until").dt.year(),
    ),
    *(_in_future(table, column) for table, column in _HAPPENED.items()),
    *(_recorded_early(table, column) for table, column in _WRITTEN.items()),
)
