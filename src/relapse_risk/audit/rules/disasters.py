"""Disasters and what they cost."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule

__all__ = ["RULES"]

_FAMILY = "disasters"
_LOSS = pl.col("loss")

RULES = (
    AuditRule(id="loss_negative", family=_FAMILY, table="disasters", column="loss", broken=_LOSS < 0),
    AuditRule(id="loss_of_nothing", family=_FAMILY, table="disasters", column="loss", broken=_LOSS == 0),
    AuditRule(
        id="loss_too_large",
        family=_FAMILY,
        table="disasters",
        column="loss",
        broken=lambda limit: _LOSS > limit.loss,
    ),
    AuditRule(
        id="disaster_in_unknown_village",
        family=_FAMILY,
        table="disasters",
        column="village_code",
        where=pl.col("village_code").is_not_null(),
        broken=pl.col("village.known").is_null(),
    ),
)
