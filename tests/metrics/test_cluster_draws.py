"""Draws of clusters: the same for every figure, and the numbers they gave before they were shared."""

from functools import partial

import numpy as np
import pytest

from relapse_risk.metrics import (
    ClusterDraws,
    bias_corrected_interval,
    cluster_bootstrap,
    household_bootstrap,
    interval_of,
)

N = np.arange(60)
P = 0.05 + 0.9 * ((N * 37) % 60) / 60
Y = (((N * 53) % 61) / 61 < 0.2 + 0.6 * P).astype(float)
W = 1.0 + N % 3


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.0075375, -0.03241825, 0.05077025]),
        ({"weight": W}, [0.0112125, -0.04129438909151192, 0.06969450295081968]),
        (
            {"weight": W * (N % 5 == 0), "n_draws": 50, "seed": 3, "level": 0.8},
            [0.0228125, -0.037375, 0.13870479249011858],
        ),
    ],
)
def test_the_household_bootstrap_gives_the_numbers_it_gave(options, expected):
    # The loop over draws that stood in `household_bootstrap` before `ClusterDraws`, bounds at its (n_draws + 1) p.
    found = household_bootstrap((P - Y) ** 2, (0.5 - Y) ** 2, N // 4, **options)
    assert [found.estimate, found.lower, found.upper] == pytest.approx(expected, rel=1e-12)


def test_draws_are_the_same_each_time_and_differ_by_seed():
    draws = ClusterDraws.of(N // 4, n_draws=20, seed=1)
    assert np.array_equal(list(draws), list(draws))
    assert not np.array_equal(list(draws), list(ClusterDraws.of(N // 4, n_draws=20, seed=2)))
    assert np.array(list(draws)).sum(axis=1) == pytest.approx(np.full(20, 15))


@pytest.mark.parametrize("n_draws", [1, 25, 61])
def test_sums_are_those_of_the_drawn_weights_in_each_part(n_draws):
    draws, part, values = ClusterDraws.of(N // 4, n_draws=n_draws), N % 3, np.column_stack([W * Y, W * P])

    def summed(of, w):
        return (w * of) @ values

    sums = draws.sums(values, part, 4)
    assert sums.shape == (n_draws, 4, 2)
    for i in range(3):
        one_by_one = cluster_bootstrap(partial(summed, part == i), draws, W * 0 + 1)
        assert sums[:, i] == pytest.approx(one_by_one)
    assert not sums[:, 3].any()


def test_one_cluster_has_no_bounds_and_undefined_draws_are_left_out():
    alone = household_bootstrap([0.5, 0.7], [0.1, 0.2], ["a", "a"])
    assert alone.estimate == pytest.approx(0.45)
    assert np.isnan([alone.lower, alone.upper]).all()
    some = interval_of(1.0, np.array([np.nan, 0.0, 2.0, np.inf]), level=0.5, clusters=2)
    assert (some.lower, some.upper) == (0.0, 2.0)
    assert np.isnan(interval_of(1.0, np.full(3, np.nan), level=0.5, clusters=2).lower)
    assert np.isnan(interval_of(np.nan, np.ones(3), level=0.5, clusters=2).upper)


@pytest.mark.parametrize("n_draws", [39, 100, 300])
def test_bounds_leave_out_on_average_what_they_should_however_few_draws_there_are(n_draws):
    random = np.random.default_rng(0)
    found = [interval_of(0.5, random.random(n_draws), level=0.95, clusters=9) for _ in range(4000)]
    left_out = np.mean([one.lower + 1 - one.upper for one in found])
    assert left_out == pytest.approx(0.05, abs=0.002)


def test_what_chance_raises_is_taken_off_the_lower_bound_alone():
    found = bias_corrected_interval(0.5, np.linspace(0.6, 1.6, 101), 0.1, level=0.9, clusters=9)
    assert [found.lower, found.upper] == pytest.approx([0.0, 0.959])
    assert np.isnan(bias_corrected_interval(0.5, np.full(3, np.nan), 0.1, level=0.9, clusters=9).lower)
