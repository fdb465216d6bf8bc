"""What a county's offices have on the day of the export: one row per case in its newest state, with names.

A registry overwrites: of several versions of a row it holds the newest, and the day the row was first entered where the
ending has a day of its own. Households and members are stated once a year.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from relapse_risk.records import ADDRESS_COLUMNS
from relapse_risk.synthetic.dialects.layouts import dialect_data

__all__ = ["TABLE_OF", "Holdings", "hold", "item"]

Holdings = dict[str, pl.DataFrame]
"""Frames by name; each row has a number of its own (`item`)."""

TABLE_OF: Mapping[str, str] = {
    "household_years": "households",
    "member_years": "members",
    "village_disasters": "disasters",
    "measures": "assistance",
    "relief": "assistance",
    "watched": "monitoring",
}
"""The record table of a holding or view, where it is not of the same name."""

_PLACE = (*ADDRESS_COLUMNS, "village_code")
_FIXED = ("poverty_cause", "relocated", "resettlement_site", "farmland_mu")
_CHANGING = ("household_type", "exit_year", "house_grade", "safe_water", "size")
_FOUND = (
    *("relation", "student_status", "health_status", "labour_capacity", "work_region", "work_months"),
    *("medical_insured", "pension_insured", "left_on", "left_reason"),
)
_ROUNDS = (11, 8), 45  # the yearly visits begin on that day, and take so many days


def item(holding: str) -> str:
    """Return the name of the column that numbers the rows of a holding."""
    return f"_{holding}"


def hold(tables: Mapping[str, pl.DataFrame], years: Sequence[int], rng: np.random.Generator) -> Holdings:
    """Return the holdings of one county.

    Parameters
    ----------
    tables : Mapping of str to pl.DataFrame
        Its record tables, every version of every row.
    years : sequence of int
        The years for which households and members are stated.
    rng : np.random.Generator
        Draws the days of the yearly visits.

    Returns
    -------
    Holdings
        Days are dates, codes are those of the record tables (a relation also names the sex, and a household that
        fell back is ``poor/again``), grades are text.
    """
    member_years = _member_years(tables["members"], years, rng)
    homes = _newest(tables["households"], ("household_id",))
    households = homes.select("household_id", *_PLACE, *_FIXED).join(
        _heads(member_years, tables["members"]), on="household_id", how="left", maintain_order="left"
    )
    members = _members(tables["members"])
    disasters = tables["disasters"]
    holdings = {
        "households": households.with_columns(pl.concat_str(ADDRESS_COLUMNS[2:]).alias("address")),
        "household_years": _household_years(tables, years, rng),
        "members": members,
        "member_years": member_years,
        "incomes": _newest(tables["incomes"], ("household_id", "period_start", "period_end"))
        .with_columns(year=pl.col("period_end").dt.year())
        .sort("year", "household_id"),
        "illness": _illness(tables["illness"], members, member_years),
        "disabilities": _disabilities(tables["disabilities"], members),
        "disasters": _newest(disasters.filter(pl.col("household_id").is_not_null()), ("event_id",)),
        "village_disasters": _newest(disasters.filter(pl.col("household_id").is_null()), ("event_id",)),
        "employment": _spells(tables["employment"], ("person_id", "household_id", "started_on"), "ended_on"),
        "loans": _spells(tables["loans"], ("loan_id", "household_id"), "status_on"),
        "assistance": _spells(tables["assistance"], ("household_id", "kind", "started_on"), "ended_on").with_columns(
            relief=pl.col("kind").is_in(dialect_data().relief.kinds)
        ),
        "monitoring": _spells(tables["monitoring"], ("household_id", "identified_on"), "cleared_on"),
        "relapses": _newest(tables["relapses"], ("event_id",)).join(
            homes.select("household_id", poor_before=pl.col("poverty_cause").is_not_null()), on="household_id"
        ),
    }
    return {name: frame.with_row_index(item(name)) for name, frame in holdings.items()}


def _newest(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return frame.sort("recorded_on", *key).unique(key, keep="last", maintain_order=True).sort("recorded_on", *key)


def _spells(frame: pl.DataFrame, key: Sequence[str], ending: str) -> pl.DataFrame:
    """Return each spell as it is, with the day it was entered, and the day its ending was."""
    first = frame.group_by(key).agg(entered=pl.col("recorded_on").min())
    ended = pl.col(ending).is_not_null() & (pl.col("recorded_on") > pl.col("entered"))
    return (
        _newest(frame, key)
        .join(first, on=key)
        .with_columns(
            ending_recorded_on=pl.when(ended).then("recorded_on"),
            recorded_on="entered",
        )
        .drop("entered")
        .sort("recorded_on", *key)
    )


def _yearly(frame: pl.DataFrame, key: str, years: Sequence[int], rng: np.random.Generator) -> pl.DataFrame:
    """Return how things stood at the end of each year, as stated at the visit of the year or when last changed."""
    ends = pl.DataFrame({"year": pl.Series(list(years), dtype=pl.Int64)}).with_columns(end=pl.date("year", 12, 31))
    versions = frame.with_columns(stated_on="recorded_on").sort("recorded_on", maintain_order=True)
    stated = (
        frame.select(key)
        .unique()
        .sort(key)
        .join(ends, how="cross")
        .sort("end", key)
        .join_asof(versions, left_on="end", right_on="recorded_on", by=key, check_sortedness=False)
        .filter(pl.col("stated_on").is_not_null())
        .sort(key, "year")
    )
    (month, day), length = _ROUNDS
    visit = pl.date("year", month, day) + pl.duration(days=pl.lit(pl.Series(rng.integers(0, length, stated.height))))
    return stated.with_columns(recorded_on=pl.max_horizontal("stated_on", visit))


def _household_years(
    tables: Mapping[str, pl.DataFrame], years: Sequence[int], rng: np.random.Generator
) -> pl.DataFrame:
    stated = _yearly(tables["households"].select("household_id", "recorded_on", *_CHANGING), "household_id", years, rng)
    fell = tables["relapses"].group_by("household_id").agg(relapse_year=pl.col("relapsed_on").max().dt.year())
    again = (pl.col("household_type") == "poor") & pl.col("exit_year").is_not_null()
    return (
        stated.with_columns(
            household_type=pl.when(again).then(pl.lit("poor/again")).otherwise("household_type"),
            dangerous_house=pl.col("house_grade").is_in(["C", "D"]),
            is_last=pl.col("year") == years[-1],
        )
        .join(fell, on="household_id", how="left", maintain_order="left")
        .select("household_id", "year", "recorded_on", *_CHANGING, "dangerous_house", "is_last", "relapse_year")
    )


def _member_years(members: pl.DataFrame, years: Sequence[int], rng: np.random.Generator) -> pl.DataFrame:
    """Return the members of each year; who left is stated last in the year that was entered."""
    relation = pl.col("relation") + "/" + pl.col("sex")
    stated = _yearly(members.with_columns(relation=relation), "person_id", years, rng)
    died = pl.col("left_reason") == "death"
    still_stated = pl.col("left_on").is_null() | (pl.col("stated_on").dt.year() == pl.col("year"))
    return (
        stated.filter(still_stated)
        .select("person_id", "household_id", "year", "recorded_on", *_FOUND, stated="stated_on")
        .with_columns(
            removed_on=pl.when(died).then("stated").otherwise("left_on"),
            died_on=pl.when(died).then("left_on"),
        )
        .drop("stated")
    )


def _members(members: pl.DataFrame) -> pl.DataFrame:
    """Return what of persons does not change; `home` and `own_id_number` stay right whatever is planted."""
    first = members.sort("person_id", "recorded_on").unique("person_id", keep="first", maintain_order=True)
    return first.select(
        *("person_id", "household_id", "name", "id_number", "sex", "birth_date", "ethnicity", "education"),
        entered_on="recorded_on",
        home="household_id",
        own_name="name",
        own_id_number="id_number",
    )


def _heads(member_years: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Return the head of each household; of one that is gone the last, of one without any its first member."""
    heads = (
        member_years.sort("person_id", "year")
        .unique("person_id", keep="last", maintain_order=True)
        .with_columns(
            is_head=pl.col("relation").str.starts_with("head/"),
            is_there=pl.col("left_on").is_null(),
        )
        .sort(
            *("household_id", "is_there", "is_head", "person_id"),
            descending=[False, True, True, False],
        )
        .unique("household_id", keep="first", maintain_order=True)
    )
    names = members.select("person_id", head_name="name", head_id_number="id_number").unique("person_id")
    return heads.select("household_id", "person_id").join(names, on="person_id").drop("person_id")


