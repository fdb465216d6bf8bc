"""The random visits: everybody outside the list has the same chance, and nobody else has any."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from relapse_risk.alerts import draw_visits, random_visits
from relapse_risk.errors import InputError
from relapse_risk.policy import read_policy

LISTING = read_policy().mechanism.listing
DAY, NEXT = date(2020, 1, 31), date(2020, 2, 29)


def risk_of(n, listed=5, others=3):
    kinds = ["at_risk"] * n + ["rule_only"] * others
    listed_for = ["model"] * listed + [None] * (n - listed + others)
    ids = [f"h{i:04d}" for i in range(n + others)]
    return pl.DataFrame({"household_id": ids, "population": kinds, "listed_for": listed_for})


def drawn(risk, n, day=DAY, key="key"):
    return set(draw_visits(risk, n, as_of=day, key=key)["household_id"])


@given(st.integers(5, 60), st.integers(0, 70))
def test_so_many_are_drawn_outside_the_list_with_their_chance(n, visits):
    risk = risk_of(n)
    found = draw_visits(risk, visits, as_of=DAY, key="key")
    outside = risk.filter(pl.col("listed_for").is_null(), population="at_risk")["household_id"]
    assert found.height == min(visits, len(outside))
    assert set(found["household_id"]) <= set(outside)
    assert (found["inclusion_probability"] == found.height / max(len(outside), 1)).all()


@given(st.randoms(use_true_random=False))
def test_row_order_never_matters(random):
    risk = risk_of(40)
    order = list(range(risk.height))
    random.shuffle(order)
    assert draw_visits(risk[order], 7, as_of=DAY, key="k").equals(draw_visits(risk, 7, as_of=DAY, key="k"))


def test_the_next_month_and_another_key_draw_others():
    risk = risk_of(400)
    assert drawn(risk, 40) == drawn(risk, 40, key=b"key")
    assert drawn(risk, 40) != drawn(risk, 40, day=NEXT)
    assert drawn(risk, 40) != drawn(risk, 40, key="other")


def test_every_household_is_drawn_as_often_as_its_chance_says():
    risk = risk_of(55)
    counts = dict.fromkeys(risk.filter(pl.col("listed_for").is_null(), population="at_risk")["household_id"], 0)
    for seed in range(600):
        for household in drawn(risk, 10, key=f"key {seed}"):
            counts[household] += 1
    values = np.array(list(counts.values()))
    assert values.sum() == 6000
    # Drawn without replacement, counts vary less than a multinomial's: the test is on the safe side.
    assert chisquare(values).pvalue > 0.001


def test_one_drawn_household_says_nothing_of_the_next_month():
    risk = risk_of(1005)
    both = [len(drawn(risk, 100, key=f"{i}") & drawn(risk, 100, day=NEXT, key=f"{i}")) for i in range(40)]
    assert np.mean(both) == pytest.approx(10, abs=4 * 2.85 / np.sqrt(40))  # hypergeometric: mean 10, deviation 2.85


@pytest.mark.parametrize(("capacity", "share", "expected"), [(500, None, 25), (1, None, 1), (100, 0.07, 7), (9, 0, 0)])
def test_the_share_is_of_the_capacity_rounded_up(capacity, share, expected):
    assert random_visits(capacity, LISTING, share) == expected


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), "5 %", True])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(InputError) as refused:
        random_visits(10, LISTING, share)
    assert refused.value.code == "random_share"
