"""The second pass: ranks, tiers and visits over all counties, from a few figures of each household."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from relapse_risk.alerts import Allocation, VisitPlan, plan_visits, rank_households
from relapse_risk.metrics import Floats
from relapse_risk.partitions import CountySource, FinishedCounties
from relapse_risk.policy import Policy
from relapse_risk.records import VISIT_LEVELS
from relapse_risk.scoring.day_request import DayRequest
from relapse_risk.scoring.partitions.county_scores import LISTING, REDRAWN, RULES, pooled_columns
from relapse_risk.scoring.shared_demand import share_demand

__all__ = ["PooledListing", "pool_counties"]

_TWICE = pl.Schema({"household_id": pl.String(), "counties": pl.List(pl.String())})


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledListing:
    """Who is listed, over all counties.

    Attributes
    ----------
    shared : Allocation
    plan : VisitPlan
        A household whose number stands in two counties is called by number and county in it.
    twice : pl.DataFrame
        household_id and counties of numbers that stand in several counties: they are told, and stay two households.
    frame : pl.DataFrame
        part (place of the county), household_id (as in ``plan``) and `pooled_columns`, in the order of counties and of
        their rows.
    """

    shared: Allocation
    plan: VisitPlan
    twice: pl.DataFrame
    frame: pl.DataFrame

    def county(self, part: int) -> pl.DataFrame:
        """Return household_id (as in ``plan``) and `pooled_columns` of a county, in the order of its own rows."""
        first, after = (self.frame["part"].search_sorted(one) for one in (part, part + 1))
        return self.frame.slice(first, after - first).drop("part")


def pool_counties(
    counties: Sequence[CountySource], finished: FinishedCounties, request: DayRequest, policy: Policy
) -> PooledListing:
    """Rank the households of all counties and fit them into the capacity, exactly as one run over all would.

    Parameters
    ----------
    counties : sequence of CountySource
    finished : FinishedCounties
        What `CountyScoring` made of each.
    request : DayRequest
    policy : Policy

    Raises
    ------
    InputError
        As `share_visits` and `refuse_impossible`.
    """
    households, twice = _told_apart(_read(counties, finished, LISTING).with_row_index("at"), counties)
    households = households.sort("household_id")  # as one run has them
    key = request.tie_key
    risk = households.select("household_id", "population", "probability", "ratio")
    risk = risk.with_columns(rank=rank_households(risk, key.encode() if isinstance(key, str) else key)).drop("ratio")
    places = households.select("household_id", *(name for name in VISIT_LEVELS if name in households))
    origin = households.select("at", "part")
    lifted, _ = _told_apart(_read(counties, finished, RULES), counties, twice)
    redrawn = _redrawn(counties, finished, origin)
    shared, frame = share_demand(risk, lifted, places, request, policy, redrawn)
    asked = frame["demanded_for"].is_not_null()  # nobody else can have a visit, as none is drawn
    plan = plan_visits(
        frame.filter(asked),
        places,
        replace(shared, owed=shared.owed.filter(asked)),
        policy.mechanism.listing.order.visits,
        as_of=request.day.day,
        key=key,
        rules_beyond=request.rules_beyond_capacity,
    )
    listed = plan.on(frame.with_columns(origin)).sort("at").select("part", "household_id", *pooled_columns())
    return PooledListing(shared=shared, plan=plan, twice=twice, frame=listed)


def _read(counties: Sequence[CountySource], finished: FinishedCounties, file: str) -> pl.DataFrame:
    parts = [
        pl.read_parquet(finished.file(one, file)).with_columns(part=pl.lit(place, dtype=pl.UInt32))
        for place, one in enumerate(counties)
    ]
    return pl.concat(parts, how="diagonal_relaxed", rechunk=True)


def _redrawn(
    counties: Sequence[CountySource], finished: FinishedCounties, origin: pl.DataFrame
) -> Iterator[Floats] | None:
    """Return the log-odds by other trainings, one training at a time so that memory stays bounded; None without any.

    A county where nobody is at risk has none of its own.
    """
    files = [finished.file(one, REDRAWN) for one in counties]
    names = [pl.read_parquet_schema(file) for file in files]
    if not any(names):
        return None
    sizes = np.bincount(origin["part"].to_numpy(), minlength=len(files)).tolist()
    order = origin["at"].to_numpy()

    def training(name: str) -> Floats:
        parts = [
            pl.read_parquet(file, columns=[name])[name].to_numpy() if name in known else np.full(size, np.nan)
            for file, known, size in zip(files, names, sizes, strict=True)
        ]
        found: Floats = np.concatenate(parts)[order]
        return found

    return map(training, next(filter(None, names)))


def _told_apart(
    rows: pl.DataFrame, counties: Sequence[CountySource], twice: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows in which a number of two counties is two names, and these numbers with their counties."""
    names = pl.Series("county", [one.name for one in counties], dtype=pl.String)
    if twice is None:
        again = rows.filter(pl.col("household_id").is_duplicated()).select("household_id", "part")
        named = again.with_columns(counties=names.gather(again["part"]))
        found = named.group_by("household_id").agg(pl.col("counties").sort()).sort("household_id")
        twice = pl.concat([pl.DataFrame(schema=_TWICE), found])
    if twice.is_empty():
        return rows, twice
    apart = pl.col("household_id").is_in(twice["household_id"].implode())
    of_county = pl.Series("county", names.gather(rows["part"]))
    named_apart = pl.concat_str("household_id", pl.lit(" "), of_county)
    return rows.with_columns(household_id=pl.when(apart).then(named_apart).otherwise("household_id")), twice
