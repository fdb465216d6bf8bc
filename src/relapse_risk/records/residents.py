"""Who lives in each household on a day, and how old they are."""

import polars as pl

from relapse_risk.periods import FIRST_YEAR, LAST_YEAR, AsOf
from relapse_risk.records.records import Records

__all__ = ["known_year", "residents_of"]


def residents_of(known: Records, as_of: AsOf) -> pl.DataFrame:
    """Return the members who live in their household on the day, with `age` in full years where a birth is known.

    A birth year alone counts as born on the first of January. Nobody where no members are known, nor where a list names
    the head alone: who lives with the head is not known then, unless the household is one of one person.
    """
    members = known.table("members")
    if members is None:
        return pl.DataFrame(schema={"household_id": pl.String, "person_id": pl.String, "age": pl.Int32})
    if "only_head" in members.columns:
        single = members["household_id"].is_in(_of_one_person(known).implode())
        members = members.filter(~pl.col("only_head").fill_null(False) | single)
    if "left_on" in members.columns:
        members = members.filter(pl.col("left_on").is_null())
    return members.with_columns(_age(members, as_of).alias("age"))


def _of_one_person(known: Records) -> pl.Series:
    households = known.table("households")
    if households is None or "size" not in households.columns:
        return pl.Series(dtype=pl.String)
    return households.filter(size=1)["household_id"]


def known_year(column: str) -> pl.Expr:
    """Return a column of years without those that cannot be meant."""
    year = pl.col(column).cast(pl.Int32, strict=False)
    return pl.when(year.is_between(FIRST_YEAR, LAST_YEAR)).then(year)


def _age(members: pl.DataFrame, as_of: AsOf) -> pl.Expr:
    ages = []
    if "birth_date" in members.columns:
        born = pl.col("birth_date").cast(pl.Date)
        ages.append(as_of.year - born.dt.year() - _birthday_to_come(born, as_of))
    if "birth_year" in members.columns:
        ages.append(as_of.year - known_year("birth_year"))
    age = pl.coalesce(ages) if ages else pl.lit(None, dtype=pl.Int32)
    return pl.when(age >= 0).then(age)


def _birthday_to_come(born: pl.Expr, as_of: AsOf) -> pl.Expr:
    month, day = born.dt.month(), born.dt.day()
    later_this_month = (month == as_of.day.month) & (day > as_of.day.day)
    return ((month > as_of.day.month) | later_this_month).cast(pl.Int32)
