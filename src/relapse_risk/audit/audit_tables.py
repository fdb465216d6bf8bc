"""Facts of other tables on the same person, household or year, joined to every row that rules check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

import polars as pl

from relapse_risk.audit.expressions import age_at
from relapse_risk.audit.members import MEMBER_FACTS, yearly_facts
from relapse_risk.ingest import Intake, columns_of
from relapse_risk.ingest.sheet_schema import IDENTIFYING
from relapse_risk.policy import Lines
from relapse_risk.records import TABLES

__all__ = ["FACTS", "OWN", "PLACE", "AuditTables", "open_book"]

PLACE = ("_source", "_sheet", "_row")
"""Where a row stands."""

OWN = (*PLACE, "_kept", "_linked", "_lost", "known_until", "line")
"""Columns beside the table's own that every frame has."""

_BORN = ("person_id", "birth_date|_id_birth_date")
_INCOME_YEAR = {"incomes": ("household_id", "year|period_end")}

_SPELL = ("household_id", "kind", "started_on", "ended_on")
_PAID = ("subsistence", "temporary_relief", "social_assistance")  # what a household is paid, and spends as it likes

FACTS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "income_year": {"": ("year|period_end",)},
        "age": {"": ("recorded_on|year",), "members": _BORN},
        "person.known": {"members": ("person_id",)},
        "person.born": {"members": _BORN},
        "person.died": {"members": ("person_id", "died_on")},
        "person.certified": {"disabilities": ("person_id", "certified_on")},
        "person.in_disabilities": {"disabilities": ("person_id",)},
        "household.known": {"households": ("household_id",)},
        "household.listed": {"members": ("household_id",)},
        "household.types": {"households": ("household_id", "household_type")},
        "household.exited": {"households": ("household_id", "exit_year")},
        "household.relapsed": {"relapses": ("household_id", "relapsed_on")},
        "household.employed": {"employment": ("household_id",)},
        "household.allowance_from": {"assistance": _SPELL},
        "household.allowance_until": {"assistance": _SPELL},
        "household.monitored": {"monitoring": ("household_id", "identified_on")},
        "household.head_born": {"members": ("household_id", "relation", *_BORN)},
        "household.head_sex": {"members": ("household_id", "relation", "sex|_id_sex")},
        "household.number": {"members": ("household_id", "relation", "_id")},
        "village.known": {"households": ("village_code",)},
        "year.size": {"households": ("household_id", "year", "size")},
        "year.income": {**_INCOME_YEAR, "households": ("household_id", "year")},
        "year.aid": {**_INCOME_YEAR, "assistance": ("household_id", "kind", "amount", "started_on")},
        "year.per_capita": {"incomes": (*_INCOME_YEAR["incomes"], "net_income_per_capita")},
        **MEMBER_FACTS,
    }
)
"""What each fact is made of: columns by table ("": the table it stands in), ``a|b`` where one of them is enough."""

_PLACED = pl.Schema({"_source": pl.String, "_sheet": pl.String, "_row": pl.UInt32, "_kept": pl.Boolean})
_HASHED = pl.Schema(
    {
        **{f"{number}{end}": pl.String for number in ("_id", "_head_id") for end in ("", "_check", "_sex")},
        **dict.fromkeys(("_id_birth_date", "_head_id_birth_date"), pl.Date),
        **dict.fromkeys(("_certificate", "_certificate_category", "_linked", "_relation_sex"), pl.String),
        "_certificate_grade": pl.Int64,
    }
)
_CHECKED = "ok"
_VERY_LAST = date(9999, 12, 31)  # rows without a day of their own say what holds when the register was exported


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditTables:
    """What was read, by table.

    Attributes
    ----------
    frames : Mapping of str to pl.DataFrame
        Every row, with every column a rule may ask for (blank where a source has none) and the facts joined to it.
    present : Mapping of str to frozenset of str
        The columns that were really there.
    """

    frames: Mapping[str, pl.DataFrame]
    present: Mapping[str, frozenset[str]]


