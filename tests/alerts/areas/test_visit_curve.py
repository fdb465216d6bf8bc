"""The curve of visits: sums of the highest probabilities, whole and by town, within bounds."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.alerts import visit_curve
from relapse_risk.area_effects import ClusterEffects

SHARES = [0.01, 0.05, 0.2, 1.0]
SHOCKS = ClusterEffects(village=0.3)


def make(probabilities, towns):
    ranked = sorted(probabilities, reverse=True)
    ids = [f"h{i:03d}" for i in range(len(ranked))]
    risk = pl.DataFrame(
        {"household_id": ids, "population": "at_risk", "probability": ranked, "rank": range(1, len(ranked) + 1)}
    )
    return risk, pl.DataFrame({"household_id": ids, "county": "C", "town": towns, "village": "V"})


registers = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.001, 0.9), min_size=n, max_size=n), st.lists(st.sampled_from("AB"), min_size=n, max_size=n)
    )
)


@given(registers, st.integers(1, 60))
def test_more_visits_find_more_up_to_all_and_towns_add_up_at_the_capacity(register, capacity):
    risk, places = make(*register)
    found = visit_curve(risk, places, None, shares=SHARES, capacity=capacity)
    for _, curve in found.group_by("level", "town"):
        assert curve["visits"].is_sorted()
        assert curve["found"].is_sorted()
        whole = curve.filter(share=1.0).row(0, named=True)
        assert whole["found"] == pytest.approx(whole["expected"])
        assert whole["found_share"] == pytest.approx(1)
    asked = found.filter(pl.col("share").is_null())
    everywhere, towns = asked.filter(level="all"), asked.filter(level="town")
    assert everywhere["visits"].item() == min(capacity, risk.height) == towns["visits"].sum()
    assert everywhere["found"].item() == pytest.approx(towns["found"].sum())


def test_the_bounds_hold_what_is_expected_and_grow_with_what_villages_share():
    risk, places = make([0.2] * 200, ["A"] * 200)
    alone, shared = (
        visit_curve(risk, places, shocks, shares=[0.5], capacity=50).filter(share=0.5, level="all").row(0, named=True)
        for shocks in (ClusterEffects(village=0.0), SHOCKS)
    )
    assert alone["found"] == pytest.approx(20)
    assert alone["lower"] < 20 < alone["upper"]
    assert shared["upper"] - shared["lower"] > alone["upper"] - alone["lower"]


def test_the_order_of_rows_decides_nothing_and_nobody_at_risk_is_an_empty_curve():
    risk, places = make([0.5, 0.2, 0.1, 0.05], ["A", "B", "B", "A"])
    found = visit_curve(risk, places, SHOCKS, shares=SHARES, capacity=2)
    assert found.equals(visit_curve(risk[::-1], places[::-1], SHOCKS, shares=SHARES, capacity=2))
    nobody = visit_curve(risk.clear(), places, SHOCKS, shares=SHARES, capacity=2)
    assert nobody.filter(level="all")["visits"].sum() == 0
