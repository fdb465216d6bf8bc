"""Entries on persons after they died or left."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import absent, later, several, stated

__all__ = ["RULES"]

_FAMILY = "departed"
_DIED = "person.died"
_LEFT = ("removed_on", "died_on", "left_on")


def _rule(rule: str, table: str, column: str, broken: Test, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table=table, column=column, where=where, broken=broken)


RULES = (
    _rule("illness_after_death", "illness", "occurred_on", later("occurred_on", _DIED)),
    # Families settle bills for some time; what is settled long after is not theirs to settle.
    _rule(
        "settled_after_death",
        "illness",
        "settled_on",
        lambda limit: later("settled_on", pl.col(_DIED) + pl.duration(days=int(limit.settling_days))),
    ),
    _rule("certified_after_death", "disabilities", "certified_on", later("certified_on", _DIED)),
    _rule("work_after_death", "employment", "started_on", later("started_on", _DIED)),
    _rule("listed_after_death", "members", "year", pl.col("year") > pl.col(_DIED).dt.year()),
    _rule(
        "listed_after_removal",
        "members",
        "year",
        pl.col("year") > pl.col("removed_on").dt.year(),
        where=pl.col("died_on").is_null(),
    ),
    _rule("death_without_day", "members", "died_on", absent("died_on"), where=pl.col("left_reason") == "death"),
    _rule(
        "death_for_other_reason", "members", "left_reason", pl.col("left_reason") != "death", where=stated("died_on")
    ),
    _rule("removed_without_reason", "members", "left_reason", absent("left_reason"), where=stated("removed_on")),
    _rule("reason_without_removal", "members", "removed_on", absent("removed_on"), where=stated("left_reason")),
    AuditRule(
        id="left_without_any_day",
        family=_FAMILY,
        table="members",
        column="left_reason",
        where=stated("left_reason"),
        broken=pl.all_horizontal(pl.col(day).is_null() & ~pl.col("_lost").list.contains(day) for day in _LEFT),
        besides=_LEFT,
    ),
    _rule(
        "two_days_of_death",
        "members",
        "died_on",
        several("died_on", "person_id"),
        where=stated("died_on") & stated("person_id"),
    ),
)
