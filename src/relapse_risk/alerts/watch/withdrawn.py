"""The cliff: support that ended since a household left poverty and was not replaced."""

from datetime import timedelta

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts, lasts
from relapse_risk.policy.mechanism import WatchLists
from relapse_risk.records import is_of_types
from relapse_risk.records.residents import known_year

__all__ = ["LISTS"]

_ENDED_ON = pl.col("ended_on")


def _judge(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    exited = facts.households.with_columns(_exit_on=pl.date(known_year("exit_year"), 12, 31))
    rows = exited.join(_ended(facts, lists), on="household_id", how="left", maintain_order="left")
    since_exit = _ENDED_ON.gt(pl.col("_exit_on"))
    # What ended but lately may be renewed: many measures are granted by the year, and entered weeks later.
    settled = _ENDED_ON.lt(facts.view.as_of.day - timedelta(days=lists.withdrawn.bounds.renewal_days))
    holds = pl.when(_ENDED_ON.is_null() | ~since_exit).then(False).when(settled).then(since_exit)
    base = pl.when("kept_types").then(is_of_types(["exited"])).otherwise(pl.col("exit_year").is_not_null())
    return judged(rows, holds, base=base, item=pl.col("kind"), since=_ENDED_ON, value=pl.col("amount"))


def _ended(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    """Return kind, ended_on and amount of the last lasting measure of each kind that none in force replaces."""
    measures = facts.view.assistance.filter(pl.col("kind").is_in(lists.withdrawn.bounds.kinds))
    amount = pl.col("amount") if "amount" in measures.columns else pl.lit(None, dtype=pl.Float64)
    return (
        measures.with_columns(amount=amount)
        .filter(~pl.col("in_force").any().over("household_id", "kind"), lasts(lists.withdrawn.bounds.days))
        .sort("household_id", "kind", "ended_on", "started_on")
        .group_by("household_id", "kind", maintain_order=True)
        .agg(_ENDED_ON.last(), pl.col("amount").last())
    )


LISTS = (
    WatchList(
        name="withdrawn",
        states=(
            WatchState(
                name="ended",
                per="households",
                needs=("households.exit_year", "assistance.ended_on"),
                besides=("households.household_type", "assistance.amount"),
                unit="yuan",
                judge=_judge,
            ),
        ),
    ),
)
