"""Who was listed in which household, from which day to which."""

import polars as pl

from relapse_risk.records.known import known_on
from relapse_risk.records.records import Records
from relapse_risk.records.tables import TABLES

__all__ = ["ROUND", "households_seen", "identified", "members_seen", "moves_of", "stays_of", "until_of"]

ROUND = pl.duration(days=60)
"""Rows of a household this near to one another are of one round: a register is filled in over weeks, member by member,
and the shortest rounds there are (quarters) lie further apart."""

_NEVER = pl.date(9999, 12, 31)


def identified(records: Records, persons: pl.DataFrame | None) -> bool:
    """Return whether persons are known beyond an ordinal inside their household (its number, and a count)."""
    if persons is not None and persons.height:
        return True
    members = records.require("members")
    return not members.select(pl.col("person_id").str.starts_with(pl.col("household_id")).all()).item()


def members_bear_days(records: Records) -> bool:
    """Return whether there are members with a recording date."""
    return records.has("members", "recorded_on") and records.require("members")["recorded_on"].count() > 0


def members_seen(records: Records, persons: pl.DataFrame | None) -> pl.DataFrame:
    """Return every row of members as it was seen.

    Returns
    -------
    pl.DataFrame
        household_id, person_id, identity, day (it is known from), gone (whether the person had left by then), whole
        (whether it is of a snapshot: who is absent from the next one is gone).
    """
    members = _saying_who_is_there(records.require("members"))
    day = known_on(TABLES["members"], members, records.known_until)
    there = [name for name in ("left_on", "died_on") if name in members.columns]
    gone = pl.any_horizontal(pl.lit(False), *((pl.col(name) <= day).fill_null(False) for name in there))
    whole = pl.col("of_snapshot") if "of_snapshot" in members.columns else pl.lit("left_on" not in members.columns)
    whole = (whole & pl.col("recorded_on").is_not_null()).fill_null(False)
    seen = members.select(
        "household_id", "person_id", day.alias("day"), gone.alias("gone"), whole.alias("whole"), identity="person_id"
    )
    return seen if persons is None else _named(seen, persons)


def _saying_who_is_there(members: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows that say nothing of who is in a household, unless there are no others of the person."""
    if "of_snapshot" not in members.columns:
        return members
    says = pl.col("of_snapshot").is_not_null()
    return members.filter(says | ~says.any().over("person_id"))


def _named(seen: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Put a better identity in the place of a person's number; who goes by two under one number goes by neither."""
    key = ["household_id", "person_id"]
    named = persons.select(*key, _named="identity").drop_nulls().unique().unique(key, keep="none")
    identity = pl.coalesce("_named", "identity").alias("identity")
    return seen.join(named, on=key, how="left", maintain_order="left").with_columns(identity).drop("_named")


def stays_of(seen: pl.DataFrame) -> pl.DataFrame:
    """Return the stays of persons in households: household_id, identity, first and last (day seen), gone, whole."""
    there = ~pl.col("gone")
    stays = seen.group_by("household_id", "identity").agg(
        first=pl.col("day").filter(there).min(),
        last=pl.col("day").filter(there).max(),
        gone_on=pl.col("day").filter(~there).max(),
        whole=pl.col("whole").all(),
    )
    gone = (pl.col("gone_on") > pl.col("last")).fill_null(False)
    return stays.drop_nulls("first").select("household_id", "identity", "first", "last", gone.alias("gone"), "whole")


def moves_of(stays: pl.DataFrame) -> pl.DataFrame:
    """Return who was last seen in one household before first seen in the next.

    Returns
    -------
    pl.DataFrame
        came_from, household_id, identity, last (day in the old household), first (day in the new one), gone.
    """
    several = stays.filter(pl.col("identity").is_duplicated()).sort("identity", "first", "household_id")
    before = [
        pl.col(name).shift().over("identity").alias(old)
        for name, old in (("household_id", "came_from"), ("last", "before"), ("gone", "was_gone"))
    ]
    return (
        several.with_columns(before)
        .filter(pl.col("before") < pl.col("first"))
        .select("came_from", "household_id", "identity", pl.col("before").alias("last"), "first", gone="was_gone")
    )


def households_seen(records: Records, seen: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Return from when to when each number was seen, and how many persons it began and ended with.

    Returns
    -------
    pl.DataFrame
        household_id, seen_from and seen_until (in households or members), first and last (of its members),
        persons_after (of its first round), persons_before (of its last round, who had not left).
    """
    days = [seen.filter(~pl.col("gone")).select("household_id", "day")]
    households = records.table("households")
    if households is not None:
        day = known_on(TABLES["households"], households, records.known_until)
        days.append(households.select("household_id", day.alias("day")))
    spans = pl.concat(days).group_by("household_id").agg(seen_from=pl.col("day").min(), seen_until=pl.col("day").max())
    first, last = pl.col("first"), pl.col("last")
    persons = stays.group_by("household_id").agg(
        first.min(),
        last.max(),
        persons_after=(first <= first.min() + ROUND).sum(),
        persons_before=((last >= last.max() - ROUND) & ~pl.col("gone")).sum(),
    )
    return spans.join(persons, on="household_id")


def until_of(stays: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """Return the stays with the day each lasted until.

    A person of snapshots is there until last seen; another one until he left or was seen elsewhere: nobody leaves by
    absence where leaving is recorded.
    """
    away = moves.select(pl.col("came_from").alias("household_id"), "identity", away=pl.lit(True))
    ended = pl.col("whole") | pl.col("gone") | pl.col("away").fill_null(False)
    return stays.join(away, on=["household_id", "identity"], how="left").with_columns(
        until=pl.when(ended).then("last").otherwise(_NEVER)
    )
