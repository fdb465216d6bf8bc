"""The guarantees: schooling, medical insurance, what illness costs oneself, housing, water."""

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts
from relapse_risk.periods import Window
from relapse_risk.policy.mechanism import SchoolingBounds, WatchLists

__all__ = ["LISTS"]

_BIRTH = "members.birth_date|members.birth_year"
_AMOUNTS = {"total_cost": pl.Float64, "reimbursed": pl.Float64, "self_paid": pl.Float64}


def _schooling(name: str, unwell: bool) -> WatchState:
    def judge(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
        bounds = lists.schooling.bounds
        children = facts.here(facts.members)
        health = pl.col("health_status") if "health_status" in children.columns else pl.lit(None, pl.String)
        excused = pl.any_horizontal(health.str.contains(code, literal=True) for code in bounds.unwell)
        return judged(
            children,
            # Who is not known to be excused is looked for.
            _out_of_school(children, bounds) & (excused if unwell else ~excused.fill_null(False)),
            base=pl.col("age").is_between(bounds.from_age, bounds.until) & ~_finished(children, bounds),
            person_id=pl.col("person_id"),
            item=pl.col("student_status") if "student_status" in children.columns else pl.lit(None),
            value=pl.col("age"),
        )

    return WatchState(
        name=name,
        per="persons",
        needs=(_BIRTH, "members.student_status|members.student"),
        besides=("members.health_status", "members.education"),
        unit="years",
        judge=judge,
    )


def _out_of_school(children: pl.DataFrame, bounds: SchoolingBounds) -> pl.Expr:
    conditions = [~pl.col("student")] if "student" in children.columns else []
    if "student_status" in children.columns:
        conditions.append(pl.col("student_status").is_in(bounds.out))
    return pl.coalesce(conditions)


def _finished(children: pl.DataFrame, bounds: SchoolingBounds) -> pl.Expr:
    """Return whether somebody of the last years may have finished school already."""
    if "education" not in children.columns:
        return pl.lit(False)
    return (pl.col("age") >= bounds.finished_from) & pl.col("education").is_in(bounds.finished).fill_null(False)


def _uninsured(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    persons = facts.here(facts.members)
    return judged(persons, ~pl.col("medical_insured"), person_id=pl.col("person_id"))


def _medical_cost(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    bills = facts.view.happened("illness", "occurred_on")
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in _AMOUNTS.items() if name not in bills.columns]
    total = pl.col("total_cost")
    paid = pl.coalesce("self_paid", total - pl.col("reimbursed"))
    recent = bills.with_columns(missing).filter(
        Window(months=lists.medical_cost.bounds.months).holds(pl.col("occurred_on"), facts.view.as_of)
    )
    whole = paid.is_not_null() & total.is_not_null()
    shares = recent.group_by("household_id").agg(
        last=pl.col("occurred_on").max(),
        # Of bills with both amounts only; sorted, so that the order of rows does not decide the last digit.
        paid=paid.filter(whole).sort().sum(),
        total=total.filter(whole).sort().sum(),
    )
    share = pl.when(pl.col("total") > 0).then(pl.col("paid") / pl.col("total"))
    return judged(
        facts.here(shares.sort("household_id")),
        share > lists.medical_cost.bounds.share,
        since=pl.col("last"),
        value=share,
    )


def _housing(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    return judged(facts.households, pl.col("unsafe_house") == 1, item=pl.col("house_grade"))


def _water(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    return judged(facts.households, pl.col("unsafe_water") == 1)


LISTS = (
    WatchList(name="schooling", states=(_schooling("out_of_school", False), _schooling("out_of_school_unwell", True))),
    WatchList(
        name="medical_insurance",
        states=(WatchState(name="uninsured", per="persons", needs=("members.medical_insured",), judge=_uninsured),),
    ),
    WatchList(
        name="medical_cost",
        states=(
            WatchState(
                name="high_share",
                per="households",
                needs=("illness.total_cost", "illness.self_paid|illness.reimbursed"),
                unit="share",
                judge=_medical_cost,
            ),
        ),
    ),
    WatchList(
        name="housing",
        states=(
            WatchState(
                name="dangerous",
                per="households",
                needs=("households.house_grade|households.dangerous_house",),
                judge=_housing,
            ),
        ),
    ),
    WatchList(
        name="water",
        states=(WatchState(name="unsafe", per="households", needs=("households.safe_water",), judge=_water),),
    ),
)
