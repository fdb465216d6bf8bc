"""Jobs and industry: persons able to work who do not, and households without a lasting enterprise."""

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts
from relapse_risk.policy.mechanism import IndustryBounds, WatchLists

__all__ = ["LISTS"]

_EARNED, _STABLE, _SUPPORTED = pl.col("earned"), pl.col("stable"), pl.col("industry")
_BUSINESS_NEEDS = ("incomes.business",)
_WHOM = ("households.household_type", "monitoring.cleared_on|households.monitoring_type")


def _idle(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    base = facts.are(lists.idle_labour.bounds.whom) & pl.col("has_labour")
    return judged(facts.households, ~pl.col("working"), base=base, value=pl.col("able"))


def _state(name: str, holds: pl.Expr) -> WatchState:
    def judge(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
        return judged(
            facts.with_own(_business(facts, lists.industry.bounds)),
            holds,
            base=facts.are(lists.industry.bounds.whom),
            since=pl.col("period_end"),
            value=pl.col("after_cost"),
        )

    return WatchState(
        name=name,
        per="households",
        needs=_BUSINESS_NEEDS,
        besides=("assistance", *_WHOM),
        unit="yuan a year",
        judge=judge,
    )


def _business(facts: WatchFacts, bounds: IndustryBounds) -> pl.DataFrame:
    """Return what each household with a current income earned from enterprise, and whether in every last period.

    household_id, period_end, after_cost (yuan a year of the last period), earned, stable.
    """
    current = facts.households.filter(~pl.col("stale")).select("household_id")
    periods = facts.view.yearly_incomes.join(current, on="household_id", how="semi", maintain_order="left")
    cost = pl.col("production_cost").fill_null(0) if "production_cost" in periods.columns else 0
    after_cost = pl.col("business") - cost
    earned = after_cost > bounds.business
    lasting = earned.tail(bounds.periods).all(ignore_nulls=False)
    # Fewer periods than are asked for tell of an enterprise that failed in one of them, and of none that lasts.
    long_enough = pl.len() >= bounds.periods
    return periods.group_by("household_id", maintain_order=True).agg(
        pl.col("period_end").last(),
        after_cost=after_cost.last(),
        earned=earned.last(),
        stable=pl.when(~lasting).then(False).when(long_enough).then(lasting),
    )


LISTS = (
    WatchList(
        name="idle_labour",
        states=(
            WatchState(
                name="nobody_in_work",
                per="households",
                needs=("members.labour_capacity", "employment.ended_on|members.work_months"),
                besides=_WHOM,
                unit="persons",
                judge=_idle,
            ),
        ),
    ),
    WatchList(
        name="industry",
        states=(
            _state("none", ~_SUPPORTED & ~_EARNED),
            _state("not_stable", ~_SUPPORTED & _EARNED & ~_STABLE),
        ),
    ),
)
