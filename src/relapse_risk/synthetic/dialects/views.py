"""Holdings arranged as sheets and lists show them: rows in order, names next to numbers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from relapse_risk.records import ADDRESS_COLUMNS
from relapse_risk.synthetic.dialects.holdings import Holdings, item

__all__ = ["VIEWS", "View"]

View = Callable[[Holdings], pl.DataFrame]
"""Makes the rows of a sheet; they keep the numbers of the rows they are made of, and ``again`` marks a second time."""

_HEAD = ("head_name", "head_id_number")
_ADDRESS = pl.concat_str(ADDRESS_COLUMNS[2:])  # from the county on


def _household_years(held: Holdings) -> pl.DataFrame:
    fixed = held["households"].drop("again")
    rows = _beside(held["household_years"], fixed, "household_id")
    return _and_again(rows, held["households"], "household_id")


def _households(held: Holdings) -> pl.DataFrame:
    last = held["household_years"].filter("is_last").drop("relapse_year", "recorded_on", "year")
    fixed = held["households"].drop("again").with_columns(address=_ADDRESS)
    rows = _beside(fixed, last, "household_id")
    return _and_again(rows, held["households"], "household_id")


def _member_years(held: Holdings) -> pl.DataFrame:
    places = held["households"].select(item("households"), *ADDRESS_COLUMNS, home="household_id")
    fixed = held["members"].join(places, on="home", how="left")
    return _beside(held["member_years"].drop("household_id"), fixed, "person_id")


def _members(held: Holdings) -> pl.DataFrame:
    last = held["member_years"].sort("person_id", "year").unique("person_id", keep="last")
    return _beside(held["members"], last.drop("household_id", "recorded_on", "year"), "person_id")


def _loans(held: Holdings) -> pl.DataFrame:
    rows = _with_head("loans")(held)
    return _and_again(rows.drop("again"), held["loans"], "loan_id")


def _disasters(held: Holdings) -> pl.DataFrame:
    place = (item("households"), "village", "village_code")
    homes = held["households"].select("household_id", *_HEAD, *place, address=_ADDRESS)
    return _beside(held["disasters"].drop("village_code"), homes, "household_id")


def _watched(held: Holdings) -> pl.DataFrame:
    """Return who is monitored, and who fell back, as one sheet has both."""
    both = [
        held["monitoring"].with_columns(relapsed=pl.lit(False)),
        held["relapses"].with_columns(relapsed=pl.lit(True)),
    ]
    rows = pl.concat(both, how="diagonal").sort("recorded_on", "household_id")
    return _beside(rows, held["households"].select("household_id", *_HEAD), "household_id")


def _of_office(relief: bool) -> View:
    def view(held: Holdings) -> pl.DataFrame:
        return _with_head("assistance")(held).filter(pl.col("relief") == relief)

    return view


def _with_head(holding: str) -> View:
    def view(held: Holdings) -> pl.DataFrame:
        return _beside(held[holding], held["households"].select("household_id", *_HEAD), "household_id")

    return view


def _as_held(holding: str) -> View:
    def view(held: Holdings) -> pl.DataFrame:
        return held[holding]

    return view


def _beside(rows: pl.DataFrame, others: pl.DataFrame, on: str) -> pl.DataFrame:
    return rows.join(others, on=on, how="left", maintain_order="left")


def _and_again(rows: pl.DataFrame, marked: pl.DataFrame, key: str) -> pl.DataFrame:
    """Append the rows of what was marked to stand twice."""
    twice = rows.join(marked.filter("again").select(key).unique(), on=key, how="semi", maintain_order="left")
    return pl.concat([rows.with_columns(again=pl.lit(False)), twice.with_columns(again=pl.lit(True))])


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "households": _households,
        "household_years": _household_years,
        "members": _members,
        "member_years": _member_years,
        "incomes": _with_head("incomes"),
        "illness": _as_held("illness"),
        "disabilities": _as_held("disabilities"),
        "disasters": _disasters,
        "village_disasters": _as_held("village_disasters"),
        "employment": lambda held: _beside(held["employment"], _named(held), "person_id"),
        "loans": _loans,
        "assistance": _with_head("assistance"),
        "measures": _of_office(relief=False),
        "relief": _of_office(relief=True),
        "monitoring": _with_head("monitoring"),
        "relapses": _with_head("relapses"),
        "watched": _watched,
    }
)
"""Every view by the name the data file gives it."""


def _named(held: Holdings) -> pl.DataFrame:
    return held["members"].select("person_id", name="own_name", id_number="own_id_number")
