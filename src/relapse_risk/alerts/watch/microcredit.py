"""Microcredit: what falls due, what was extended, what is overdue."""

from collections.abc import Callable
from datetime import timedelta

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts
from relapse_risk.policy.mechanism import WatchLists

__all__ = ["LISTS"]

_STATUS, _DUE = pl.col("status"), pl.col("due_on")
_OPTIONAL = {"principal": pl.Float64, "due_on": pl.Date, "status_on": pl.Date}

Test = Callable[[WatchFacts, WatchLists], pl.Expr]


def _state(name: str, holds: Test, since: str, needs: tuple[str, ...] = ()) -> WatchState:
    def judge(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
        loans = facts.view.known.require("loans")
        missing = [pl.lit(None, dtype=kind).alias(one) for one, kind in _OPTIONAL.items() if one not in loans.columns]
        return judged(
            loans.with_columns(missing),
            holds(facts, lists),
            base=_STATUS != "repaid",
            item=pl.col("loan_id"),
            since=pl.col(since),
            value=pl.col("principal"),
        )

    return WatchState(
        name=name,
        per="loans",
        needs=("loans.status", *needs),
        besides=("loans.principal",),
        unit="yuan",
        judge=judge,
    )


def _due(facts: WatchFacts, lists: WatchLists) -> pl.Expr:
    return _DUE.is_between(facts.view.as_of.day, facts.view.as_of.day + timedelta(days=lists.microcredit.bounds.days))


LISTS = (
    WatchList(
        name="microcredit",
        states=(
            _state("overdue", lambda facts, lists: _STATUS == "overdue", "status_on"),
            _state(
                "past_due",
                lambda facts, lists: (_STATUS == "normal") & _DUE.lt(facts.view.as_of.day),
                "due_on",
                ("loans.due_on",),
            ),
            _state("due", _due, "due_on", ("loans.due_on",)),
            _state("extended", lambda facts, lists: _STATUS == "extended", "status_on"),
        ),
    ),
)
