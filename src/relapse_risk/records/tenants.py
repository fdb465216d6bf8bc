"""Numbers that others inherited: a dwelling or a number kept while the family in it changed."""

import polars as pl

from relapse_risk.records.known import known_on
from relapse_risk.records.records import Records
from relapse_risk.records.stays import ROUND
from relapse_risk.records.tables import TABLES

__all__ = ["TURNS", "other_heads", "other_persons"]

TURNS = pl.Schema({"household_id": pl.String, "on": pl.Date, "persons_before": pl.UInt32, "persons_after": pl.UInt32})
"""The day a number passed to others, and how many there were in the last round before and the first one after."""

# A year of birth made of an age in years is off by one; of an age told by another member, by more.
_YEARS = 2


def other_persons(stays: pl.DataFrame) -> pl.DataFrame:
    """Return where all persons of a household are replaced by others for good, persons being identified by number.

    Parameters
    ----------
    stays : pl.DataFrame
        Stays with the day each lasted until.
    """
    first, last = pl.col("first"), pl.col("last")
    lasting = pl.col("until").cum_max().shift().over("household_id")
    ordered = stays.sort("household_id", "first").with_columns(
        turn=(first - ROUND > lasting).fill_null(False),
    )
    turned = ordered.filter(pl.col("turn").any().over("household_id"))
    family = turned.with_columns(family=pl.col("turn").cum_sum().over("household_id"))
    families = (
        family.group_by("household_id", "family")
        .agg(
            on=first.min(),
            persons_before=((last >= last.max() - ROUND) & ~pl.col("gone")).sum(),
            persons_after=(first <= first.min() + ROUND).sum(),
        )
        .sort("household_id", "family")
        .with_columns(pl.col("persons_before").shift().over("household_id"))
    )
    return families.filter(pl.col("family") > 0).select(TURNS.names()).cast(TURNS)


def other_heads(records: Records) -> pl.DataFrame:
    """Return where the head changes, by sex and year of birth, and no member matches one of the round before.

    For persons who are identified only by an ordinal inside their household: the ordinal is inherited with the number.
    Of what is not known nothing is said.
    """
    members = records.require("members")
    born = [pl.col("birth_date").dt.year()] if "birth_date" in members.columns else []
    born += [pl.col("birth_year")] if "birth_year" in members.columns else []
    if not born or not {"sex", "relation"} <= set(members.columns):
        return TURNS.to_frame()
    seen = members.select(
        "household_id",
        "person_id",
        "sex",
        pl.coalesce(born).cast(pl.Int32).alias("born"),
        known_on(TABLES["members"], members, records.known_until).alias("day"),
        (pl.col("relation") == "head").alias("head"),
    )
    turns = _other_heads(seen)
    return _without_likeness(turns, seen.filter(pl.col("household_id").is_in(turns["household_id"].implode())))


def _other_heads(seen: pl.DataFrame) -> pl.DataFrame:
    """Return household_id, before and at: the days between which another head came."""
    # Numbers as categories: only their integers are sorted and moved.
    heads = seen.filter("head").select(pl.col("household_id").cast(pl.Categorical), "day", "sex", "born")
    heads = heads.sort(pl.col("household_id").to_physical(), "day")
    before = {name: pl.col(name).shift() for name in heads.columns}
    same = pl.col("household_id").to_physical() == pl.col("household_id").to_physical().shift()
    unlike = (pl.col("sex") != before["sex"]) | ((pl.col("born") - before["born"]).abs() > _YEARS)
    later = pl.col("day") - ROUND > before["day"]
    turned = heads.with_columns(before=before["day"]).filter(same & unlike & later)
    return turned.select(pl.col("household_id").cast(pl.String), "before", at="day")


def _without_likeness(turns: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Keep the turns where nobody of the round after is of the sex and about the year of birth of anybody before."""
    day, before, at = pl.col("day"), pl.col("before"), pl.col("at")
    near = turns.with_row_index("turn").join(seen, on="household_id")
    old = near.filter((day >= before - ROUND) & (day - before <= at - day))
    new = near.filter((day <= at + ROUND) & (day - before > at - day))
    pairs = old.select("turn", "sex", "born").join(new.select("turn", "sex", "born"), on="turn", suffix="_new")
    years = (pl.col("born") - pl.col("born_new")).abs()
    # What is not known of somebody may be alike.
    alike = pairs.filter((pl.col("sex") == pl.col("sex_new")).fill_null(True) & (years <= _YEARS).fill_null(True))
    persons = pl.col("person_id").n_unique()
    return (
        new.group_by("turn", "household_id")
        .agg(on=day.min(), persons_after=persons)
        .join(old.group_by("turn").agg(persons_before=persons), on="turn")
        .join(alike, on="turn", how="anti")
        .sort("household_id", "on")
        .select(TURNS.names())
        .cast(TURNS)
    )
