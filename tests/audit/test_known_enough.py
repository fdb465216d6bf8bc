"""A sum of which a part is blank is known enough where what is known of it already passes the bound."""

import json

import polars as pl
import pytest

from relapse_risk.audit import run_audit
from relapse_risk.ingest import read_records

PARTS = {"wage": 30000.0, "business": 9000.0, "property": 300.0, "transfer": 4000.0, "production_cost": 2500.0}
HOME = {"household_id": "h1", "household_size": 4, "period_start": "2020-01-01", "period_end": "2020-12-31"}


def fired(**changes) -> bool:
    row = {**HOME, **PARTS, "net_income": 40800.0, **changes}
    schema = {name: pl.Float64 if name in (*PARTS, "net_income") else None for name in row}
    incomes = pl.DataFrame([row], schema_overrides={name: kind for name, kind in schema.items() if kind})
    findings = run_audit(read_records({"incomes": incomes})).findings
    return "income_parts_and_sum" in findings["rule"].to_list()


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, False),
        ({"wage": None}, False),  # it may have been 30,000
        ({"wage": None, "net_income": 9000.0}, True),  # the others alone make 10,800
        ({"production_cost": None}, False),
        ({"production_cost": None, "net_income": 50000.0}, True),  # without any cost it would be 43,300
        ({"production_cost": None, "net_income": 20000.0}, False),
        ({"wage": None, "production_cost": None, "net_income": 99000.0}, False),
        ({"wage": None, "transfer": -1.0, "net_income": 0.0}, False),  # a part that is negative is told by itself
    ],
)
def test_a_sum_with_blanks_is_judged_by_what_it_can_be(changes, wrong):
    assert fired(**changes) is wrong


def test_months_worked_by_one_member_are_enough_where_those_of_others_are_blank(shared):
    case = shared / "cases" / "11-blank-months"
    planted = json.loads((case / "planted.json").read_text(encoding="utf-8"))
    findings = run_audit(read_records(case / "in")).findings.filter(rule="work_without_wage")
    assert sorted(findings["household_id"]) == sorted(home for home, (number, _) in planted.items() if number)
