"""Areas: every household counted once at every level; nothing unknown counted as none; bounds by shared shocks."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from relapse_risk.alerts import assess_areas
from relapse_risk.area_effects import ClusterEffects, count_interval
from tests.alerts.areas.area_registers import make_register

SHOCKS = ClusterEffects(village=0.4, level=0.1, villages=50, years=1)
LEVELS = ["all", "prefecture", "county", "town", "village", "group"]
SUMS = [
    *("households", "persons", "size_unknown", "poor_households", "poor_persons", "register_unknown", "at_risk"),
    *("poor_persons_least", "poor_persons_most", "income_known", "red", "orange", "yellow", "listed", "by_model"),
    *("by_rule", "listed_persons"),
]


def assess(register, shocks=None, **options):
    risk, places, people = register
    return assess_areas(risk, places, people, shocks, largest=20, **options)


@pytest.fixture(scope="module")
def register():
    return make_register()


@pytest.fixture(scope="module")
def areas(register):
    return assess(register, SHOCKS)


@pytest.mark.slow
@given(st.integers(0, 10_000), st.integers(1, 60))
@settings(max_examples=25)
def test_every_level_adds_up_from_groups_to_the_prefecture(seed, n):
    found = assess(make_register(n, seed))
    sums = found.group_by("level", maintain_order=True).agg(pl.col(*SUMS, "expected").sum())
    assert sums["level"].to_list() == LEVELS
    assert sums.select(pl.col(*SUMS).n_unique()).row(0) == (1,) * len(SUMS)
    assert sums["expected"].to_list() == pytest.approx([sums["expected"][0]] * len(LEVELS))
    assert (found["headcount"].is_not_null() == (found["income_known"] > 0)).all()


def test_areas_of_one_name_under_different_parents_are_different(areas):
    sizes = dict(areas.group_by("level").len().rows())
    assert sizes == {"all": 1, "prefecture": 1, "county": 2, "town": 4, "village": 12, "group": 36}


def small(**columns):
    rows = {
        "household_id": ["a", "b", "c", "d", "e"],
        "persons": [2, 3, None, 5, 4],
        "poor": [True, False, True, None, False],
        "income": [1609.0, 4000.0, 1000.0, None, 3218.0],
        "line": [3218.0, 3218.0, 3218.0, 3218.0, 3218.0],
    }
    people = pl.DataFrame(rows | columns, schema_overrides={"poor": pl.Boolean, "income": pl.Float64})
    risk = pl.DataFrame(
        {
            "household_id": ["a", "b", "c", "d", "e", "gone"],
            "population": ["rule_only", "at_risk", "at_risk", "not_scored", "at_risk", "not_scored"],
            "probability": [None, 0.25, 0.5, None, 0.125, None],
            "tier": ["red", "red", "orange", None, "none", None],
            "listed_for": ["rule", "model", "model", None, None, None],
            "waiting_for": [None, None, None, None, "model", None],
            "reason_1": [None, "illness", "debt", None, "debt", None],
        }
    )
    return risk, pl.DataFrame({"household_id": ["a", "b", "c", "d", "e"], "town": ["T"] * 5}), people


def test_one_area_by_hand():
    found = assess(small()).row(0, named=True)
    counted = {name: found[name] for name in ("households", "persons", "size_unknown", "at_risk")}
    assert counted == {"households": 5, "persons": 14, "size_unknown": 1, "at_risk": 3}
    poor = [found[name] for name in ("poor_households", "poor_persons", "register_unknown", "incidence")]
    assert poor == [2, 2, 1, pytest.approx(2 / 9)]
    # the poor household of unknown size has 1 to 20 persons; the one of unknown state has 5
    assert (found["poor_persons_least"], found["poor_persons_most"]) == (3, 27)
    assert found["incidence_least"] == pytest.approx(3 / (3 + 12))
    assert found["incidence_most"] == pytest.approx(27 / (27 + 7))
    # of a, b and e, 2 of 9 persons stand at half the line
    assert (found["income_known"], found["headcount"], found["gap"], found["severity"]) == (
        3,
        *(pytest.approx(2 / 9 * half) for half in (1, 0.5, 0.25)),
    )
    assert (found["expected"], found["red"], found["orange"], found["yellow"]) == (0.875, 2, 1, 0)
    assert (found["listed"], found["by_model"], found["by_rule"], found["listed_persons"]) == (3, 2, 1, 5)
    assert found["reasons"] == "illness+debt"


def test_who_nobody_is_left_of_is_not_counted():
    assert assess(small())["households"].to_list() == [5, 5]


def test_of_what_nobody_knows_there_is_no_share():
    found = assess(small(poor=[None] * 5, income=[None] * 5)).row(0, named=True)
    assert [found[name] for name in ("incidence", "headcount", "gap", "severity")] == [None] * 4
    assert (found["incidence_least"], found["incidence_most"], found["income_known"]) == (0.0, 1.0, 0)


@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_incidence_lies_within_its_bounds(seed):
    found = assess(make_register(40, seed)).drop_nulls("incidence")
    least, most = pl.col("incidence_least"), pl.col("incidence_most")
    assert found.select((least <= most).all(), (pl.col("poor_persons_least") <= pl.col("poor_persons_most")).all()).row(
        0
    ) == (True, True)
    known = found.filter(size_unknown=0, register_unknown=0)
    assert known["incidence_least"].to_list() == pytest.approx(known["incidence"].to_list())
    assert known["incidence_most"].to_list() == pytest.approx(known["incidence"].to_list())


def placed(register, *names):
    risk, places, people = register
    rows = risk.filter(population="at_risk").join(places, on="household_id").join(people, on="household_id")
    return rows.with_columns(code=pl.struct(names).rank("dense"))


def bounds_of(rows):
    return count_interval(logit(rows["probability"].to_numpy()), rows["code"].to_numpy(), SHOCKS)


def test_bounds_are_those_of_the_households_of_the_area(register, areas):
    villages = placed(register, "county", "town", "village")
    for level in ("all", "prefecture"):
        whole = areas.filter(level=level).select("expected", "lower", "upper").row(0)
        assert whole == pytest.approx(bounds_of(villages))
    where = {"county": "甲县", "town": "东镇"}
    ours = areas.filter(level="town", **where).select("expected", "lower", "upper").row(0)
    assert ours == pytest.approx(bounds_of(villages.filter(**where)))


def test_a_group_shares_the_shock_of_its_village(register, areas):
    where = {"county": "甲县", "town": "东镇", "village": "上村", "group_name": "1组"}
    group = placed(register, "county", "town", "village", "group_name").filter(**where)
    ours = areas.filter(level="group", **where).select("expected", "lower", "upper").row(0)
    assert ours == pytest.approx(bounds_of(group))
    villages, groups = (areas.filter(level=level)["upper"].sum() for level in ("village", "group"))
    assert groups > villages


def test_an_area_has_wider_bounds_relative_to_what_is_expected_than_one_it_belongs_to(areas):
    width = areas.with_columns(width=(pl.col("upper") - pl.col("lower")) / pl.col("expected"))
    by_level = dict(width.group_by("level").agg(pl.col("width").mean()).rows())
    widths = [by_level[level] for level in LEVELS if level != "prefecture"]
    assert widths == sorted(widths)


def test_without_shocks_there_is_an_expected_number_and_no_bounds(register, areas):
    found = assess(register)
    assert found["lower"].is_null().all()
    assert found["upper"].is_null().all()
    assert found.drop("lower", "upper").equals(areas.drop("lower", "upper"))


@pytest.mark.parametrize("levels", [(), ("county",), ("town", "village"), ("county", "group_name")])
def test_levels_the_records_do_not_tell_are_not_there(levels):
    found = assess(make_register(levels=levels), SHOCKS)
    columns = [{"group_name": "group"}.get(level, level) for level in levels]
    assert found["level"].unique(maintain_order=True).to_list() == ["all", *columns]
    assert found["lower"].null_count() == 0


def test_the_order_of_households_does_not_matter(register, areas):
    mixed = [frame.sample(fraction=1, shuffle=True, seed=seed) for seed, frame in enumerate(register)]
    assert assess(mixed, SHOCKS).equals(areas)


def test_an_area_where_nobody_is_at_risk_is_there_and_expects_nothing(register):
    risk, places, people = register
    found = assess((risk.filter(pl.col("population") != "at_risk"), places, people), SHOCKS)
    assert set(found["expected"]) == {0.0}
    assert found["at_risk"].sum() == 0
    assert found["lower"].is_null().all()


def test_nobody_gives_no_area(register):
    found = assess([frame.clear() for frame in register], SHOCKS)
    assert found.is_empty()
    assert found.schema == assess(register, SHOCKS).schema
