"""The comparisons of departments with the register, declared."""

import polars as pl

from relapse_risk.audit.reconcile.events import EventComparison, Key
from relapse_risk.audit.reconcile.states import StateComparison, spells_of_work

__all__ = ["EVENTS", "STATES"]

_PERSON, _NUMBER, _HOUSEHOLD = "person_id", "_id", "household_id"

EVENTS = (
    EventComparison(
        comparison="illness",
        table="illness",
        keys=(
            Key(same=("event_id", _PERSON)),
            Key(same=("event_id",), once=True),
            Key(same=(_PERSON,), day="occurred_on"),
            Key(same=(_NUMBER,), day="occurred_on"),
        ),
        compared=("total_cost", "reimbursed", "self_paid", "occurred_on", "kind", _PERSON),
        day="occurred_on",
    ),
    EventComparison(
        comparison="disabilities",
        table="disabilities",
        keys=(Key(same=(_PERSON,)), Key(same=(_NUMBER,))),
        compared=("category", "grade", "certified_on"),
        day="certified_on",
    ),
    EventComparison(
        comparison="assistance",
        table="assistance",
        keys=(Key(same=(_HOUSEHOLD, "kind"), day="started_on"),),
        compared=("amount", "started_on", "ended_on"),
        day="started_on",
        kind="kind",
    ),
    EventComparison(
        comparison="disasters",
        table="disasters",
        keys=(Key(same=(_HOUSEHOLD, "kind"), day="occurred_on"), Key(same=(_HOUSEHOLD,), day="occurred_on")),
        compared=("loss", "kind", "occurred_on"),
        day="occurred_on",
    ),
    EventComparison(
        comparison="employment",
        table="employment",
        keys=(Key(same=(_PERSON,), day="started_on"), Key(same=(_NUMBER,), day="started_on")),
        compared=("monthly_wage", "started_on", "ended_on", "region", "channel"),
        day="started_on",
        apart=("channel",),  # a public post and other work may begin on one day
    ),
    EventComparison(
        comparison="loans",
        table="loans",
        keys=(
            Key(same=("loan_id", _HOUSEHOLD)),
            Key(same=("loan_id",), once=True),
            Key(same=(_HOUSEHOLD,), day="started_on"),
            Key(same=(_NUMBER,), day="started_on"),
        ),
        compared=("principal", "started_on", "due_on", "status", "status_on", _HOUSEHOLD),
        day="started_on",
    ),
)

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
