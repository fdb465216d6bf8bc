"""For every rule one household that passes and one that fails: the same rows, with one thing changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.ingest import Intake, columns_of, read_records
from relapse_risk.records import Records

READ = read_records({"households": pl.DataFrame({"household_id": ["h1"]})})  # nothing refused, nothing changed
EXPORTED = date(2020, 12, 31)
LATELY = date(2020, 1, 1)
_WHOSE = {
    *("household_id", "person_id", "event_id", "loan_id", "village_code", "resettlement_site"),
    *("_id", "_head_id", "_certificate"),
}

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Tables in which a rule finds nothing, and tables in which it does."""

    fine: Tables
    broken: Tables


def intake_of(tables: Tables, exported_on: date | None = EXPORTED, **found: pl.DataFrame) -> Intake:
    """Make what reading would give of rows; a column that no row has is not there."""
    nothing = dict.fromkeys(("rejected", "blanked", "unlinked"), READ.rejected)
    return Intake(
        records=Records({}, exported_on=exported_on),
        continuity=None,
        **{**nothing, **found},
        changes=READ.changes,
        accounts=READ.accounts.clear(),
        carried=pl.DataFrame(),
        rows={name: frame_of(name, rows) for name, rows in tables.items()},
        notes=(),
    )


def frame_of(table: str, rows: Sequence[Row]) -> pl.DataFrame:
    placed = [
        {"_source": "a.xlsx", "_sheet": table, "_row": place, "_kept": True, **row}
        for place, row in enumerate(rows, start=4)
    ]
    names = list(dict.fromkeys(name for row in placed for name in row))
    return pl.DataFrame(
        [{name: row.get(name) for name in names} for row in placed], schema={n: dtype(table, n) for n in names}
    )


def together(registers: Mapping[str, Tables]) -> Tables:
    """Put registers into one: each a file of its own, of households, persons and villages of its own."""
    tables: dict[str, list[Row]] = {}
    for name, register in registers.items():
        for table, rows in register.items():
            tables.setdefault(table, []).extend({**_own(row, name), "_source": name} for row in rows)
    return tables


def _own(row: Row, register: str) -> Row:
    return {key: f"{register} {value}" if key in _WHOSE and value is not None else value for key, value in row.items()}


def dtype(table: str, name: str) -> pl.DataType:
    own = {"_row": pl.UInt32(), "_kept": pl.Boolean(), "_certificate_grade": pl.Int64()}
    if name in own:
        return own[name]
    if name.startswith("_"):
        return pl.Date() if name.endswith("birth_date") else pl.String()
    return columns_of(table)[name].dtype


def changed(table: str, row: Row, *others: Row, also: Tables | None = None, **wrong: Any) -> Case:
    """Return the case of a row that passes beside others, and fails with something changed."""
    tables = also or {}
    there = [*others, *tables.get(table, ())]
    return Case(fine={**tables, table: [row, *there]}, broken={**tables, table: [{**row, **wrong}, *there]})


def twice(table: str, row: Row, **other: Any) -> Case:
    """Return the case of two rows that differ in something, and of two that do not."""
    return Case(fine={table: [row, {**row, **other}]}, broken={table: [row, row]})


def day(text: str) -> date:
    return date.fromisoformat(text)


H = {"households": [{"household_id": "h1"}]}
BORN = {"members": [{"person_id": "p1", "birth_date": day("1980-05-05")}]}
CHECKS = ("check_digit", "birth_date", "shape")


def number_cases() -> dict[str, Case]:
    names = {"check_digit": "check_digit", "birth_date": "birth_impossible", "shape": "shape"}
    found = {
        f"number_{name}": changed("members", {"_id_check": "ok"}, _id_check=check) for check, name in names.items()
    }
    found |= {
        f"head_number_{name}": changed("households", {"_head_id_check": "ok"}, _head_id_check=check)
        for check, name in names.items()
    }
    lists = ("illness", "disabilities", "employment", "loans", "assistance")
    return found | {f"{table}_number_wrong": changed(table, {"_id_check": "ok"}, _id_check="shape") for table in lists}


