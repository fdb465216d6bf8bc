from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.alerts import assess, missing_inputs, suggest
from relapse_risk.errors import InputError
from relapse_risk.policy import REASONS, read_policy
from relapse_risk.records import Records
from tests.alerts.assessment.assessed_registers import (
    DAY,
    LATER,
    POLICY,
    arguments,
    beside,
    complete,
    household,
    incomes,
    invented,
    one,
)

COLUMNS = [
    *("household_id", "cause", "depth", "result", "risk"),
    *("class_three", "class_four", "near_poor", "sudden", "measures"),
]


@pytest.fixture(scope="module")
def assessed():
    return assess(*arguments())


def levels(part):
    return set(POLICY.mechanism.classes.factor[part].level)


def test_every_household_known_is_assessed_once_in_the_codes_of_the_data(assessed):
    known = invented().known_by(DAY).require("households")["household_id"]
    assert assessed["household_id"].to_list() == known.sort().to_list()
    assert assessed.columns == COLUMNS
    assert set(assessed["cause"].drop_nulls()) <= set(REASONS)
    for factor in ("depth", "result", "risk"):
        found = set(assessed[factor].drop_nulls())
        assert len(found) > 1
        assert found <= levels(factor)
    assert set(assessed["class_three"].drop_nulls()) == {"covered", "unstable", "stable"}
    assert set(assessed["class_four"].drop_nulls()) == {"covered", "to_consolidate", "out_of_poverty", "poor"}


def test_the_two_schemes_agree(assessed):
    same = {"covered": "covered", "unstable": "to_consolidate", "stable": "out_of_poverty"}
    classed = assessed.filter(pl.col("class_three").is_not_null())
    assert classed["class_three"].replace_strict(same).equals(classed["class_four"])
    kinds = invented().known_by(DAY).require("households").select("household_id", "household_type")
    kinds = assessed.join(kinds, on="household_id")
    assert set(kinds.filter(pl.col("class_three").is_not_null())["household_type"]) == {"exited"}
    assert set(kinds.filter(pl.col("class_four").is_not_null())["household_type"]) == {"exited", "poor"}


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_never_matters_to_an_assessment(assessed, seed):
    tables = {name: table.sample(fraction=1, shuffle=True, seed=seed) for name, table in invented().tables.items()}
    shuffled = Records(tables, exported_on=invented().exported_on)
    view, table, risk, policy = arguments(shuffled)
    table = replace(table, frame=table.frame.sample(fraction=1, shuffle=True, seed=seed))
    assert assess(view, table, risk.sample(fraction=1, shuffle=True, seed=seed), policy).equals(assessed)


def test_nothing_the_register_learns_later_changes_an_assessment(assessed):
    """Every row again, recorded later and saying something else."""
    records = invented()
    poisoned = {name: pl.concat([table, _otherwise(table)]) for name, table in records.tables.items()}
    later = Records(poisoned, exported_on=records.exported_on)
    assert (
        later.known_by("2020-12-31").require("households").equals(records.known_by("2020-12-31").require("households"))
        is False
    )
    assert assess(*arguments(later)).equals(assessed)
    assert suggest(*arguments(later)).equals(suggest(*arguments()))


def _otherwise(table):
    changed = [
        pl.col(name).reverse()
        for name in table.columns
        if name in ("household_type", "house_grade", "safe_water", "kind", "status")
    ]
    numbers = [pl.col(name) * 100 for name, dtype in table.schema.items() if dtype == pl.Float64]
    return table.with_columns(*changed, *numbers, recorded_on=pl.lit(LATER))


def test_the_registers_cause_comes_before_the_models_reason():
    tables = {"households": household(poverty_cause="因病"), "incomes": incomes(9000)}
    assert assess(*one(tables))["cause"].item() == "illness"
    assert assess(*one(tables | {"households": household()}))["cause"].item() == "income"


@pytest.mark.parametrize(
    ("lowest", "depth"), [(1000, "deep"), (3000, "poor"), (4500, "near"), (4827, "above"), (9000, "above")]
)
def test_depth_goes_by_the_lowest_income_known(lowest, depth):
    several = pl.concat([incomes(lowest, 2019), incomes(9000, 2018)])
    assert assess(*one({"households": household(), "incomes": several}))["depth"].item() == depth


