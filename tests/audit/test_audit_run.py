"""The audit as a whole: what it says of rows, what it keeps to itself, and that the order of rows does not matter."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.audit import RULES, run_audit
from relapse_risk.ingest import read_records
from relapse_risk.policy import read_policy
from tests.audit.rule_cases import READ, Row, intake_of


def day(text):
    return date.fromisoformat(text)


PERSON = {"person_id": "p1", "household_id": "h1"}
BILLS = [
    {**PERSON, "occurred_on": day("2019-05-02"), "total_cost": 100.0, "reimbursed": 900.0, "self_paid": -3.0},
    {**PERSON, "occurred_on": day("2019-06-02"), "total_cost": 100.0, "reimbursed": 60.0, "self_paid": 40.0},
]


def broken(intake):
    return {tuple(row) for row in run_audit(intake).findings.select("row", "rule").rows()}


def test_a_row_that_breaks_several_rules_has_a_line_for_each():
    findings = run_audit(intake_of({"illness": BILLS})).findings
    assert findings.select("source", "sheet", "row", "household_id", "person_id", "rule", "value_masked").rows() == [
        ("a.xlsx", "illness", 4, "h1", "p1", "reimbursed_over_total", "900"),
        ("a.xlsx", "illness", 4, "h1", "p1", "self_paid_negative", "-3"),
    ]


def test_a_row_that_repeats_another_says_which():
    loan = {"loan_id": "c1", "household_id": "h1", "status": "normal"}
    findings = run_audit(intake_of({"loans": [loan, {**loan, "loan_id": "c2"}, loan]})).findings
    twice = findings.filter(rule="loans_twice")
    assert twice.select("row", "first_row").rows() == [(6, 4)]
    assert findings.filter(pl.col("rule") != "loans_twice")["first_row"].count() == 0


def test_a_code_is_shown_and_a_number_of_a_household_is_not():
    homes = [{"household_id": "533399101200000111", "household_type": "exited", "exit_year": None}] * 2
    findings = run_audit(intake_of({"households": [*homes, {"household_id": "h2", "exit_year": 2016}]})).findings
    shown = dict(findings.select("rule", "value_masked").rows())
    assert shown["households_twice"] == "999999999999999999"
    assert "533399101200000111" not in findings["value_masked"].to_list()
    member = {"person_id": "p1", "birth_date": day("2010-05-05"), "year": 2020, "education": "college"}
    young = run_audit(intake_of({"members": [member]})).findings
    assert dict(young.select("rule", "value_masked").rows())["college_education_age"] == "college"


def test_refused_rows_are_judged_too_and_cells_become_findings():
    place = {"source": "a.xlsx", "sheet": "illness", "table": "illness"}
    refused = pl.DataFrame(
        [{**place, "row": 4, "column": "occurred_on", "rule": "impossible_date", "value_masked": "9999-99-99"}],
        schema=READ.rejected.schema,
    )
    unread = pl.DataFrame(
        [{**place, "row": 5, "column": "disease", "rule": "garbled", "value_masked": "汉?"}],
        schema=READ.rejected.schema,
    )
    tables = {"illness": [{**BILLS[0], "occurred_on": None, "_kept": False}, BILLS[1]]}
    result = run_audit(intake_of(tables, rejected=refused, blanked=unread))
    found = result.findings.select("row", "column", "rule", "severity", "household_id").rows()
    assert found == [
        (4, "occurred_on", "impossible_date", "refuse", "h1"),
        (4, "reimbursed", "reimbursed_over_total", "warn", "h1"),
        (4, "self_paid", "self_paid_negative", "warn", "h1"),
        (5, "disease", "garbled", "warn", "h1"),
    ]
    counts = dict(result.rules.select("rule", "broken").rows())
    assert (counts["impossible_date"], counts["garbled"], counts["unknown_code"]) == (1, 1, 0)


def test_a_cell_that_could_not_be_read_is_not_missing():
    rows: list[Row] = [{"category": "visual", "grade": 1}, {"category": None, "grade": 2}]
    place = {"source": "a.xlsx", "sheet": "disabilities", "table": "disabilities", "row": 5}
    unread = pl.DataFrame(
        [{**place, "column": "category", "rule": "unknown_code", "value_masked": "汉"}], schema=READ.rejected.schema
    )
    assert broken(intake_of({"disabilities": rows})) == {(5, "grade_without_category")}
    assert broken(intake_of({"disabilities": rows}, blanked=unread)) == {(5, "unknown_code")}


def test_every_row_is_judged_or_not_by_every_rule_that_is_run():
    rules = run_audit(intake_of({"illness": BILLS, "loans": [{"principal": 1.0}]})).rules
    of = rules.filter(pl.col("table") == "illness")
    assert (of["judged"] + of["not_judged"] == 2).all()
    assert rules["rule"].to_list()[: len(RULES)] == [rule.id for rule in RULES]
    missing = dict(rules.select("rule", "missing").rows())
    assert missing["illness_without_household"] == "households.household_id".partition(".")[0]
    assert missing["loan_overdue_before_due"] == "loans.due_on, loans.status, loans.status_on"


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_does_not_matter(seed):
    tables = {
        "households": [{"household_id": f"h{n % 4}", "year": 2019, "size": n % 3} for n in range(9)],
        "members": [
            {"household_id": f"h{n % 5}", "person_id": f"p{n % 7}", "year": 2018 + n % 3, "relation": "head",
             "died_on": day("2018-05-02") if n % 2 else None, "birth_date": day(f"19{50 + n}-01-01")}
            for n in range(12)
        ],
        "illness": [{**bill, "person_id": f"p{n}"} for n in range(7) for bill in BILLS],
    }  # fmt: skip
    intake = intake_of(tables)
    shuffled = intake_of({})
    object.__setattr__(
        shuffled,
        "rows",
        {name: frame.sample(fraction=1.0, shuffle=True, seed=seed) for name, frame in intake.rows.items()},
    )
    first, again = run_audit(intake), run_audit(shuffled)
    assert first.findings.height > 10
    assert first.findings.equals(again.findings)
    assert first.rules.equals(again.rules)


def test_who_died_and_was_born_is_what_the_register_says_last():
    members = [
        {"person_id": "p1", "year": 2018, "birth_date": day("1980-01-01"), "died_on": None},
        {"person_id": "p1", "year": 2019, "birth_date": day("1981-01-01"), "died_on": day("2019-03-03")},
    ]
    born = {"person_id": "p1", "occurred_on": day("1980-06-01")}
    died = {"person_id": "p1", "occurred_on": day("2019-06-01")}
    found = broken(intake_of({"members": members, "illness": [born, died]}))
    assert {(4, "illness_before_birth"), (5, "illness_after_death")} <= found
    # A whole identity number knows better than the column.
    sure = [{**row, "_id_birth_date": day("1979-01-01")} for row in members]
    assert (4, "illness_before_birth") not in broken(intake_of({"members": sure, "illness": [born]}))


def test_a_month_alone_which_is_read_as_its_last_day_is_later_than_no_day_in_it():
    members = [{"person_id": "p1", "died_on": day("2018-03-10")}]
    bill = {"person_id": "p1", "occurred_on": day("2018-03-31")}
    later = {"person_id": "p1", "occurred_on": day("2018-03-30")}
    assert broken(intake_of({"members": members, "illness": [bill, later]})) == {(5, "illness_after_death")}


def test_a_household_short_of_a_member_who_stands_under_an_unknown_household_of_its_village_is_not_judged():
    village, year = "532311101201", {"year": 2019}
    households = [{"household_id": f"{village}0001", "size": 2, **year}]
    here = {"household_id": f"{village}0001", "person_id": "p1", **year}
    astray = {"household_id": f"{village}9001", "person_id": "p2", **year}
    elsewhere = {**astray, "household_id": "5323111099990001"}
    assert (4, "size_not_of_members") in broken(intake_of({"households": households, "members": [here]}))
    found = broken(intake_of({"households": households, "members": [here, astray]}))
    assert found == {(5, "member_without_household")}
    assert (4, "size_not_of_members") in broken(intake_of({"households": households, "members": [here, elsewhere]}))


def test_members_who_joined_or_left_within_the_year_may_count_or_not():
    register = [
        {"household_id": "h1", "person_id": "p1", "joined_on": day("2014-01-01"), "removed_on": None},
        {"household_id": "h1", "person_id": "p2", "joined_on": day("2019-07-01"), "removed_on": None},
        {"household_id": "h1", "person_id": "p3", "joined_on": day("2014-01-01"), "removed_on": day("2019-02-01")},
    ]
    for size, wrong in ((0, True), (1, False), (2, False), (3, False), (4, True)):
        households = [{"household_id": "h1", "year": 2019, "size": size}]
        found = broken(intake_of({"households": households, "members": register}))
        assert ((4, "size_not_of_members") in found) == wrong


def test_severities_and_limits_are_the_offices(tmp_path):
    own = tmp_path / "audit.toml"
    own.write_text("[limits]\nage = 60\n[rules.too_old]\nseverity = 'note'\n", encoding="utf-8")
    members = [{"person_id": "p1", "birth_date": day("1950-01-01"), "year": 2019}]
    assert broken(intake_of({"members": members})) == set()
    found = run_audit(intake_of({"members": members}), read_policy(audit=own)).findings
    assert found.select("rule", "severity").rows() == [("too_old", "note")]


def test_no_name_and_no_number_is_among_the_findings():
    number = "999999196305020018"  # its check digit is wrong
    rows = pl.DataFrame({"户编号": ["h1"], "人编号": ["p1"], "姓名": ["张三"], "证件号码": [number], "性别": ["男"]})
    intake = read_records(
        {
            "members": rows.rename(
                {
                    "户编号": "household_id",
                    "人编号": "person_id",
                    "姓名": "name",
                    "证件号码": "id_number",
                    "性别": "sex",
                }
            )
        }
    )
    texts = [str(value) for row in run_audit(intake).findings.rows() for value in row]
    assert not any(number in text or "张三" in text for text in texts)


def test_without_an_export_date_the_newest_record_says_up_to_when_a_source_speaks():
    rows = [
        {"household_id": "h1", "exit_year": 2018, "recorded_on": day("2019-12-01")},
        {"household_id": "h2", "exit_year": 2025, "recorded_on": None},
    ]
    assert broken(intake_of({"households": rows}, exported_on=None)) == {(5, "exit_in_future")}
    bare = [{key: row[key] for key in ("household_id", "exit_year")} for row in rows]
    assert broken(intake_of({"households": bare}, exported_on=None)) == set()


def test_nothing_read_gives_nothing_found():
    result = run_audit(intake_of({}))
    assert result.findings.is_empty()
    assert result.rules["broken"].sum() == 0
    assert result.rules.filter(pl.col("family") != "cells")["missing"].null_count() == 0