def reference_cases() -> dict[str, Case]:
    tables = (
        "incomes",
        "illness",
        "disabilities",
        "disasters",
        "employment",
        "loans",
        "assistance",
        "monitoring",
        "relapses",
    )
    own = {"household_id": "h1"}
    found = {f"{table}_without_household": changed(table, own, also=H, household_id="h9") for table in tables}
    found["member_without_household"] = changed("members", own, also=H, household_id="h9")
    for table in ("illness", "disabilities", "employment"):
        found[f"{table}_without_person"] = changed(
            table, {"person_id": "p1"}, also={"members": [{"person_id": "p1"}]}, person_id="p9"
        )
    return found


def future_cases() -> dict[str, Case]:
    days = {
        **dict.fromkeys(("illness", "disasters"), "occurred_on"),
        "disabilities": "certified_on",
        **dict.fromkeys(("employment", "assistance"), "started_on"),
        "monitoring": "identified_on",
        "relapses": "relapsed_on",
    }
    found = {
        f"{table}_in_future": changed(table, {name: EXPORTED}, **{name: day("2021-02-03")})
        for table, name in days.items()
    }
    written = ("illness", "disabilities", "disasters", "monitoring", "relapses")
    for table in written:
        row = {days[table]: day("2019-05-02"), "recorded_on": day("2019-05-02")}
        found[f"{table}_recorded_early"] = changed(table, row, recorded_on=day("2019-04-30"))
    return found


def twice_cases() -> dict[str, Case]:
    return {
        "households_twice": twice("households", {"household_id": "h1", "year": 2019}, year=2020),
        "members_twice": twice("members", {"person_id": "p1", "household_id": "h1", "year": 2019}, year=2020),
        "incomes_twice": twice("incomes", {"household_id": "h1", "year": 2019}, year=2018),
        "illness_twice": twice("illness", {"event_id": "e1", "occurred_on": day("2019-01-02")}, event_id="e2"),
        "disabilities_twice": twice("disabilities", {"person_id": "p1", "category": "visual"}, category="speech"),
        "disasters_twice": twice("disasters", {"household_id": "h1", "kind": "flood"}, kind="hail"),
        "employment_twice": twice("employment", {"person_id": "p1", "started_on": EXPORTED}, started_on=LATELY),
        "loans_twice": twice("loans", {"loan_id": "l1", "status": "normal"}, status="repaid"),
        "assistance_twice": twice("assistance", {"household_id": "h1", "kind": "job"}, kind="industry"),
        "monitoring_twice": twice("monitoring", {"household_id": "h", "identified_on": EXPORTED}, identified_on=LATELY),
        "relapses_twice": twice("relapses", {"household_id": "h1", "relapsed_on": EXPORTED}, relapsed_on=LATELY),
    }  # fmt: skip


def negative_cases() -> dict[str, Case]:
    parts = {"wage": "wage", "property": "property", "transfer": "transfer", "cost": "production_cost"}
    found = {f"{rule}_negative": changed("incomes", {name: 0.0}, **{name: -5.0}) for rule, name in parts.items()}
    found["business_negative"] = changed("incomes", {"business": 10.0, "production_cost": 3.0}, business=-10.0)
    for name in ("total_cost", "reimbursed", "self_paid"):
        found[f"{name}_negative"] = changed("illness", {name: 0.0}, **{name: -5.0})
    found["farmland_negative"] = changed("households", {"farmland_mu": 0.0}, farmland_mu=-1.0)
    found["aid_negative"] = changed("assistance", {"amount": 1.0}, amount=-1.0)
    found["loss_negative"] = changed("disasters", {"loss": 1.0}, loss=-1.0)
    return found


def member(relation: str, born: str, **columns: Any) -> Row:
    return {"household_id": "h1", "person_id": relation, "relation": relation, "birth_date": day(born), **columns}


def relation_cases() -> dict[str, Case]:
    head = member("head", "1970-01-01")
    ages = {
        "child_not_younger": ("child", "1995-01-01", "1972-01-01"),
        "grandchild_not_younger": ("grandchild", "2010-01-01", "1985-01-01"),
        "parent_not_older": ("parent", "1945-01-01", "1969-01-01"),
        "grandparent_not_older": ("grandparent", "1925-01-01", "1955-01-01"),
    }
    return {
        rule: changed("members", member(relation, fine), head, birth_date=day(wrong))
        for rule, (relation, fine, wrong) in ages.items()
    }


def pupil(status: str, born: str) -> Row:
    return {"person_id": "p1", "student_status": status, "birth_date": day(born), "recorded_on": EXPORTED}


