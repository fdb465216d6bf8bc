"""Exits from poverty and returns into it, in order."""

import polars as pl

from relapse_risk.audit.audit_rule import AuditRule, Test
from relapse_risk.audit.expressions import absent

__all__ = ["RULES"]

_FAMILY = "exits"
_TYPE, _EXIT = pl.col("household_type"), pl.col("exit_year")
_RELAPSED = pl.col("household.relapsed").dt.year()
_NOW = pl.coalesce(pl.col("year"), pl.col("recorded_on").dt.year(), pl.col("known_until").dt.year())


def _rule(rule: str, column: str, broken: Test, where: Test | None = None) -> AuditRule:
    return AuditRule(id=rule, family=_FAMILY, table="households", column=column, where=where, broken=broken)


RULES = (
    # A row of an earlier year may not yet say when the household exited, if another one does.
    _rule(
        "exited_without_year",
        "exit_year",
        absent("exit_year") & pl.col("household.exited").is_null(),
        _TYPE == "exited",
    ),
    AuditRule(
        id="exit_in_future",
        family=_FAMILY,
        table="households",
        column="exit_year",
        broken=_EXIT > _NOW,
        besides=("year", "recorded_on"),
    ),
    _rule("exit_before_register", "exit_year", lambda limit: _EXIT < limit.first_exit),
    # A household that exits once more is no longer called poor, until it relapses once more.
    _rule("exit_after_relapse", "exit_year", _EXIT > _RELAPSED, where=_TYPE == "poor"),
    _rule("exit_of_never_poor", "exit_year", _EXIT.is_not_null(), where=_TYPE.is_in(["general", "near_poor"])),
    _rule(
        "exited_after_relapse",
        "household_type",
        _EXIT < _RELAPSED,
        where=(_TYPE == "exited") & (pl.col("year") > _RELAPSED),
    ),
    # An entry stands until the register says that the household left poverty again, and only exited says so.
    AuditRule(
        id="relapsed_called_general",
        family=_FAMILY,
        table="households",
        column="household_type",
        where=_TYPE.is_in(["general", "near_poor"]),
        broken=_NOW > _RELAPSED,
        besides=("year", "recorded_on"),
    ),
    AuditRule(
        id="poor_after_exit",
        family=_FAMILY,
        table="households",
        column="household_type",
        where=(_TYPE == "poor") & _EXIT.is_not_null(),
        broken=(_EXIT < _NOW) & _RELAPSED.is_null(),
        besides=("year", "recorded_on", "household.relapsed"),
    ),
    _rule(
        "poor_far_over_line",
        "household_type",
        lambda limit: pl.col("year.per_capita") > limit.lines_over * pl.col("line"),
        where=_TYPE == "poor",
    ),
    # In later years this is no fault of the exit, but what the register is kept for.
    AuditRule(
        id="exited_and_below_line",
        family=_FAMILY,
        table="households",
        column="household_type",
        where=(_TYPE == "exited") & (_EXIT < pl.col("year")),
        broken=(pl.col("year.per_capita") < pl.col("line")) & _RELAPSED.is_null(),
        besides=("household.relapsed",),
    ),
    _rule(
        "exited_below_line",
        "exit_year",
        pl.col("year.per_capita") < pl.col("line"),
        where=(_TYPE == "exited") & (_EXIT == pl.col("year")),
    ),
    AuditRule(
        id="relapse_without_cause",
        family=_FAMILY,
        table="relapses",
        column="cause",
        broken=absent("cause"),
    ),
)
