"""Every rule: proven on a household that passes and one that fails, worded, and in the catalogue."""

import polars as pl
import pytest

from relapse_risk.audit import RULES, run_audit
from relapse_risk.audit.reported import REPORTED
from relapse_risk.audit.run_audit import CELL_RULES
from relapse_risk.ingest.sheet_schema import columns_of
from relapse_risk.policy import read_policy
from tests.audit.rule_cases import CASES, intake_of

AUDIT = read_policy().audit
BY_ID = {rule.id: rule for rule in RULES}


def counts(rule, tables):
    return run_audit(intake_of(tables)).rules.row(by_predicate=pl.col("rule") == rule, named=True)


def test_there_are_many_rules_each_named_once_and_each_proven():
    assert len(RULES) == len(BY_ID) >= 80
    assert BY_ID.keys() == CASES.keys()
    assert not BY_ID.keys() & {*CELL_RULES}


@pytest.mark.parametrize("rule", BY_ID)
def test_a_household_that_is_right_is_judged_and_passes(rule):
    found = counts(rule, CASES[rule].fine)
    assert found["lacking"] is None
    assert found["judged"] >= 1
    assert found["broken"] == 0


@pytest.mark.parametrize("rule", BY_ID)
def test_a_household_that_is_wrong_is_found(rule):
    result = run_audit(intake_of(CASES[rule].broken))
    found = result.findings.filter(rule=rule)
    assert found.height >= 1
    assert found["table"].unique().to_list() == [BY_ID[rule].table]


@pytest.mark.parametrize("rule", BY_ID)
def test_where_nothing_is_known_nothing_is_judged(rule):
    tables = {
        table: [dict.fromkeys({key: None for row in rows for key in row}) for _ in rows]
        for table, rows in CASES[rule].broken.items()
    }
    assert counts(rule, tables)["judged"] == 0


@pytest.mark.parametrize("rule", BY_ID)
def test_without_any_one_column_it_needs_a_rule_is_not_run_and_says_so(rule):
    needs = BY_ID[rule].needs(AUDIT["limits"])
    assert any(needs.values())
    for table, columns in needs.items():
        for column in columns:
            either = column.split("|")
            tables = {
                name: [{k: v for k, v in row.items() if name != table or k not in either} for row in rows]
                for name, rows in CASES[rule].broken.items()
            }
            found = counts(rule, tables)
            assert found["lacking"] == f"{table}.{column}"
            assert found["judged"] == 0


@pytest.mark.parametrize("rule", BY_ID)
def test_the_column_it_flags_is_one_of_its_table(rule):
    assert BY_ID[rule].column in columns_of(BY_ID[rule].table)


def test_every_rule_has_a_severity_and_wordings_and_no_other_has():
    assert AUDIT["rules"].keys() == BY_ID.keys() | {*CELL_RULES, REPORTED}
    assert {rule.family for rule in RULES} | {"cells"} == AUDIT["families"].keys()
    used = {told["todo"] for told in AUDIT["rules"].values()}
    assert used == AUDIT["todo"].keys()
    for told in (*AUDIT["rules"].values(), *AUDIT["families"].values(), *AUDIT["todo"].values()):
        assert told["zh"].strip()
        assert told["en"].strip()
    assert {told["severity"] for told in AUDIT["rules"].values()} <= {"refuse", "warn", "note"}
    assert len({told["en"] for told in AUDIT["rules"].values()}) == len(AUDIT["rules"])
    assert len({told["zh"] for told in AUDIT["rules"].values()}) == len(AUDIT["rules"])


class Asked(dict):
    """Limits that remember which of them were asked for."""

    def __init__(self, limits):
        super().__init__(limits)
        self.names = set()

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)


def test_every_limit_is_of_some_rule():
    limits = Asked(AUDIT["limits"])
    for rule in RULES:
        rule.judgement(limits)
    assert limits.names == limits.keys()
