"""Where and of which year what was found is: the county, town and village of a row, and the year it speaks of."""

from collections.abc import Mapping

import polars as pl

from relapse_risk.policy import Divisions
from relapse_risk.records import ADDRESS_COLUMNS, VISIT_LEVELS, divided, name_places

__all__ = ["LOCATED", "locate"]

_AT = ("source", "sheet", "row", "table")
LOCATED = pl.Schema(
    {
        **{"source": pl.String, "sheet": pl.String, "row": pl.UInt32, "table": pl.String, "household_id": pl.String},
        "year": pl.Int64,
        **dict.fromkeys(VISIT_LEVELS, pl.String),
    }
)
"""Columns of what is known of rows: the year, and county, town and village."""

_KEYS = LOCATED.names()[:5]
_NAMED = ("town", "village")
_REGISTER = "households"
_GIVEN = (*ADDRESS_COLUMNS, "village_code")
_SHEET = ("source", "sheet")


def locate(findings: pl.DataFrame, rows: Mapping[str, pl.DataFrame], divisions: Divisions) -> pl.DataFrame:
    """Return of every row that was found at fault the year and the place (``LOCATED``), each once.

    A row is where its household lives by the newest row of the register that says so, else of any table; one without
    a household is where it says itself, else where all of its sheet is. Where none of them tells, it is nowhere.

    Parameters
    ----------
    findings : pl.DataFrame
        ``FINDINGS``.
    rows : Mapping of str to pl.DataFrame
        ``Intake.rows``.
    divisions : Divisions
        The office's names of areas.

    Examples
    --------
    >>> from relapse_risk.audit import run_audit
    >>> from relapse_risk.ingest import read_records
    >>> from relapse_risk.policy import read_policy
    >>> columns = {"household_id": ["h1", None], "town": ["T", "T"], "year": [2019, 2019]}
    >>> intake = read_records({"households": pl.DataFrame({**columns, "size": [99, 3]})})
    >>> found = run_audit(intake).findings
    >>> locate(found, intake.rows, read_policy().divisions).select("row", "year", "town").unique().sort("row").rows()
    [(1, 2019, 'T'), (2, None, 'T')]
    """
    wanted = findings.select(_KEYS).unique(maintain_order=True)
    homes = _of_homes(rows, divisions)
    own = _of_rows(rows, divisions)
    placed = wanted.join(_years(rows), on=_AT, how="left", nulls_equal=True, maintain_order="left")
    for found, keys in ((homes, ["household_id"]), (own, [*_AT]), (_of_sheets(rows, homes, own), [*_SHEET])):
        placed = _filled(placed, found, keys)
    return placed.select(LOCATED.names()).cast(LOCATED)


def _filled(placed: pl.DataFrame, found: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return rows with the place that is found for them, where no town and no village is known yet."""
    known = [name for name in VISIT_LEVELS if name in placed.columns]
    joined = placed.join(found, on=keys, how="left", nulls_equal="source" in keys, maintain_order="left", suffix="_new")
    if not known:
        return joined
    nowhere = pl.all_horizontal(pl.col(name).is_null() for name in _NAMED)
    taken = [pl.when(nowhere).then(f"{name}_new").otherwise(name).alias(name) for name in known]
    return joined.with_columns(taken).drop(f"{name}_new" for name in known)


def _place(columns: list[str]) -> list[pl.Expr]:
    named = {name: pl.col(name) if name in columns else pl.lit(None) for name in _GIVEN}
    return [place.cast(pl.String).replace("", None).alias(name) for name, place in named.items()]


def _says_where() -> pl.Expr:
    return pl.any_horizontal(pl.col(*_NAMED, "village_code").is_not_null())


def _at(table: str) -> list[pl.Expr]:
    placed = {"source": "_source", "sheet": "_sheet", "row": "_row"}
    return [*(pl.col(own).alias(name) for name, own in placed.items()), pl.lit(table).alias("table")]


def _year(columns: list[str]) -> pl.Expr:
    own = [pl.col("year").cast(pl.Int64)] if "year" in columns else []
    days = [name for name in ("recorded_on", "period_end") if name in columns]
    return pl.coalesce(*own, *(pl.col(name).dt.year().cast(pl.Int64) for name in days), pl.lit(None, dtype=pl.Int64))


def _years(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    schema = pl.Schema({name: LOCATED[name] for name in (*_AT, "year")})
    found = [frame.select(*_at(table), year=_year(frame.columns)).cast(schema) for table, frame in rows.items()]
    return pl.concat([pl.DataFrame(schema=schema), *found]).drop_nulls("year").unique([*_AT], maintain_order=True)


def _of_homes(rows: Mapping[str, pl.DataFrame], divisions: Divisions) -> pl.DataFrame:
    """Return where each household lives: by the newest row that says so, those of the register before all others."""
    said = [
        frame.select(
            pl.col("household_id").cast(pl.String),
            *_place(frame.columns),
            _register=pl.lit(table == _REGISTER),
            _year=_year(frame.columns),
        )
        for table, frame in rows.items()
        if "household_id" in frame.columns and {*_NAMED, "village_code"} & {*frame.columns}
    ]
    if not said:
        return pl.DataFrame(schema={"household_id": pl.String, **dict.fromkeys(VISIT_LEVELS, pl.String)})
    every = pl.concat(said).drop_nulls("household_id").filter(_says_where())
    newest = every.sort("household_id", "_register", "_year", *_GIVEN, nulls_last=False)
    last = newest.unique("household_id", keep="last", maintain_order=True)
    named = name_places(divided(last, divisions))
    return named.select("household_id", *VISIT_LEVELS)


def _of_rows(rows: Mapping[str, pl.DataFrame], divisions: Divisions) -> pl.DataFrame:
    """Return where rows without a household say that they are."""
    schema = pl.Schema({name: LOCATED[name] for name in (*_AT, *VISIT_LEVELS)})
    found = [pl.DataFrame(schema=schema)]
    for table, frame in rows.items():
        homeless = frame.filter(pl.col("household_id").is_null()) if "household_id" in frame.columns else frame
        placed = divided(homeless.select(*_at(table), *_place(frame.columns)), divisions).filter(_says_where())
        found.append(placed.select(*schema).cast(schema))
    return pl.concat(found).unique([*_AT], maintain_order=True)


def _of_sheets(rows: Mapping[str, pl.DataFrame], homes: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Return the one county, town or village that everything of a sheet is in, as far as there is one."""
    listed = [
        frame.select(*_at(table)[:2], pl.col("household_id").cast(pl.String)).join(homes, on="household_id")
        for table, frame in rows.items()
        if "household_id" in frame.columns
    ]
    together = pl.concat([frame.select(*_SHEET, *VISIT_LEVELS) for frame in (*listed, own)]).unique()
    only = [pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in VISIT_LEVELS]
    return together.group_by(_SHEET).agg(only)
