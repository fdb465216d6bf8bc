import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from relapse_risk.metrics import weighted_share, wilson


@given(st.integers(1, 300), st.data(), st.sampled_from([0.8, 0.95]))
def test_of_plain_rows_it_is_statsmodels_own(rows, data, level):
    count = data.draw(st.integers(0, rows))
    found = wilson(count / rows, rows, level)
    expected = proportion_confint(count, rows, alpha=1 - level, method="wilson")
    assert (found.lower, found.upper) == pytest.approx(expected, abs=1e-12)


def test_without_rows_nothing_is_known():
    found = weighted_share([], [], of=100)
    assert np.isnan(found.estimate)
    assert (found.lower, found.upper) == (0.0, 1.0)


def test_equal_chances_are_the_plain_share_narrowed_by_how_much_of_the_whole_was_seen():
    few, most = (weighted_share([1, 0, 0, 0], [0.5] * 4, of=of) for of in (10_000, 5))
    assert few.estimate == most.estimate == 0.25
    assert few.upper == pytest.approx(wilson(0.25, 4).upper, abs=1e-3)
    assert most.upper < few.upper


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_it_covers_a_drawn_share_as_often_as_it_says(share):
    rng = np.random.default_rng(5)
    population = np.arange(2000) < 2000 * share
    chance = np.where(np.arange(2000) % 3 == 0, 0.15, 0.05)
    covered = []
    for _ in range(400):
        drawn = rng.random(2000) < chance
        found = weighted_share(rng.permutation(population)[drawn], chance[drawn], of=2000)
        covered.append(found.lower <= share <= found.upper)
    assert 0.92 <= np.mean(covered) <= 0.995
