"""Housing, water and land."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import absent

__all__ = ["RULES"]

_FAMILY = "housing"
_DANGEROUS = pl.col("house_grade").is_in(["C", "D"])


def _rule(rule: str, column: str, broken: Test, where: pl.Expr | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="households", column=column, where=where, broken=broken)


_EXITED = pl.col("household_type") == "exited"

RULES = (
    _rule("dangerous_house_of_good_grade", "house_grade", ~_DANGEROUS, where=pl.col("dangerous_house")),
    _rule("safe_house_of_bad_grade", "house_grade", _DANGEROUS, where=~pl.col("dangerous_house")),
    _rule("site_without_relocation", "relocated", ~pl.col("relocated"), pl.col("resettlement_site").is_not_null()),
    _rule("farmland_negative", "farmland_mu", pl.col("farmland_mu") < 0),
    _rule("dangerous_house_without_grade", "house_grade", absent("house_grade"), where=pl.col("dangerous_house")),
    _rule(
        "farmland_per_person",
        "farmland_mu",
        lambda limit: pl.col("farmland_mu") > limit.farmland_person_mu * pl.col("size"),
        where=pl.col("size") > 0,
    ),
    _rule("farmland_too_large", "farmland_mu", lambda limit: pl.col("farmland_mu") > limit.farmland_mu),
    _rule("exited_into_ruin", "house_grade", pl.col("house_grade") == "D", where=_EXITED),
    _rule("exited_without_water", "safe_water", ~pl.col("safe_water"), where=_EXITED),
)