def school_cases() -> dict[str, Case]:
    fine = {"preschool": 2016, "primary": 2011, "junior": 2007, "senior": 2004, "college": 2000}
    found = {
        f"{stage}_pupil_age": changed("members", pupil(stage, f"{year}-05-01"), birth_date=day("1960-05-01"))
        for stage, year in fine.items()
    }
    for level in ("primary", "junior", "senior", "college"):
        row = {"person_id": "p1", "education": level, "birth_date": day("1980-01-01"), "recorded_on": EXPORTED}
        found[f"{level}_education_age"] = changed("members", row, birth_date=day("2017-01-01"))
    child = pupil("primary", "2011-05-01")
    return found | {
        "dropout_age": changed("members", pupil("dropout", "2008-01-01"), birth_date=day("1970-01-01")),
        "school_age_not_in_school": changed("members", child, student_status="not_student"),
        "pension_of_child": changed(
            "members",
            {"person_id": "p1", "pension_insured": True, "birth_date": day("1980-01-01"), "recorded_on": EXPORTED},
            birth_date=day("2010-01-01"),
        ),
        "pupil_at_work": changed("members", {"student_status": "primary", "work_months": 0.0}, work_months=3.0),
    }


def worker(born: str, **columns: Any) -> Row:
    return {"person_id": "p1", "birth_date": day(born), "recorded_on": EXPORTED, **columns}


LISTED = {"household_id": "h1", "year": 2019}
PERSON = {**LISTED, "person_id": "p1"}


