"""The real panel: how many dwellings passed to others, and what the labels are without them.

Usage: python experiments/continuity.py [--data DIR]

A dwelling of the panel keeps its number when its tenants change. Counts the year-on-year links that the rule takes to
join two families; how many it takes for such where every link does join two (to a household of another dwelling, drawn
at random, three seeds); and the published counts of relapses with such numbers kept and split.
"""

import argparse
import time
from datetime import date
from pathlib import Path

import polars as pl

from relapse_risk.ingest import read_records
from relapse_risk.labels import label_relapse
from relapse_risk.records import Continuity, Records, same_households

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "eph"
QUARTERS = [
    date.fromisoformat(f"{year}-{end}") for year in (2016, 2017, 2018) for end in ("03-31", "06-30", "09-30", "12-31")
]
STARTS = QUARTERS[1:]
SEEDS = (0, 1, 2)


def links(households: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of one quarter and the same quarter of the next year of one number."""
    ends = households.select("household_id", "recorded_on")
    a_year_on = pl.col("recorded_on").dt.offset_by("1y").dt.month_end().alias("recorded_on")
    return ends.select("household_id", a_year_on).join(ends, on=["household_id", "recorded_on"])


def joining_two(found: pl.DataFrame, turns: pl.DataFrame) -> int:
    """Count the links that have a day between their ends on which the number passed to others."""
    between = found.join(turns.select("household_id", "on"), on="household_id")
    start = pl.col("recorded_on").dt.offset_by("-1y").dt.month_end()
    between = between.filter((pl.col("on") > start) & (pl.col("on") <= pl.col("recorded_on")))
    return between.select("household_id", "recorded_on").n_unique()


def taken_for_two(members: pl.DataFrame, seed: int) -> float:
    """Return which share of links that do join two families, drawn at random, the rule takes for such."""
    ends = links(members.select("household_id", "recorded_on").unique(maintain_order=True))
    at_random = pl.col("household_id").shuffle(seed).over("recorded_on").alias("other")
    pairs = ends.with_columns(at_random).filter(pl.col("household_id") != pl.col("other")).with_row_index("link")
    start = pairs.with_columns(pl.col("recorded_on").dt.offset_by("-1y").dt.month_end())
    finish = pairs.drop("household_id").rename({"other": "household_id"})
    return turns_between(members, start, finish) / pairs.height


def for_one_round(members: pl.DataFrame, tenants: pl.DataFrame) -> tuple[int, int]:
    """Count the families that gave way to others, and those of them that are back when the others are gone."""
    rounds = members.select("household_id", "recorded_on").unique().sort("household_id", "recorded_on")
    before = rounds.with_columns(before=pl.col("recorded_on").shift().over("household_id"))
    turns = tenants.select("household_id", recorded_on="on").join(before, on=["household_id", "recorded_on"])
    turns = turns.sort("household_id", "recorded_on").with_columns(
        again=pl.col("recorded_on").shift(-1).over("household_id")
    )
    twice = turns.drop_nulls("again").with_row_index("link")
    start = twice.select("link", "household_id", recorded_on="before")
    finish = twice.select("link", "household_id", recorded_on="again")
    return twice.height, twice.height - turns_between(members, start, finish)


def turns_between(members: pl.DataFrame, start: pl.DataFrame, finish: pl.DataFrame) -> int:
    """Count the links (link, household_id, recorded_on of each end) that the rule takes to join two families."""
    columns = ["link", "recorded_on", "sex", "birth_year", "relation"]
    found = [end.join(members, on=["household_id", "recorded_on"]).select(columns) for end in (start, finish)]
    mixed = pl.concat(found).with_columns(household_id=pl.format("link{}", "link"))
    ordinal = pl.col("household_id").cum_count().over("household_id", "recorded_on")
    numbered = mixed.with_columns(person_id=pl.format("{}-{}", "household_id", ordinal))
    return same_households(Records({"members": numbered})).doubts.height


def counts(records: Records) -> dict[str, int]:
    wide = label_relapse(records, STARTS, label="income").counts
    narrow = label_relapse(records, STARTS, label="income", cohort="narrow").counts
    shown = {name: wide[name] for name in ("pairs", "known", "relapses")}
    return shown | {"narrow": narrow["known"], "narrow relapses": narrow["relapses"]}


def timed(records: Records, *, split_tenants: bool) -> Continuity:
    start = time.perf_counter()
    found = same_households(records, split_tenants=split_tenants)
    done = "split" if split_tenants else "listed"
    print(f"{done} in {time.perf_counter() - start:.1f} s")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    records = read_records(parser.parse_args().data).records
    kept, split = timed(records, split_tenants=False), timed(records, split_tenants=True)
    tenants = kept.doubts.filter(pl.col("kind") == "tenants")
    print(f"{tenants.height:,} days on which {tenants['household_id'].n_unique():,} numbers passed to others")
    every = links(records.require("households"))
    two = joining_two(every, tenants)
    print(f"year-on-year links: {every.height:,}, of which {two:,} ({two / every.height:.1%}) join two families")
    gave_way, back = for_one_round(records.require("members"), tenants)
    print(f"families that gave way to others who gave way again: {gave_way:,}; of these back after them: {back:,}")
    seen = [taken_for_two(records.require("members"), seed) for seed in SEEDS]
    print("of links drawn to join two the rule takes for such:", ", ".join(f"{share:.1%}" for share in seen))
    print("| numbers | pairs | known | relapses | share | narrow: known | relapses |\n" + "| --- " * 7 + "|")
    for name, found in (("kept", kept), ("split", split)):
        one = counts(found.records)
        share = one["relapses"] / one["known"]
        print(
            f"| {name} | {one['pairs']:,} | {one['known']:,} | {one['relapses']:,} | {share:.2%} "
            f"| {one['narrow']:,} | {one['narrow relapses']:,} |"
        )


if __name__ == "__main__":
    main()
