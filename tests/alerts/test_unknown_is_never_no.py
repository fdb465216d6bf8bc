"""With less in the register nothing becomes "no", and nothing "yes": what it no longer says is unknown."""

from functools import cache

import polars as pl
import pytest

from relapse_risk.alerts import assess, evaluate_rules, find_facts
from relapse_risk.alerts.watch import LISTS, watch
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.records import TABLES, AsOfView, Records
from relapse_risk.synthetic import synthesise
from tests.alerts.assessment.assessed_registers import DAY, POLICY, risk_of

POPULATION = synthesise(households=150, seed=3)
TOLD_AS_ONE = ("depth", "result", "risk", "class_three", "class_four", "near_poor", "sudden")

# A table of which no row means that nothing happened, or that tells who lives where, is another register without it:
# the contract says so (docs/records.md). Households whose members all left
# are there again if nobody is known to have left.
OTHER_REGISTER = {"households", "incomes", "members", "relapses"}
DROPPED = sorted(set(POPULATION.tables) - OTHER_REGISTER)

# Two sources of one fact, either of which is enough (docs/records.md).
EITHER = {
    "members.health_status": {"key_groups.serious_illness", "schooling.out_of_school"},
    "members.work_months": {"idle_labour.nobody_in_work", "resettlement.no_work"},
    "disabilities": {"key_groups.disabled"},
    "illness": {"key_groups.serious_illness"},
    "employment": {"idle_labour.nobody_in_work", "resettlement.no_work"},
}
# Endings: without a value nothing ended. Types: incomes decide without them. The rest are days a row is known from, and
# net income, which its parts give as well.
NOT_BLANKED = {
    *(f"{name}.{column}" for name, table in TABLES.items() for column in (*table.endings, *table.key)),
    *(f"{name}.recorded_on" for name in TABLES),
    *("households.household_type", "incomes.net_income_per_capita"),
    *("members.left_reason", "loans.started_on", "incomes.production_cost"),
}
BLANKED = [
    f"{name}.{column}"
    for name, table in sorted(POPULATION.tables.items())
    for column in table.columns
    if f"{name}.{column}" not in NOT_BLANKED and not TABLES[name].columns[column].required
]


def records(tables):
    return Records(tables, exported_on=POPULATION.exported_on)


def said(tables, tiers=None):
    """Return everything that is decided of anybody: rules, classes, populations, lists and flags among the features."""
    view = AsOfView.of(records(tables), DAY, lines=POLICY.lines)
    table, cohort, risk = build_features(view), find_cohort(view), risk_of(records(tables))
    if tiers is not None:
        risk = risk.drop("tier").join(tiers, on="household_id", how="left")
    facts = find_facts(table, risk, view, POLICY)
    flags = [feature.name for feature in table.features if feature.kind == "flag"]
    found = {}
    for frame, columns in (
        (table.frame, flags),
        (evaluate_rules(facts, POLICY.mechanism.rules_in_force(DAY)), None),
        (assess(view, table, risk, POLICY), TOLD_AS_ONE),
    ):
        for name in columns or frame.columns[1:]:
            found[name] = {
                home: value for home, value in frame.select("household_id", name).rows() if value is not None
            }
    return found | on_lists(view, cohort, table)


def on_lists(view, cohort, table):
    watched = watch(view, POLICY, cohort=cohort, table=table)
    keys = ("household_id", "person_id")
    on = {f"{one.name}.{state.name}": {} for one in LISTS for state in one.states}
    for name, state, *key in watched.entries.select("list", "state", *keys).rows():
        on[f"{name}.{state}"][tuple(key)] = True
    return on


@cache
def whole():
    return said(dict(POPULATION.tables))


@cache
def tiers():
    return risk_of(records(dict(POPULATION.tables))).select("household_id", "tier")


def decided_otherwise(tables, what):
    """Return what is decided of somebody though the whole register says otherwise, or does not say."""
    excepted = EITHER.get(what, set())
    return {
        name: dict(list(wrong.items())[:3])
        for name, values in said(tables, tiers()).items()
        if name not in excepted
        and (wrong := {key: value for key, value in values.items() if whole().get(name, {}).get(key) != value})
    }


@pytest.mark.parametrize("name", DROPPED)
def test_a_table_that_is_absent_or_empty_decides_nothing(name):
    tables = dict(POPULATION.tables)
    assert decided_otherwise(tables | {name: tables[name].clear()}, name) == {}
    assert decided_otherwise({other: frame for other, frame in tables.items() if other != name}, name) == {}


@pytest.mark.slow
@pytest.mark.parametrize("column", BLANKED)
def test_a_column_that_is_blank_decides_nothing(column):
    name, _, blanked = column.partition(".")
    frame = POPULATION.tables[name]
    blank = frame.with_columns(pl.lit(None, dtype=frame.schema[blanked]).alias(blanked))
    assert decided_otherwise(dict(POPULATION.tables) | {name: blank}, column) == {}


def test_something_is_decided_of_the_whole_register():
    assert all(whole()[name] for name in (*TOLD_AS_ONE, "uninsured", "key_groups.serious_illness"))
