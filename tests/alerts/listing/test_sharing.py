"""Visits shared out: by area, with a least for every village, by cost; where each list ends."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.alerts import Capacity, Costs, rank_households, share_visits, with_tiers
from relapse_risk.errors import InputError
from relapse_risk.policy import read_policy

OURS = read_policy().thresholds
LISTED = pl.col("tier").is_in(["red", "orange", "yellow"])
TEXTS = {"town": pl.String, "village": pl.String}


def register(risks, towns, villages):
    ids = [f"h{i:03d}" for i in range(len(risks))]
    risk = pl.DataFrame({"household_id": ids, "probability": risks}, schema_overrides={"probability": pl.Float64})
    risk = risk.with_columns(ratio=pl.lit(1.0))
    risk = risk.with_columns(rank=rank_households(risk, b"key"))
    return risk, pl.DataFrame({"household_id": ids, "town": towns, "village": villages}, schema_overrides=TEXTS)


@st.composite
def registers(draw):
    n = draw(st.integers(1, 30))
    risks = draw(st.lists(st.none() | st.sampled_from([0.01, 0.04, 0.05, 0.2, 0.6]), min_size=n, max_size=n))
    towns = draw(st.lists(st.none() | st.sampled_from("AB"), min_size=n, max_size=n))
    villages = draw(st.lists(st.none() | st.sampled_from("UVW"), min_size=n, max_size=n))
    return register(risks, towns, villages)


def share(given, **asked):
    risk, places = given
    return share_visits(risk, places, Capacity(**asked), OURS, "key")


def placed(given, shared):
    return given[0].with_columns(shared.tier).join(given[1], on="household_id", how="left", maintain_order="left")


@pytest.mark.slow
@given(registers(), st.integers(1, 12))
def test_one_capacity_for_all_is_the_first_ranks(given, visits):
    risk = given[0]
    assert share(given, visits=visits).tier.to_list() == with_tiers(risk, visits, OURS.tiers)["tier"].to_list()


@pytest.mark.slow
@given(registers(), st.integers(1, 8), st.sampled_from(["town", "village"]))
def test_every_area_has_its_capacity_as_far_as_it_has_households(given, visits, per):
    shared = share(given, visits=visits, per=per)
    path = ["town"] if per == "town" else ["town", "village"]
    listed = placed(given, shared).group_by(path).agg(listed=LISTED.sum(), at_risk=pl.col("rank").count())
    assert (listed["listed"] == listed["at_risk"].clip(upper_bound=visits)).all()
    assert shared.areas["listed"].sum() == listed["listed"].sum()
    assert shared.areas["at_risk"].sum() == given[0]["rank"].count()


@pytest.mark.slow
@given(registers(), st.integers(1, 4), st.integers(1, 2))
def test_every_village_has_its_least_and_the_whole_stays_the_whole(given, more, least):
    villages = given[1].filter(pl.col("village").is_not_null()).select("town", "village").n_unique()
    visits = villages * least + more
    shared = share(given, visits=visits, min_per_village=least)
    rows = placed(given, shared)
    by = (
        rows.filter(pl.col("village").is_not_null(), pl.col("rank").is_not_null())
        .group_by("town", "village")
        .agg(listed=LISTED.sum(), at_risk=pl.len())
    )
    assert (by["listed"] >= by["at_risk"].clip(upper_bound=least)).all()
    assert rows.filter(LISTED).height == min(visits, given[0]["rank"].count())


@pytest.mark.slow
@given(registers(), st.integers(1, 8), st.none() | st.integers(1, 8))
def test_with_costs_nobody_below_the_threshold_is_listed(given, factor, visits):
    costs = Costs(miss=factor, waste=1)
    shared = share(given, costs=costs, visits=visits)
    rows = placed(given, shared)
    worth = rows.filter(pl.col("probability") >= costs.threshold)
    listed = rows.filter(LISTED)
    assert listed.height == (worth.height if visits is None else min(visits, worth.height))
    assert (listed["probability"] >= costs.threshold).all()
    assert shared.areas["visits"].sum() == listed.height
    assert shared.bounded is (visits is not None)


def test_a_risk_just_at_the_threshold_is_worth_a_visit():
    given = register([0.05, 0.049], ["A", "A"], ["U", "U"])
    shared = share(given, costs=Costs(miss=19, waste=1))
    assert shared.tier.to_list() == ["red", "none"]
    assert shared.threshold == 0.05


@pytest.mark.slow
@given(registers(), st.integers(1, 2))
def test_the_least_takes_nothing_from_whom_a_visit_is_worth_it(given, least):
    costs = Costs(miss=19, waste=1)
    shared = share(given, costs=costs, min_per_village=least)
    listed, below = placed(given, shared).filter(LISTED), pl.col("probability") < costs.threshold
    assert listed.filter(~below).height == given[0].filter(~below).height
    assert shared.summary["covered"] == listed.filter(below).height
    assert shared.last is None or shared.last >= costs.threshold


def test_the_least_goes_before_the_costs():
    given = register([0.5, 0.4, 0.01], ["A"] * 3, ["U", "U", "V"])
    shared = share(given, costs=Costs(miss=1, waste=1), min_per_village=1)
    assert placed(given, shared).filter(LISTED)["household_id"].to_list() == ["h000", "h002"]
    assert shared.summary["covered"] == 1


@pytest.mark.slow
@given(registers(), st.randoms(use_true_random=False))
def test_row_order_never_matters(given, random):
    order = list(range(given[0].height))
    random.shuffle(order)
    asked = {"per": "town", "costs": Costs(miss=19, waste=1), "min_per_village": 0}
    shared, other = share(given, **asked), share((given[0][order], given[1][order[::-1]]), **asked)
    assert other.tier.to_list() == shared.tier[order].to_list()
    assert other.areas.equals(shared.areas)


def test_tiers_reach_to_their_shares_of_each_area_s_capacity():
    given = register([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2], list("AAAABBBB"), list("UUUUVVVV"))
    assert share(given, visits=4, per="town").tier.to_list() == ["red", "orange", "yellow", "yellow"] * 2


def test_without_a_number_each_area_has_the_usual_share_of_its_own():
    given = register([i / 100 for i in range(1, 62)], ["A"] * 41 + ["B"] * 20, ["U"] * 61)
    assert share(given, per="town").areas["visits"].to_list() == [3, 1]


def test_a_table_gives_each_area_its_own_number():
    given = register([0.9, 0.8, 0.7, 0.6], list("AABB"), list("UUVV"))
    table = pl.DataFrame({"town": ["B", "A"], "visits": [2, 0]})
    shared = share(given, visits=table, per="town")
    assert shared.tier.to_list() == ["none", "none", "red", "yellow"]
    assert shared.areas.select("town", "visits", "listed", "last").rows() == [("A", 0, 0, None), ("B", 2, 2, 0.6)]
    assert shared.visits == 2


def test_those_of_unknown_place_have_no_visits_of_a_table_and_that_is_said():
    given = register([0.9, 0.8], ["A", None], ["U", None])
    shared = share(given, visits=pl.DataFrame({"town": ["A"], "visits": [1]}), per="town")
    assert shared.tier.to_list() == ["red", "none"]
    assert shared.unplaced == 1


@pytest.mark.parametrize(
    "table",
    [
        {"town": ["A"], "visits": [1]},
        {"town": ["A", "B", "C"], "visits": [1, 1, 1]},
    ],
)
def test_a_table_of_other_areas_is_refused(table):
    with pytest.raises(InputError) as refused:
        share(register([0.9, 0.8], ["A", "B"], ["U", "V"]), visits=pl.DataFrame(table), per="town")
    assert refused.value.code == "capacity_areas"


def test_a_table_that_does_not_tell_areas_apart_is_refused():
    table = pl.DataFrame({"village": ["U"], "visits": [1]})
    with pytest.raises(InputError) as refused:
        share(register([0.9, 0.8], ["A", "B"], ["U", "U"]), visits=table, per="village")
    assert refused.value.code == "capacity_areas"


def test_a_least_that_takes_more_than_there_is_is_refused():
    with pytest.raises(InputError) as refused:
        share(register([0.9, 0.8], ["A", "A"], ["U", "V"]), visits=1, min_per_village=1)
    assert refused.value.code == "capacity_below_least"
    assert refused.value.details["owed"] == 2


@pytest.mark.parametrize("asked", [{"visits": 1, "per": "town"}, {"visits": 1, "min_per_village": 1}])
def test_areas_that_the_records_do_not_name_are_refused(asked):
    given = register([0.9], ["A"], ["U"])
    risk, places = given
    with pytest.raises(InputError) as refused:
        share((risk, places.select("household_id")), **asked)
    assert refused.value.code == "capacity_level"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"visits": 0}, "capacity_number"),
        ({"visits": "many"}, "capacity_number"),
        ({"visits": 5, "per": "group"}, "capacity_per"),
        ({"visits": 5, "min_per_village": -1}, "capacity_least"),
        ({"visits": 5, "min_per_village": 1.5}, "capacity_least"),
        ({"visits": pl.DataFrame({"town": ["A"], "visits": [1]})}, "capacity_table"),
        ({"visits": pl.DataFrame({"town": ["A"]}), "per": "town"}, "capacity_table"),
        ({"visits": pl.DataFrame({"town": ["A", "A"], "visits": [1, 2]}), "per": "town"}, "capacity_table"),
        ({"visits": pl.DataFrame({"town": ["A"], "visits": [-1]}), "per": "town"}, "capacity_table"),
        ({"visits": pl.DataFrame({"town": ["A"], "visits": [None]}), "per": "town"}, "capacity_table"),
    ],
)
def test_what_is_no_capacity_is_refused(asked, code):
    with pytest.raises(InputError) as refused:
        Capacity(**asked)
    assert refused.value.code == code


@pytest.mark.parametrize("costs", [(0, 1), (1, -1), (float("nan"), 1), ("1", 2), (True, 1)])
def test_costs_that_are_no_costs_are_refused(costs):
    with pytest.raises(InputError) as refused:
        Costs(miss=costs[0], waste=costs[1])
    assert refused.value.code == "costs_numbers"


def test_ties_at_the_end_of_a_list_are_counted():
    given = register([0.9, 0.5, 0.5, 0.5, 0.1], ["A"] * 5, ["U"] * 5)
    summary = share(given, visits=2).summary
    assert (summary["last_probability"], summary["tied"], summary["tied_not_listed"]) == (0.5, 3, 2)


def test_the_key_is_told_by_its_digest_alone():
    given = register([0.9], ["A"], ["U"])
    risk, places = given
    digest = share_visits(risk, places, Capacity(visits=1), OURS, "secret").summary["key_digest"]
    assert "secret" not in digest
    assert digest != share(given, visits=1).key


def test_nobody_at_risk_lists_nobody():
    given = register([None, None], ["A", "B"], ["U", "V"])
    for asked in (
        {},
        {"visits": 3},
        {"visits": 3, "per": "town", "min_per_village": 1},
        {"costs": Costs(miss=2, waste=1)},
    ):
        shared = share(given, **asked)
        assert shared.tier.to_list() == [None, None]
        assert shared.last is None


def test_areas_of_claims_have_visits_and_change_nothing_for_others():
    given = register([0.6, 0.2, None], ["A", "A", "A"], ["U", "U", "V"])
    claimed = pl.DataFrame({"town": ["A", "A", "A"], "village": ["V", "W", ""]})
    asked = {"visits": 1, "per": "village"}
    before = share(given, **asked)
    risk, places = given
    after = share_visits(risk, places, Capacity(**asked), OURS, "key", claimed=claimed)
    assert before.areas["village"].to_list() == ["U"]
    assert after.areas.select("village", "at_risk", "limit", "listed").rows() == [
        *(("", 0, 1, 0), ("U", 2, 1, 1), ("V", 0, 1, 0), ("W", 0, 1, 0)),
    ]
    assert after.tier.to_list() == before.tier.to_list()


def test_a_table_gives_claims_no_visits_in_an_area_that_the_records_do_not_know():
    risk, places = register([0.6, None], ["A", "A"], ["U", "V"])
    table = pl.DataFrame({"town": ["A", "A"], "village": ["U", "V"], "visits": [2, 3]})
    claimed = pl.DataFrame({"town": ["A", "A"], "village": ["V", "W"]})
    shared = share_visits(risk, places, Capacity(visits=table, per="village"), OURS, "key", claimed=claimed)
    assert shared.areas.select("village", "limit").rows() == [("U", 2), ("V", 3), ("W", 0)]


@pytest.mark.parametrize(("per", "visits"), [(None, [3]), ("town", [2, 1])])
def test_a_share_is_one_of_those_at_risk_rounded_up_in_each_area(per, visits):
    given = register([0.1] * 9 + [None], ["A"] * 5 + ["B"] * 4 + ["B"], ["U"] * 10)
    shared = share(given, visits=0.25, per=per)
    assert shared.areas["visits"].to_list() == visits
    assert shared.bounded
    worth = share(given, visits=0.25, per=per, costs=Costs(miss=1, waste=1))
    assert (worth.areas["visits"].sum(), worth.areas["limit"].to_list()) == (0, visits)
