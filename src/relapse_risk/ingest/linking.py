"""Lists keyed by identity number, joined to the register: from then on a keyed hash stands for the number."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from relapse_risk.ingest.blocks import Block
from relapse_risk.ingest.id_numbers import common_key, hashed, number_facts
from relapse_risk.ingest.sheet_schema import NUMBERS
from relapse_risk.records import TABLES

__all__ = ["LINKED", "linked"]

LINKED = "_linked"
"""How a row came to its household: it names it (``own``), or an identity ``number`` does; null where neither."""

_CERTIFIED = 18  # of a disability certificate's 20 signs (22 of a reissued one) the first are the identity number
_CATEGORIES = ("visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple")
_ENDS = date(9999, 12, 31)
_MEMBERSHIPS = pl.Schema({"id": pl.String, "household_id": pl.String, "person_id": pl.String, "day": pl.Date})


def linked(blocks: Sequence[Block], key: bytes | None, carry: Sequence[str]) -> list[Block]:
    """Put a keyed hash in the place of every identity number, and a household and person in every row it finds.

    A number finds the household in which it was last seen by the day its row speaks of (the first one, if it was only
    seen later): members first, then heads of households. Persons without a number of the register's own are known by
    the hash.

    Parameters
    ----------
    blocks : sequence of Block
    key : bytes or None
        Of the hash. If not given, one is made of the numbers themselves: the same input gives the same hashes.
    carry : sequence of str
        Identifying columns to keep along with the hash.

    Returns
    -------
    list of Block
        Without numbers; with ``_id``, ``_id_check``, ``_id_birth_date`` and ``_id_sex`` for ``id_number``, likewise
        for ``head_id_number``; ``_certificate``, ``_certificate_category`` and ``_certificate_grade``; and ``_linked``.
    """
    key = key or common_key(number for block in blocks for number in _numbers(block))
    keyed = [replace(block, frame=_without_numbers(block.frame, key, carry)) for block in blocks]
    seen = _memberships(keyed)
    return [replace(block, frame=_joined(block, seen)) for block in keyed]


def _numbers(block: Block) -> list[str]:
    found = [block.frame[name] for name in NUMBERS if name in block.frame.columns]
    return [number for column in found for number in column.drop_nulls().str.slice(0, _CERTIFIED).unique()]


def _without_numbers(frame: pl.DataFrame, key: bytes, carry: Sequence[str]) -> pl.DataFrame:
    for name, short in (("id_number", "_id"), ("head_id_number", "_head_id")):
        if name in frame.columns:
            identifiers = _said_by(frame[name]).select(pl.all().name.prefix(f"{short}_"))
            frame = frame.with_columns(hashed(frame[name], key).alias(short), *identifiers.get_columns())
    if "certificate_number" in frame.columns:
        frame = frame.with_columns(_certified(frame["certificate_number"], key))
    return frame.drop([name for name in NUMBERS if name not in carry], strict=False)


def _said_by(numbers: pl.Series) -> pl.DataFrame:
    """Return what each number says of itself, each distinct number asked once: a member's stands in every year."""
    distinct = pl.DataFrame({"number": numbers.drop_nulls().unique()})
    said = distinct.select("number", number_facts(pl.col("number")).alias("said")).unnest("said")
    rows = pl.DataFrame({"number": numbers})
    return rows.join(said, on="number", how="left", maintain_order="left").drop("number")


def _certified(numbers: pl.Series, key: bytes) -> list[pl.Series]:
    whole = pl.DataFrame({"number": numbers}).select(
        pl.when(pl.col("number").str.contains(r"^\d{17}[\dX][1-7][1-4](\d{2}|B\d)?$")).then("number")
    )["number"]
    category = whole.str.slice(_CERTIFIED, 1).cast(pl.Int64) - 1
    return [
        hashed(numbers.str.slice(0, _CERTIFIED), key).alias("_certificate"),
        category.replace_strict(dict(enumerate(_CATEGORIES)), default=None, return_dtype=pl.String).alias(
            "_certificate_category"
        ),
        whole.str.slice(_CERTIFIED + 1, 1).cast(pl.Int64).alias("_certificate_grade"),
    ]


def _memberships(blocks: Sequence[Block]) -> pl.DataFrame:
    """Return in which household each hashed number was seen, and since when; members before heads."""
    members = [_links(block, "_id") for block in blocks if block.table == "members" and _has_links(block, "_id")]
    heads = [_links(block, "_head_id") for block in blocks if _has_links(block, "_head_id")]
    heads += [_links(block, "_id") for block in blocks if block.table == "households" and _has_links(block, "_id")]
    found = pl.concat([_MEMBERSHIPS.to_frame(), *members]).unique(_MEMBERSHIPS.names())
    others = pl.concat([_MEMBERSHIPS.to_frame(), *heads]).unique(_MEMBERSHIPS.names())
    others = others.join(found, on="id", how="anti")
    first = pl.col("day").min()
    return (
        pl.concat([found, others])
        .group_by("id", "household_id")
        .agg(first, pl.col("person_id").drop_nulls().min())
        .with_columns(pl.col("day").fill_null(date.min))
        .sort("id", "day", "household_id")
    )


