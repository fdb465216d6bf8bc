"""Small registers, written as rows, for the tests of this room."""

from datetime import date

import polars as pl

from relapse_risk.records import TABLES, Records


def register(exported_on=date(2021, 12, 31), **tables):
    """Make records of rows; columns that no row has are absent, a table without rows has all."""
    frames = {name: frame_of(name, rows) for name, rows in tables.items()}
    return Records(frames, exported_on=exported_on)


def frame_of(name, rows):
    columns = dict.fromkeys(key for row in rows for key in row) or TABLES[name].columns
    schema = {key: TABLES[name].columns[key].dtype for key in columns}
    return pl.DataFrame([{key: row.get(key) for key in columns} for row in rows], schema=schema)


def home(household_id="h1", household_type="exited", recorded_on=date(2016, 12, 1), **columns):
    return {"household_id": household_id, "household_type": household_type, "recorded_on": recorded_on, **columns}


def untyped(household_id="h1", recorded_on=date(2016, 1, 1)):
    return {"household_id": household_id, "recorded_on": recorded_on}


def account(year, income, household_id="h1", recorded_on=None, line=3000.0):
    """A yearly account: income per person and the line, yuan."""
    return {
        "household_id": household_id,
        "period_start": date(year, 1, 1),
        "period_end": date(year, 12, 31),
        "recorded_on": recorded_on or date(year, 12, 31),
        "household_size": 4,
        "net_income_per_capita": float(income),
        "poverty_line": line,
    }


def relapse(relapsed_on, household_id="h1", recorded_on=None):
    return {"household_id": household_id, "relapsed_on": relapsed_on, "recorded_on": recorded_on or relapsed_on}


def member(person_id="p1", household_id="h1", recorded_on=date(2016, 12, 1), left_on=None, left_reason=None):
    return {
        "person_id": person_id,
        "household_id": household_id,
        "recorded_on": recorded_on,
        "left_on": left_on,
        "left_reason": left_reason,
    }
