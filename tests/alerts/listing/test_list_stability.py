"""How often other trainings list a household, and who is listed among those that nearly tie."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from relapse_risk.alerts import Allocation, Capacity, Costs, rank_households, share_visits
from relapse_risk.policy import URGENT_FIRST, Thresholds, read_policy

THRESHOLDS = read_policy().thresholds
N, DRAWS = 200, 60


def exact_ties() -> Thresholds:
    return THRESHOLDS.model_copy(update={"near_tie": THRESHOLDS.near_tie.model_copy(update={"odds": 1.0})})


def register(seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame, np.ndarray]:
    """Return risks with ranks, where households live, and log-odds by other trainings."""
    random = np.random.default_rng(seed)
    score = random.normal(-3, 1, N)
    ids = [f"h{i:03}" for i in range(N)]
    risk = pl.DataFrame({"household_id": ids, "probability": 1 / (1 + np.exp(-score)), "ratio": random.random(N)})
    risk = risk.with_columns(pl.when(pl.int_range(N) % 10 > 0).then("probability").alias("probability"))
    places = pl.DataFrame({"household_id": ids, "county": "C", "town": [f"t{i % 3}" for i in range(N)]})
    places = places.with_columns(village=pl.Series([f"v{i % 9}" for i in range(N)]))
    redrawn = score[:, None] + random.normal(0, 0.4, (N, DRAWS))
    return risk.with_columns(rank=rank_households(risk, b"key")), places, redrawn


def share(capacity: Capacity, thresholds: Thresholds = THRESHOLDS, order: Sequence[int] | None = None) -> Allocation:
    risk, places, redrawn = register()
    at = np.arange(N) if order is None else np.asarray(order)
    return share_visits(risk[at], places, capacity, thresholds, "key", redrawn=redrawn[at].T)


@pytest.mark.parametrize(
    "capacity",
    [
        Capacity(visits=20),
        Capacity(visits=9, per="town"),
        Capacity(visits=30, min_per_village=2),
        Capacity(visits=12, per="town", min_per_village=1),
        Capacity(visits=25, costs=Costs(miss=9, waste=1)),
        Capacity(costs=Costs(miss=9, waste=1), min_per_village=1),
    ],
)
def test_each_training_draws_up_its_list_as_the_list_itself_is_drawn_up(capacity):
    risk, places, redrawn = register()
    counted = np.zeros(N)
    for draw in redrawn.T:
        probability = pl.Series(1 / (1 + np.exp(-draw)))
        other = risk.with_columns(probability=pl.when(pl.col("probability").is_not_null()).then(probability))
        other = other.with_columns(rank=rank_households(other, b"key"))
        one = share_visits(other, places, capacity, THRESHOLDS, "key")
        counted += one.tier.is_in(URGENT_FIRST).fill_null(False).to_numpy()
    found = share(capacity).listed_again
    assert found.is_null().to_list() == risk["rank"].is_null().to_list()
    known = found.is_not_null().to_numpy()
    assert found.to_numpy()[known] == pytest.approx(counted[known] / DRAWS)


@pytest.mark.parametrize("visits", [1, 20, N - 21, 10 * N])
def test_equal_risks_of_one_area_go_by_rank_as_they_do_beside_another_area(visits):
    risk, places, redrawn = register()
    beside = places.with_columns(county=pl.Series(["D"] + ["C"] * (N - 1)))  # the first is not at risk
    shared = [
        share_visits(risk, where, Capacity(visits=visits, per="county"), THRESHOLDS, "key", redrawn=redrawn.round().T)
        for where in (places, beside)
    ]
    assert shared[0].listed_again.equals(shared[1].listed_again)


def test_the_order_of_rows_has_no_part():
    capacity, order = Capacity(visits=9, per="town", min_per_village=1), np.random.default_rng(1).permutation(N)
    one, other = share(capacity), share(capacity, order=order)
    assert one.listed_again[order].equals(other.listed_again)
    assert one.tier[order].equals(other.tier)


def test_what_is_known_of_no_other_training_is_not_said():
    risk, places, _ = register()
    one = share_visits(risk, places, Capacity(visits=20), THRESHOLDS, "key")
    assert one.listed_again.null_count() == N
    assert one.overlap is None
    assert one.summary["nearly_tied"] == 0


def test_the_overlap_is_the_mean_of_the_listed_and_one_where_trainings_agree():
    one = share(Capacity(visits=20))
    listed = one.tier.is_in(URGENT_FIRST).fill_null(False)
    assert one.overlap == pytest.approx(one.listed_again.filter(listed).mean())
    assert 0.5 < one.overlap < 0.95
    risk, places, _ = register()
    known = risk["probability"].fill_null(0.5).to_numpy()
    score = np.log(known / (1 - known))
    agree = share_visits(risk, places, Capacity(visits=20), THRESHOLDS, "key", redrawn=[score])
    assert agree.overlap == 1.0


def near(odds_apart: float, again: Sequence[float]) -> Allocation:
    """Return the list of two of four households, of which the second and the third lie so far apart in odds."""
    score = np.array([0.0, -2.0, -2.0 - np.log(odds_apart), -5.0])
    risk = pl.DataFrame({"household_id": list("abcd"), "probability": 1 / (1 + np.exp(-score)), "ratio": 1.0})
    risk = risk.with_columns(rank=rank_households(risk, b"key"))
    # of ten trainings as many list the second as are said to, and all others the third
    redrawn = np.tile(score[:, None], 10)
    redrawn[1] = np.where(np.arange(10) < 10 * again[0], -1.0, -4.0)
    redrawn[2] = -2.5
    return share_visits(risk, risk.select("household_id"), Capacity(visits=2), THRESHOLDS, "key", redrawn=redrawn.T)


def test_of_households_that_nearly_tie_those_listed_more_often_come_first():
    stable = near(1.04, [0.3])
    assert stable.listed_again.to_list() == [1.0, 0.3, 0.7, 0.0]
    assert stable.tier.to_list() == ["red", "none", "yellow", "none"]
    assert (stable.summary["nearly_tied"], stable.summary["nearly_tied_not_listed"]) == (2, 1)
    assert near(1.04, [0.7]).tier.to_list() == ["red", "yellow", "none", "none"]
    assert near(1.04, [0.5]).tier.to_list() == ["red", "yellow", "none", "none"]


def test_households_that_lie_further_apart_go_by_risk_alone():
    apart = near(1.06, [0.3])
    assert apart.tier.to_list() == ["red", "yellow", "none", "none"]
    assert apart.summary["nearly_tied"] == 1


@pytest.mark.parametrize("capacity", [Capacity(visits=20), Capacity(visits=9, per="town", min_per_village=1)])
def test_near_ties_change_who_is_listed_but_not_how_many(capacity):
    one, exact = share(capacity), share(capacity, exact_ties())
    assert one.tier.value_counts(sort=True).sort("tier").equals(exact.tier.value_counts(sort=True).sort("tier"))
    assert one.areas["listed"].equals(exact.areas["listed"])
    assert one.areas["covered"].equals(exact.areas["covered"])
    changed = (one.tier != exact.tier).fill_null(False)
    assert changed.sum() <= one.summary["nearly_tied"] * 2
