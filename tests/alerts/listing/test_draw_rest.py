"""Visits that the draw leaves over: whoever takes one has a known chance of a visit, so that the weights count all."""

from datetime import date
from itertools import combinations

import polars as pl
import pytest

from relapse_risk.alerts import CLAIMS, Capacity, apply_overrides, plan_visits, share_visits
from relapse_risk.alerts.listing import give_rest, rest_chances
from relapse_risk.policy import read_policy

POLICY = read_policy()
DAY = date(2020, 2, 29)

# In the order of the line: what a visit is demanded for, whether there is one already, whether it can be drawn.
LINES = {
    "two again, two wait": [("revisit", True, True)] * 2 + [("model", False, True)] * 2 + [(None, None, True)] * 3,
    "who cannot be drawn waits first": [("revisit", True, True)] * 2
    + [("rule", False, False), ("model", False, True), ("revisit", False, True), ("rule", False, True)]
    + [(None, None, True)] * 2,
    "nobody has a visit": [("model", False, True)] * 3 + [(None, None, True)] * 3,
    "one alone": [("rule", False, False), ("model", False, True)],
    "all are drawn": [("revisit", True, True), ("model", False, True)],
}


def line_of(kinds, n):
    """Return those placed in a line, and those who can be drawn."""
    rows = [(f"h{i}", kind, visited, can) for i, (kind, visited, can) in enumerate(kinds)]
    placed = pl.DataFrame(
        [
            (one, 0, n, kind, "visit" if visited else "waiting", True, None if visited else DAY, None)
            for one, kind, visited, _ in rows
            if kind
        ],
        {
            **{"household_id": pl.String, "area": pl.Int64, "quota": pl.Int64, "demanded_for": pl.String},
            **{"state": pl.String, "takes": pl.Boolean, "waiting_since": pl.Date, "inclusion_probability": pl.Float64},
        },
        orient="row",
    )
    outside = pl.DataFrame({"household_id": [one for one, *_, can in rows if can]})
    return placed, outside.with_columns(area=pl.lit(0, pl.Int64), quota=n, chance=1.0)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("kinds", LINES.values(), ids=list(LINES))
def test_the_chance_is_the_share_of_all_draws_that_lead_to_a_visit(kinds, n):
    placed, outside = line_of(kinds, n)
    draws = list(combinations(outside["household_id"], min(n, outside.height)))
    seen = dict.fromkeys(outside["household_id"], 0)
    for draw in draws:
        plan = give_rest(placed, outside, pl.DataFrame({"household_id": draw}))
        for one in {*draw, *plan.filter(pl.col("inclusion_probability").is_not_null())["household_id"]}:
            seen[one] += 1
    chances = dict(rest_chances(placed, outside).iter_rows())
    assert chances == pytest.approx({one: seen[one] / len(draws) for one in chances})
    assert set(chances) == {
        f"h{i}" for i, (kind, visited, can) in enumerate(kinds) if can and kind in ("model", "rule")
    }
    others = {one: count / len(draws) for one, count in seen.items() if one not in chances}
    assert list(others.values()) == pytest.approx([min(n, outside.height) / outside.height] * len(others))


def test_weighted_by_their_chances_those_seen_count_all_whom_the_draw_is_about():
    """Only the first two in the line fall: before, they left those outside whenever a visit was left over."""
    ids = [f"h{i:02d}" for i in range(16)]
    risk = pl.DataFrame({"household_id": ids, "population": "at_risk", "rank": range(1, 17)})
    risk = risk.with_columns(probability=1 / (1 + pl.col("rank")))
    claims = pl.DataFrame({"household_id": ids[10:], "claim": "overdue", "claim_tier": "orange"})
    claims = pl.concat([pl.DataFrame(schema=CLAIMS), claims], how="diagonal")
    places = risk.select("household_id")
    none_met = pl.DataFrame(schema=dict.fromkeys(("household_id", "rule", "tier"), pl.String))
    shared = share_visits(risk, places, Capacity(visits=9), POLICY.thresholds, "key")
    demand = apply_overrides(risk.with_columns(shared.tier), none_met)
    steps, counted, left_over = POLICY.mechanism.listing.order.visits, [], 0
    for seed in range(60):
        given = {"as_of": DAY, "key": f"key {seed}", "random": 4, "claims": claims}
        frame = plan_visits(demand, places, shared, steps, **given).frame
        assert frame.filter(state="visit").height == 9
        seen = frame.filter(pl.col("inclusion_probability").is_not_null())
        assert set(seen["state"]) == {"visit"}
        listed = frame.filter(pl.col("demanded_for") == "model", state="visit")
        certain = listed.filter(pl.col("inclusion_probability").is_null())["household_id"]
        left_over += listed.height - certain.len()
        counted.append((certain.len(), float((1 / seen["inclusion_probability"]).sum())))
    assert left_over
    assert len({certain for certain, _ in counted}) == 1  # the list itself hangs on no draw
    assert sum(total for _, total in counted) / len(counted) == pytest.approx(16 - counted[0][0], rel=0.05)
