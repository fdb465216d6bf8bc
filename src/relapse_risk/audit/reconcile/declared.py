"""The comparisons of a department's list with the status of persons and households in the register, declared."""

import polars as pl

from relapse_risk.audit.reconcile.states import StateComparison, spells_of_work

__all__ = ["STATES"]

_PERSON, _HOUSEHOLD = "person_id", "household_id"

_HEALTH = pl.col("health_status").str.split("+").list
STATES = (
    StateComparison(
        comparison="disabled",
        who=_PERSON,
        claimed_in="members",
        claims=_HEALTH.contains("disabled"),
        listed_in="disabilities",
        where=pl.lit(True),
        denied_column="health_status",
        when="ever",
        day="certified_on",
    ),
    StateComparison(
        comparison="serious",
        who=_PERSON,
        claimed_in="members",
        claims=_HEALTH.contains("serious"),
        listed_in="illness",
        where=pl.col("kind") == "serious",
        denied_column="health_status",
        when="next",
        day="occurred_on",
        listed_amount=pl.col("self_paid"),
        one_way=True,
    ),
    StateComparison(
        comparison="insured",
        who=_PERSON,
        claimed_in="members",
        claims=pl.col("medical_insured"),
        listed_in="illness",
        where=pl.col("reimbursed") > 0,
        denied_column="medical_insured",
        when="year",
        day="occurred_on",
        listed_amount=pl.col("reimbursed"),
        one_way=True,
    ),
    StateComparison(
        comparison="working",
        who=_PERSON,
        claimed_in="members",
        claims=pl.col("work_months") > 0,
        listed_in="employment",
        where=pl.lit(True),
        denied_column="work_months",
        when="year",
        day="started_on",
        register_amount=pl.col("work_months"),
        listed_amount=pl.col("_months"),
        unit="months",
        compared=("work_region",),
        made=spells_of_work,
    ),
    StateComparison(
        comparison="subsistence",
        who=_HOUSEHOLD,
        claimed_in="assistance",
        claims=pl.col("kind") == "subsistence",
        listed_in="assistance",
        where=pl.col("kind") == "subsistence",
        denied_column="amount",
        when="year",
        day="started_on",
        register_amount=pl.col("amount"),
        listed_amount=pl.col("amount"),
    ),
    StateComparison(
        comparison="borrowers",
        who=_HOUSEHOLD,
        claimed_in="households",
        claims=pl.col(_HOUSEHOLD).is_not_null(),
        listed_in="loans",
        where=pl.lit(True),
        denied_column=_HOUSEHOLD,
        when="ever",
        day="started_on",
        listed_amount=pl.col("principal"),
        one_way=True,
    ),
)