def open_book(intake: Intake, lines: Lines) -> AuditTables:
    """Join what every table says of a person, household or year to the rows about it."""
    present = {table: frozenset(frame.columns) for table, frame in intake.rows.items()}
    known_until = intake.records.exported_on or _newest(intake.rows)
    rows = {
        table: _whole(table, intake.rows.get(table, pl.DataFrame())).with_columns(
            known_until=pl.lit(known_until, dtype=pl.Date)
        )
        for table in TABLES
    }
    lost = pl.concat([intake.rejected, intake.blanked]).filter(pl.col("rule") != "missing")
    persons = _persons(rows)
    facts = (persons, _households(rows, persons), _years(rows), _villages(rows))
    frames = {table: _with_lost(rows[table], lost.filter(pl.col("table") == table)) for table in present}
    return AuditTables(
        frames={table: _with_facts(table, frame, *facts, lines) for table, frame in frames.items()}, present=present
    )


def _with_facts(
    table: str,
    frame: pl.DataFrame,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    years: pl.DataFrame,
    villages: pl.DataFrame,
    lines: Lines,
) -> pl.DataFrame:
    """Put every fact beside the rows that speak of its person, household, year or village."""
    frame = frame.join(households, on="household_id", how="left")
    if "person_id" in frame.columns:
        frame = frame.join(persons, on="person_id", how="left")
    if "village_code" in frame.columns:
        frame = frame.join(villages, on="village_code", how="left")
    if table == "members":
        frame = frame.with_columns(_age())
    if table in ("households", "incomes"):
        frame = frame.with_columns(_own_year(table).alias("income_year"))
        frame = frame.join(years, on=["household_id", "income_year"], how="left")
        frame = frame.with_columns(_line(table, lines).alias("line"))
    return frame.sort(PLACE)


def _line(table: str, lines: Lines) -> pl.Expr:
    held = lines.of_years(pl.col("income_year"))
    return pl.coalesce("poverty_line", held) if table == "incomes" else held


