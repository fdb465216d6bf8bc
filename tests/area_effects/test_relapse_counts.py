"""Counts: exact where villages are independent, as simulated where shocks are shared."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binom

from relapse_risk.area_effects import (
    ClusterEffects,
    Counts,
    count_areas,
    count_distribution,
    count_interval,
    count_villages,
)


def _county(n=3000, villages=40, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(-3.0, 1.0, n), random.integers(0, villages, n)


def _simulated(score, village, shocks, times=40_000, seed=1):
    """Draw the total of all villages again and again, offsets found by brute force."""
    random = np.random.default_rng(seed)
    std_dev, _ = shocks.common
    calm = shocks.village * random.normal(size=200_000)
    shock = (
        calm
        + shocks.outlier_shift * (random.random(200_000) < shocks.outlier_share)
        + std_dev * random.normal(size=200_000)
    )
    low, high = np.full(len(score), -5.0), np.full(len(score), 5.0)
    for _ in range(40):
        middle = (low + high) / 2
        mean = np.array([expit(s + m + shock[:4000]).mean() for s, m in zip(score, middle, strict=True)])
        low, high = np.where(mean < expit(score), middle, low), np.where(mean < expit(score), high, middle)
    n = village.max() + 1
    totals = np.zeros(times)
    for start in range(0, times, 1000):
        own = shocks.village * random.normal(size=(1000, n)) + shocks.outlier_shift * (
            random.random((1000, n)) < shocks.outlier_share
        )
        common = std_dev * random.normal(size=(1000, 1))
        totals[start : start + 1000] = (
            random.random((1000, len(score))) < expit(score + middle + (own + common)[:, village])
        ).sum(axis=1)
    return totals


def test_without_shocks_a_count_is_a_sum_of_independent_households():
    found = count_distribution(np.full(137, -2.0), np.zeros(137), ClusterEffects(village=0.0))
    counts = np.arange(len(found.pmf))
    assert found.pmf == pytest.approx(binom.pmf(counts, 137, expit(-2.0)), abs=1e-12)
    assert found.pmf.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("sizes", [(1, 2, 3, 5, 8, 9, 31, 33, 150), (7,) * 40])
def test_villages_of_all_sizes_are_counted_as_each_by_itself(sizes):
    village = np.repeat(np.arange(len(sizes)), sizes)
    found = count_villages(np.full(len(village), -1.5), village, ClusterEffects(village=0.0))
    for size, counts in zip(sizes, found.values(), strict=True):
        assert counts.pmf == pytest.approx(binom.pmf(np.arange(len(counts.pmf)), size, expit(-1.5)), abs=1e-12)
        assert counts.pmf.sum() == pytest.approx(1.0, abs=1e-12)


def test_areas_are_sums_of_villages_and_may_share_households():
    score, village = _county(n=500, villages=7)
    shocks = ClusterEffects(village=0.4, level=0.1)
    whole, half = np.arange(500), np.flatnonzero(village < 3)
    rows, area = np.concatenate([whole, half]), np.repeat(["whole", "half"], [500, len(half)])
    found = count_areas(score[rows], village[rows], area, shocks)
    assert list(found) == ["half", "whole"]
    np.testing.assert_allclose(found["whole"].pmf, count_distribution(score, village, shocks).pmf, atol=1e-12)
    alone = count_distribution(score[half], village[half], shocks)
    for count in (5, 10, 15):
        assert found["half"].cdf(count) == pytest.approx(alone.cdf(count), abs=1e-3)


def test_unequal_risks_are_summed_exactly():
    score = np.array([-1.0, 0.5, 2.0])
    p = expit(score)
    found = count_distribution(score, ["a", "b", "c"], ClusterEffects(village=0.0)).pmf
    assert found[0] == pytest.approx(np.prod(1 - p), abs=1e-12)
    assert found[3] == pytest.approx(np.prod(p), abs=1e-12)


@pytest.mark.parametrize(
    "shocks",
    [
        ClusterEffects(village=0.5, level=0.05),
        ClusterEffects(village=0.2, outlier_share=0.1, outlier_shift=1.5, level=0.3),
        ClusterEffects(village=0.01, level=0.4),
    ],
)
def test_shared_shocks_spread_the_total_as_drawing_them_does(shocks):
    score, village = _county(n=300, villages=6)
    found = count_distribution(score, village, shocks)
    free = _simulated(score, village, shocks)
    counts = np.arange(len(found.pmf))
    for count in (8, 14, 20, 28):
        assert found.cdf(count) == pytest.approx((free <= count).mean(), abs=0.015)
    std_dev = np.sqrt(found.pmf @ (counts - found.expected) ** 2)
    assert std_dev == pytest.approx(free.std(), rel=0.03)


@pytest.mark.parametrize(
    "shocks", [ClusterEffects(village=0.8, level=0.3), ClusterEffects(village=0.3, year=0.4, years=2)]
)
def test_the_mean_stays_the_sum_of_the_probabilities(shocks):
    score, village = _county()
    found = count_villages(score, village, shocks)
    for name, counts in found.items():
        assert counts.expected == pytest.approx(expit(score[village == name]).sum(), rel=1e-4)
    assert Counts.sum(found.values()).expected == pytest.approx(expit(score).sum(), rel=1e-4)


def test_shocks_widen_and_a_common_shock_widens_totals_more_than_villages():
    score, village = _county()

    def width(shocks):
        _, lower, upper = count_interval(score, village, shocks)
        return upper - lower

    plain, villages = width(ClusterEffects(village=0.0)), width(ClusterEffects(village=0.5))
    assert (
        plain
        < villages
        < width(ClusterEffects(village=0.5, level=0.3))
        < width(ClusterEffects(village=0.5, year=0.3, years=2))
    )


def test_outlying_villages_have_the_longer_upper_tail():
    score, village = np.full(100, -3.0), np.zeros(100)
    mixed = count_distribution(score, village, ClusterEffects(village=0.1, outlier_share=0.1, outlier_shift=2.0))
    normal = count_distribution(score, village, ClusterEffects(village=0.6))
    assert mixed.interval(0.98)[1] > normal.interval(0.98)[1]


def test_the_order_of_households_and_the_names_of_villages_do_not_matter():
    score, village = _county(n=500, villages=7)
    shocks, order = ClusterEffects(village=0.4, level=0.1), np.random.default_rng(3).permutation(500)
    named = np.array([f"v{6 - v}" for v in village])
    ours = count_distribution(score, village, shocks).pmf
    np.testing.assert_allclose(count_distribution(score[order], named[order], shocks).pmf, ours, atol=1e-12)


def test_interval_bounds_leave_no_more_than_the_tails_out():
    score, village = _county(n=500)
    found = count_distribution(score, village, ClusterEffects(village=0.4))
    lower, upper = found.interval(0.9)
    assert found.cdf(lower - 1) <= 0.05 < found.cdf(lower)
    assert 1 - found.cdf(upper) <= 0.05 < 1 - found.cdf(upper - 1)


def test_nobody_is_counted_as_nobody():
    assert count_interval([], [], ClusterEffects(village=0.3)) == (0.0, 0, 0)


def test_certain_and_impossible_relapses_are_counted_as_such():
    found = count_distribution(np.array([-40.0, -40.0, 40.0]), [0, 0, 0], ClusterEffects(village=0.5, level=0.2))
    assert found.expected == pytest.approx(1.0, abs=1e-4)
    assert found.interval() == (1, 1)
