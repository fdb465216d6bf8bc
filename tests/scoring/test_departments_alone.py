"""Lists of departments alone: villages have codes and no names, and all that is done by area works with them."""

from dataclasses import replace

import polars as pl
import pytest

from relapse_risk.alerts import Capacity
from relapse_risk.bundle import rule_bundle
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView, Records
from relapse_risk.scoring import score
from relapse_risk.synthetic import synthesise

DAY = "2019-12-31"


@pytest.fixture(scope="module")
def codes_alone():
    """An invented register in which places are told by codes alone."""
    records = Records(synthesise(households=240, seed=3).tables)
    homes = records.require("households").drop("province", "prefecture", "county", "town", "village")
    return replace(records, tables={**records.tables, "households": homes})


def listed(roster):
    homes = roster.content.places.join(
        roster.frame.filter(pl.col("tier_model") != "none"), on="household_id", how="semi"
    )
    return homes.group_by("county", "town", "village").len()


def test_capacity_is_shared_out_by_villages_of_codes(codes_alone):
    villages = AsOfView.of(codes_alone, DAY).areas["village"].n_unique()
    policy = read_policy()
    bundle = rule_bundle(policy=policy)
    roster = score(codes_alone, bundle, as_of=DAY, capacity=Capacity(visits=2, per="village"), split_by="village")
    assert roster.content.shared.areas.height == villages > 2
    assert listed(roster)["len"].max() <= 2
    least = score(codes_alone, bundle, as_of=DAY, capacity=Capacity(visits=3 * villages, min_per_village=1))
    assert listed(least).height == villages


def test_areas_of_every_level_bear_their_codes(codes_alone):
    areas = score(codes_alone, rule_bundle(), as_of=DAY, capacity=20).areas
    assert {"prefecture", "county", "town", "village"} <= set(areas["level"])
    village = areas.filter(level="village").row(0, named=True)
    assert village["village"].startswith(village["town"]) and village["town"].startswith(village["county"])
    assert village["county"].startswith(village["prefecture"])


def test_codes_and_names_make_the_same_villages(codes_alone):
    named = Records(synthesise(households=240, seed=3).tables)
    by_code, by_name = (
        score(records, rule_bundle(), as_of=DAY, capacity=20).areas.filter(level="village")
        for records in (codes_alone, named)
    )
    assert sorted(by_code["households"]) == sorted(by_name["households"])


@pytest.mark.slow
def test_lists_of_departments_name_every_village_by_its_code(read_sample):
    view = AsOfView.of(read_sample("departments").records, "2020-12-31")
    homes = view.known.require("households")
    assert homes.select("county", "town", "village").null_count().row(0) == (0, 0, 0)
    assert homes["village"].n_unique() == homes["village_code"].n_unique() == 32
    registry = AsOfView.of(read_sample("registry").records, "2020-12-31").known.require("households")
    assert registry["village"].null_count() == 0
    assert registry.select("county", "town", "village").unique().height == 32
