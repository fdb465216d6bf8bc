"""Who is the same household over the years: one rule, applied before anything is labelled, with its doubts listed."""

from dataclasses import dataclass

import polars as pl

from relapse_risk.records.records import Records
from relapse_risk.records.renaming import parted, renamed, with_parts
from relapse_risk.records.stays import (
    ROUND,
    households_seen,
    identified,
    members_bear_days,
    members_seen,
    moves_of,
    stays_of,
    until_of,
)
from relapse_risk.records.tenants import other_heads, other_persons

__all__ = ["Continuity", "same_households"]

_CHANGES = pl.Schema(
    {
        **{"household_id": pl.String, "became": pl.String, "on": pl.Date, "why": pl.String},
        **dict.fromkeys(("persons_shared", "persons_before", "persons_after"), pl.UInt32),
    }
)
_DOUBTS = pl.Schema(
    {
        **{"household_id": pl.String, "other_household_id": pl.String, "on": pl.Date, "kind": pl.String},
        **{"persons_shared": pl.UInt32, "of": pl.UInt32},
    }
)
_RENAMED = pl.Schema({"household_id": pl.String, "person_id": pl.String, "became": pl.String})


@dataclass(frozen=True, kw_only=True, eq=False)
class Continuity:
    """Records with one number for each household, and the decisions and doubts about it.

    Attributes
    ----------
    records : Records
        With numbers resolved. Rows, their order and their days are those of the source.
    changes : pl.DataFrame
        Numbers that became others: household_id (as the source has it), became (the number it has now), on (the day
        the next number was first seen), why (``renumbered``; ``tenants`` where they were parted), persons_shared,
        persons_before (in its last round), persons_after (in the first round of the next number).
    doubts : pl.DataFrame
        What was left as it is: household_id, other_household_id, on, kind, persons_shared, of (how many persons of
        household_id). ``split``: household_id began with persons of the other one. ``merge``: household_id ended, and
        its persons came to the other one, which was there before. ``tenants``: the number passed to others.
    movers : int
        Persons who went from one household to another and raise no doubt: marriages, single movers.
    """

    records: Records
    changes: pl.DataFrame
    doubts: pl.DataFrame
    movers: int


def same_households(
    records: Records, *, persons: pl.DataFrame | None = None, split_tenants: bool = False
) -> Continuity:
    """Decide who is the same household over the years.

    A number that is seen no more and another one that is first seen later are one household if more than half of the
    persons of the last round of the one and more than half of those of the first round of the other are the same: all
    rows get the later number. Nothing else changes a number, unless tenants are split.

    Parameters
    ----------
    records : Records
        All versions, not the state of a day. Without members that have a day they come back as they are.
    persons : pl.DataFrame, optional
        household_id, person_id, identity: what identifies a person better than a number inside the household does.
        Persons it does not name go by person_id. A person whose person_id changed goes by the later one.
    split_tenants : bool, default False
        Whether a number that passed to others is another one from that day on: ``~2``, ``~3`` are put behind it.

    Returns
    -------
    Continuity

    Examples
    --------
    >>> from datetime import date
    >>> rows = [("p1", "old", 2017), ("p2", "old", 2017), ("p1", "new", 2018), ("p2", "new", 2018)]
    >>> members = pl.DataFrame(
    ...     [(person, home, date(year, 12, 1)) for person, home, year in rows],
    ...     schema=["person_id", "household_id", "recorded_on"],
    ...     orient="row",
    ... )
    >>> same = same_households(Records({"members": members}))
    >>> same.changes.select("household_id", "became", "persons_shared").rows()
    [('old', 'new', 2)]
    >>> same.records.table("members")["household_id"].unique().to_list()
    ['new']
    """
    if not members_bear_days(records):
        return Continuity(records=records, changes=_CHANGES.to_frame(), doubts=_DOUBTS.to_frame(), movers=0)
    if not identified(records, persons):
        return _of_turns(records, other_heads(records), split_tenants)
    seen = members_seen(records, persons)
    stays = stays_of(seen)
    turns = other_persons(until_of(stays, moves_of(stays)))
    earlier = _of_turns(records, turns, split_tenants)
    if split_tenants and turns.height:
        seen = with_parts(seen, turns, "day")
        stays = stays_of(seen)
    return _of_moves(earlier, seen, stays)


def _of_turns(records: Records, turns: pl.DataFrame, split: bool) -> Continuity:
    """Part the numbers that passed to others, or list them."""
    if split and turns.height:
        parts = with_parts(turns.with_columns(number="household_id"), turns, "on")
        changes = parts.select(
            pl.col("number").alias("household_id"),
            pl.col("household_id").alias("became"),
            "on",
            pl.lit("tenants").alias("why"),
            pl.lit(0).alias("persons_shared"),
            "persons_before",
            "persons_after",
        ).cast(_CHANGES)
        turns, records = turns.clear(), parted(records, turns)
    else:
        changes = _CHANGES.to_frame()
    doubts = _doubts(turns, "tenants", "household_id", None, None, "persons_before")
    return Continuity(records=records, changes=changes, doubts=doubts, movers=0)


