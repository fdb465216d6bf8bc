"""For every state of every watch list a small register: who is on it, who is not, of whom it is not known."""

from datetime import date
from functools import cache

import polars as pl

from relapse_risk.alerts.watch import watch
from relapse_risk.policy import read_policy
from relapse_risk.records import TABLES, AsOfView, Records
from relapse_risk.synthetic import synthesise

DAY = "2019-12-31"
BEGIN = date(2014, 1, 1)
POLICY = read_policy()


def to_records(exported_on=date(2020, 12, 31), **tables):
    """Make records of rows; a column that no row has is not there."""
    frames = {}
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        declared = TABLES[name].columns
        schema = {column: declared[column].dtype if column in declared else None for column in columns}
        frames[name] = pl.DataFrame([{column: row.get(column) for column in columns} for row in rows], schema=schema)
    return Records(frames, exported_on=exported_on)


def watched(policy=POLICY, risk=None, as_of=DAY, **tables):
    return watch(AsOfView.of(to_records(**tables), as_of, lines=policy.lines), policy, risk=risk)


def home(household_id, household_type="exited", **columns):
    return {"household_id": household_id, "recorded_on": BEGIN, "household_type": household_type, "size": 4, **columns}


def person(person_id, household_id, **columns):
    return {"person_id": person_id, "household_id": household_id, "recorded_on": BEGIN, **columns}


def aid(household_id, kind, started_on=date(2018, 1, 1), ended_on=None, **columns):
    row = {"household_id": household_id, "kind": kind, "started_on": started_on, "ended_on": ended_on}
    return {**row, "recorded_on": ended_on or started_on, **columns}


def income(household_id, year, business, **columns):
    period = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31)}
    return {
        "household_id": household_id,
        **period,
        "household_size": 4,
        "net_income": 20000.0,
        "business": business,
    } | (columns)


def loan(loan_id, household_id, status, due_on=date(2021, 1, 1), status_on=date(2019, 6, 1), principal=30000.0):
    row = {"loan_id": loan_id, "household_id": household_id, "started_on": date(2018, 1, 1), "status": status}
    return {**row, "due_on": due_on, "status_on": status_on, "recorded_on": status_on, "principal": principal}


def spell(person_id, household_id, ended_on=None):
    row = {"person_id": person_id, "household_id": household_id, "started_on": date(2018, 1, 1), "ended_on": ended_on}
    return {**row, "recorded_on": ended_on or date(2018, 1, 1)}


def bill(household_id, total, paid, occurred_on=date(2019, 6, 1), **columns):
    row = {"household_id": household_id, "occurred_on": occurred_on, "recorded_on": occurred_on}
    return {**row, "total_cost": total, "self_paid": paid, **columns}


def disaster(household_id, loss=1000.0, occurred_on=date(2019, 7, 10), **columns):
    row = {"household_id": household_id, "occurred_on": occurred_on, "recorded_on": occurred_on, "loss": loss}
    return {**row, "kind": "flood", **columns}


def watching(household_id, cleared_on=None):
    row = {"household_id": household_id, "identified_on": date(2018, 5, 1), "cleared_on": cleared_on}
    return {**row, "recorded_on": cleared_on or date(2018, 5, 1)}


HOMES = [home(code) for code in "abc"]

