"""By what rows of the register and of a department's list are the same event, declared table by table."""

from relapse_risk.ingest.event_pairs import EventComparison, Key

__all__ = ["EVENTS"]

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
