"""Columns of exports that differ from the record tables, and how a table is made from them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType

import polars as pl

from relapse_risk.ingest.masking import masked, shown_example
from relapse_risk.policy import Code
from relapse_risk.records import ADDRESS_COLUMNS, TABLES, Column

__all__ = [
    "CARRIED",
    "IDENTIFYING",
    "KEYS",
    "NUMBERS",
    "OF_HOUSEHOLDS",
    "belongs",
    "columns_of",
    "dated_by_year",
    "marks",
    "missing_columns",
    "required_columns",
    "seen_on",
    "shaped",
    "shown_of_column",
]

CARRIED = ("head_name", "head_id_number", "phone", "address")
"""Identifying columns of a household that can be carried to a roster."""

IDENTIFYING = (*CARRIED, "name", "id_number", "bank_account", "certificate_number")
"""Columns that tell who somebody is: never among the records."""

NUMBERS = ("id_number", "head_id_number", "certificate_number")
"""Numbers by which lists of departments say whom they mean: read to join them to the register, and then dropped."""

KEYS = (*NUMBERS, "household_id", "person_id", "loan_id", "village_code")
"""Columns that name a household, a person, a loan or a village: by them a row says whose it is."""

OF_HOUSEHOLDS = ("households", "incomes", "monitoring", "relapses")
"""Tables that speak of a household as a whole: beside its members, in a sheet of a row a person, they repeat."""

# Whose cells tell who somebody is, however short.
_HIDDEN = (*IDENTIFYING, "household_id", "person_id", "loan_id", "event_id")

_TEXT = Column(dtype=pl.String())
_DAY = Column(dtype=pl.Date())
_YEAR = Column(dtype=pl.Int64())
_FLAG = Column(dtype=pl.Boolean())

_PLACES = dict.fromkeys(ADDRESS_COLUMNS, _TEXT)

_MEASURES = Column(dtype=pl.String(), codes=TABLES["assistance"].columns["kind"].codes, many=True)
# What lists of households and persons say of help in passing: rows of assistance are made of it.
_HELP = {
    **dict.fromkeys(("on_subsistence", "on_support", "had_medical_aid", "had_education_aid"), _FLAG),
    **dict.fromkeys(("had_industry_aid", "had_insurance"), _FLAG),
    **dict.fromkeys(("subsistence_kind", "support_kind", "industry_kind", "job_kind"), _TEXT),
    **dict.fromkeys(("education_kind", "medical_kind", "housing_kind"), _TEXT),
    **{"subsistence_persons": Column(dtype=pl.Float64(), unit="persons"), "rebuilt_year": _YEAR},
    **dict.fromkeys(("subsistence_since", "support_since"), _DAY),
}
# Columns of exports that the record tables are made of and do not have.
_EXPORTED: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        # What a household was registered as, where a list has what it stands now besides.
        "households": {
            **{"year": _YEAR, "registered_type": TABLES["households"].columns["household_type"]},
            **{**_HELP, "relapse_year": _YEAR, "measures": _MEASURES},
        },
        "members": {
            **{"year": _YEAR, "joined_on": _DAY, "removed_on": _DAY, "died_on": _DAY},
            **_HELP,
            **dict.fromkeys(("public_post", "alive", "moved_out", "works_abroad", "is_disabled"), _FLAG),
            **{"public_post_kind": _TEXT, "public_post_months": Column(dtype=pl.Float64(), unit="months")},
            **dict.fromkeys(("employee_medical", "employee_pension"), _FLAG),
        },
        "incomes": {"year": _YEAR},
        "illness": {"medical_category": TABLES["illness"].columns["kind"], "settled_on": _DAY},
        "disabilities": {"disabled_on": _DAY, "certified_year": _YEAR},
        "employment": {"ending_recorded_on": _DAY},
        "monitoring": {"ending_recorded_on": _DAY, "cleared": _FLAG},
        "relapses": {"relapsed": _FLAG, "entry_kind": _TEXT},
    }
)
# Columns that exports have beside those of the record tables, and that stay: many say only that a house is dangerous,
# or that a household is watched, and not as what.
_ADDED: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {"households": {"dangerous_house": _FLAG, "monitored": _FLAG}}
)
_MADE_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "period_start": ("year",),
        "period_end": ("year",),
        "person_id": ("id_number", "certificate_number"),
        "household_id": ("id_number", "head_id_number", "certificate_number"),
    }
)


def columns_of(table: str) -> Mapping[str, Column]:
    """Return every column an export may have for a table."""
    extra = {**_EXPORTED.get(table, {}), **_ADDED.get(table, {})}
    return {**dict.fromkeys(IDENTIFYING, _TEXT), **_PLACES, **TABLES[table].columns, **extra}


def required_columns(table: str, found: Iterable[str]) -> tuple[str, ...]:
    """Return the columns in which every row of a table needs a value, as the columns that were found say them."""
    present = set(found)
    either = TABLES[table].either
    wanted = (*TABLES[table].required, *(() if present & {*either} or not present & {*NUMBERS} else either[:1]))
    said = (next((one for one in (name, *_MADE_OF.get(name, ())) if one in present), name) for name in wanted)
    return tuple(dict.fromkeys(said))


def missing_columns(table: str, found: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that a table cannot be made without and that were not found."""
    present = set(found)
    either = TABLES[table].either
    missing = [name for name in required_columns(table, present) if name not in present]
    if either and present.isdisjoint((*either, *NUMBERS)):
        missing.append(" / ".join(either))
    return tuple(missing)