def _has_links(block: Block, number: str) -> bool:
    return {number, "household_id"} <= set(block.frame.columns)


def _links(block: Block, number: str) -> pl.DataFrame:
    person = "person_id" if "person_id" in block.frame.columns and number == "_id" else pl.lit(None, dtype=pl.String)
    rows = block.frame.select(
        pl.col(number).alias("id"), "household_id", _as(person, "person_id"), _day(block).alias("day")
    )
    return rows.drop_nulls(["id", "household_id"])


def _as(column: str | pl.Expr, name: str) -> pl.Expr:
    return (pl.col(column) if isinstance(column, str) else column).alias(name)


def _day(block: Block) -> pl.Expr:
    """Return the day each row speaks of."""
    there = [name for name in (TABLES[block.table].begins, "joined_on", "recorded_on") if name in block.frame.columns]
    year_end = [pl.date(pl.col("year"), 12, 31)] if "year" in block.frame.columns else []
    return pl.coalesce([*(pl.col(name) for name in there if name), *year_end, pl.lit(None, dtype=pl.Date)])


def _joined(block: Block, seen: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the household and person their number finds, where they name none themselves."""
    number = next((name for name in ("_id", "_certificate", "_head_id") if name in block.frame.columns), None)
    frame = _with_household(block, seen, number) if number else _owned(block.frame)
    wants_person = "person_id" in TABLES[block.table].columns and number in ("_id", "_certificate")
    return _with_person(frame, seen, number) if wants_person and number else frame


def _owned(frame: pl.DataFrame) -> pl.DataFrame:
    own = pl.col("household_id").is_not_null() if "household_id" in frame.columns else pl.lit(False)
    return frame.with_columns(pl.when(own).then(pl.lit("own")).alias(LINKED))


def _with_household(block: Block, seen: pl.DataFrame, number: str) -> pl.DataFrame:
    frame = _owned(block.frame)
    # A list of households with numbers of its own is the register, and asks no other list.
    if "household_id" in frame.columns and (block.table == "households" or not frame[LINKED].has_nulls()):
        return frame
    order = "_order"
    asked = frame.with_columns(_day(block).fill_null(_ENDS).alias("_day")).with_row_index(order)
    then = (
        asked.select(order, number, "_day")
        .sort("_day", order)
        .join_asof(
            seen.select(pl.col("id").alias(number), pl.col("day").alias("_day"), "household_id").sort("_day", number),
            on="_day",
            by=number,
            strategy="backward",
            check_sortedness=False,
        )
    )
    first = seen.unique("id", keep="first", maintain_order=True).select(
        pl.col("id").alias(number), pl.col("household_id").alias("_first"), pl.col("day").alias("_first_day")
    )
    found = then.join(first, on=number, how="left").select(
        order,
        pl.coalesce("household_id", "_first").alias("_household"),
        pl.when(pl.col("household_id").is_null()).then("_first_day").alias("_linked_on"),
    )
    joined = asked.join(found, on=order, how="left", maintain_order="left")
    own = pl.col("household_id") if "household_id" in frame.columns else pl.lit(None, dtype=pl.String)
    by_number = pl.when(pl.col("_household").is_not_null()).then(pl.lit("number"))
    # Seen in the household only later: before that day nobody knew whose the row is.
    late = pl.when(pl.col(LINKED).is_null()).then("_linked_on")
    recorded_on = pl.col("recorded_on") if "recorded_on" in frame.columns else pl.lit(None, dtype=pl.Date)
    return joined.with_columns(
        pl.coalesce(own, "_household").alias("household_id"),
        pl.coalesce(LINKED, by_number).alias(LINKED),
        pl.when(late.is_null()).then(recorded_on).otherwise(pl.max_horizontal(recorded_on, late)).alias("recorded_on"),
    ).drop(order, "_day", "_household", "_linked_on")


def _with_person(frame: pl.DataFrame, seen: pl.DataFrame, number: str) -> pl.DataFrame:
    """Name the person by the register's own number for them, else by the hash."""
    there = seen.select(pl.col("id").alias(number), "household_id", pl.col("person_id").alias("_there"))
    anywhere = seen.drop_nulls("person_id").unique("id", keep="first", maintain_order=True)
    anywhere = anywhere.select(pl.col("id").alias(number), pl.col("person_id").alias("_anywhere"))
    own = pl.col("person_id") if "person_id" in frame.columns else pl.lit(None, dtype=pl.String)
    return (
        frame.join(there, on=[number, "household_id"], how="left", maintain_order="left")
        .join(anywhere, on=number, how="left", maintain_order="left")
        .with_columns(pl.coalesce(own, "_there", "_anywhere", pl.lit("p") + pl.col(number)).alias("person_id"))
        .drop("_there", "_anywhere")
    )