RULE_CASES: Mapping[str, Case] = {
    **number_cases(),
    **reference_cases(),
    **future_cases(),
    **twice_cases(),
    **negative_cases(),
    **relation_cases(),
    **school_cases(),
    # identity
    "birth_not_of_number": changed(
        "members", {"birth_date": day("1980-05-31"), "_id_birth_date": day("1980-05-05")}, birth_date=day("1980-06-05")
    ),
    "birth_year_not_of_number": changed(
        "members", {"birth_year": 1980, "_id_birth_date": day("1980-05-05")}, birth_year=1990
    ),
    "sex_not_of_number": changed("members", {"sex": "male", "_id_sex": "male"}, sex="female"),
    "sex_not_of_relation": changed(
        "members", {"relation": "child", "_relation_sex": "female", "sex": "female"}, sex="male"
    ),
    "number_of_two_persons": changed(
        "members",
        {"person_id": "p1", "_id": "a", "_id_check": "ok"},
        {"person_id": "p2", "_id": "b", "_id_check": "ok"},
        _id="b",
    ),
    "person_with_two_numbers": changed(
        "members", {"person_id": "p1", "_id": "a"}, {"person_id": "p1", "_id": "a"}, _id="b"
    ),
    "head_is_another_member": changed(
        "households",
        {"household_id": "h1", "_head_id": "a", "_head_id_check": "ok"},
        also={"members": [{"household_id": "h1", "relation": "head", "_id": "a", "_id_check": "ok"}]},
        _head_id="b",
    ),
    # keys
    "member_in_two_households": changed("members", PERSON, {**PERSON, "household_id": "h1"}, household_id="h2"),
    "loan_of_two_households": changed(
        "loans", {"loan_id": "l1", "household_id": "h1"}, {"loan_id": "l1", "household_id": "h1"}, household_id="h2"
    ),
    "household_in_two_villages": changed(
        "households",
        {"household_id": "h1", "village_code": "v1"},
        {"household_id": "h1", "village_code": "v1"},
        village_code="v2",
    ),
    "village_of_two_names": changed(
        "households", *[{"village_code": "533901203205", "village": "甲村"}] * 3, village="乙村"
    ),
    "village_of_two_codes": changed(
        "households", *[{"village": "丙村", "village_code": "533901204201"}] * 3, village_code="533901204202"
    ),
    "household_without_members": changed(
        "households", {"household_id": "h1"}, also={"members": [{"household_id": "h1"}]}, household_id="h2"
    ),
    "household_without_income": changed("households", LISTED, also={"incomes": [LISTED]}, year=2018),
    # counts
    "household_of_nobody": changed("households", {"size": 1}, size=0),
    "income_of_nobody": changed("incomes", {"household_size": 1}, household_size=0),
    "household_of_too_many": changed("households", {"size": 12}, size=120),
    "income_of_too_many": changed("incomes", {"household_size": 12}, household_size=120),
    "size_not_of_members": changed("households", {**LISTED, "size": 1}, also={"members": [PERSON]}, size=2),
    "income_size_not_of_register": changed(
        "incomes",
        {**LISTED, "household_size": 1},
        also={"households": [{**LISTED, "size": 1}], "members": [PERSON]},
        household_size=3,
    ),
    "two_heads": changed(
        "members",
        {**PERSON, "relation": "spouse"},
        {**PERSON, "person_id": "p2", "relation": "head"},
        also={"households": [LISTED]},
        relation="head",
    ),
    "no_head": changed("members", {**PERSON, "relation": "head"}, also={"households": [LISTED]}, relation="child"),
    "two_spouses": changed(
        "members",
        {**PERSON, "relation": "child"},
        {**PERSON, "person_id": "p2", "relation": "spouse"},
        also={"households": [LISTED]},
        relation="spouse",
    ),
    # dates
    "born_in_future": changed("members", {"birth_date": day("2020-12-31")}, birth_date=day("2047-07-30")),
    "too_old": changed("members", worker("1930-01-01"), birth_date=day("1890-01-01")),
    "head_too_young": changed("members", worker("1980-01-01", relation="head"), birth_date=day("2012-01-01")),
    "spouse_too_young": changed("members", worker("1980-01-01", relation="spouse"), birth_date=day("2012-01-01")),
    "joined_before_birth": changed(
        "members", {**BORN["members"][0], "joined_on": day("2014-11-27")}, joined_on=day("1970-01-01")
    ),
    "died_before_birth": changed(
        "members", {**BORN["members"][0], "died_on": day("2018-03-01")}, died_on=day("1978-03-01")
    ),
    "removed_before_joining": changed(
        "members", {"joined_on": day("2014-11-27"), "removed_on": day("2018-01-05")}, removed_on=day("2013-01-05")
    ),
    "illness_before_birth": changed(
        "illness", {"person_id": "p1", "occurred_on": day("2019-05-02")}, also=BORN, occurred_on=day("1979-05-02")
    ),
    "settled_before_birth": changed(
        "illness", {"person_id": "p1", "settled_on": day("2019-05-02")}, also=BORN, settled_on=day("1979-05-02")
    ),
    "settled_before_admission": changed(
        "illness", {"occurred_on": day("2019-05-02"), "settled_on": day("2019-05-09")}, settled_on=day("2019-04-02")
    ),
    "disabled_before_birth": changed(
        "disabilities", {"person_id": "p1", "disabled_on": day("1990-05-02")}, also=BORN, disabled_on=day("1979-05-02")
    ),
    "certified_before_birth": changed(
        "disabilities",
        {"person_id": "p1", "certified_on": day("1990-05-02")},
        also=BORN,
        certified_on=day("1979-05-02"),
    ),
    "certified_before_disability": changed(
        "disabilities",
        {"disabled_on": day("2010-05-02"), "certified_on": day("2010-09-01")},
        certified_on=day("2009-09-01"),
    ),
    "work_ended_before_start": changed(
        "employment", {"started_on": day("2019-03-01"), "ended_on": day("2019-09-01")}, ended_on=day("2018-09-01")
    ),
    "aid_ended_before_start": changed(
        "assistance", {"started_on": day("2019-03-01"), "ended_on": day("2019-09-01")}, ended_on=day("2018-09-01")
    ),
    "died_in_future": changed("members", {"died_on": day("2018-03-01")}, died_on=day("2028-03-01")),
    "stay_too_long": changed(
        "illness", {"occurred_on": day("2016-05-02"), "settled_on": day("2016-05-09")}, settled_on=day("2019-05-09")
    ),
    "removed_before_death": changed(
        "members",
        {"left_reason": "death", "died_on": day("2018-03-05"), "removed_on": day("2019-01-05")},
        removed_on=day("2018-01-05"),
    ),
    "work_too_young": changed(
        "employment", {"person_id": "p1", "started_on": day("2000-05-02")}, also=BORN, started_on=day("1990-05-02")
    ),
    "work_too_old": changed(
        "employment",
        {"person_id": "p1", "started_on": day("2000-05-02")},
        also={"members": [{"person_id": "p1", "birth_date": day("1935-01-01")}]},
        started_on=day("2019-05-02"),
    ),
    "income_of_future": changed("incomes", {"year": 2020}, year=2022),
}
