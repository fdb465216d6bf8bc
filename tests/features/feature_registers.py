"""Small registers written by hand."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.features import build_features
from relapse_risk.policy import Lines
from relapse_risk.records import TABLES, Records

LINES = Lines(by_year={2016: 2952.0, 2017: 2952.0, 2018: 2995.0, 2019: 3218.0})
BEGIN = date(2015, 1, 1)

Rows = Sequence[Mapping[str, Any]]


def to_records(tables: Mapping[str, Rows]) -> Records:
    """Make records of rows; a column that no row has is not there."""
    return Records({name: frame(name, rows) for name, rows in tables.items()}, exported_on=date(2020, 12, 31))


def frame(name: str, rows: Rows) -> pl.DataFrame:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    declared = TABLES[name].columns
    schema = {column: declared[column].dtype if column in declared else None for column in columns}
    return pl.DataFrame([{column: row.get(column) for column in columns} for row in rows], schema=schema)


def household(household_id: str = "h1", **columns: Any) -> dict[str, Any]:
    return {"household_id": household_id, "recorded_on": BEGIN, **columns}


def member(person_id: str, household_id: str = "h1", **columns: Any) -> dict[str, Any]:
    return {"person_id": person_id, "household_id": household_id, "recorded_on": BEGIN, **columns}


def income(
    year: int, per_person: float | None = None, size: int = 4, household_id: str = "h1", **columns: Any
) -> dict[str, Any]:
    period = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31)}
    return {
        "household_id": household_id,
        **period,
        "household_size": size,
        "net_income_per_capita": per_person,
        **columns,
    }


def features_of(tables: Mapping[str, Rows], as_of: str = "2019-12-31", household_id: str = "h1") -> dict[str, Any]:
    """Build the features of one household."""
    table = build_features(to_records({"households": [household()], **tables}), as_of, lines=LINES)
    return table.frame.filter(pl.col("household_id") == household_id).row(0, named=True)