def shown_of_column(cell: object, column: str | None = None) -> str:
    """Return what may be shown of a cell that stands, or may stand, under a column."""
    return masked(cell) if column in _HIDDEN else shown_example(cell)


def belongs(table: str) -> str | None:
    """Return the flag by which a row of an export says that it belongs to a table."""
    return "relapsed" if table == "relapses" else None


def marks(table: str) -> tuple[str, ...]:
    """Return the columns by which a row of a sheet of several tables speaks of this one; empty: any of its own."""
    # A list of all households may note a risk of everybody: monitored is who was identified, or bears a class.
    return ("identified_on", "monitoring_type", "cleared_on") if table == "monitoring" else ()


def shaped(
    table: str, frame: pl.DataFrame, kind_of_disease: Mapping[str, Code], *, names_some: bool = False
) -> pl.DataFrame:
    """Make a record table of the columns of an export.

    Parameters
    ----------
    table : str
    frame : pl.DataFrame
        The columns that were found, in their declared types, and the day each row was seen (``_seen_on``), if known.
    kind_of_disease : Mapping of str to Code
        Diseases that decide over the kind of an illness.
    names_some : bool
        Whether the rows are of a list of persons that names only some members of households: it says nothing of who is
        in them (``of_snapshot`` is blank).

    Returns
    -------
    pl.DataFrame
        More rows where one row says what was known at two times.
    """
    added = () if "_seen_on" in frame.columns else ("_seen_on",)
    seen = frame.with_columns(seen_on(frame, None)) if added else frame
    made = _illness_kind(seen, kind_of_disease) if table == "illness" else _SHAPES.get(table, _as_it_is)(seen)
    if names_some:
        made = made.with_columns(of_snapshot=pl.lit(None, dtype=pl.Boolean))
    elif table == "members":
        made = _whole_snapshots(made)
    places = [*added, *(name for name in _PLACES if name not in TABLES[table].columns)]
    return made.drop(*places, *_EXPORTED.get(table, {}), strict=False)


def dated_by_year(frame: pl.DataFrame, table: str, exported_on: date | None) -> pl.DataFrame:
    """Take what is said of a household or person for a year, without a day, as known from the last day of that year.

    As with an income without a date, which counts from the end of its year; no later than the export, if known.
    """
    if TABLES[table].begins is not None or "year" not in frame.columns:
        return frame
    ended_on = pl.min_horizontal(pl.date(pl.col("year"), 12, 31), pl.lit(exported_on, dtype=pl.Date))
    return frame.with_columns(_or_else("recorded_on", ended_on, frame))


