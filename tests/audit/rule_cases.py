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
H_TYPED = {"households": [{"household_id": "h1", "household_type": "exited"}]}
BORN = {"members": [{"person_id": "p1", "birth_date": day("1980-05-05")}]}
DIED = {"members": [{"person_id": "p1", "died_on": day("2018-03-01")}]}
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
INCOME = {"wage": 10000.0, "business": 3000.0, "property": 0.0, "transfer": 500.0, "production_cost": 1500.0}
BILL = {"total_cost": 100.0, "reimbursed": 60.0, "self_paid": 40.0}
LOAN = {"started_on": day("2017-05-02"), "due_on": day("2020-05-01")}
EXITED = {"household_id": "h1", "household_type": "exited", "exit_year": 2017}
POOR = {"household_id": "h1", "household_type": "poor", "exit_year": 2015}
RELAPSED = {"relapses": [{"household_id": "h1", "relapsed_on": day("2018-06-01")}]}
WORKED = {"households": [LISTED], "members": [{**PERSON, "work_months": 9.0}]}
UNWORKED = {"households": [LISTED], "members": [{**PERSON, "work_months": 0.0}]}


CASES: Mapping[str, Case] = {
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
    # income
    "income_parts_and_sum": changed("incomes", {**INCOME, "net_income": 12000.0}, net_income=21000.0),
    "income_per_person": changed(
        "incomes",
        {"household_size": 3, "net_income": 10000.0, "net_income_per_capita": 3333.33},
        net_income_per_capita=5000.0,
    ),
    "income_of_nothing": changed(
        "incomes",
        {"household_size": 3, "wage": 0.0, "business": 0.0, "property": 0.0, "transfer": 200.0, "net_income": 200.0},
        transfer=0.0,
        net_income=0.0,
    ),
    "income_signs_differ": changed(
        "incomes", {"net_income": 9000.0, "net_income_per_capita": 3000.0}, net_income_per_capita=-3000.0
    ),
    "income_year_not_of_period": changed("incomes", {"year": 2019, "period_end": day("2019-12-31")}, year=2018),
    "income_period_too_long": changed(
        "incomes", {"period_start": day("2020-01-01"), "period_end": day("2020-12-31")}, period_start=day("2019-01-01")
    ),
    "wage_without_work": changed("incomes", {**LISTED, "wage": 900.0}, also=UNWORKED, wage=60000.0),
    "work_without_wage": changed("incomes", {**LISTED, "wage": 9000.0}, also=WORKED, wage=0.0),
    # medical
    "reimbursed_over_total": changed("illness", BILL, reimbursed=160.0),
    "self_paid_over_total": changed("illness", BILL, self_paid=140.0),
    "cost_not_of_parts": changed("illness", BILL, reimbursed=20.0),
    "treatment_without_cost": changed("illness", BILL, total_cost=0.0),
    # disability
    "grade_without_category": changed(
        "disabilities", {"category": "visual", "grade": 2}, {"category": "visual", "grade": 1}, category=None
    ),
    "category_without_grade": changed(
        "disabilities", {"category": "visual", "grade": 2}, {"category": "visual", "grade": 1}, grade=None
    ),
    "certificate_of_other_category": changed(
        "disabilities", {"category": "visual", "_certificate_category": "visual"}, category="speech"
    ),
    "certificate_of_other_grade": changed("disabilities", {"grade": 2, "_certificate_grade": 2}, grade=3),
    "certificate_of_other_person": changed("disabilities", {"_id": "a", "_certificate": "a"}, _certificate="b"),
    "two_categories_at_once": changed(
        "disabilities",
        {"person_id": "p1", "certified_on": EXPORTED, "category": "visual"},
        {"person_id": "p1", "certified_on": EXPORTED, "category": "visual"},
        category="speech",
    ),
    "certified_not_disabled": changed(
        "members",
        {**PERSON, "health_status": "chronic+disabled"},
        also={"disabilities": [{"person_id": "p1", "certified_on": day("2010-05-02")}]},
        health_status="chronic",
    ),
    "healthy_and_ill": changed("members", {"health_status": "healthy"}, health_status="healthy+serious"),
    "certificate_never_dated": changed(
        "disabilities",
        {"grade": 2, "certified_on": EXPORTED},
        {"grade": 2, "certified_on": EXPORTED},
        certified_on=None,
    ),
    # loans
    "loan_of_nothing": changed("loans", {"principal": 50000.0}, principal=0.0),
    "loan_over_ceiling": changed("loans", {"principal": 50000.0}, principal=500000.0),
    "loan_due_before_start": changed("loans", LOAN, due_on=day("2016-05-01")),
    "loan_too_long": changed("loans", LOAN, due_on=day("2037-05-01")),
    "loan_state_before_start": changed("loans", {**LOAN, "status_on": day("2018-01-02")}, status_on=day("2016-01-02")),
    "loan_overdue_before_due": changed(
        "loans", {**LOAN, "status": "overdue", "status_on": day("2020-06-02")}, status_on=day("2019-06-02")
    ),
    "loan_normal_after_due": changed(
        "loans", {**LOAN, "loan_id": "l1", "status": "normal", "due_on": day("2021-05-01")}, **LOAN
    ),
    "borrower_too_young": changed(
        "loans", {**LOAN, "_id_birth_date": day("1970-01-01")}, _id_birth_date=day("2010-01-01")
    ),
    "loan_in_future": changed("loans", LOAN, started_on=day("2021-05-02")),
    # housing
    "dangerous_house_of_good_grade": changed(
        "households", {"dangerous_house": True, "house_grade": "D"}, house_grade="A"
    ),
    "safe_house_of_bad_grade": changed("households", {"dangerous_house": False, "house_grade": "B"}, house_grade="C"),
    "site_without_relocation": changed("households", {"resettlement_site": "s", "relocated": True}, relocated=False),
    "farmland_too_large": changed("households", {"farmland_mu": 5.0}, farmland_mu=5000.0),
    "exited_into_ruin": changed("households", {"household_type": "exited", "house_grade": "B"}, house_grade="D"),
    "exited_without_water": changed("households", {"household_type": "exited", "safe_water": True}, safe_water=False),
    # exits
    "exited_without_year": changed("households", EXITED, {**EXITED, "household_id": "h2"}, exit_year=None),
    "exit_in_future": changed("households", EXITED, exit_year=2022),
    "exit_before_register": changed("households", EXITED, exit_year=1998),
    "exit_after_relapse": changed("households", POOR, also=RELAPSED, exit_year=2019),
    "exit_of_never_poor": Case(
        fine={"households": [{**EXITED, "household_type": "general", "exit_year": None}]},
        broken={"households": [{**EXITED, "household_type": "general"}]},
    ),
    "exited_after_relapse": changed(
        "households", {**EXITED, "year": 2020, "exit_year": 2019}, also=RELAPSED, exit_year=2015
    ),
    "relapsed_called_general": Case(
        fine={"households": [{"household_id": "h1", "household_type": "general", "year": 2017}], **RELAPSED},
        broken={"households": [{"household_id": "h1", "household_type": "general", "year": 2020}], **RELAPSED},
    ),
    "poor_after_exit": Case(
        fine={"households": [{**POOR, "year": 2019}], **RELAPSED},
        broken={
            "households": [{**POOR, "year": 2019}],
            "relapses": [{"household_id": "h9", "relapsed_on": day("2018-03-01")}],
        },
    ),
    "exited_below_line": changed(
        "incomes",
        {"household_id": "h1", "year": 2017, "net_income_per_capita": 6000.0},
        also={"households": [{**EXITED, "year": 2017}]},
        net_income_per_capita=1000.0,
    ),
    "relapse_without_cause": changed("relapses", {"cause": "illness"}, {"cause": "illness"}, cause=None),
    # labour
    "months_of_no_year": changed("members", {"work_months": 12.0}, work_months=14.0),
    "region_without_months": changed("members", {"work_region": "county", "work_months": 3.0}, work_months=0.0),
    "child_able_to_work": changed("members", worker("2010-01-01", labour_capacity="none"), labour_capacity="ordinary"),
    "old_able_to_work": changed("members", worker("1925-01-01", labour_capacity="none"), labour_capacity="skilled"),
    "child_at_work": changed("members", worker("2010-01-01", work_months=0.0), work_months=4.0),
    "unable_at_work": changed("members", {"labour_capacity": "lost", "work_months": 3.0}, work_months=12.0),
    "able_called_unable": changed(
        "members",
        worker("1985-01-01", health_status="healthy", student_status="not_student", labour_capacity="ordinary"),
        labour_capacity="lost",
    ),
    # departed
    "illness_after_death": changed(
        "illness", {"person_id": "p1", "occurred_on": day("2018-02-02")}, also=DIED, occurred_on=day("2018-12-24")
    ),
    "settled_after_death": changed(
        "illness", {"person_id": "p1", "settled_on": day("2018-05-02")}, also=DIED, settled_on=day("2020-12-24")
    ),
    "certified_after_death": changed(
        "disabilities",
        {"person_id": "p1", "certified_on": day("2010-05-02")},
        also=DIED,
        certified_on=day("2018-12-24"),
    ),
    "work_after_death": changed(
        "employment", {"person_id": "p1", "started_on": day("2016-05-02")}, also=DIED, started_on=day("2018-12-24")
    ),
    "listed_after_death": changed("members", {"person_id": "p1", "year": 2018}, also=DIED, year=2020),
    "listed_after_removal": changed(
        "members", {"year": 2018, "removed_on": day("2018-05-02"), "died_on": None}, year=2020
    ),
    "death_without_day": changed(
        "members",
        {"left_reason": "death", "died_on": day("2018-05-02")},
        {"left_reason": "death", "died_on": day("2018-05-02")},
        died_on=None,
    ),
    "death_for_other_reason": changed(
        "members", {"left_reason": "death", "died_on": day("2018-05-02")}, left_reason="married"
    ),
    "removed_without_reason": changed(
        "members",
        {"left_reason": "moved", "removed_on": day("2018-05-02")},
        {"left_reason": "moved", "removed_on": day("2018-05-02")},
        left_reason=None,
    ),
    "reason_without_removal": changed(
        "members",
        {"left_reason": "moved", "removed_on": day("2018-05-02")},
        {"left_reason": "moved", "removed_on": day("2018-05-02")},
        removed_on=None,
    ),
    "two_days_of_death": changed(
        "members",
        {"person_id": "p1", "died_on": day("2018-05-02")},
        {"person_id": "p1", "died_on": day("2018-05-02")},
        died_on=day("2019-05-02"),
    ),
    # assistance
    "aid_of_nothing": changed("assistance", {"kind": "subsistence", "amount": 300.0}, amount=0.0),
    "aid_too_large": changed("assistance", {"amount": 300.0}, amount=3000000.0),
    "temporary_aid_too_long": changed(
        "assistance",
        {"kind": "temporary_relief", "started_on": day("2016-03-01"), "ended_on": day("2016-06-01")},
        ended_on=day("2020-06-01"),
    ),
    # monitoring
    "cleared_before_identified": changed(
        "monitoring",
        {"identified_on": day("2018-03-01"), "cleared_on": day("2019-03-01")},
        cleared_on=day("2017-03-01"),
    ),
    "cleared_in_future": changed("monitoring", {"cleared_on": day("2019-03-01")}, cleared_on=day("2022-03-01")),
    "cleared_without_day": changed(
        "monitoring",
        {"cleared_reason": "help", "cleared_on": day("2019-03-01")},
        {"cleared_reason": "help", "cleared_on": day("2019-03-01")},
        cleared_on=None,
    ),
    "unstable_never_exited": Case(
        fine={"monitoring": [{"household_id": "h1", "monitoring_type": "unstable"}], **H_TYPED},
        broken={
            "monitoring": [{"household_id": "h1", "monitoring_type": "unstable"}],
            "households": [{"household_id": "h1", "household_type": "general"}],
        },
    ),
    "near_poor_but_registered": Case(
        fine={
            "monitoring": [{"household_id": "h1", "monitoring_type": "near_poor"}],
            "households": [{"household_id": "h1", "household_type": "general"}],
        },
        broken={"monitoring": [{"household_id": "h1", "monitoring_type": "near_poor"}], **H_TYPED},
    ),
    "watched_without_risk": changed("monitoring", {"risk": "illness"}, {"risk": "illness"}, risk=None),
    "watched_without_entry": changed(
        "monitoring",
        {"household_id": "h1", "identified_on": day("2018-03-01")},
        also={"households": [{"household_id": "h1", "monitoring_type": "unstable"}]},
        household_id="h2",
    ),
    # disasters
    "loss_of_nothing": changed("disasters", {"loss": 900.0}, loss=0.0),
    "loss_too_large": changed("disasters", {"loss": 900.0}, loss=9000000.0),
    "disaster_in_unknown_village": changed(
        "disasters", {"village_code": "v1"}, also={"households": [{"village_code": "v1"}]}, village_code="v2"
    ),
    # employment
    "wage_of_nothing": changed("employment", {"monthly_wage": 2500.0}, monthly_wage=0.0),
    "wage_too_high": changed("employment", {"monthly_wage": 2500.0}, monthly_wage=250000.0),
    "local_post_far_away": changed("employment", {"channel": "public_post", "region": "county"}, region="outside"),
    "reason_without_end": changed(
        "employment",
        {"ended_reason": "r", "ended_on": day("2019-03-05")},
        {"ended_reason": "r", "ended_on": day("2019-03-05")},
        ended_on=None,
    ),
    "end_recorded_early": changed(
        "employment",
        {"ended_on": day("2019-03-05"), "ending_recorded_on": day("2019-03-05")},
        ending_recorded_on=day("2019-02-05"),
    ),
}
