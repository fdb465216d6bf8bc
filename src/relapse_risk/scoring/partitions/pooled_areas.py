"""Areas over all counties: those of a prefecture together, so that no more than one is in memory."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from relapse_risk.alerts import assess_areas
from relapse_risk.bundle import Bundle
from relapse_risk.partitions import CountyDone, FinishedCounties
from relapse_risk.policy import Policy
from relapse_risk.records import AREA_LEVELS
from relapse_risk.scoring.partitions.county_scores import PEOPLE, PLACES

__all__ = ["areas_of_group", "gather_areas", "prefectures"]

_COLUMNS = ("household_id", "population", "probability", "tier", "listed_for", "waiting_for", "reason_1")
# What adds up over prefectures. Shares, poverty and bounds do not: of several prefectures together they are null.
_SUMS = (
    *("households", "persons", "size_unknown", "poor_households", "poor_persons", "register_unknown", "at_risk"),
    *("poor_persons_least", "poor_persons_most", "income_known", "expected", "red", "orange", "yellow", "listed"),
    *("by_model", "by_rule", "waiting", "listed_persons"),
)


def prefectures(counties: Sequence[CountyDone]) -> list[list[int]]:
    """Return the places of the counties of each prefecture; one group where any county is of several or of none."""
    named = [tuple(one.account["prefectures"]) for one in counties]
    if any(len(names) != 1 for names in named):
        return [list(range(len(counties)))]
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, names in enumerate(named):
        groups.setdefault(names, []).append(place)
    return [groups[names] for names in sorted(groups)]


def areas_of_group(
    counties: Sequence[CountyDone],
    risk: Mapping[int, pl.DataFrame],
    finished: FinishedCounties,
    bundle: Bundle,
    policy: Policy,
) -> pl.DataFrame:
    """Return the areas of some counties and these together, see `assess_areas`.

    Parameters
    ----------
    counties : sequence of CountyDone
        All of them.
    risk : Mapping of int to pl.DataFrame
        What areas count of each county of the group, by its place: household_id as the listing has it, ``original`` as
        the county has it.
    finished : FinishedCounties
    bundle : Bundle
    policy : Policy
    """
    return assess_areas(
        pl.concat(county.select(_COLUMNS) for county in risk.values()),
        _read(counties, risk, finished, PLACES),
        _read(counties, risk, finished, PEOPLE),
        bundle.shocks,
        largest=policy.audit.limits.persons,
    )


def gather_areas(groups: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the areas of all groups by level, as one run has them, and all together."""
    return groups[0] if len(groups) == 1 else pl.concat(_with_all(groups))


def _with_all(tables: Sequence[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    whole = pl.concat([table.filter(level="all") for table in tables])
    unknown = (pl.lit(None, dtype=whole.schema[name]).alias(name) for name in whole.columns if name not in _SUMS)
    summed = whole.select(pl.col(_SUMS).sum()).with_columns(unknown).with_columns(level=pl.lit("all"))
    yield summed.select(whole.columns)
    for level in AREA_LEVELS:
        yield from (table.filter(level=level) for table in tables)


def _read(
    counties: Sequence[CountyDone], risk: Mapping[int, pl.DataFrame], finished: FinishedCounties, file: str
) -> pl.DataFrame:
    """Return a file of some counties, with the names that households have in the listing."""
    parts = []
    for place, county in risk.items():
        names = county.select(household_id="original", name="household_id")
        rows = pl.read_parquet(finished.file(counties[place].county, file))
        rows = rows.join(names, on="household_id", how="left", maintain_order="left")
        parts.append(rows.with_columns(household_id="name").drop("name"))
    return pl.concat(parts, how="diagonal_relaxed")