def seen_on(frame: pl.DataFrame, exported_on: date | None) -> pl.Expr:
    """Return the day on which a row was seen (``_seen_on``): recorded, else the end of its year, else the export."""
    recorded_on = pl.col("recorded_on") if "recorded_on" in frame.columns else pl.lit(None, dtype=pl.Date)
    year = pl.date(pl.col("year"), 12, 31) if "year" in frame.columns else pl.lit(None, dtype=pl.Date)
    exported = pl.lit(exported_on, dtype=pl.Date)
    return pl.coalesce(recorded_on, pl.min_horizontal(year, exported)).alias("_seen_on")


def _as_it_is(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def _income_period(frame: pl.DataFrame) -> pl.DataFrame:
    """Take the income of a year as that of its calendar months."""
    if "year" not in frame.columns:
        return frame
    return frame.with_columns(
        _or_else("period_start", pl.date(pl.col("year"), 1, 1), frame),
        _or_else("period_end", pl.date(pl.col("year"), 12, 31), frame),
    )


def _illness_kind(frame: pl.DataFrame, kind_of_disease: Mapping[str, Code]) -> pl.DataFrame:
    category = pl.col("medical_category") if "medical_category" in frame.columns else pl.lit(None, dtype=pl.String)
    if "disease" not in frame.columns:
        return frame.with_columns(_or_else("kind", category, frame))
    disease = pl.col("disease").str.replace_all(r"\s", "").str.to_lowercase()
    decided = disease.replace_strict(dict(kind_of_disease), default=None, return_dtype=pl.String)
    # A stay in hospital for nobody knows what is not known to be an ordinary one.
    unknown = disease.is_null() & (category == "ordinary")
    kind = pl.coalesce(decided, pl.when(~unknown.fill_null(False)).then(category))
    return frame.with_columns(_or_else("kind", kind, frame))


def _persons(frame: pl.DataFrame) -> pl.DataFrame:
    return _leaving(_as_flagged(frame))


def _as_flagged(frame: pl.DataFrame) -> pl.DataFrame:
    """Take what yes and no columns say of a person where his own column for it is blank."""
    if "works_abroad" in frame.columns:
        abroad = pl.when(pl.col("works_abroad")).then(pl.lit("outside"))
        frame = frame.with_columns(_or_else("work_region", abroad, frame))
    for flag, name in (("employee_medical", "medical_insured"), ("employee_pension", "pension_insured")):
        if flag in frame.columns:  # who is not insured with an employer may be so as a resident
            own = pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.Boolean)
            frame = frame.with_columns(pl.when(pl.col(flag)).then(True).otherwise(own).alias(name))
    if "is_disabled" in frame.columns:
        own = pl.col("health_status") if "health_status" in frame.columns else pl.lit(None, dtype=pl.String)
        more = own.is_in(["chronic", "serious", "chronic+serious"])
        added = pl.when(own.is_null()).then(pl.lit("disabled")).when(more).then(own + "+disabled").otherwise(own)
        frame = frame.with_columns(pl.when(pl.col("is_disabled")).then(added).otherwise(own).alias("health_status"))
    return frame


def _leaving(frame: pl.DataFrame) -> pl.DataFrame:
    """Who died left on that day, and the register knew it when it struck them off."""
    days = [name for name in ("left_on", "died_on", "removed_on") if name in frame.columns]
    if not days and not {"alive", "moved_out"} & set(frame.columns):
        return frame
    left = frame.with_columns(pl.coalesce([*days, pl.lit(None, dtype=pl.Date)]).alias("left_on"))
    if "died_on" in frame.columns:
        died = pl.when(pl.col("died_on").is_not_null()).then(pl.lit("death"))
        left = left.with_columns(_or_else("left_reason", died, left))
    left = _gone(left)
    both = {"died_on", "removed_on"} <= set(frame.columns)
    return _known_later(left, "members", "left_on", "removed_on") if both else left


