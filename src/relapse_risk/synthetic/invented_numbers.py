"""Names and identity numbers of nobody: the region of every number does not exist."""

import numpy as np
import polars as pl

from relapse_risk.synthetic.draws import RegisterSpec, days
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.people import People

__all__ = ["check_digit", "identities"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "10X98765432"


def identities(plan: RegisterSpec, people: People) -> pl.DataFrame:
    """Return name, id_number, sex and birth_date of every person."""
    rng, law = plan.stream("names"), parameters().people
    size = people.household.size
    surname = rng.integers(0, len(law.surnames), plan.households)[people.household]
    own = rng.integers(0, len(law.surnames), size)
    surname = np.where(np.isin(people.relation, (1, 3)), own, surname)
    first, second = rng.integers(0, len(law.stems), size), rng.integers(0, len(law.branches), size)
    drawn = pl.DataFrame({"surname": surname, "first": first, "second": second, "male": people.male})
    return drawn.with_columns(
        days("birth_date", people.born),
        name=_listed("surname", law.surnames) + _listed("first", law.stems) + _listed("second", law.branches),
        sex=pl.when("male").then(pl.lit("male")).otherwise(pl.lit("female")),
    ).select("name", _id_number(law.id_region), "sex", "birth_date")


def check_digit(digits: pl.Expr) -> pl.Expr:
    """Return the last character of the identity number with these first seventeen digits (GB 11643).

    Examples
    --------
    >>> pl.select(check_digit(pl.lit("99999919630502000"))).item()
    '9'
    """
    weighted = (digits.str.slice(i, 1).cast(pl.Int32) * weight for i, weight in enumerate(_WEIGHTS))
    remainder = pl.sum_horizontal(*weighted) % 11
    return remainder.replace_strict(dict(enumerate(_DIGITS)), return_dtype=pl.String)


def _listed(index: str, words: tuple[str, ...]) -> pl.Expr:
    return pl.col(index).replace_strict(dict(enumerate(words)), return_dtype=pl.String)


def _id_number(region: int) -> pl.Expr:
    """Return numbers that differ within a day of birth; the last but one digit is odd for men."""
    number = pl.int_range(pl.len()).over("birth_date", "male") * 2 + pl.col("male")
    digits = pl.lit(str(region)) + pl.col("birth_date").dt.strftime("%Y%m%d") + _padded(number % 1000)
    return (digits + check_digit(digits)).alias("id_number")


def _padded(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.zfill(3)