@pytest.mark.parametrize(
    ("home", "income", "result"),
    [
        ({"house_grade": "B", "safe_water": True}, 9000, "firm"),
        ({"house_grade": "C", "safe_water": True}, 9000, "below"),
        ({"house_grade": "B", "safe_water": False}, 9000, "below"),
        ({"house_grade": "B", "safe_water": None}, 9000, None),
        ({"house_grade": "D", "safe_water": None}, 9000, "below"),
        ({"house_grade": "B", "safe_water": True}, 3000, "below"),
        ({"house_grade": "B", "safe_water": True}, 4000, "fragile"),
    ],
)
def test_result_goes_by_income_and_guarantees_and_unknown_stays_so(home, income, result):
    before = incomes(income, 2018)
    tables = {"households": household(**home), "incomes": pl.concat([before, incomes(income)])}
    child = {"person_id": "p1", "household_id": "h1", "recorded_on": date(2018, 1, 1)}
    found = assess(*one(complete(tables | {"members": pl.DataFrame([child])})))
    assert found.filter(household_id="h1")["result"].item() == result


def test_what_the_register_tells_of_nobody_is_unknown_and_said():
    tables = {"households": household(house_grade="B", safe_water=None), "incomes": incomes(9000)}
    assert assess(*one(tables))["result"].item() is None
    assert assess(*one(tables | {"households": household(house_grade="D")}))["result"].item() == "below"
    assert missing_inputs(*one(tables)).columns["unsafe_water"] == "a value of anybody"
    assert "income_change" in missing_inputs(*one(tables)).left_out["factor.result"]


def test_a_sudden_hardship_household_stands_above_the_line_and_income_alone_makes_none():
    bill = pl.DataFrame(
        [{"household_id": "h1", "occurred_on": date(2019, 6, 1), "kind": "serious", "self_paid": 40000.0}]
    )
    base = {"households": household(), "incomes": incomes(9000), "illness": bill}

    def sudden(**tables):
        return assess(*one(complete(base | tables))).filter(household_id="h1")["sudden"].item()

    assert sudden() is True  # 9,000 less 10,000 a head
    assert sudden(illness=bill.with_columns(self_paid=pl.lit(8000.0))) is False  # 7,000 a head are left
    assert sudden(illness=bill.with_columns(occurred_on=pl.lit(date(2018, 6, 1)))) is False
    assert sudden(illness=bill.with_columns(self_paid=pl.lit(None, dtype=pl.Float64))) is None
    assert sudden(incomes=incomes(3000), illness=bill.with_columns(occurred_on=pl.lit(date(2016, 1, 1)))) is False
    assert sudden(households=household(household_type="poor")) is False


def test_whom_the_register_identified_as_in_sudden_hardship_is_until_cleared():
    entry = {"household_id": "h1", "identified_on": date(2019, 2, 1), "monitoring_type": "sudden", "cleared_on": None}
    stay = pl.DataFrame([entry], schema_overrides={"cleared_on": pl.Date})
    tables = {"households": household(), "incomes": incomes(20000)}

    def found(stay):
        return assess(*one(complete(tables | {"monitoring": stay}))).filter(household_id="h1")["sudden"].item()

    assert found(stay) is True
    assert found(stay.with_columns(cleared_on=pl.lit(date(2019, 9, 1)))) is False


@pytest.mark.parametrize(
    ("kind", "income", "near"),
    [
        ("near_poor", 20000, True),
        ("general", 4000, True),
        ("general", 5000, False),
        ("general", 3000, False),
        ("exited", 4000, False),
        ("poor", 4000, False),
        (None, 4000, None),
    ],
)
def test_near_poor_is_who_is_registered_so_or_unregistered_between_the_lines(kind, income, near):
    tables = beside({"households": household(household_type=kind), "incomes": incomes(income)}, household_type="exited")
    assert assess(*one(tables)).filter(household_id="h1")["near_poor"].item() is near


