"""Groups to be looked at regularly: the seriously ill, disabled, disaster-hit, poor elderly and near-poor."""

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts, is_any
from relapse_risk.periods import Window
from relapse_risk.policy.mechanism import WatchLists
from relapse_risk.records import is_of_types

__all__ = ["LISTS"]

_UNKNOWN = pl.lit(None, dtype=pl.Boolean)


def _noted(members: pl.DataFrame, code: str) -> pl.Expr:
    """Return whether the register notes a state of health."""
    return pl.col("health_status").str.contains(code, literal=True) if "health_status" in members.columns else _UNKNOWN


def _ill(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    persons, billed = facts.here(facts.members), _UNKNOWN
    if facts.view.known.has("illness", "person_id", "kind"):
        bills = facts.view.happened("illness", "occurred_on").filter(
            pl.col("kind") == "serious",
            Window(months=lists.key_groups.bounds.illness_months).holds(pl.col("occurred_on"), facts.view.as_of),
        )
        last = bills.group_by("person_id").agg(last=pl.col("occurred_on").max())
        persons = persons.join(last, on="person_id", how="left", maintain_order="left")
        billed = pl.col("last").is_not_null()
    since = pl.col("last") if "last" in persons.columns else pl.lit(None)
    holds = is_any(_noted(persons, "serious"), billed)
    return judged(persons, holds, person_id=pl.col("person_id"), since=since)


def _disabled(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    persons, certified = facts.here(facts.members), _UNKNOWN
    grade, since = pl.lit(None), pl.lit(None)
    certificates = facts.view.known.table("disabilities")
    if certificates is not None and not certificates.is_empty():  # a list of nobody does not say who has none
        days = pl.col("certified_on") if "certified_on" in certificates.columns else pl.lit(None, dtype=pl.Date)
        grades = pl.col("grade") if "grade" in certificates.columns else pl.lit(None, dtype=pl.Int64)
        held = certificates.group_by("person_id").agg(
            certified=pl.lit(True), certified_from=days.min(), worst=grades.min()
        )
        persons = persons.join(held, on="person_id", how="left", maintain_order="left")
        certified, grade, since = pl.col("certified").fill_null(False), pl.col("worst"), pl.col("certified_from")
    holds = is_any(_noted(persons, "disabled"), certified)
    return judged(persons, holds, person_id=pl.col("person_id"), since=since, value=grade)


def _disaster_hit(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    disasters = facts.view.happened("disasters", "occurred_on").filter(
        Window(months=lists.key_groups.bounds.disaster_months).holds(pl.col("occurred_on"), facts.view.as_of)
    )
    loss = pl.col("loss") if "loss" in disasters.columns else pl.lit(None, dtype=pl.Float64)
    hit = disasters.group_by("household_id").agg(
        last=pl.col("occurred_on").max(), lost=pl.when(loss.count() > 0).then(loss.sort().sum())
    )
    rows = facts.with_own(hit)
    return judged(rows, pl.col("last").is_not_null(), since=pl.col("last"), value=pl.col("lost"))


def _poor_elderly(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    types = is_of_types(lists.key_groups.bounds.poor) | pl.col("monitored")
    poor = pl.when("kept_types").then(types).otherwise(pl.col("ratio") < 1)
    households = facts.households.select("household_id", poor=poor)
    persons = facts.members.join(households, on="household_id", maintain_order="left")
    age = pl.col("age")
    elderly = age >= lists.key_groups.bounds.elderly
    return judged(persons, pl.col("poor"), base=elderly, person_id=pl.col("person_id"), value=age)


def _near_poor(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    health = pl.any_horizontal(_noted(facts.members, code) for code in lists.key_groups.bounds.poor_health)
    unwell = facts.members.group_by("household_id").agg(unwell=health.any(ignore_nulls=False))
    rows = facts.with_own(unwell)
    unsafe = pl.col("unsafe_house") == 1 if "unsafe_house" in rows.columns else _UNKNOWN
    return judged(rows, unsafe | pl.col("unwell"), base=is_of_types(["near_poor"]))


LISTS = (
    WatchList(
        name="key_groups",
        states=(
            WatchState(
                name="serious_illness",
                per="persons",
                needs=("members", "members.health_status|illness.kind"),
                besides=("members.health_status", "illness.kind"),
                judge=_ill,
            ),
            WatchState(
                name="disabled",
                per="persons",
                needs=("members", "members.health_status|disabilities"),
                besides=("members.health_status", "disabilities"),
                unit="grade",
                judge=_disabled,
            ),
            WatchState(
                name="disaster_hit",
                per="households",
                needs=("disasters.household_id",),
                besides=("disasters.loss",),
                unit="yuan",
                judge=_disaster_hit,
            ),
            WatchState(
                name="poor_elderly",
                per="persons",
                needs=("members.birth_date|members.birth_year", "households.household_type|incomes"),
                unit="years",
                judge=_poor_elderly,
            ),
            WatchState(
                name="near_poor_unsafe",
                per="households",
                needs=(
                    "households.household_type",
                    "households.house_grade|households.dangerous_house|members.health_status",
                ),
                besides=("households.house_grade|households.dangerous_house", "members.health_status"),
                judge=_near_poor,
            ),
        ),
    ),
)
