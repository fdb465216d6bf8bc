from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.alerts import apply_overrides, evaluate_rules, find_facts, overrides, rule_counts
from relapse_risk.records import Records
from tests.alerts.assessment.assessed_registers import (
    LATER,
    POLICY,
    arguments,
    beside,
    household,
    incomes,
    invented,
    one,
)

RULES = POLICY.mechanism.rules_in_force(date(2020, 12, 31))
TIERS = ("red", "orange", "yellow", "none")
HOMES = household(house_grade="B", safe_water=True, household_type="exited")


def held(arguments):
    view, table, risk, policy = arguments
    return evaluate_rules(find_facts(table, risk, view, policy), RULES)


def met(tables):
    """Return the codes of the rules that the household of a small register meets."""
    return overrides(held(one({"households": HOMES, "incomes": incomes(9000)} | tables)), RULES)["rule"].to_list()


def member(**columns):
    return pl.DataFrame([{"person_id": "p1", "household_id": "h1", "recorded_on": date(2019, 1, 1)} | columns])


def stay(**columns):
    row = {"household_id": "h1", "identified_on": date(2019, 2, 1), "cleared_on": None} | columns
    return pl.DataFrame([row], schema_overrides={"cleared_on": pl.Date})


def loan(status):
    row = {"loan_id": "l1", "household_id": "h1", "started_on": date(2018, 1, 1), "status": status}
    return pl.DataFrame([row | {"status_on": date(2019, 5, 1), "recorded_on": date(2019, 5, 2)}])


def bill(amount):
    return pl.DataFrame(
        [{"household_id": "h1", "occurred_on": date(2019, 3, 1), "kind": "serious", "self_paid": amount}]
    )


def loss(amount):
    return pl.DataFrame([{"household_id": "h1", "occurred_on": date(2019, 3, 1), "loss": amount}])


def insured(household_id):
    return pl.DataFrame([{"household_id": household_id, "kind": "insurance", "started_on": date(2019, 3, 1)}])


RELAPSE = pl.DataFrame([{"household_id": "h1", "relapsed_on": date(2019, 3, 1)}])
CARRIED_OVER = HOMES.with_columns(recorded_on=pl.lit(date(2019, 9, 1)))
OUT_AGAIN = CARRIED_OVER.with_columns(household_type=pl.lit("exited"), exit_year=2019)
FIRST_OUT = HOMES.with_columns(household_type=pl.lit("exited"), exit_year=2016)


@pytest.mark.parametrize(
    ("tables", "codes"),
    [
        ({}, []),
        ({"relapses": RELAPSE}, ["relapsed"]),
        ({"relapses": RELAPSE, "households": pl.concat([HOMES, CARRIED_OVER])}, ["relapsed"]),
        ({"relapses": RELAPSE, "households": pl.concat([FIRST_OUT, OUT_AGAIN])}, []),
        ({"households": HOMES.with_columns(household_type=pl.lit("poor"))}, ["still_poor"]),
        ({"households": HOMES.with_columns(house_grade=pl.lit("D"))}, ["house_d", "house_unsafe"]),
        ({"households": HOMES.with_columns(house_grade=pl.lit("C"))}, ["house_unsafe"]),
        ({"households": HOMES.with_columns(safe_water=False)}, ["unsafe_water"]),
        ({"members": member(birth_year=2010, student_status="dropout")}, ["drop_out"]),
        ({"members": member(birth_year=2010, student_status="primary")}, []),
        ({"members": member(birth_year=2000, student_status="none")}, []),
        ({"members": member(medical_insured=False)}, ["uninsured"]),
        ({"illness": bill(20000.0)}, ["medical_cost"]),
        ({"illness": bill(19999.0)}, []),
        ({"disasters": loss(5000.0)}, ["disaster_loss"]),
        ({"loans": loan("overdue")}, ["loan_overdue"]),
        ({"loans": loan("extended")}, []),
        ({"monitoring": stay()}, ["monitored"]),
        ({"monitoring": stay(cleared_on=date(2019, 6, 1))}, []),
        ({"monitoring": stay(), "assistance": insured("h2")}, ["monitored", "no_relapse_cover"]),
        ({"monitoring": stay(), "assistance": insured("h1")}, ["monitored"]),
        ({"assistance": insured("h2")}, []),
    ],
)
def test_each_rule_is_met_by_whom_it_means_and_nobody_else(tables, codes):
    assert met(tables) == codes


