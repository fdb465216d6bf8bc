"""Relapse insurance: whether everybody who is watched or near-poor is covered."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts, given, lasts
from relapse_risk.periods import Window

__all__ = ["LISTS"]


def _state(name: str, holds: pl.Expr) -> WatchState:
    def judge(facts: WatchFacts, bounds: Mapping[str, Any]) -> pl.DataFrame:
        base = pl.col("household_type").is_in(bounds["whom"]) | pl.col("watched")
        return judged(_with_covered(facts, bounds), holds, base=base)

    return WatchState(
        name=name,
        per="households",
        needs=("households.household_type", "assistance.kind=insurance"),
        besides=("monitoring.cleared_on|households.monitoring_type",),
        judge=judge,
    )


def _with_covered(facts: WatchFacts, bounds: Mapping[str, Any]) -> pl.DataFrame:
    """Return the households with `covered`.

    What lasts no longer than a few days is a premium or a payment, and says that there was insurance about then. A
    register that keeps nothing else does not say who has none.
    """
    measures = given(facts.view).filter(pl.col("kind") == "insurance")
    policy = lasts(bounds["days"])
    paid = ~policy & Window(months=bounds["months"]).holds(pl.col("started_on"), facts.view.as_of)
    covered = measures.filter(pl.col("in_force") | paid).select(pl.col("household_id").unique(), covered=pl.lit(True))
    others = False if measures.select(policy.any()).item() else None
    return facts.with_own(covered).with_columns(pl.col("covered").fill_null(pl.lit(others, dtype=pl.Boolean)))


_COVERED = pl.col("covered")

LISTS = (WatchList(name="insurance", states=(_state("not_covered", ~_COVERED), _state("covered", _COVERED))),)
