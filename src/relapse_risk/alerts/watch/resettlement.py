"""Relocated households, by the site they were resettled at."""

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts
from relapse_risk.policy.mechanism import WatchLists

__all__ = ["LISTS", "SITE", "find_sites"]

SITE = ("prefecture", "county", "resettlement_site")
"""What tells a site from others of the same name."""

_RELOCATED = ("households.relocated|households.resettlement_site",)
_NO_WORK, _NO_INDUSTRY = ~pl.col("working"), ~pl.col("industry")


def _state(name: str, holds: pl.Expr, needs: tuple[str, ...]) -> WatchState:
    def judge(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
        base = _relocated(facts.households)
        return judged(facts.households, holds, base=base, item=pl.col("resettlement_site"))

    return WatchState(name=name, per="households", needs=(*_RELOCATED, *needs), judge=judge)


def _relocated(households: pl.DataFrame) -> pl.Expr:
    """Return whether a household was relocated: it is said so, or said where to."""
    named = pl.when(pl.col("resettlement_site").is_not_null()).then(True)
    return named if "relocated" not in households.columns else pl.coalesce(named, "relocated")


def find_sites(facts: WatchFacts, largest: int) -> pl.DataFrame:
    """Return every resettlement site with those who live there.

    Parameters
    ----------
    facts : WatchFacts
    largest : int
        Most persons in one household: the bound for households of unknown size.

    Returns
    -------
    pl.DataFrame
        prefecture, county, resettlement_site (null where not stated), households, persons (of the households of known
        size), persons_least and persons_most (whatever the sizes not known may be), size_unknown (households), no_work
        and no_industry (households), work_unknown and industry_unknown (households of which that is not known).
    """
    columns = [pl.lit(None, dtype=pl.String).alias(name) for name in SITE if name not in facts.households.columns]
    relocated = facts.households.with_columns(columns).filter(_relocated(facts.households))
    return (
        relocated.group_by(SITE)
        .agg(
            households=pl.len().cast(pl.Int64),
            persons=pl.col("persons").sum(),
            persons_least=pl.col("persons").fill_null(1).sum(),
            persons_most=pl.col("persons").fill_null(largest).sum(),
            size_unknown=pl.col("persons").is_null().sum().cast(pl.Int64),
            no_work=_NO_WORK.sum().cast(pl.Int64),
            work_unknown=_NO_WORK.is_null().sum().cast(pl.Int64),
            no_industry=_NO_INDUSTRY.sum().cast(pl.Int64),
            industry_unknown=_NO_INDUSTRY.is_null().sum().cast(pl.Int64),
        )
        .sort(SITE, nulls_last=True)
    )


LISTS = (
    WatchList(
        name="resettlement",
        states=(
            _state("no_work", _NO_WORK, ("employment.ended_on|members.work_months",)),
            _state("no_industry", _NO_INDUSTRY, ("assistance",)),
        ),
    ),
)