def _of_moves(earlier: Continuity, seen: pl.DataFrame, stays: pl.DataFrame) -> Continuity:
    """Give a renumbered household its last number, and list splits and merges."""
    moves = moves_of(stays)
    persons = _same_persons(seen)
    if not moves.height and not persons.height:
        return earlier
    pairs = _judged(_pairs(moves, households_seen(earlier.records, seen, stays)))
    changes = _changes(pairs.filter("renumbered"))
    quiet = pairs.filter(~pl.any_horizontal("renumbered", "split", "merge"))
    return Continuity(
        records=renamed(earlier.records, changes, persons) if changes.height or persons.height else earlier.records,
        changes=pl.concat([earlier.changes, changes]),
        doubts=pl.concat([_splits(pairs), _merges(pairs), earlier.doubts]),
        movers=int(quiet["persons_shared"].sum()),
    )


def _pairs(moves: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of households that persons went between, and how many of them.

    began are those who came with the first round of the new one, ended those who were of the last round of the old one.
    """
    old = households.select(pl.all().name.prefix("old_")).rename({"old_household_id": "came_from"})
    new = households.select(pl.all().name.prefix("new_")).rename({"new_household_id": "household_id"})
    began = pl.col("first") <= pl.col("new_first") + ROUND
    ended = (pl.col("last") >= pl.col("old_last") - ROUND) & ~pl.col("gone")
    of_pair = ("old_seen_until", "new_seen_from", "old_persons_before", "new_persons_after")
    return (
        moves.join(old, on="came_from")
        .join(new, on="household_id")
        .group_by("came_from", "household_id", *of_pair)
        .agg(
            on=pl.col("first").min(),
            persons_shared=pl.len(),
            began=began.sum(),
            ended=ended.sum(),
            both=(began & ended).sum(),
        )
        .sort("on", "came_from", "household_id")
    )


def _judged(pairs: pl.DataFrame) -> pl.DataFrame:
    """Say what each pair is taken for: ``renumbered``, ``split``, ``merge``, or none of them.

    Whoever moves comes from one household and goes to one: no two others can share more than half with either.
    """
    shared = pl.col("both") * 2
    most = (shared > pl.col("old_persons_before")) & (shared > pl.col("new_persons_after"))
    renumbered = most & (pl.col("old_seen_until") < pl.col("new_seen_from"))
    merge = (pl.col("began") == 0) & (pl.col("ended") > 1) & (pl.col("old_seen_until") < pl.col("on"))
    return pairs.with_columns(renumbered=renumbered, split=~renumbered & (pl.col("began") > 1), merge=merge)


def _changes(renumbered: pl.DataFrame) -> pl.DataFrame:
    next_one = dict(renumbered.select("came_from", "household_id").iter_rows())
    return renumbered.select(
        pl.col("came_from").alias("household_id"),
        pl.Series("became", [_last_of(number, next_one) for number in renumbered["came_from"]], dtype=pl.String),
        pl.col("new_seen_from").alias("on"),
        pl.lit("renumbered").alias("why"),
        pl.col("both").alias("persons_shared"),
        pl.col("old_persons_before").alias("persons_before"),
        pl.col("new_persons_after").alias("persons_after"),
    ).cast(_CHANGES)


def _last_of(number: str, next_one: dict[str, str]) -> str:
    """Follow a chain of numbers to its end; every number in it is first seen later than the one before."""
    while number in next_one:
        number = next_one[number]
    return number


def _splits(pairs: pl.DataFrame) -> pl.DataFrame:
    return _doubts(pairs.filter("split"), "split", "household_id", "came_from", "began", "new_persons_after")


def _merges(pairs: pl.DataFrame) -> pl.DataFrame:
    return _doubts(pairs.filter("merge"), "merge", "came_from", "household_id", "ended", "old_persons_before")


def _doubts(
    found: pl.DataFrame, kind: str, household: str, other: str | None, shared: str | None, of: str
) -> pl.DataFrame:
    return found.select(
        pl.col(household).alias("household_id"),
        (pl.col(other) if other else pl.lit(None, dtype=pl.String)).alias("other_household_id"),
        "on",
        pl.lit(kind).alias("kind"),
        (pl.col(shared) if shared else pl.lit(0)).alias("persons_shared"),
        pl.col(of).alias("of"),
    ).cast(_DOUBTS)


def _same_persons(seen: pl.DataFrame) -> pl.DataFrame:
    """Return the numbers of persons who later go by another one: household_id, person_id, became.

    Only where one number was seen no more before the next was first seen: two persons of one day stay two.
    """
    if seen["identity"].equals(seen["person_id"]):
        return _RENAMED.to_frame()
    numbers = seen.group_by("identity", "person_id").agg(
        pl.col("household_id").unique(), first=pl.col("day").min(), last=pl.col("day").max()
    )
    several = numbers.filter(pl.col("identity").is_duplicated()).sort("identity", "first", "person_id")
    before, final = pl.col("last").shift().over("identity"), pl.col("person_id").last().over("identity")
    judged = several.with_columns(apart=(pl.col("first") > before).fill_null(True), became=final)
    changed = judged.filter(pl.col("apart").all().over("identity") & (pl.col("person_id") != pl.col("became")))
    return changed.explode("household_id").select(_RENAMED.names())
