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


def _household_years(holdings: Holdings) -> pl.DataFrame:
    fixed = holdings["households"].drop("again")
    rows = _joined(holdings["household_years"], fixed, "household_id")
    return _and_again(rows, holdings["households"], "household_id")


def _households(holdings: Holdings) -> pl.DataFrame:
    last = holdings["household_years"].filter("is_last").drop("relapse_year", "recorded_on", "year")
    fixed = holdings["households"].drop("again").with_columns(address=_ADDRESS)
    rows = _joined(fixed, last, "household_id")
    return _and_again(rows, holdings["households"], "household_id")


def _member_years(holdings: Holdings) -> pl.DataFrame:
    places = holdings["households"].select(item("households"), *ADDRESS_COLUMNS, home="household_id")
    fixed = holdings["members"].join(places, on="home", how="left")
    return _joined(holdings["member_years"].drop("household_id"), fixed, "person_id")


def _members(holdings: Holdings) -> pl.DataFrame:
    last = holdings["member_years"].sort("person_id", "year").unique("person_id", keep="last")
    return _joined(holdings["members"], last.drop("household_id", "recorded_on", "year"), "person_id")


def _loans(holdings: Holdings) -> pl.DataFrame:
    rows = _with_head("loans")(holdings)
    return _and_again(rows.drop("again"), holdings["loans"], "loan_id")


def _disasters(holdings: Holdings) -> pl.DataFrame:
    place = (item("households"), "village", "village_code")
    homes = holdings["households"].select("household_id", *_HEAD, *place, address=_ADDRESS)
    return _joined(holdings["disasters"].drop("village_code"), homes, "household_id")


def _watched(holdings: Holdings) -> pl.DataFrame:
    """Return who is monitored, and who fell back, as one sheet has both."""
    both = [
        holdings["monitoring"].with_columns(relapsed=pl.lit(False)),
        holdings["relapses"].with_columns(relapsed=pl.lit(True)),
    ]
    rows = pl.concat(both, how="diagonal").sort("recorded_on", "household_id")
    return _joined(rows, holdings["households"].select("household_id", *_HEAD), "household_id")


def _of_office(relief: bool) -> View:
    def view(holdings: Holdings) -> pl.DataFrame:
        return _with_head("assistance")(holdings).filter(pl.col("relief") == relief)

    return view


def _with_head(holding: str) -> View:
    def view(holdings: Holdings) -> pl.DataFrame:
        return _joined(holdings[holding], holdings["households"].select("household_id", *_HEAD), "household_id")

    return view


def _unchanged(holding: str) -> View:
    def view(holdings: Holdings) -> pl.DataFrame:
        return holdings[holding]

    return view


def _joined(rows: pl.DataFrame, others: pl.DataFrame, on: str) -> pl.DataFrame:
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
        "illness": _unchanged("illness"),
        "disabilities": _unchanged("disabilities"),
        "disasters": _disasters,
        "village_disasters": _unchanged("village_disasters"),
        "employment": lambda holdings: _joined(holdings["employment"], _named(holdings), "person_id"),
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


def _named(holdings: Holdings) -> pl.DataFrame:
    return holdings["members"].select("person_id", name="own_name", id_number="own_id_number")
