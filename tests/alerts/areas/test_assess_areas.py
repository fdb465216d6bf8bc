"""Areas: every household counted once at every level, bounds by the shocks of villages and years."""

import numpy as np
import polars as pl
import pytest
from relapse_risk.scoring.areas import count_areas
from scipy.special import logit
from scored_registers import make_bundle, make_records

from relapse_risk.models import Shocks, count_interval
from relapse_risk.scoring import score

SHOCKS = Shocks(village=0.4, level=0.1, villages=50, years=1)


def _register(n=900, seed=0, levels=("county", "town", "village")):
    random = np.random.default_rng(seed)
    named = {
        "county": random.choice(["甲县", "乙县"], n),
        "town": random.choice(["东镇", "西镇"], n),
        "village": random.choice(["上村", "下村", None], n),
    }
    ids = [f"h{i}" for i in range(n)]
    risk = pl.DataFrame(
        {
            "household_id": ids,
            "population": random.choice(["at_risk", "rule_only"], n, p=[0.9, 0.1]),
            "probability": random.beta(1, 20, n),
        }
    ).with_columns(pl.when(population="at_risk").then("probability"))
    places = {name: named[name].tolist() for name in levels}
    return risk, pl.DataFrame({"household_id": ids, **places}, schema_overrides=dict.fromkeys(levels, pl.String))


def test_every_household_at_risk_is_counted_once_at_every_level():
    risk, places = _register()
    found = count_areas(risk, places, SHOCKS)
    sums = found.group_by("level").agg(pl.col("at_risk", "expected").sum()).sort("level")
    assert sums["level"].to_list() == ["all", "county", "town", "village"]
    assert set(sums["at_risk"]) == {(risk["population"] == "at_risk").sum()}
    assert sums["expected"].to_list() == pytest.approx([risk["probability"].sum()] * 4)
    assert dict(found.group_by("level").len().rows()) == {"all": 1, "county": 2, "town": 4, "village": 12}


def test_bounds_are_those_of_the_households_of_the_area():
    risk, places = _register()
    found = count_areas(risk, places, SHOCKS)
    names = ["county", "town", "village"]
    placed = risk.filter(population="at_risk").join(places, on="household_id")
    placed = placed.with_columns(code=pl.struct(names).rank("dense"))
    whole = count_interval(logit(placed["probability"].to_numpy()), placed["code"].to_numpy(), SHOCKS)
    assert found.filter(level="all").select("expected", "lower", "upper").row(0) == pytest.approx(whole)
    town = placed.filter(county="甲县", town="东镇")
    bounds = count_interval(logit(town["probability"].to_numpy()), town["code"].to_numpy(), SHOCKS)
    ours = found.filter(level="town", county="甲县", town="东镇").select("expected", "lower", "upper").row(0)
    assert ours == pytest.approx(bounds)


def test_an_area_has_wider_bounds_relative_to_what_is_expected_than_one_it_belongs_to():
    found = count_areas(*_register(), SHOCKS)
    width = found.with_columns(width=(pl.col("upper") - pl.col("lower")) / pl.col("expected"))
    by_level = dict(width.group_by("level").agg(pl.col("width").mean()).rows())
    assert by_level["village"] > by_level["town"] > by_level["county"] > by_level["all"]


def test_without_shocks_there_is_an_expected_number_and_no_bounds():
    risk, places = _register()
    found = count_areas(risk, places, None)
    assert found["lower"].is_null().all()
    assert found["upper"].is_null().all()
    assert found["expected"].to_list() == pytest.approx(count_areas(risk, places, SHOCKS)["expected"].to_list())


@pytest.mark.parametrize("levels", [(), ("county",), ("town", "village")])
def test_levels_the_records_do_not_tell_are_not_there(levels):
    found = count_areas(*_register(levels=levels), SHOCKS)
    assert found["level"].unique().sort().to_list() == ["all", *levels]
    assert found["lower"].null_count() == 0


def test_the_order_of_households_does_not_matter():
    risk, places = _register()
    mixed = count_areas(risk.sample(fraction=1, shuffle=True, seed=2), places.reverse(), SHOCKS)
    assert mixed.drop("expected").equals(count_areas(risk, places, SHOCKS).drop("expected"))


def test_nobody_at_risk_gives_no_area():
    risk, places = _register()
    found = count_areas(risk.filter(population="rule_only"), places, SHOCKS)
    assert found.is_empty()
    assert found.columns == ["level", "county", "town", "village", "at_risk", "expected", "lower", "upper"]


def test_a_roster_has_its_areas_and_writes_them(tmp_path):
    roster = score(make_records(), make_bundle(), as_of="2019-12-31", capacity=30)
    whole = roster.areas.row(0, named=True)
    assert whole["expected"] == pytest.approx(roster.frame["probability"].sum())
    assert whole["lower"] < whole["expected"] < whole["upper"]
    roster.write(tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "areas.parquet").equals(roster.areas)
