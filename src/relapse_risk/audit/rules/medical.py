"""What medical treatment costs, what is paid back, and what remains."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.expressions import differ
from relapse_risk.policy import AuditLimits

__all__ = ["RULES"]

_FAMILY = "medical"
_TOTAL, _BACK, _OWN = pl.col("total_cost"), pl.col("reimbursed"), pl.col("self_paid")


def _negative(column: str) -> AuditRule:
    return AuditRule(id=f"{column}_negative", family=_FAMILY, table="illness", column=column, broken=pl.col(column) < 0)


def _parts_are_off(limit: AuditLimits) -> pl.Expr:
    return differ(_BACK + _OWN, _TOTAL, limit.yuan, limit.share)


RULES = (
    _negative("total_cost"),
    _negative("reimbursed"),
    _negative("self_paid"),
    AuditRule(
        id="reimbursed_over_total",
        family=_FAMILY,
        table="illness",
        column="reimbursed",
        where=_TOTAL >= 0,
        broken=lambda limit: _BACK > _TOTAL + limit.cents,
    ),
    AuditRule(
        id="self_paid_over_total",
        family=_FAMILY,
        table="illness",
        column="self_paid",
        where=_TOTAL >= 0,
        broken=lambda limit: _OWN > _TOTAL + limit.cents,
    ),
    AuditRule(
        id="cost_not_of_parts",
        family=_FAMILY,
        table="illness",
        column="total_cost",
        where=(_BACK <= _TOTAL) & (_OWN <= _TOTAL),
        broken=_parts_are_off,
    ),
    AuditRule(id="treatment_without_cost", family=_FAMILY, table="illness", column="total_cost", broken=_TOTAL == 0),
)