def _villages(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    codes = rows["households"].select("village_code").drop_nulls().unique()
    return codes.with_columns(pl.lit(True).alias("village.known"))


def _newest(rows: Mapping[str, pl.DataFrame]) -> date | None:
    """Return the last day anything was recorded on: up to then a source without an export date is known to speak."""
    days = [frame["recorded_on"].max() for frame in rows.values() if "recorded_on" in frame.columns]
    return max((day for day in days if isinstance(day, date)), default=None)


def _whole(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add what a source does not have, as unknown."""
    return pl.concat([_empty(table), frame], how="diagonal_relaxed") if frame.width else _empty(table)


@cache
def _empty(table: str) -> pl.DataFrame:
    declared = {name: column.dtype for name, column in columns_of(table).items() if name not in IDENTIFYING}
    return pl.DataFrame(schema={**_PLACED, **declared, **_HASHED})


def _with_lost(frame: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    """Say of every row which of its cells could not be read."""
    cells = lost.group_by("source", "sheet", "row").agg(pl.col("column").unique().sort().alias("_lost"))
    keys = ["source", "sheet", "row"]
    return frame.join(cells, left_on=PLACE, right_on=keys, how="left", nulls_equal=True).with_columns(
        pl.col("_lost").fill_null([])
    )


def _own_year(table: str) -> pl.Expr:
    if table == "incomes":
        return pl.coalesce("year", pl.col("period_end").dt.year().cast(pl.Int64))
    return pl.col("year")


def _age() -> pl.Expr:
    day = pl.coalesce("recorded_on", pl.date(pl.col("year"), 12, 31), "known_until")
    return age_at("person.born", day).alias("age")


def _last(name: str) -> pl.Expr:
    return pl.col(name).drop_nulls().last()


def _persons(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return what is known of every person: the newest value the register states.

    A whole identity number says better than a column of its own when somebody was born.
    """
    members = rows["members"].drop_nulls("person_id")
    known_on = pl.coalesce("recorded_on", pl.date(pl.col("year"), 12, 31), pl.lit(_VERY_LAST))
    known_birth = pl.when(pl.col("birth_date") <= pl.col("known_until").fill_null(_VERY_LAST)).then("birth_date")
    found = (
        members.with_columns(_known_on=known_on, _known_birth=known_birth)
        .sort("_known_on", *PLACE)
        .group_by("person_id", maintain_order=True)
        .agg(
            pl.lit(True).alias("person.known"),
            pl.coalesce(_last("_id_birth_date"), _last("_known_birth")).alias("person.born"),
            _last("died_on").alias("person.died"),
        )
    )
    certified = rows["disabilities"].drop_nulls("person_id").group_by("person_id").agg(
        pl.lit(True).alias("person.in_disabilities"), pl.col("certified_on").min().alias("person.certified")
    )  # fmt: skip
    found = found.join(certified, on="person_id", how="left")
    return found.with_columns(pl.col("person.in_disabilities").fill_null(False))


def _households(rows: Mapping[str, pl.DataFrame], persons: pl.DataFrame) -> pl.DataFrame:
    """Return what is known of every household that any table names."""
    names = pl.concat([frame.select("household_id") for frame in rows.values()]).drop_nulls().unique()
    heads = rows["members"].filter(pl.col("relation") == "head")
    born = heads.join(persons, on="person_id").group_by("household_id").agg(pl.col("person.born").unique())
    parts = (
        rows["households"].group_by("household_id").agg(
            pl.lit(True).alias("household.known"),
            pl.col("exit_year").max().alias("household.exited"),
            pl.col("household_type").drop_nulls().unique().sort().alias("household.types"),
        ),
        rows["members"].group_by("household_id").agg(pl.lit(True).alias("household.listed")),
        rows["relapses"].group_by("household_id").agg(pl.col("relapsed_on").max().alias("household.relapsed")),
        rows["employment"].group_by("household_id").agg(pl.lit(True).alias("household.employed")),
        rows["assistance"].filter(pl.col("kind") == "subsistence").group_by("household_id").agg(
            pl.col("started_on").min().alias("household.allowance_from"),
            pl.col("ended_on").fill_null(_VERY_LAST).max().alias("household.allowance_until"),
        ),
        rows["monitoring"].group_by("household_id").agg(pl.col("identified_on").min().alias("household.monitored")),
        heads.filter(pl.col("_id_check") == _CHECKED).group_by("household_id").agg(
            pl.col("_id").unique().sort().alias("household.number")
        ),
        # Of a household that has had several heads it is not known whom a relation speaks of.
        born.filter(pl.col("person.born").list.len() == 1).select(
            "household_id", pl.col("person.born").list.first().alias("household.head_born")
        ),
        heads.group_by("household_id").agg(_sex().unique()).filter(pl.col("sex").list.len() == 1).select(
            "household_id", pl.col("sex").list.first().alias("household.head_sex")
        ),
    )  # fmt: skip
    for part in parts:
        names = names.join(part, on="household_id", how="left")
    return names.with_columns(pl.col("household.known", "household.listed").fill_null(False))


def _sex() -> pl.Expr:
    return pl.coalesce("_id_sex", "sex").alias("sex")  # a whole identity number says better whose it is


def _years(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return what is known of every household and year."""
    incomes = rows["incomes"].with_columns(_own_year("incomes").alias("income_year"))
    keys = ["household_id", "income_year"]
    parts = (
        rows["households"].rename({"year": "income_year"}).group_by(keys).agg(
            pl.col("size").drop_nulls().unique().sort().alias("year.size")
        ),
        incomes.group_by(keys).agg(
            pl.lit(True).alias("year.income"), pl.col("net_income_per_capita").max().alias("year.per_capita")
        ),
        rows["assistance"].filter(pl.col("kind").is_in(_PAID)).group_by(
            "household_id", pl.col("started_on").dt.year().cast(pl.Int64).alias("income_year")
        ).agg(pl.col("amount").sum().alias("year.aid")),
        yearly_facts(rows["members"], rows["households"]),
    )  # fmt: skip
    years = pl.concat([part.select(keys) for part in parts]).drop_nulls().unique()
    for part in parts:
        years = years.join(part, on=keys, how="left")
    return years.with_columns(pl.col("year.income").fill_null(False))
