import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.alerts import given_capacity, usual_capacity, with_tiers
from relapse_risk.errors import InputError
from relapse_risk.policy import TierReach, read_policy

OURS = read_policy().thresholds.tiers


def tiers(capacity, ranked=8, reach=OURS):
    ranks = pl.DataFrame({"rank": [*range(1, ranked + 1), None]}, schema={"rank": pl.Int64})
    return with_tiers(ranks, capacity, reach)["tier"].to_list()


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        (0, ["none"] * 8),
        (1, ["red"] + ["none"] * 7),
        (2, ["red", "yellow"] + ["none"] * 6),
        (3, ["red", "orange", "yellow"] + ["none"] * 5),
        (8, ["red"] * 2 + ["orange"] * 2 + ["yellow"] * 4),
        (16, ["red"] * 4 + ["orange"] * 4),
        (1000, ["red"] * 8),
    ],
)
def test_tiers_are_shares_of_the_capacity(capacity, expected):
    assert tiers(capacity) == [*expected, None]


@given(st.integers(0, 60), st.integers(0, 60))
def test_exactly_the_capacity_is_listed_as_far_as_there_are_households(capacity, ranked):
    found = tiers(capacity, ranked)
    listed = [tier for tier in found if tier not in (None, "none")]
    assert len(listed) == min(capacity, ranked)
    order = ["red", "orange", "yellow", "none", None]
    assert found == sorted(found, key=order.index)


def test_an_office_can_set_its_own_tiers():
    reach = TierReach(red=0.1, orange=0.2, yellow=1.0)
    assert tiers(30, 30, reach).count("red") == 3  # 0.1 * 30 is more than 3 in floating point


@pytest.mark.parametrize("capacity", [-1, 0, 2.5, 0.0, 1.0, float("nan"), "3", True])
def test_a_capacity_that_is_no_number_of_visits_is_refused(capacity):
    with pytest.raises(InputError) as refused:
        given_capacity(capacity)
    assert refused.value.code == "capacity_number"


def test_a_number_of_visits_of_any_library_is_a_capacity():
    assert given_capacity(np.int64(40)) == 40


@pytest.mark.parametrize("share", [0.05, np.float64(0.5)])
def test_a_share_between_nothing_and_all_is_a_capacity(share):
    assert given_capacity(share) == share


@pytest.mark.parametrize(("at_risk", "expected"), [(0, 0), (1, 1), (20, 1), (21, 2), (1000, 50)])
def test_the_usual_capacity_is_five_per_cent_of_the_cohort_rounded_up(at_risk, expected):
    assert usual_capacity(at_risk, read_policy().thresholds.capacity.share) == expected
