"""Every rule: proven on a household that passes and one that fails, worded, and in the catalogue."""

from dataclasses import replace

import polars as pl
import pytest

from relapse_risk.audit import RULES, run_audit
from relapse_risk.ingest import columns_of
from relapse_risk.policy import AuditLimits, read_policy
from tests.audit.hint_cases import HINT_CASES
from tests.audit.rule_cases import RULE_CASES, intake_of, together
from tests.audit.table_cases import TABLE_CASES

CASES = {**RULE_CASES, **TABLE_CASES, **HINT_CASES}
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


def apart(names, clash):
    """Part names into few groups, in none of which one clashes with another."""
    groups = []
    for name in names:
        free = [group for group in groups if not any(clash(name, other) or clash(other, name) for other in group)]
        if free:
            free[0].append(name)
        else:
            groups.append([name])
    return groups


def may_judge(rule, other):
    """Return whether a rule may judge a row of the household that is right by another rule."""
    needed = NEEDS[rule][BY_ID[rule].table]
    rows = CASES[other].fine.get(BY_ID[rule].table, ())
    return any(all(row.keys() & {*column.split("|")} for column in needed) for row in rows)


def test_a_household_that_is_right_is_judged_and_passes():
    wrong = {}
    for rules in apart(CASES, may_judge):
        audit = run_audit(intake_of(together({rule: CASES[rule].fine for rule in rules})))
        for found in audit.rules.filter(pl.col("rule").is_in(rules)).iter_rows(named=True):
            if (found["missing"], found["broken"]) != (None, 0) or found["judged"] == 0:
                wrong[found["rule"]] = found
    assert wrong == {}


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


def lost(rule, gone):
    """Return what a rule needs of columns that are gone, as an audit says it."""
    needs = sorted(NEEDS[rule].items())
    return ", ".join(f"{table}.{one}" for table, ones in needs for one in ones if {*one.split("|")} <= gone[table])


def test_without_any_one_column_it_needs_a_rule_is_not_run_and_says_so(wrong):
    frames = {table: frame.head(1) for table, frame in intake_of(wrong).rows.items()}
    needs = [{(table, one) for table, ones in needs.items() for one in ones} for needs in NEEDS.values()]
    columns = sorted(set().union(*needs), key=lambda column: (-sum(column in one for one in needs), column))
    for columns_gone in apart(columns, lambda one, other: any({one, other} <= needed for needed in needs)):
        gone = {
            table: {name for where, one in columns_gone if where == table for name in one.split("|")}
            for table in frames
        }
        missing = {rule: without for rule in BY_ID if (without := lost(rule, gone))}
        rows = {table: frame.drop(gone[table], strict=False) for table, frame in frames.items()}
        rules = run_audit(replace(intake_of({}), rows=rows)).rules
        unjudged = rules.filter(pl.col("rule").is_in(missing.keys()))
        assert dict(unjudged.select("rule", "missing").rows()) == missing
        assert unjudged["judged"].sum() == 0
        assert rules.filter(pl.col("missing").is_not_null())["rule"].to_list() == unjudged["rule"].to_list()


def test_every_rule_has_a_severity_and_wordings_and_no_other_has():
    nobody = pl.DataFrame(schema={"household_id": pl.String, "on": pl.Date})
    counted = run_audit(intake_of({}), reported=nobody).rules["rule"]
    assert counted.is_unique().all()
    assert AUDIT.rules.keys() == {*counted}
    assert {rule.family for rule in RULES} | {"cells"} == AUDIT.families.keys()
    used = {wording.todo for wording in AUDIT.rules.values()}
    assert used == AUDIT.todo.keys()
    assert len({wording.en for wording in AUDIT.rules.values()}) == len(AUDIT.rules)
    assert len({wording.zh for wording in AUDIT.rules.values()}) == len(AUDIT.rules)


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
