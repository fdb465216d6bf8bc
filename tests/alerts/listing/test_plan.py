"""The plan of a month: it fits into the capacity, in the order stated, and nobody is lost on the way."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.alerts import CLAIMS, Capacity, apply_overrides, plan_visits, share_visits
from relapse_risk.policy import read_policy

POLICY = read_policy()
ORDER = POLICY.mechanism.listing.order.visits
DAY, LAST = date(2020, 2, 29), date(2020, 1, 31)
RULES = ("relapsed", "house_d", "drop_out", "loan_overdue", "monitored")
RULE_TIERS = {code: POLICY.mechanism.rules[code].tier for code in RULES}

households = st.tuples(
    st.sampled_from(["at_risk", "at_risk", "at_risk", "rule_only", "not_scored"]),
    st.sampled_from("UVW"),
    st.sets(st.sampled_from(RULES), max_size=2),
    st.sampled_from([None, None, None, "overdue", "revisit", "in_hand"]),
    st.booleans(),
)


def make_month(rows, capacity, *, random=0, order=ORDER, rules_beyond=False, shuffled=None, key="key"):
    """Return the demand of some households and its plan."""
    ids = [f"h{i:03d}" for i in range(len(rows))]
    risk = pl.DataFrame(
        {"household_id": ids, "population": [row[0] for row in rows]},
        schema=dict.fromkeys(("household_id", "population"), pl.String),
    ).with_columns(rank=pl.when(population="at_risk").then((pl.col("population") == "at_risk").cum_sum()))
    risk = risk.with_columns(probability=1 / (1 + pl.col("rank")))
    met = [(one, code, RULE_TIERS[code]) for one, row in zip(ids, rows, strict=True) for code in sorted(row[2])]
    lifted = pl.DataFrame(met, schema=dict.fromkeys(("household_id", "rule", "tier"), pl.String), orient="row")
    asked = [
        {"household_id": one, "claim": row[3], "claim_tier": "orange", "waiting_since": LAST if row[4] else None}
        for one, row in zip(ids, rows, strict=True)
    ]
    claims = pl.DataFrame(asked, schema=CLAIMS)
    places = pl.DataFrame(
        {"household_id": ids, "village": [row[1] for row in rows]}, schema_overrides={"village": pl.String}
    )
    if shuffled is not None:
        risk, claims, places = (one.sample(fraction=1, shuffle=True, seed=shuffled) for one in (risk, claims, places))
    demanded = risk["household_id"].is_in(lifted.filter(pl.col("tier") != "none")["household_id"].implode())
    asking = places.join(claims.filter(pl.col("claim").is_in(["overdue", "revisit"])), on="household_id", how="semi")
    risk = risk.with_columns(demanded=demanded)
    shared = share_visits(risk, places, capacity, POLICY.thresholds, key, claimed=asking)
    demand = apply_overrides(risk.drop("demanded").with_columns(shared.tier), lifted)
    settings = {"as_of": DAY, "key": key, "random": random, "rules_beyond": rules_beyond, "claims": claims}
    return demand, places, plan_visits(demand, places, shared, order, **settings)


capacities = st.one_of(
    st.builds(Capacity, visits=st.integers(1, 25)),
    st.builds(Capacity, visits=st.integers(1, 6), per=st.just("village")),
    st.builds(Capacity, visits=st.integers(5, 25), min_per_village=st.just(1)),
)
registers = st.lists(households, min_size=4, max_size=40)
orders = st.permutations(ORDER).map(tuple)


@given(registers, capacities, st.integers(0, 6), orders)
def test_visits_fit_into_the_capacity_and_nobody_demanded_is_lost(rows, capacity, random, order):
    demand, places, plan = make_month(rows, capacity, random=random, order=order)
    placed = plan.frame.join(places, on="household_id", how="left")
    visits = placed.filter(state="visit")
    if capacity.per:
        assert all(count <= capacity.visits for _, count in visits.group_by("village").len().rows())
    assert visits.height <= plan.capacity
    wanted = set(demand.filter(pl.col("demanded_for").is_not_null())["household_id"])
    wanted |= {f"h{i:03d}" for i, row in enumerate(rows) if row[3] in ("overdue", "revisit")}
    assert wanted <= set(plan.frame["household_id"])
    assert set(plan.frame.filter(pl.col("demanded_for") != "random")["household_id"]) <= wanted
    assert not plan.frame["household_id"].is_duplicated().any()
    for counts in plan.counts.values():
        assert counts["demanded"] == counts["visit"] + counts["in_hand"] + counts["waiting"]
    assert plan.counts["all"]["demanded"] == plan.frame.height


@given(registers, st.integers(1, 20), st.integers(0, 3), orders)
def test_the_order_is_obeyed(rows, visits, random, order):
    _, _, plan = make_month(rows, Capacity(visits=visits), random=random, order=order)
    place = {step: at for at, step in enumerate(order)}
    ordered = plan.frame.filter(pl.col("demanded_for") != "random").with_columns(
        at=pl.col("step").replace_strict(place, return_dtype=pl.Int64)
    )
    last = ordered.filter(state="visit")["at"].max()
    first = ordered.filter(state="waiting")["at"].min()
    assert last is None or first is None or last <= first


@given(registers, capacities, st.integers(0, 4), st.integers(0, 99))
def test_the_order_of_rows_decides_nothing(rows, capacity, random, seed):
    *_, plan = make_month(rows, capacity, random=random)
    *_, other = make_month(rows, capacity, random=random, shuffled=seed)
    assert plan.frame.equals(other.frame)


@given(registers, st.integers(1, 20))
def test_rules_may_go_beyond_and_take_nobodys_place(rows, visits):
    _, _, plan = make_month(rows, Capacity(visits=visits), rules_beyond=True)
    by_rule = plan.counts["rule"]
    assert by_rule["waiting"] == 0
    assert plan.visits - by_rule["visit"] <= visits


@given(registers, capacities)
def test_who_waits_since_last_month_keeps_that_day_and_comes_first_in_its_step(rows, capacity):
    _, places, plan = make_month(rows, capacity)
    waited = {f"h{i:03d}" for i, row in enumerate(rows) if row[4]}
    placed = plan.frame.join(places, on="household_id").with_columns(old=pl.col("household_id").is_in(list(waited)))
    waiting = placed.filter(state="waiting")
    assert (waiting["waiting_since"] == waiting.select(pl.when("old").then(LAST).otherwise(DAY)).to_series()).all()
    by = ["step", "village"] if capacity.per else ["step"]
    for _, step in placed.filter(pl.col("state") != "in_hand").group_by(by):
        if step.filter(pl.col("old"), state="waiting").height:
            assert step.filter(~pl.col("old"), state="visit").is_empty()


def test_the_draw_of_one_capacity_has_one_chance_for_everybody_outside():
    rows = [("at_risk", "U", set(), None, False)] * 60
    demand, _, plan = make_month(rows, Capacity(visits=20), random=4)
    drawn = plan.frame.filter(demanded_for="random")
    listed = plan.frame.filter(demanded_for="model", state="visit").height
    assert (drawn.height, listed) == (4, 16)
    assert drawn["inclusion_probability"].to_list() == [4 / (demand.height - listed)] * 4


def test_nothing_is_reserved_for_a_draw_where_nobody_is_at_risk():
    rows = [("at_risk", "U", set(), None, False)] * 6 + [("rule_only", "V", {"relapsed"}, None, False)]
    for seed in range(8):
        *_, plan = make_month(rows, Capacity(visits=1, per="village"), random=1, key=f"key {seed}")
        assert plan.frame.filter(demanded_for="rule")["state"].to_list() == ["visit"]
        assert plan.frame.filter(demanded_for="random").height == 1


@pytest.mark.parametrize("visits", [1, None])
def test_a_claim_has_the_visits_of_its_area_though_nobody_is_at_risk_there(visits):
    rows = [("at_risk", "U", set(), None, False)] * 3 + [("not_scored", "V", set(), "overdue", True)] * 2
    *_, plan = make_month(rows, Capacity(visits=visits, per="village"))
    claims = plan.frame.filter(demanded_for="revisit").sort("state")
    assert claims["state"].to_list() == ["visit", "waiting"]
    assert plan.counts["model"]["visit"] == 1


def test_claims_of_households_that_nobody_knows_any_more_are_counted_apart():
    risk = pl.DataFrame({"household_id": ["h1"], "population": "at_risk", "probability": 0.3, "rank": 1})
    places = pl.DataFrame({"household_id": ["h1", "g1", "g2"], "village": ["U", "W", "W"]})
    claims = pl.DataFrame({"household_id": ["g1", "g2"], "claim": "overdue", "claim_tier": "red"})
    claims = pl.concat([pl.DataFrame(schema=CLAIMS), claims], how="diagonal")
    capacity = Capacity(visits=1, per="village")
    shared = share_visits(risk, places, capacity, POLICY.thresholds, "key", claimed=places.filter(village="W"))
    met = pl.DataFrame(schema=dict.fromkeys(("household_id", "rule", "tier"), pl.String))
    demand = apply_overrides(risk.with_columns(shared.tier), met)
    plan = plan_visits(demand, places, shared, ORDER, as_of=DAY, key="key", claims=claims)
    assert plan.counts["former"] == {"demanded": 2, "visit": 1, "in_hand": 0, "waiting": 1}
    assert plan.counts["revisit"]["demanded"] == 0
    planned = plan.on(demand)
    for kind, counts in plan.counts.items():
        if kind not in ("former", "all"):
            assert planned.filter(visit_for=kind).height == counts["visit"]
            assert planned.filter(waiting_for=kind).height == counts["waiting"]


def test_visits_that_nobody_is_left_to_be_drawn_for_go_to_who_waits():
    in_hand = [("at_risk", "U", {"monitored"}, "in_hand", False)] * 2
    relapsed = [("rule_only", "U", {"relapsed"}, None, False)] * 3
    *_, plan = make_month(in_hand + relapsed, Capacity(visits=2), random=1)
    assert plan.counts["random"]["demanded"] == 0
    assert plan.counts["rule"]["visit"] == plan.visits == 2
    assert plan.counts["rule"]["waiting"] == 1


@given(registers, capacities, st.integers(0, 6), orders)
def test_no_visit_of_an_area_is_left_over_while_anybody_waits_there(rows, capacity, random, order):
    _, places, plan = make_month(rows, capacity, random=random, order=order)
    placed = plan.frame.join(places, on="household_id", how="left")
    waiting = placed.filter(state="waiting")
    for village in waiting["village"].unique() if capacity.per else waiting["village"].unique()[:1]:
        there = placed.filter(pl.col("village") == village) if capacity.per else placed
        assert there.filter(state="visit").height >= capacity.visits


def test_who_is_drawn_and_to_be_visited_again_takes_one_visit():
    again = [("at_risk", "U", set(), "overdue", False)] * 6
    new = [("at_risk", "U", set(), None, False)] * 6
    twice = 0
    for seed in range(20):
        *_, plan = make_month(again + new, Capacity(visits=6), random=2, key=f"key {seed}")
        drawn = set(plan.frame.filter(demanded_for="random")["household_id"])
        twice += bool(drawn & {f"h{i:03d}" for i in range(6)})
        assert (len(drawn), plan.visits) == (2, 6)
    assert twice


def test_red_rules_come_before_the_draw_and_who_cannot_be_drawn_is_counted():
    rows = [("at_risk", "U", set(), None, False)] * 5 + [("at_risk", "U", {"relapsed"}, None, False)]
    rows += [("at_risk", "V", set(), None, False)] * 4
    full = 0
    for seed in range(12):
        *_, plan = make_month(rows, Capacity(visits=1, per="village"), random=1, key=f"key {seed}")
        assert plan.frame.filter(step="relapsed")["state"].to_list() == ["visit"]
        drawn_in_u = plan.frame.filter(pl.col("household_id") < "h006", demanded_for="random")
        assert drawn_in_u.is_empty()
        assert (plan.full_areas, plan.undrawn) == (1, 5)
        full += plan.frame.filter(demanded_for="random").is_empty()
    assert 0 < full < 12
    *_, plan = make_month(rows, Capacity(visits=1, per="village"))
    assert (plan.full_areas, plan.undrawn) == (0, 0)


def test_where_every_area_draws_those_drawn_count_all_outside_the_list_exactly():
    rows = [("at_risk", "UVW"[i % 3], set(), None, False) for i in range(24)]
    waited = 0
    for seed in range(8):
        demand, _, plan = make_month(rows, Capacity(visits=4, per="village"), random=4, key=f"key {seed}")
        drawn, listed = (plan.frame.filter(demanded_for=kind, state="visit") for kind in ("random", "model"))
        assert (1 / drawn["inclusion_probability"]).sum() == pytest.approx(demand.height - listed.height)
        waited += 12 - plan.frame.filter(demanded_for="model").height
    assert waited  # some of those drawn were listed and had no visit


@pytest.mark.slow
@pytest.mark.parametrize("random", [1, 2, 4])
def test_weighted_by_their_chances_those_drawn_by_area_count_all_outside_the_list(random):
    rows = [("at_risk", "UVW"[i % 3] if i % 5 else "U", set(), None, False) for i in range(60)]
    gaps = []
    for seed in range(400):
        demand, _, plan = make_month(rows, Capacity(visits=4, per="village"), random=random, key=f"key {seed}")
        assert plan.frame.filter(demanded_for="random").height == random
        chances = plan.frame["inclusion_probability"]  # of those drawn, and of who has a visit that the draw left over
        certain = plan.frame.filter(pl.col("inclusion_probability").is_null(), demanded_for="model", state="visit")
        gaps.append(float((1 / chances.drop_nulls()).sum()) / (demand.height - certain.height) - 1)
    assert abs(sum(gaps) / len(gaps)) < 0.04