INSURANCE = {
    "households": [
        *(home(code, "near_poor") for code in "ab"),
        *(home(code) for code in "cde"),
        home("f", None),
        home("g", None),
    ],
    "monitoring": [watching("c"), watching("d", date(2019, 3, 1)), watching("g")],
    "assistance": [
        aid("a", "insurance"),
        aid("b", "insurance", ended_on=date(2019, 1, 1)),
        aid("f", "industry"),
        aid("g", "insurance", date(2019, 2, 1), date(2019, 2, 1)),
    ],
}
LOANS = {
    "households": HOMES,
    "loans": [
        loan("late", "a", "overdue", date(2019, 5, 1)),
        loan("soon", "a", "normal", date(2020, 3, 30)),
        loan("later", "b", "normal", date(2020, 3, 31), principal=None),
        loan("longer", "b", "extended", date(2020, 1, 15)),
        loan("paid", "c", "repaid", date(2020, 1, 15)),
        loan("forgotten", "c", "normal", date(2019, 10, 1)),
        loan("blank", "c", None, date(2020, 1, 15)),
        loan("undated", "c", "normal", None),
    ],
}
SITES = {
    "households": [
        home("a", relocated=True, resettlement_site="S", county="K"),
        home("b", relocated=True, resettlement_site="S", county="L"),
        home("c", relocated=None, resettlement_site="S", county="K"),
        home("d", relocated=False),
        home("e", relocated=True, resettlement_site=None, county="K", size=None),
        home("f", relocated=None),
        home("g", relocated=None),
    ],
    "members": [
        *(person(f"{code}1", code, work_months=0.0) for code in "acdf"),
        person("b1", "b", work_months=5.0),
        person("g1", "g", work_months=5.0),
        person("e1", "e", work_months=None),
    ],
    "assistance": [
        aid("a", "industry"),
        aid("b", "industry", ended_on=date(2019, 3, 1)),
        aid("c", "industry", ended_on=date(2018, 12, 31)),
        aid("f", "industry"),
    ],
}
LABOUR = {
    "households": [
        *(home(code) for code in "abcdf"),
        home("e", "general"),
        home("g", None),
    ],
    "monitoring": [watching("b", date(2019, 1, 1))],
    "members": [
        person("a1", "a", labour_capacity="ordinary"),
        person("a2", "a", labour_capacity="none"),
        person("b1", "b", labour_capacity="skilled"),
        person("c1", "c", labour_capacity="weak"),
        person("d1", "d", labour_capacity=None),
        person("e1", "e", labour_capacity="ordinary"),
        person("f1", "f", labour_capacity="ordinary"),
        person("g1", "g", labour_capacity="ordinary"),
    ],
    "employment": [spell("b1", "b"), spell("f1", "f", date(2019, 12, 1))],
}
INDUSTRY = {
    "households": [*(home(code) for code in "abcdefgi"), home("h", "general")],
    "monitoring": [watching("a", date(2019, 1, 1))],
    "incomes": [
        *(income("a", year, 3000.0) for year in (2018, 2019)),
        *(income("b", year, 0.0) for year in (2018, 2019)),
        *(income("c", year, 0.0) for year in (2018, 2019)),
        *(income("d", year, amount) for year, amount in ((2018, 0.0), (2019, 3000.0))),
        income("e", 2019, 3000.0),
        income("f", 2016, 0.0),
        income("h", 2019, 0.0),
        income("i", 2019, 3000.0, production_cost=3500.0),
    ],
    "assistance": [aid("c", "industry")],
}
SCHOOL = {
    "households": HOMES,
    "members": [
        person("out", "a", birth_date=date(2008, 1, 1), student_status="dropout", health_status="healthy"),
        person("unwell", "a", birth_date=date(2008, 1, 1), student_status="none", health_status="disabled"),
        person("pupil", "a", birth_date=date(2008, 1, 1), student_status="primary"),
        person("finished", "b", birth_date=date(2004, 6, 1), student_status="none", education="junior"),
        person("small", "b", birth_date=date(2014, 1, 1), student_status="none"),
        person("grown", "b", birth_date=date(1990, 1, 1), student_status="none"),
        person("unrecorded", "c", birth_date=date(2008, 1, 1), student_status=None),
        person("ageless", "c", student_status="none"),
        person("ageless pupil", "c", student_status="junior"),
    ],
}
INSURED = {
    "households": HOMES,
    "members": [
        person("p1", "a", medical_insured=False),
        person("p2", "a", medical_insured=True),
        person("p3", "b", medical_insured=None),
    ],
}
COST = {
    "households": [home(code) for code in "abcde"],
    "illness": [
        bill("a", 1000.0, 50.0),
        bill("a", 1000.0, 200.0),
        bill("b", 1000.0, 100.0),
        bill("c", 1000.0, None),
        bill("d", 1000.0, 900.0, date(2018, 12, 1)),
    ],
}
HOUSES = {"households": [home(code, house_grade=grade) for code, grade in zip("abcde", "ABCD", strict=False)]}
HOUSES["households"].append(home("e", house_grade=None))
WATER = {"households": [home("a", safe_water=False), home("b", safe_water=True), home("c", safe_water=None)]}
WITHDRAWN = {
    "households": [
        *(home(code, exit_year=2017) for code in "abcdeh"),
        home("f", exit_year=None),
        home("g", "general", exit_year=None),
    ],
    "assistance": [
        aid("a", "subsistence", date(2016, 1, 1), date(2019, 2, 1), amount=3000.0),
        aid("a", "industry", date(2016, 1, 1), date(2018, 6, 1), amount=500.0),
        aid("b", "subsistence", date(2016, 1, 1), date(2019, 2, 1)),
        aid("b", "subsistence", date(2019, 3, 1)),
        aid("c", "subsistence", date(2016, 1, 1), date(2017, 12, 31)),
        aid("d", "industry", date(2019, 2, 1), date(2019, 2, 1)),
        aid("f", "subsistence", date(2016, 1, 1), date(2019, 2, 1)),
        aid("h", "subsistence", date(2019, 1, 1), date(2019, 12, 30)),
        aid("g", "subsistence", date(2016, 1, 1), date(2019, 2, 1)),
    ],
}
GROUPS = {
    "households": [
        home("a", "poor", house_grade="A"),
        home("b", house_grade="A"),
        home("c", "near_poor", house_grade="C"),
        home("d", "near_poor", house_grade="A"),
        home("e", "near_poor", house_grade=None),
        home("f", None, house_grade="A"),
        home("h", house_grade="A"),
    ],
    "monitoring": [watching("b")],
    "members": [
        person("a1", "a", health_status="chronic+serious", birth_date=date(1950, 1, 1)),
        person("a2", "a", health_status="healthy", birth_date=date(1990, 1, 1)),
        person("b1", "b", health_status=None, birth_date=date(1959, 12, 31)),
        person("b2", "b", health_status="healthy", birth_date=date(1960, 1, 1)),
        person("d1", "d", health_status="healthy", birth_date=date(1990, 1, 1)),
        person("e1", "e", health_status="healthy", birth_date=date(1990, 1, 1)),
        person("f1", "f", health_status="disabled", birth_date=date(1940, 1, 1)),
        person("f2", "f", health_status="healthy"),
        person("h1", "h", health_status="healthy", birth_date=date(1940, 1, 1)),
    ],
    "illness": [
        bill("b", 9000.0, 900.0, person_id="b1", kind="serious"),
        bill("b", 9000.0, 900.0, date(2018, 6, 1), person_id="b2", kind="serious"),
    ],
    "disabilities": [{"person_id": "b2", "household_id": "b", "certified_on": date(2012, 1, 1), "grade": 2}],
    "disasters": [disaster("a"), disaster("b", occurred_on=date(2018, 7, 10)), disaster(None, village_code="V")],
}
# Of four persons at the line of 2019 (3,218 yuan) a year is 12,872 yuan.
LOSSES = {
    "households": [*(home(code) for code in "abcdef"), home("g", size=None)],
    "disasters": [disaster("a", 12872.0), disaster("b", 12871.0), disaster("c", None), disaster("g", 50000.0)],
    "illness": [
        bill("d", 40000.0, 20000.0, kind="accident"),
        bill("e", 40000.0, 20000.0, kind="chronic"),
        bill("f", 40000.0, 20000.0, date(2018, 12, 31), kind="accident"),
    ],
}
VILLAGES = {
    "households": [
        *(home(f"v{i}", village_code="V") for i in range(25)),
        *(home(f"w{i}", village_code="W") for i in range(25)),
        *(home(f"x{i}", village_code="X") for i in range(4)),
        *(home(f"y{i}", village_code="Y") for i in range(3)),
        home("z", village_code=None),
    ],
    "disasters": [
        *(disaster(f"v{i}") for i in range(5)),
        *(disaster(f"w{i}", occurred_on=date(2019, 7 + i % 2, 10)) for i in range(8)),
        *(disaster(f"x{i}") for i in range(4)),
        disaster(None, village_code="Y"),
    ],
}