def test_below_the_line_counts_where_the_register_keeps_no_types():
    untyped = {"households": HOMES.drop("household_type"), "incomes": incomes(2000)}
    assert met(untyped) == ["below_line"]


def test_what_is_not_known_is_neither_met_nor_not_met():
    tables = {"households": household(safe_water=None, house_grade=None), "incomes": incomes(9000)}
    nothing = held(one(beside(tables, safe_water=True, house_grade="A"))).filter(household_id="h1")
    assert nothing["unsafe_water"].item() is None
    assert nothing["house_d"].item() is None
    assert "loan_overdue" not in nothing.columns
    planned = _risk(("h1", "none")).with_columns(listed_for=pl.lit(None), waiting_for=pl.lit(None))
    counts = rule_counts(nothing, RULES, planned)
    assert counts.filter(rule="unsafe_water").select("met", "listed", "unknown").row(0) == (0, 0, 1)
    assert counts.filter(rule="loan_overdue").select("met", "listed", "unknown").row(0) == (None, None, None)


def test_nobody_of_a_household_left_is_listed():
    view, table, risk, policy = one({"households": household(house_grade="D")})
    gone = risk.with_columns(population=pl.lit("not_scored"), exclusion_reason=pl.lit("departed"))
    assert overrides(held((view, table, gone, policy)), RULES).is_empty()


def test_relapse_insurance_of_nobody_at_all_is_not_known_rather_than_missing():
    paid = pl.DataFrame([{"household_id": "h1", "kind": "industry", "started_on": date(2019, 3, 1)}])
    found = held(one({"households": HOMES, "incomes": incomes(9000), "monitoring": stay(), "assistance": paid}))
    assert "no_relapse_cover" not in found.columns


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1000))
def test_rules_see_neither_the_order_of_rows_nor_what_was_learned_later(seed):
    records = invented()
    later = {
        name: pl.concat([table, table.sample(fraction=0.3, seed=seed).with_columns(recorded_on=pl.lit(LATER))]).sample(
            fraction=1, shuffle=True, seed=seed
        )
        for name, table in records.tables.items()
    }
    changed = later | {
        "households": later["households"].with_columns(
            safe_water=pl.when(pl.col("recorded_on") == LATER).then(False).otherwise("safe_water")
        )
    }
    assert held(arguments(Records(changed, exported_on=records.exported_on))).equals(held(arguments()))


def _risk(*rows):
    return pl.DataFrame(rows, schema={"household_id": pl.String, "tier": pl.String}, orient="row")


@given(
    st.lists(st.sampled_from([*TIERS, None]), max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from([*RULES])), max_size=12, unique=True),
)
def test_lifting_makes_nobody_less_urgent_and_counts_add_up(tiers, met):
    risk = _risk(*((f"h{place}", tier) for place, tier in enumerate(tiers)))
    rows = [(f"h{place}", code, RULES[code].tier) for place, code in met if place < len(tiers)]
    long = pl.DataFrame(rows, schema={"household_id": pl.String, "rule": pl.String, "tier": pl.String}, orient="row")
    lifted = apply_overrides(risk, long)
    assert lifted["tier_model"].equals(risk["tier"])
    urgency = {tier: place for place, tier in enumerate(TIERS)} | {None: 4}
    for row in lifted.rows(named=True):
        mine = [tier for household, _, tier in rows if household == row["household_id"] and tier != "none"]
        assert row["tier"] == min([row["tier_model"], *mine], key=urgency.get)
        by_rule = "rule" if row["tier"] in TIERS[:3] else None
        assert row["demanded_for"] == ("model" if row["tier_model"] in TIERS[:3] else by_rule)
    listed = lifted.filter(pl.col("tier").is_in(TIERS[:3])).height
    assert listed == sum(lifted.filter(demanded_for=why).height for why in ("model", "rule"))
