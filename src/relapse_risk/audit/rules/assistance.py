"""Help that a household was given."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.policy import AuditLimits

__all__ = ["RULES"]

_FAMILY = "assistance"
_AMOUNT = pl.col("amount")
_IN_MONEY = ("subsistence", "temporary_relief", "medical_aid", "education")  # others may be given in kind
_DAYS = (pl.col("ended_on") - pl.col("started_on")).dt.total_days()


def _rule(rule: str, column: str, broken: Test, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="assistance", column=column, where=where, broken=broken)


def _too_much(limit: AuditLimits) -> pl.Expr:
    return _AMOUNT > limit.aid


RULES = (
    _rule("aid_negative", "amount", _AMOUNT < 0),
    _rule("aid_of_nothing", "amount", _AMOUNT == 0, where=pl.col("kind").is_in(_IN_MONEY)),
    _rule("aid_too_large", "amount", _too_much),
    # Who is kept as destitute has no subsistence allowance beside; of two spells with a gap the hint may be wrong.
    _rule(
        "allowance_beside_support",
        "kind",
        (pl.col("started_on") <= pl.col("household.allowance_until"))
        & (pl.col("ended_on").is_null() | (pl.col("ended_on") >= pl.col("household.allowance_from"))),
        where=pl.col("kind") == "social_assistance",
    ),
    _rule(
        "temporary_aid_too_long",
        "ended_on",
        lambda limit: _DAYS > limit.temporary_days,
        where=pl.col("kind") == "temporary_relief",
    ),
)
