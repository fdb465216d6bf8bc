"""Every rule: proven on a household that passes and one that fails, worded, and in the catalogue."""

from dataclasses import replace

import polars as pl
import pytest

from relapse_risk.audit import RULES, run_audit
from relapse_risk.audit.reported import REPORTED
from relapse_risk.audit.run_audit import CELL_RULES
from relapse_risk.ingest.sheet_schema import columns_of
from relapse_risk.policy import AuditLimits, read_policy
from tests.audit.rule_cases import CASES, intake_of, together

AUDIT = read_policy().audit
BY_ID = {rule.id: rule for rule in RULES}


NEEDS = {rule.id: rule.needs(AUDIT.limits) for rule in RULES}


@pytest.fixture(scope="module")
def wrong():
    """Every household that breaks a rule, in one register: each in a file named after its rule."""
    return together({rule: CASES[rule].broken for rule in BY_ID})


def test_there_are_many_rules_each_named_once_and_each_proven():
    assert len(RULES) == len(BY_ID) >= 80
    assert BY_ID.keys() == CASES.keys()
    assert not BY_ID.keys() & {*CELL_RULES}


def test_a_household_that_is_right_is_judged_and_passes():
    for rule, case in CASES.items():
        found = run_audit(intake_of(case.fine)).rules.row(by_predicate=pl.col("rule") == rule, named=True)
        assert (found["missing"], found["broken"]) == (None, 0), rule
        assert found["judged"] >= 1, rule


def test_a_household_that_is_right_passes_among_all_the_others():
    right = together({rule: case.fine for rule, case in CASES.items()})
    findings = run_audit(intake_of(right)).findings
    assert findings.filter(pl.col("rule") == pl.col("source")).is_empty()


def test_a_household_that_is_wrong_is_found_among_all_the_others(wrong):
    findings = run_audit(intake_of(wrong)).findings.filter(pl.col("rule") == pl.col("source"))
    assert dict(findings.select("rule", "table").unique().rows()) == {rule.id: rule.table for rule in RULES}


def test_where_nothing_is_known_nothing_is_judged(wrong):
    blank = {
        table: [dict.fromkeys({key: None for row in rows for key in row if key != "_source"}) for _ in rows]
        for table, rows in wrong.items()
    }
    rules = run_audit(intake_of(blank)).rules
    assert rules.filter(pl.col("rule").is_in(BY_ID.keys()))["judged"].sum() == 0


def test_every_rule_needs_something_and_flags_a_column_of_its_table():
    for rule in RULES:
        assert any(NEEDS[rule.id].values()), rule.id
        assert rule.column in columns_of(rule.table), rule.id


def test_without_any_one_column_it_needs_a_rule_is_not_run_and_says_so(wrong):
    frames = {table: frame.head(1) for table, frame in intake_of(wrong).rows.items()}
    for where, column in {(table, one) for needs in NEEDS.values() for table in needs for one in needs[table]}:
        gone = {*column.split("|")}
        absent = {rule: [one for one in NEEDS[rule].get(where, ()) if {*one.split("|")} <= gone] for rule in BY_ID}
        missing = {rule: ", ".join(f"{where}.{one}" for one in ones) for rule, ones in absent.items() if ones}
        rows = {table: frames[table] for rule in missing for table in NEEDS[rule]}
        rows[where] = rows[where].drop(gone, strict=False)
        rules = run_audit(replace(intake_of({}), rows=rows)).rules.filter(pl.col("rule").is_in(missing.keys()))
        assert dict(rules.select("rule", "missing").rows()) == missing
        assert rules["judged"].sum() == 0


def test_every_rule_has_a_severity_and_wordings_and_no_other_has():
    assert AUDIT.rules.keys() == BY_ID.keys() | {*CELL_RULES, REPORTED}
    assert {rule.family for rule in RULES} | {"cells"} == AUDIT.families.keys()
    used = {told.todo for told in AUDIT.rules.values()}
    assert used == AUDIT.todo.keys()
    for told in (*AUDIT.rules.values(), *AUDIT.families.values(), *AUDIT.todo.values()):
        assert told.zh.strip()
        assert told.en.strip()
    assert {told.severity for told in AUDIT.rules.values()} <= {"refuse", "warn", "note"}
    assert len({told.en for told in AUDIT.rules.values()}) == len(AUDIT.rules)
    assert len({told.zh for told in AUDIT.rules.values()}) == len(AUDIT.rules)


class Asked:
    """Limits that remember which of them were asked for."""

    def __init__(self, limits):
        self.limits = limits
        self.names = set()

    def __getattr__(self, name):
        self.names.add(name)
        return getattr(self.limits, name)


def test_every_limit_is_of_some_rule():
    limits = Asked(AUDIT.limits)
    for rule in RULES:
        rule.judgement(limits)
    assert limits.names == {*AuditLimits.model_fields}
