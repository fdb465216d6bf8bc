"""Who belongs to a household in a year, by the register's lists of members."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from relapse_risk.records import ABLE

__all__ = ["MEMBER_FACTS", "yearly_facts"]

_LISTED = ("household_id", "person_id", "year|joined_on")

MEMBER_FACTS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "year.fewest": {"members": _LISTED, "households": ("household_id", "year")},
        "year.most": {"members": _LISTED, "households": ("household_id", "year")},
        "year.unplaced": {"members": _LISTED, "households": ("household_id", "year")},
        "year.heads": {"members": (*_LISTED, "relation"), "households": ("household_id",)},
        "year.headless": {"members": (*_LISTED, "relation"), "households": ("household_id",)},
        "year.spouses": {"members": (*_LISTED, "relation"), "households": ("household_id",)},
        "year.months": {"members": (*_LISTED, "work_months")},
        "year.least_months": {"members": (*_LISTED, "work_months")},
        "year.work_entered": {"members": (*_LISTED, "work_months")},
        "year.students": {"members": (*_LISTED, "student_status")},
        "year.ill": {"members": (*_LISTED, "health_status")},
        "year.disabled": {"members": (*_LISTED, "health_status")},
        "year.able": {"members": (*_LISTED, "labour_capacity")},
    }
)
"""What is known of the members of a household in a year, and what it is made of."""

_VILLAGE_DIGITS = 12  # of a village's code (GB/T 10114); a household's number begins with it
_KEYS = ("household_id", "income_year")
_SAID = ("relation", "work_months", "student_status", "health_status", "labour_capacity")
_NO_STUDENT = ("not_student", "dropout")


def yearly_facts(members: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    """Return, by household and year, how many members it can have had, and what they did.

    Lists differ: some keep who died or left in a year, and some have no year at all but say when somebody joined and
    left. From each follows how many were there for sure, and how many at most.

    Returns
    -------
    pl.DataFrame
        household_id, income_year, the columns of ``MEMBER_FACTS``. ``year.unplaced`` are persons of the same village
        who stand under a household that nobody knows: the household may be theirs.
    """
    years = households.select("year").drop_nulls().unique()
    listed = _listed(members, years)
    by_list = listed.group_by(*_KEYS, "_source", "_sheet").agg(
        pl.col("person_id").filter("_sure").n_unique().alias("fewest"),
        (pl.col("person_id").n_unique() - pl.col("person_id").has_nulls() + pl.col("person_id").null_count()).alias(
            "most"
        ),
        _persons_who(pl.col("relation") == "head").alias("heads"),
        _persons_who(pl.col("relation") == "spouse").alias("spouses"),
        (pl.col("relation") != "head").all(ignore_nulls=False).alias("headless"),
        pl.col("work_months").sum().alias("months"),
        pl.col("work_months").null_count().alias("unknown_months"),
        (pl.col("work_months") > 0).any().alias("work_entered"),
        # Kleene's logic: one who is so is enough, that nobody is so must be known of everybody.
        (~pl.col("student_status").is_in(_NO_STUDENT)).any(ignore_nulls=False).alias("students"),
        pl.col("health_status").str.contains("chronic|serious").any(ignore_nulls=False).alias("ill"),
        pl.col("health_status").str.contains("disabled").any(ignore_nulls=False).alias("disabled"),
        _persons_who(pl.col("labour_capacity").is_in(ABLE)).alias("able"),
    )
    return (
        by_list.group_by(_KEYS)
        .agg(
            pl.col("fewest").min().alias("year.fewest"),
            pl.col("most").max().alias("year.most"),
            pl.col("heads").max().alias("year.heads"),
            pl.col("headless").min().alias("year.headless"),
            pl.col("spouses").max().alias("year.spouses"),
            _where_known("months", "unknown_months").max().alias("year.months"),
            # Months that are blank add to the others: what is known of them is known enough to pass a bound from below.
            pl.col("months").max().alias("year.least_months"),
            pl.col("work_entered").max().alias("year.work_entered"),
            *(pl.col(name).max().alias(f"year.{name}") for name in ("students", "ill", "disabled", "able")),
        )
        .with_columns(_village())
        .join(_unplaced(members, households), on="_village", how="left")
        .select(
            *_KEYS, *(name for name in MEMBER_FACTS if name != "year.unplaced"), pl.col("year.unplaced").fill_null(0)
        )
    )


def _listed(members: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """Return whom each list has in a household in a year, and whether they were surely there."""
    gone = pl.min_horizontal("left_on", "removed_on", "died_on").dt.year()
    members = members.drop_nulls("household_id")
    yearly = members.drop_nulls("year").with_columns(income_year="year", _sure=gone.is_null())
    # Of a list without years only one that says when members joined tells who was there in which year.
    spans = members.filter(pl.col("year").is_null() & pl.col("joined_on").is_not_null().any().over("_source", "_sheet"))
    crossed = spans.join(years.rename({"year": "income_year"}), how="cross")
    began = pl.col("joined_on").dt.year().fill_null(0)
    crossed = crossed.filter((began <= pl.col("income_year")) & (gone.is_null() | (gone >= pl.col("income_year"))))
    sure = (began < pl.col("income_year")) & (gone.is_null() | (gone > pl.col("income_year")))
    columns = [*_KEYS, "_source", "_sheet", "person_id", "_sure", *_SAID]
    return pl.concat([yearly.select(columns), crossed.with_columns(_sure=sure).select(columns)])


def _persons_who(are: pl.Expr) -> pl.Expr:
    return pl.col("person_id").filter(pl.col("_sure") & are).n_unique()


def _where_known(figure: str, unknown: str) -> pl.Expr:
    return pl.col(figure).filter(pl.col(unknown) == 0)


def _village() -> pl.Expr:
    return pl.col("household_id").str.head(_VILLAGE_DIGITS).alias("_village")


def _unplaced(members: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    nobodys = members.drop_nulls("household_id").join(households, on="household_id", how="anti")
    return nobodys.group_by(_village()).agg(pl.col("person_id").n_unique().alias("year.unplaced"))
