"""Rows of one household, and what is known of them on a day."""

from datetime import date

import polars as pl

from relapse_risk.records import Records

EXPORT = date(2021, 6, 30)
HOUSEHOLD = {"household_id": "h1", "recorded_on": date(2010, 1, 1)}


def records(exported_on=EXPORT, **tables):
    tables.setdefault("households", [HOUSEHOLD])
    return Records(
        {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}, exported_on=exported_on
    )


def known(day, name, rows, **more):
    return records(**{name: rows}, **more).known_by(day).table(name)


def row(base, **more):
    return base | more


def person(person_id, recorded_on, household_id="h1", **more):
    return {"person_id": person_id, "household_id": household_id, "recorded_on": recorded_on, **more}


JOB = {"person_id": "p1", "household_id": "h1", "started_on": date(2018, 3, 1), "ended_on": None}
LOAN = {"loan_id": "l1", "household_id": "h1", "started_on": date(2018, 3, 1), "due_on": date(2021, 3, 1)}
BILL = {"household_id": "h1", "person_id": "p1", "occurred_on": date(2018, 5, 2), "self_paid": 800.0}
WATCH = {"household_id": "h1", "identified_on": date(2018, 3, 1)}
INCOME = {
    "household_id": "h1",
    "period_start": date(2018, 1, 1),
    "period_end": date(2018, 12, 31),
    "household_size": 4,
}
