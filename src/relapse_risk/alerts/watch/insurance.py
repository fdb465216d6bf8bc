"""Relapse insurance: whether everybody who is watched or near-poor is covered."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from relapse_risk.alerts.watch.declare import State, WatchList, judged
from relapse_risk.alerts.watch.facts import Facts

__all__ = ["LISTS"]

_NEEDS = ("households.household_type", "assistance.kind=insurance")
_BESIDES = ("monitoring.cleared_on|households.monitoring_type",)


def _state(name: str, holds: pl.Expr) -> State:
    def judge(facts: Facts, bounds: Mapping[str, Any]) -> pl.DataFrame:
        base = pl.col("household_type").is_in(bounds["whom"]) | pl.col("watched")
        return judged(facts.households, holds, base=base)

    return State(name=name, per="households", needs=_NEEDS, besides=_BESIDES, judge=judge)


_COVERED = pl.col("relapse_insured") == 1

LISTS = (WatchList(name="insurance", states=(_state("not_covered", ~_COVERED), _state("covered", _COVERED))),)