def _illness(illness: pl.DataFrame, members: pl.DataFrame, member_years: pl.DataFrame) -> pl.DataFrame:
    """Return the bills; `reimbursed` is what the basic insurance paid of what was paid in all."""
    died = member_years.select("person_id", "died_on").drop_nulls().unique("person_id")
    share = pl.when(pl.col("kind") == "serious").then(pl.col("reimbursed")).otherwise(0.0)
    bills = _newest(illness, ("event_id",)).with_columns(
        paid_by_critical=(share * 0.25).round(2), paid_by_aid=(share * 0.1).round(2)
    )
    basic = pl.col("reimbursed") - pl.col("paid_by_critical") - pl.col("paid_by_aid")
    return (
        bills.with_columns(reimbursed=basic.round(2))
        .join(_known_as(members, "birth_date"), on="person_id", how="left", maintain_order="left")
        .join(died, on="person_id", how="left", maintain_order="left")
    )


def _disabilities(disabilities: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Return the certificates; the end of a certificate's number tells the category and the grade."""
    digits = dialect_data().certificate.category
    holdings = _newest(disabilities, ("person_id", "household_id")).with_columns(pl.col("grade").cast(pl.String))
    number = pl.concat_str("id_number", pl.col("category").replace_strict(digits, return_dtype=pl.String), "grade")
    known = holdings.join(_known_as(members), on="person_id", how="left", maintain_order="left")
    return known.with_columns(certificate_number=number)


def _known_as(members: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return members.select("person_id", *columns, name="own_name", id_number="own_id_number")
