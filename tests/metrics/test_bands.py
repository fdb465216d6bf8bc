"""Reliability bands and the paired household bootstrap."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.metrics import household_bootstrap, reliability_bands


@given(
    probability=st.lists(st.sampled_from([0.0, 0.01, 0.02, 0.3, 0.5, 1.0]), min_size=1, max_size=60),
    n_bands=st.integers(1, 12),
)
def test_bands_hold_every_row_once_and_never_part_equals(probability, n_bands):
    p = np.array(probability)
    outcome = (np.arange(p.size) % 3 == 0).astype(int)
    bands = reliability_bands(outcome, p, n_bands=n_bands)
    assert sum(band.rows for band in bands) == p.size
    assert sum(band.events for band in bands) == outcome.sum()
    assert all(before.high < after.low for before, after in pairwise(bands))
    assert len(bands) <= n_bands


def test_bands_are_about_equal_in_weight():
    p = np.linspace(0.01, 0.99, 1000)
    weight = np.where(p < 0.5, 1.0, 3.0)
    bands = reliability_bands(np.zeros(1000), p, weight, n_bands=4)
    masses = [weight[(p >= band.low) & (p <= band.high)].sum() for band in bands]
    assert masses == pytest.approx([500] * 4, abs=4)


def test_rows_of_one_household_count_as_one():
    random = np.random.default_rng(0)
    by_home = random.normal(size=50)
    losses, home = np.repeat(by_home, 40), np.repeat(np.arange(50), 40)
    together = household_bootstrap(losses, np.zeros(2000), home)
    apart = household_bootstrap(losses, np.zeros(2000), np.arange(2000))
    assert together.upper - together.lower > 4 * (apart.upper - apart.lower)
    assert together.upper - together.lower == pytest.approx(2 * 1.96 * by_home.std() / np.sqrt(50), rel=0.1)


def test_the_interval_is_of_the_paired_difference_and_weighted():
    losses, other = np.array([0.5, 0.7, 0.9]), np.array([0.4, 0.5, 0.6])
    found = household_bootstrap(losses, other, ["a", "b", "c"], [1, 1, 2])
    assert found.estimate == pytest.approx((0.1 + 0.2 + 2 * 0.3) / 4)
    assert found.lower <= found.estimate <= found.upper


def test_the_interval_covers_as_often_as_it_says():
    random = np.random.default_rng(1)
    hits = 0
    for trial in range(100):
        difference = random.normal(0.3, 1, 60)
        found = household_bootstrap(difference, np.zeros(60), np.arange(60), level=0.9, n_draws=300, seed=trial)
        hits += found.lower <= 0.3 <= found.upper
    assert 0.8 <= hits / 100 <= 0.98