# By list and state: the register, on, off, unknown (households, persons or loans).
CASES = {
    ("insurance", "not_covered"): (INSURANCE, "bc", "ag", "f"),
    ("insurance", "covered"): (INSURANCE, "ag", "bc", ""),
    ("microcredit", "overdue"): (LOANS, ["late"], ["soon", "later", "longer", "forgotten", "undated"], ["blank"]),
    ("microcredit", "past_due"): (LOANS, ["forgotten"], ["late", "soon", "later", "longer"], ["undated"]),
    ("microcredit", "due"): (
        LOANS,
        ["soon", "longer"],
        ["late", "later", "forgotten"],
        ["blank", "undated"],
    ),
    ("microcredit", "extended"): (LOANS, ["longer"], ["late", "soon", "later", "forgotten", "undated"], ["blank"]),
    ("resettlement", "no_work"): (SITES, "ac", "b", "ef"),
    ("resettlement", "no_industry"): (SITES, "ce", "ab", "g"),
    ("idle_labour", "nobody_in_work"): (LABOUR, "af", "b", "dg"),
    ("industry", "none"): (INDUSTRY, "bi", "acde", "fg"),
    ("industry", "not_stable"): (INDUSTRY, "d", "abci", "efg"),
    ("schooling", "out_of_school"): (SCHOOL, ["out"], ["unwell", "pupil"], ["unrecorded", "ageless"]),
    ("schooling", "out_of_school_unwell"): (SCHOOL, ["unwell"], ["out", "pupil"], ["unrecorded", "ageless"]),
    ("medical_insurance", "uninsured"): (INSURED, ["p1"], ["p2"], ["p3"]),
    ("medical_cost", "high_share"): (COST, "a", "b", "c"),
    ("housing", "dangerous"): (HOUSES, "cd", "ab", "e"),
    ("water", "unsafe"): (WATER, "a", "b", "c"),
    ("withdrawn", "ended"): (WITHDRAWN, "a", "bcde", "fh"),
    ("key_groups", "serious_illness"): (GROUPS, ["a1", "b1"], ["a2", "b2", "d1", "e1", "f1", "f2", "h1"], []),
    ("key_groups", "disabled"): (GROUPS, ["b2", "f1"], ["a1", "a2", "b1", "d1", "e1", "f2", "h1"], []),
    ("key_groups", "disaster_hit"): (GROUPS, "a", "bcdefh", ""),
    ("key_groups", "poor_elderly"): (GROUPS, ["a1", "b1"], ["h1"], ["f1", "f2"]),
    ("key_groups", "near_poor_unsafe"): (GROUPS, "c", "d", "ef"),
    ("shocks", "household_loss"): (LOSSES, "ad", "bef", "cg"),
    ("shocks", "village_struck"): (
        VILLAGES,
        [f"v{i}" for i in range(25)],
        [*(f"w{i}" for i in range(25)), *(f"x{i}" for i in range(4))],
        ["y0", "y1", "y2", "z"],
    ),
}


@cache
def invented():
    """Return an invented register of 600 households, every version of it."""
    return Records(synthesise(households=600, seed=5).tables)
