"""A register with every table, and rows that it might learn later."""

from datetime import date

import polars as pl
from hypothesis import strategies as st

from relapse_risk.records import TABLES, Column
from tests.features.feature_registers import Rows, household, income, member

HOUSEHOLDS = ("h1", "h2", "h3", "h4")
AS_OF = date(2018, 12, 31)
LATER = st.dates(date(2019, 1, 1), date(2020, 12, 31))


def _members() -> Rows:
    return [
        member(
            f"{home}-{k}",
            home,
            relation=relation,
            sex=sex,
            birth_year=year,
            birth_date=date(year, 5, 1),
            education=education,
            student_status=school,
            student=school == "primary",
            health_status=health,
            labour_capacity=labour,
            work_region="outside",
            work_months=6.0,
            medical_insured=k != 1,
            pension_insured=k == 0,
            work_status="employed",
            worker_type="self_employed",
            formal_job=k == 0,
            left_on=date(2018, 2, 1) if k == 3 else None,
            left_reason="death" if k == 3 else None,
        )
        for home in HOUSEHOLDS
        for k, (relation, sex, year, education, school, health, labour) in enumerate(
            [
                ("head", "male", 1970, "primary", None, "chronic", "ordinary"),
                ("spouse", "female", 1975, "junior", "not_student", "serious+disabled", "weak"),
                ("child", "female", 2008, None, "primary", "healthy", "none"),
                ("parent", "male", 1940, "none", None, "healthy", "lost"),
            ]
        )
    ]


FULL: dict[str, Rows] = {
    "households": [
        household(
            home,
            province="p",
            prefecture="q",
            county="c",
            town="t",
            village="v",
            village_code=f"53231110{k % 2}201",
            household_type="exited",
            exit_year=2016,
            poverty_cause="因病",
            relocated=k == 0,
            house_grade="ABCD"[k],
            safe_water=k != 1,
            size=4,
            farmland_mu=3.0,
            rooms=2.0,
            tenure_code="1",
            sold_belongings=k == 2,
            borrowed_from_family=k == 3,
        )
        for k, home in enumerate(HOUSEHOLDS)
    ],
    "members": _members(),
    "incomes": [
        income(
            year,
            household_id=home,
            wage=9000.0 + 500 * k,
            business=4000.0,
            property=100.0,
            transfer=2000.0 * (year - 2014),
            production_cost=800.0,
            recorded_on=date(year + 1, 1, 10),
        )
        for k, home in enumerate(HOUSEHOLDS)
        for year in (2015, 2016, 2017)
    ],
    "illness": [
        {
            "household_id": "h1",
            "person_id": "h1-0",
            "occurred_on": date(2018, 3, 5),
            "event_id": "e1",
            "kind": "serious",
            "total_cost": 20000.0,
            "reimbursed": 11600.0,
            "self_paid": 8400.0,
            "recorded_on": date(2018, 3, 9),
        },
        {
            "household_id": "h2",
            "person_id": "h2-0",
            "occurred_on": date(2016, 3, 5),
            "event_id": None,
            "kind": "chronic",
            "total_cost": 900.0,
            "reimbursed": 500.0,
            "self_paid": 400.0,
            "recorded_on": date(2016, 4, 1),
        },
    ],
    "disabilities": [
        {
            "person_id": "h1-1",
            "household_id": "h1",
            "certified_on": date(2018, 5, 1),
            "recorded_on": date(2018, 5, 2),
            "category": "mental",
            "grade": 2,
        },
    ],
    "disasters": [
        {
            "household_id": "h2",
            "village_code": None,
            "occurred_on": date(2018, 7, 1),
            "kind": "flood",
            "loss": 5000.0,
            "recorded_on": date(2018, 7, 4),
        },
        {
            "household_id": None,
            "village_code": "532311100201",
            "occurred_on": date(2018, 7, 1),
            "kind": "flood",
            "loss": None,
            "recorded_on": date(2018, 7, 4),
        },
    ],
    "employment": [
        {
            "person_id": "h1-0",
            "household_id": "h1",
            "started_on": date(2017, 3, 1),
            "ended_on": date(2018, 6, 30),
            "region": "outside",
            "channel": "market",
            "monthly_wage": 3000.0,
            "recorded_on": date(2018, 7, 2),
        },
        {
            "person_id": "h2-0",
            "household_id": "h2",
            "started_on": date(2018, 3, 1),
            "ended_on": None,
            "region": "county",
            "channel": "public_post",
            "monthly_wage": 800.0,
            "recorded_on": date(2018, 3, 2),
        },
    ],
    "loans": [
        {
            "loan_id": "l1",
            "household_id": "h3",
            "principal": 50000.0,
            "started_on": date(2016, 5, 1),
            "due_on": date(2019, 5, 1),
            "status": "extended",
            "status_on": date(2018, 5, 1),
            "recorded_on": date(2018, 5, 1),
        },
    ],
    "assistance": [
        {
            "household_id": "h3",
            "kind": "subsistence",
            "started_on": date(2018, 1, 1),
            "ended_on": None,
            "amount": 3000.0,
            "recorded_on": date(2018, 1, 5),
        },
        {
            "household_id": "h4",
            "kind": "industry",
            "started_on": date(2017, 1, 1),
            "ended_on": date(2018, 6, 1),
            "amount": 2000.0,
            "recorded_on": date(2018, 6, 1),
        },
    ],
    "monitoring": [
        {
            "household_id": "h4",
            "identified_on": date(2018, 2, 1),
            "monitoring_type": "unstable",
            "risk": "illness",
            "cleared_on": None,
            "recorded_on": date(2018, 2, 3),
        },
    ],
}


def _plain(column: Column) -> object:
    """Any value that a column of this declaration may hold."""
    if column.codes:
        return column.codes[0]
    return {pl.String: "h4", pl.Date: date(2018, 3, 1), pl.Boolean: True}.get(type(column.dtype), 100)


# A table whose rows need say nothing in particular is there with one, as its declaration has it.
FULL |= {
    name: [{column: _plain(declared) for column, declared in table.columns.items()}]
    for name, table in TABLES.items()
    if name not in FULL
}


def later_rows(name: str) -> st.SearchStrategy[list[dict]]:
    """Rows of a table that are recorded only after the day: new ones, and new versions of those that are there."""
    return st.lists(st.sampled_from(FULL[name]).flatmap(lambda row: _later_version(name, row)), min_size=1, max_size=4)


def _later_version(name: str, row: dict) -> st.SearchStrategy[dict]:
    begins = TABLES[name].begins
    changed = st.fixed_dictionaries({column: _value(name, column, value) for column, value in row.items()})
    recorded = st.one_of(LATER, st.none())
    return st.builds(
        lambda row, recorded, begun: (
            row | {"recorded_on": recorded} | ({begins: begun} if recorded is None and begins else {})
        ),
        changed,
        recorded,
        LATER,
    )


def _value(name: str, column: str, value: object) -> st.SearchStrategy:
    seen = st.sampled_from([row[column] for row in FULL[name]])
    if column in TABLES[name].required:
        return st.one_of(seen, st.just("h5")) if column == "household_id" else seen
    if isinstance(value, float):
        return st.one_of(seen, st.floats(0, 1e6))
    if isinstance(value, date):
        return st.one_of(seen, st.dates(date(2015, 1, 1), date(2020, 12, 31)))
    return st.one_of(seen, st.none())
