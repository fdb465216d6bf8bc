"""Work away from the own farm: wages, posts and how it ended."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import absent, later

__all__ = ["RULES"]

_FAMILY = "employment"
_WAGE = pl.col("monthly_wage")
_LOCAL = ("public_post", "workshop")


def _rule(rule: str, column: str, broken: Test, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="employment", column=column, where=where, broken=broken)


RULES = (
    _rule("wage_of_nothing", "monthly_wage", _WAGE <= 0),
    _rule("wage_too_high", "monthly_wage", lambda limit: _WAGE > limit.wage),
    _rule(
        "local_post_far_away",
        "region",
        pl.col("region") != "county",
        where=pl.col("channel").is_in(_LOCAL),
    ),
    _rule("reason_without_end", "ended_on", absent("ended_on"), where=pl.col("ended_reason").is_not_null()),
    _rule("end_recorded_early", "ending_recorded_on", later("ended_on", "ending_recorded_on")),
)
