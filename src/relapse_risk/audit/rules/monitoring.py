"""Households under watch: begun, cleared, and of which kind."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import absent, later

__all__ = ["RULES"]

_FAMILY = "monitoring"
_TYPES = pl.col("household.types")


def _rule(rule: str, column: str, broken: Test, where: pl.Expr | None = None, table: str = "monitoring") -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table=table, column=column, where=where, broken=broken)


RULES = (
    _rule("cleared_before_identified", "cleared_on", later("identified_on", "cleared_on")),
    _rule(
        "cleared_soon",
        "cleared_on",
        lambda limit: (pl.col("cleared_on") - pl.col("identified_on")).dt.total_days() < limit.clearing_days,
    ),
    _rule("cleared_in_future", "cleared_on", later("cleared_on", "known_until")),
    _rule("cleared_without_day", "cleared_on", absent("cleared_on"), where=pl.col("cleared_reason").is_not_null()),
    # A household that lives no more unstably than others never exited; one that exited is no near-poor one.
    _rule(
        "unstable_never_exited",
        "monitoring_type",
        ~_TYPES.list.set_intersection(["exited", "poor"]).list.len().cast(pl.Boolean),
        where=(pl.col("monitoring_type") == "unstable") & (_TYPES.list.len() > 0),
    ),
    _rule(
        "near_poor_but_registered",
        "monitoring_type",
        ~_TYPES.list.set_intersection(["general", "near_poor"]).list.len().cast(pl.Boolean),
        where=(pl.col("monitoring_type") == "near_poor") & (_TYPES.list.len() > 0),
    ),
    _rule("watched_without_risk", "risk", absent("risk")),
    _rule(
        "watched_without_entry",
        "monitoring_type",
        pl.col("household.monitored").is_null(),
        where=pl.col("monitoring_type").is_not_null() & pl.col("household.known"),
        table="households",
    ),
)
