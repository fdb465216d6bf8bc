"""The record tables: names, keys, columns, codes, units. One declaration, read by every other room.

What exports call a table and its columns is in ``policy/data/aliases.toml``, what it is called in reports in
``policy/data/wordings.toml`` (``[tables.NAME]``); a feature names the table and the columns it needs itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.records.areas import ADDRESS_COLUMNS

__all__ = ["TABLES", "Column", "Table", "usable_table"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a record table.

    Attributes
    ----------
    dtype : pl.DataType
        The type it is stored as.
    required : bool
        Whether every row needs a value in it.
    codes : tuple of str
        The codes it may hold; empty if any value is allowed.
    open : bool
        Whether codes beyond those listed are allowed too.
    many : bool
        Whether it holds a set of codes joined by ``+``.
    unit : str or None
        ``yuan``, ``yuan a month``, ``yuan a year``, ``persons``, ``months`` or ``mu`` where it is an amount.
    """

    dtype: pl.DataType
    required: bool = False
    codes: tuple[str, ...] = ()
    open: bool = False
    many: bool = False
    unit: str | None = None

    @property
    def closed(self) -> bool:
        """Whether it may hold nothing but its codes."""
        return bool(self.codes) and not self.open


@dataclass(frozen=True, kw_only=True)
class Table:
    """A record table.

    Attributes
    ----------
    name : str
    key : tuple of str
        What its versions share. Empty for events, which are versions of each other by ``event_id`` only.
    columns : Mapping of str to Column
        Declared columns; a source may carry more, which are kept as they are.
    begins : str or None
        The column with the day from which a row without ``recorded_on`` is known.
    endings : Mapping of str to tuple of str
        Columns that hold a later day, each with the columns that depend on it (as far as a source has them).
    blank : Mapping of str to str
        What a column that depends on an ending reads before that day, where it is not simply blank.
    either : tuple of str
        Columns of which every row needs one.
    span : tuple of (str, str) or None
        The first and the last day of what a row speaks of, where it cannot be used unless they come in this order.
    event : bool
        Whether rows are events.
    same : tuple of str
        What a row that another list says in passing (``in_passing``) shares with one of a list of its own that tells
        the same, of days the year: once that is known it counts alone. Empty where nothing is said in passing.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    begins: str | None = None
    endings: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    blank: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    either: tuple[str, ...] = ()
    span: tuple[str, str] | None = None
    event: bool = False
    same: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """The columns every row needs a value in."""
        return tuple(name for name, column in self.columns.items() if column.required)

    def same_in(self, frame: pl.DataFrame) -> list[pl.Expr]:
        """Return what rows of a frame share that tell the same (``same``), of days their year."""
        names = [name for name in self.same if name in frame.columns]
        return [pl.col(name).dt.year() if frame.schema[name] == pl.Date() else pl.col(name) for name in names]


_TEXT = Column(dtype=pl.String())
_DAY = Column(dtype=pl.Date())
_FLAG = Column(dtype=pl.Boolean())
_YEAR = Column(dtype=pl.Int64())
_YUAN = Column(dtype=pl.Float64(), unit="yuan")
_ID = Column(dtype=pl.String(), required=True)
_FROM = Column(dtype=pl.Date(), required=True)


def _code(*codes: str, open: bool = False, many: bool = False, required: bool = False) -> Column:
    return Column(dtype=pl.String(), codes=codes, open=open, many=many, required=required)


def _number(unit: str, dtype: pl.DataType | None = None, required: bool = False) -> Column:
    return Column(dtype=dtype or pl.Float64(), unit=unit, required=required)


_REGIONS = ("county", "province", "outside")
_MONITORING = ("unstable", "near_poor", "sudden")

_HOUSEHOLDS = Table(
    name="households",
    key=("household_id",),
    columns={
        "household_id": _ID,
        "recorded_on": _DAY,
        **dict.fromkeys((*ADDRESS_COLUMNS[:-1], "village_code", ADDRESS_COLUMNS[-1]), _TEXT),
        "household_type": _code("exited", "poor", "near_poor", "general"),
        "exit_year": _YEAR,
        "poverty_cause": _TEXT,
        "monitoring_type": _code(*_MONITORING),
        "relocated": _FLAG,
        "resettlement_site": _TEXT,
        "house_grade": _code("A", "B", "C", "D"),
        "safe_water": _FLAG,
        "size": _number("persons", pl.Int64()),
        "farmland_mu": _number("mu"),
    },
)

_MEMBERS = Table(
    name="members",
    key=("person_id",),
    columns={
        "person_id": _ID,
        "recorded_on": _DAY,
        "household_id": _ID,
        "name": _TEXT,
        "id_number": _TEXT,
        "sex": _code("male", "female"),
        "birth_date": _DAY,
        "birth_year": _YEAR,
        "relation": _code("head", "spouse", "child", "parent", "grandchild", open=True),
        "ethnicity": _TEXT,
        # The five steps of the register, and the finer ones of household surveys.
        "education": _code(
            *("none", "primary_incomplete", "primary", "junior", "secondary_incomplete", "senior", "secondary"),
            *("higher_incomplete", "college", "higher"),
        ),
        "student_status": _TEXT,
        "health_status": _code("healthy", "chronic", "serious", "disabled", many=True),
        "labour_capacity": _code("ordinary", "skilled", "weak", "lost", "none"),
        "work_region": _code(*_REGIONS, open=True),
        "work_months": _number("months"),
        "medical_insured": _FLAG,
        "pension_insured": _FLAG,
        "left_on": _DAY,
        "left_reason": _code("death", "moved", "married", open=True),
        "died_on": _DAY,
        # Whether the row is of a whole snapshot of its household, where some sources send such and others do not; blank
        # where a list of persons says nothing of who is in a household (the insured): what other rows say of it counts.
        "of_snapshot": _FLAG,
        # Whether nobody else of the household is listed, because a list of households names its heads alone.
        "only_head": _FLAG,
    },
    # A register learns of a death when it takes the person off, however long ago the death was.
    endings={"left_on": ("left_reason", "died_on"), "died_on": ()},
)

_INCOMES = Table(
    name="incomes",
    key=("household_id", "period_start", "period_end"),
    columns={
        "household_id": _ID,
        "period_start": _FROM,
        "period_end": _FROM,
        "recorded_on": _DAY,
        "household_size": _number("persons", pl.Int64(), required=True),
        **dict.fromkeys(("wage", "business", "property", "transfer", "production_cost", "net_income"), _YUAN),
        "net_income_per_capita": _YUAN,
        # What a household could not avoid paying in the period, beside the bills of the sick.
        **dict.fromkeys(("schooling_cost", "housing_cost"), _YUAN),
        "poverty_line": _number("yuan a year"),
    },
    begins="period_end",
    span=("period_start", "period_end"),
)

_ILLNESS = Table(
    name="illness",
    key=(),
    columns={
        "household_id": _ID,
        "person_id": _TEXT,
        "occurred_on": _FROM,
        "event_id": _TEXT,
        "recorded_on": _DAY,
        "disease": _TEXT,
        "kind": _code("serious", "chronic", "ordinary", "accident"),
        **dict.fromkeys(("total_cost", "reimbursed", "self_paid"), _YUAN),
    },
    begins="occurred_on",
    event=True,
)

_DISABILITIES = Table(
    name="disabilities",
    key=("person_id", "household_id"),
    columns={
        "person_id": _ID,
        "household_id": _ID,
        "certified_on": _DAY,
        "recorded_on": _DAY,
        "category": _code("visual", "hearing", "speech", "physical", "intellectual", "mental", "multiple"),
        "grade": Column(dtype=pl.Int64(), codes=("1", "2", "3", "4")),
    },
    begins="certified_on",
)

_DISASTERS = Table(
    name="disasters",
    key=(),
    columns={
        "household_id": _TEXT,
        "village_code": _TEXT,
        "occurred_on": _FROM,
        "event_id": _TEXT,
        "recorded_on": _DAY,
        "kind": _code(
            *("drought", "flood", "hail", "landslide", "earthquake", "pest", "fire", "epidemic"),
            open=True,
        ),
        "loss": _YUAN,
    },
    begins="occurred_on",
    either=("household_id", "village_code"),
    event=True,
)

_EMPLOYMENT = Table(
    name="employment",
    key=("person_id", "household_id", "started_on"),
    columns={
        "person_id": _ID,
        "household_id": _ID,
        "started_on": _FROM,
        "ended_on": _DAY,
        "ended_reason": _TEXT,
        "recorded_on": _DAY,
        "region": _code(*_REGIONS),
        "channel": _code("market", "public_post", "workshop", open=True),
        "monthly_wage": _number("yuan a month"),
        "in_passing": _FLAG,
    },
    begins="started_on",
    endings={"ended_on": ("ended_reason",)},
    same=("person_id", "channel"),
)

_LOANS = Table(
    name="loans",
    key=("loan_id", "household_id"),
    columns={
        "loan_id": _ID,
        "household_id": _ID,
        "principal": _YUAN,
        "started_on": _DAY,
        "due_on": _DAY,
        "recorded_on": _DAY,
        "status": _code("normal", "extended", "overdue", "repaid"),
        "status_on": _DAY,
    },
    begins="started_on",
    endings={"status_on": ("status",)},
    blank={"status": "normal"},
)

_ASSISTANCE = Table(
    name="assistance",
    key=("household_id", "kind", "started_on"),
    columns={
        "household_id": _ID,
        "kind": _code(
            *("industry", "job", "subsistence", "temporary_relief", "medical_aid", "insurance", "education"),
            *("housing", "social_assistance"),
            open=True,
            required=True,
        ),
        "started_on": _FROM,
        "ended_on": _DAY,
        "ended_reason": _TEXT,
        "recorded_on": _DAY,
        "amount": _YUAN,
        # Whether a list of something else says so in passing: then other kinds of help may not be noted at all.
        "in_passing": _FLAG,
    },
    begins="started_on",
    endings={"ended_on": ("ended_reason",)},
    same=("household_id", "kind"),
)

_MONITORED = Table(
    name="monitoring",
    key=("household_id", "identified_on"),
    columns={
        "household_id": _ID,
        "identified_on": _FROM,
        "monitoring_type": _code(*_MONITORING),
        "risk": _TEXT,
        "cleared_on": _DAY,
        "cleared_reason": _TEXT,
        "recorded_on": _DAY,
    },
    begins="identified_on",
    endings={"cleared_on": ("cleared_reason",)},
)

_RELAPSES = Table(
    name="relapses",
    key=(),
    columns={
        "household_id": _ID,
        "relapsed_on": _FROM,
        "event_id": _TEXT,
        "cause": _TEXT,
        "recorded_on": _DAY,
        "in_passing": _FLAG,
    },
    begins="relapsed_on",
    event=True,
    same=("household_id", "relapsed_on"),
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            *(_HOUSEHOLDS, _MEMBERS, _INCOMES, _ILLNESS, _DISABILITIES, _DISASTERS),
            *(_EMPLOYMENT, _LOANS, _ASSISTANCE, _MONITORED, _RELAPSES),
        )
    }
)
"""Every record table by name."""


def usable_table(name: str, columns: Iterable[str]) -> Table:
    """Return the declaration of a table, if a frame with these columns can stand for it.

    Raises
    ------
    InputError
        If there is no such table (``table_unknown``), or a required column is missing (``table_without_key``).
    """
    if name not in TABLES:
        raise InputError("table_unknown", table=name, known=", ".join(TABLES))
    table, there = TABLES[name], set(columns)
    missing = [column for column in table.required if column not in there]
    if table.either and not there & set(table.either):
        missing.append("|".join(table.either))
    if missing:
        raise InputError("table_without_key", table=name, missing=", ".join(missing))
    return table