def test_classes_follow_what_is_found():
    labour = pl.DataFrame([{"person_id": "p1", "household_id": "h1", "recorded_on": DAY, "labour_capacity": "none"}])
    relief = pl.DataFrame([{"household_id": "h1", "kind": "subsistence", "started_on": date(2019, 1, 1)}])
    both = pl.concat([incomes(9000, 2018), incomes(9000)])
    tables = {"households": household(), "incomes": both, "members": labour, "assistance": relief}

    def classes(tables):
        found = assess(*one(complete(tables))).filter(household_id="h1")
        return found.select("class_three", "class_four").row(0)

    assert classes(tables) == ("covered", "covered")
    able = tables | {"members": labour.with_columns(labour_capacity=pl.lit("ordinary"))}
    assert classes(able) == ("stable", "out_of_poverty")
    low = able | {"incomes": incomes(4000)}
    assert classes(low) == ("unstable", "to_consolidate")
    relapsed = able | {"relapses": pl.DataFrame([{"household_id": "h1", "relapsed_on": date(2019, 5, 1)}])}
    assert classes(relapsed) == (None, "poor")


def test_what_the_records_do_not_have_is_said():
    found = missing_inputs(*one({"households": household(), "incomes": incomes(9000)}))
    assert found.columns["unsafe_water"] == "column safe_water of households"
    assert {"unsafe_water", "uninsured"} <= set(found.left_out["factor.result"])
    assert "sudden" in found.left_out["factor.risk"]
    assert "factor.depth" not in found.left_out
    assert missing_inputs(*arguments()).columns == {}


def test_without_incomes_or_types_nothing_is_made_up():
    row = assess(*one({"households": household(household_type=None).drop("household_type"), "incomes": incomes(9000)}))
    assert row.select("class_three", "class_four", "near_poor").row(0) == (None, None, None)
    row = assess(*one({"households": household()}))
    assert row.select("depth", "near_poor", "sudden").row(0) == (None, None, None)


def test_levels_of_a_user_s_own_count(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        '[classes.factor.depth.level.near]\nall = [{ column = "income_lowest", below = 9 }]', encoding="utf-8"
    )
    tables = {"households": household(), "incomes": incomes(9000)}
    view, table, risk, _ = one(tables)
    assert assess(view, table, risk, read_policy(mechanism=path))["depth"].item() == "near"


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("{ column = 'no_such', below = 1 }", "condition_column"),
        ("{ column = 'income_lowest', is = 'low' }", "condition_kind"),
        ("{ column = 'state', is = 'exit' }", "condition_code"),
        ("{ column = 'exclusion_reason', is = 'gone' }", "condition_code"),
        ("{ column = 'house_grade', is = 'Q' }", "condition_code"),
        ("{ column = 'income_lowest' }", "data_value"),
    ],
)
def test_levels_that_cannot_be_meant_are_refused(tmp_path, condition, code):
    path = tmp_path / "own.toml"
    path.write_text(f"[classes.factor.depth.level.near]\nall = [{condition}]", encoding="utf-8")
    view, table, risk, _ = one({"households": household(), "incomes": incomes(9000)})
    with pytest.raises(InputError) as refused:
        assess(view, table, risk, read_policy(mechanism=path))
    assert refused.value.code == code
    assert str(path) in refused.value.in_language("zh") and str(path) in refused.value.in_language("en")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[classes.cause]\ncolumns = ['poverty_caus']", "classes.cause.columns"),
        ("[classes.population.sudden]\ncost = ['disaster_los_12m']", "classes.population.sudden.cost"),
        (
            "[classes.population.sudden]\nshock = [{ column = 'disaster_12m', at_least = 1 }]",
            "classes.population.sudden.shock.1",
        ),
    ],
)
def test_a_misspelt_column_of_the_populations_is_refused_with_its_key(tmp_path, text, name):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    view, table, risk, _ = one({"households": household(), "incomes": incomes(9000)})
    with pytest.raises(InputError) as refused:
        assess(view, table, risk, read_policy(mechanism=path))
    assert refused.value.code == "condition_column"
    assert f"[{name}]" in refused.value.in_language("zh") and f"[{name}]" in refused.value.in_language("en")