def _gone(frame: pl.DataFrame) -> pl.DataFrame:
    """Take who is said to be dead or away as gone on the day that was seen, where no day of it stands."""
    for flag, gone, reason in (("alive", ~pl.col("alive"), "death"), ("moved_out", pl.col("moved_out"), "moved")):
        if flag in frame.columns:
            frame = frame.with_columns(
                _or_else("left_reason", pl.when(gone).then(pl.lit(reason)), frame),
                _or_else("left_on", pl.when(gone).then("_seen_on"), frame),
            )
    return frame


def _whole_snapshots(frame: pl.DataFrame) -> pl.DataFrame:
    """Where a year's members are a snapshot, it is whole when the last of them was recorded."""
    if "recorded_on" not in frame.columns or "left_on" in frame.columns:
        return frame
    if "year" not in frame.columns:
        return _list_of_persons(frame)
    whole_on = pl.col("recorded_on").max().over("household_id", "year")
    return frame.with_columns(
        pl.when(pl.col("year").is_not_null()).then(whole_on).otherwise("recorded_on").alias("recorded_on")
    )


def _list_of_persons(frame: pl.DataFrame) -> pl.DataFrame:
    """Where nobody stands twice and a household's members bear different days, the days are the persons' own.

    Then who was recorded last is no newer snapshot, and nobody has left by it.
    """
    own_days = pl.col("recorded_on").n_unique().over("household_id") > 1
    if frame["person_id"].is_duplicated().any() or not frame.select(own_days.any()).item():
        return frame
    return frame.with_columns(of_snapshot=~own_days)


def _work_ending(frame: pl.DataFrame) -> pl.DataFrame:
    return _known_later(frame, "employment", "ended_on", "ending_recorded_on")


def _clearing(frame: pl.DataFrame) -> pl.DataFrame:
    """Take a risk that is said to be cleared as cleared on the day that was seen, where no day of it stands."""
    if "cleared" in frame.columns:
        cleared = pl.when(pl.col("cleared") & (pl.col("_seen_on") >= pl.col("identified_on"))).then("_seen_on")
        frame = frame.with_columns(_or_else("cleared_on", cleared, frame))
    return _known_later(frame, "monitoring", "cleared_on", "ending_recorded_on")


def _certifying(frame: pl.DataFrame) -> pl.DataFrame:
    """Take a certificate of a year as of its last day, or of the day it was seen, if that is earlier."""
    if "certified_year" not in frame.columns:
        return frame
    day = pl.min_horizontal(pl.date(pl.col("certified_year"), 12, 31), "_seen_on")
    return frame.with_columns(
        _or_else("certified_on", pl.when(pl.col("certified_year").is_not_null()).then(day), frame)
    )


def _known_later(frame: pl.DataFrame, table: str, ending: str, known_on: str) -> pl.DataFrame:
    """Make two versions of rows whose ending was recorded on a later day than the rest."""
    if not {ending, known_on} <= set(frame.columns):
        return frame
    recorded_on = pl.col("recorded_on") if "recorded_on" in frame.columns else pl.lit(None, dtype=pl.Date)
    frame = frame.with_columns(recorded_on.alias("recorded_on"))
    comes_later = pl.col(known_on) > pl.col("recorded_on")
    if TABLES[
        table
    ].begins:  # without a day of recording it was known from its first day; a person only from the export
        comes_later = comes_later | (pl.col(known_on).is_not_null() & recorded_on.is_null())
    is_later = (pl.col(ending).is_not_null() & comes_later).fill_null(False)
    later = frame.filter(is_later)
    hanging = [name for name in TABLES[table].endings[ending] if name in frame.columns]
    before = later.with_columns(pl.lit(None).cast(frame.schema[name]).alias(name) for name in (ending, *hanging))
    after = later.with_columns(pl.col(known_on).alias("recorded_on"))
    return pl.concat([frame.filter(~is_later), before, after])


def _or_else(name: str, made: pl.Expr, frame: pl.DataFrame) -> pl.Expr:
    """Return a column, and where it says nothing what is made of others."""
    return (pl.coalesce(name, made) if name in frame.columns else made).alias(name)


_SHAPES: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = MappingProxyType(
    {
        "members": _persons,
        "incomes": _income_period,
        "employment": _work_ending,
        "monitoring": _clearing,
        "disabilities": _certifying,
    }
)
