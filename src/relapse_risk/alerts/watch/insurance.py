"""Relapse insurance: whether everybody who is monitored or near-poor is covered."""

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts
from relapse_risk.policy.mechanism import WatchLists
from relapse_risk.records import is_of_types

__all__ = ["LISTS"]


def _state(name: str, holds: pl.Expr) -> WatchState:
    def judge(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
        whom = lists.insurance.bounds.whom
        types = is_of_types(whom)
        near_poor = pl.col("near_poor") if "near_poor" in whom else pl.lit(False)
        base = types | near_poor | pl.col("monitored")
        return judged(facts.with_own(facts.view.relapse_cover), holds, base=base)

    return WatchState(
        name=name,
        per="households",
        needs=("households.household_type", "assistance.kind=insurance"),
        besides=("monitoring.cleared_on|households.monitoring_type", "incomes"),
        judge=judge,
    )


_COVERED = pl.col("covered")

LISTS = (WatchList(name="insurance", states=(_state("not_covered", ~_COVERED), _state("covered", _COVERED))),)
