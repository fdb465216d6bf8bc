"""Rare severe events: one large loss of a household, or a disaster that hit much of a village."""

import polars as pl

from relapse_risk.alerts.watch.declare import WatchList, WatchState, judged
from relapse_risk.alerts.watch.watch_facts import WatchFacts
from relapse_risk.periods import Window
from relapse_risk.policy.mechanism import ShockBounds, WatchLists

__all__ = ["LISTS"]

_LOSSES = (("disasters", "loss"), ("illness", "self_paid"))
_EVENT = {"household_id": pl.String, "item": pl.String, "day": pl.Date, "lost": pl.Float64}


def _events(facts: WatchFacts, bounds: ShockBounds) -> pl.DataFrame:
    """Return what households lost in each event: household_id, item (its kind), day, lost (yuan, null if unknown)."""
    parts = [pl.DataFrame(schema=_EVENT)]
    for table, amount in _LOSSES:
        if facts.view.known.has(table, "household_id", amount):
            rows = _recent(facts, table, bounds)
            kind = pl.col("kind") if "kind" in rows.columns else pl.lit(None, dtype=pl.String)
            named = rows.select("household_id", item=kind, day="occurred_on", lost=pl.col(amount).cast(pl.Float64))
            parts.append(named if table == "disasters" else _severe(named, bounds))
    return pl.concat(parts).drop_nulls("household_id")


def _severe(bills: pl.DataFrame, bounds: ShockBounds) -> pl.DataFrame:
    """Return the bills of severe illness; one of no kind may be of it, and its amount does not count."""
    severe = pl.col("item").is_in(bounds.illness_kinds)
    return bills.filter(severe.fill_null(True)).with_columns(lost=pl.when(severe).then("lost"))


def _recent(facts: WatchFacts, table: str, bounds: ShockBounds) -> pl.DataFrame:
    rows = facts.view.happened(table, "occurred_on")
    return rows.filter(Window(months=bounds.months).holds(pl.col("occurred_on"), facts.view.as_of))


def _loss(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    bounds = lists.shocks.bounds
    ordered = _events(facts, bounds).sort("household_id", "lost", "day", "item", nulls_last=False)
    largest = ordered.group_by("household_id", maintain_order=True).agg(
        pl.col("item", "day", "lost").last(), whole=pl.col("lost").is_not_null().all()
    )
    line = pl.lit(facts.view.lines.of_year(facts.view.as_of.year), dtype=pl.Float64)
    years = pl.col("lost") / (line * pl.col("persons"))
    large = years >= bounds.years
    amounts_known = pl.lit(all(facts.view.known.tells(table, "household_id", amount) for table, amount in _LOSSES))
    none = pl.col("whole").is_null() & amounts_known
    holds = pl.when(none).then(False).when(large | (pl.col("whole") & amounts_known)).then(large)
    return judged(facts.with_own(largest), holds, item=pl.col("item"), since=pl.col("day"), value=years)


def _village(facts: WatchFacts, lists: WatchLists) -> pl.DataFrame:
    bounds = lists.shocks.bounds
    areas = facts.view.areas.select("household_id", pl.col("village").replace("", None))
    homes = facts.households.select("household_id").join(areas, on="household_id", maintain_order="left")
    of_household = pl.col("household_id").is_not_null()
    rows = _recent(facts, "disasters", bounds).filter(of_household).join(homes.drop_nulls(), on="household_id")
    kind = pl.col("kind") if "kind" in rows.columns else pl.lit(None, dtype=pl.String)
    hit = (
        rows.group_by("village", kind=kind, month=pl.col("occurred_on").dt.truncate("1mo"))
        .agg(hit=pl.col("household_id").n_unique(), day=pl.col("occurred_on").min())
        .sort("village", "hit", "day", "kind")
        .group_by("village", maintain_order=True)
        .agg(pl.col("kind", "hit", "day").last())
    )
    counted = homes.with_columns(homes=pl.len().over("village")).join(
        hit, on="village", how="left", maintain_order="left"
    )
    share = (pl.col("hit") / pl.col("homes")).fill_null(0.0)
    large = (share >= bounds.village_share) & (pl.col("hit").fill_null(0) >= bounds.village_households)
    holds = pl.when(pl.col("village").is_not_null() & (large | ~_is_one_event(facts, bounds))).then(large)
    return judged(counted, holds, item=pl.col("village"), since=pl.col("day"), value=share)


def _is_one_event(facts: WatchFacts, bounds: ShockBounds) -> pl.Expr:
    """Return whether a disaster was noted of the village as a whole: nobody says then how many households it struck."""
    if not facts.view.known.has("disasters", "village_code"):
        return pl.lit(False)
    rows = _recent(facts, "disasters", bounds).filter(pl.col("household_id").is_null())
    return pl.col("village").is_in(rows["village_code"].drop_nulls().implode())


LISTS = (
    WatchList(
        name="shocks",
        states=(
            WatchState(
                name="household_loss",
                per="households",
                needs=("disasters.loss|illness.self_paid",),
                besides=("disasters.loss", "illness.self_paid", "illness.kind"),
                unit="years",
                judge=_loss,
            ),
            WatchState(
                name="village_struck",
                per="households",
                needs=("disasters.household_id", "households.village_code|households.village"),
                unit="share",
                judge=_village,
            ),
        ),
    ),
)
