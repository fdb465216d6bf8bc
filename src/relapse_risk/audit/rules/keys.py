"""Keys: rows listed twice, and references to nothing."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule
from relapse_risk.audit.expressions import first_of, rarer, repeated, several

__all__ = ["RULES"]

_FAMILY = "keys"

# What tells two rows of one list apart: rows that agree in all of it are one row sent twice.
_KEYS = {
    "households": ("household_id", "year", "recorded_on"),
    "members": ("person_id", "household_id", "year", "recorded_on"),
    "incomes": ("household_id", "income_year", "period_start", "recorded_on"),
    "disabilities": ("person_id", "household_id", "category", "grade", "certified_on", "recorded_on"),
    "disasters": ("household_id", "kind", "occurred_on", "loss", "recorded_on"),
    "employment": ("person_id", "started_on", "ended_on", "region", "channel", "recorded_on"),
    "loans": ("loan_id", "household_id", "status", "status_on", "recorded_on"),
    "assistance": ("household_id", "kind", "started_on", "ended_on", "amount", "recorded_on"),
    "monitoring": ("household_id", "identified_on", "monitoring_type", "recorded_on"),
    "relapses": ("household_id", "relapsed_on", "recorded_on"),
}
_REFERRING = (
    *("incomes", "illness", "disabilities", "disasters", "employment", "loans", "assistance", "monitoring"),
    "relapses",
)


def _twice(table: str, key: tuple[str, ...]) -> AuditRule:
    return AuditRule(
        id=f"{table}_twice",
        family=_FAMILY,
        table=table,
        column=key[0],
        broken=repeated(*key),
        besides=key[1:],
        first=first_of(*key),
    )


def _without_household(table: str) -> AuditRule:
    # A household that an identity number found is not named by the row itself.
    own = (pl.col("_linked") != "number").fill_null(True) & pl.col("household_id").is_not_null()
    return AuditRule(
        id=f"{table}_without_household",
        family=_FAMILY,
        table=table,
        column="household_id",
        where=own,
        broken=~pl.col("household.known"),
    )


def _without_person(table: str) -> AuditRule:
    return AuditRule(
        id=f"{table}_without_person",
        family=_FAMILY,
        table=table,
        column="person_id",
        where=(pl.col("_linked") != "number").fill_null(True) & pl.col("person_id").is_not_null(),
        broken=pl.col("person.known").is_null(),
    )


def _split(rule: str, table: str, column: str, *within: str) -> AuditRule:
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in (column, within[0]))
    broken = several(column, *within)
    besides = within[1:]
    return AuditRule(id=rule, family=_FAMILY, table=table, column=column, where=known, broken=broken, besides=besides)


def _contradicted(rule: str, column: str, *within: str) -> AuditRule:
    """Return the rule of households whose village bears another name, or another code, than most do."""
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in (column, within[0]))
    broken = rarer(column, *within)
    return AuditRule(
        id=rule, family=_FAMILY, table="households", column=column, where=known, broken=broken, besides=within[1:]
    )


RULES = (
    *(_twice(table, key) for table, key in _KEYS.items()),
    AuditRule(
        id="illness_twice",
        family=_FAMILY,
        table="illness",
        column="event_id",
        broken=repeated("event_id", "occurred_on", "total_cost", "recorded_on"),
        besides=("total_cost", "recorded_on"),
        first=first_of("event_id", "occurred_on", "total_cost", "recorded_on"),
    ),
    AuditRule(
        id="member_without_household",
        family=_FAMILY,
        table="members",
        column="household_id",
        where=(pl.col("_linked") != "number").fill_null(True) & pl.col("household_id").is_not_null(),
        broken=~pl.col("household.known"),
    ),
    *(_without_household(table) for table in _REFERRING),
    *(_without_person(table) for table in ("illness", "disabilities", "employment")),
    _split("member_in_two_households", "members", "household_id", "person_id", "year", "recorded_on"),
    _split("loan_of_two_households", "loans", "household_id", "loan_id", "_source"),
    _split("household_in_two_villages", "households", "village_code", "household_id", "year", "recorded_on"),
    _contradicted("village_of_two_names", "village", "village_code"),
    _contradicted("village_of_two_codes", "village_code", "village", "town", "county", "prefecture"),
    AuditRule(
        id="household_without_members",
        family=_FAMILY,
        table="households",
        column="household_id",
        where=pl.col("household_id").is_not_null(),
        broken=~pl.col("household.listed"),
    ),
    AuditRule(
        id="household_without_income",
        family=_FAMILY,
        table="households",
        column="household_id",
        where=pl.col("year").is_not_null(),
        broken=~pl.col("year.income"),
    ),
)
