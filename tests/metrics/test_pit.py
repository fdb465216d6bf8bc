"""PIT and coverage of counts: uniform and exact where distributions are right, not where they are wrong."""

import numpy as np
import pytest
from scipy.stats import binom, nbinom

from relapse_risk.metrics import pit_uniformity, plain_coverage, randomised_coverage, randomised_pit

RANDOM = np.random.default_rng(0)
SIZE = RANDOM.integers(5, 60, 2000)
COUNT = RANDOM.binomial(SIZE, 0.1)


def steps(p):
    return binom.cdf(COUNT - 1, SIZE, p), binom.cdf(COUNT, SIZE, p)


def test_right_distributions_are_uniform_and_cover_what_they_say():
    assert pit_uniformity(*steps(0.1)).p_value > 0.1
    below, at = steps(0.1)
    assert randomised_coverage(below, at, 0.9) == pytest.approx(0.9, abs=0.02)
    lower, upper = binom.ppf(0.05, SIZE, 0.1), binom.ppf(0.95, SIZE, 0.1)
    assert plain_coverage(COUNT, lower, upper) > 0.93


def test_distributions_without_the_shared_shock_are_too_narrow():
    shocked = nbinom.rvs(2, 2 / (2 + SIZE * 0.1), random_state=1)
    below, at = binom.cdf(shocked - 1, SIZE, 0.1), binom.cdf(shocked, SIZE, 0.1)
    assert pit_uniformity(below, at).p_value < 0.01
    assert randomised_coverage(below, at, 0.9) < 0.85


def test_coverage_is_what_many_randomisations_give():
    below, at = steps(0.12)
    by_hand = np.mean([np.abs(randomised_pit(below, at, seed) - 0.5) <= 0.4 for seed in range(300)])
    assert randomised_coverage(below, at, 0.8) == pytest.approx(by_hand, abs=0.003)


def test_the_pit_lies_in_its_step_and_depends_on_the_seed_alone():
    below, at = steps(0.1)
    pit = randomised_pit(below, at, 3)
    assert ((pit >= below) & (pit <= at)).all()
    assert np.array_equal(pit, randomised_pit(below, at, 3))
    assert not np.array_equal(pit, randomised_pit(below, at, 4))


def test_counts_without_probability_are_within_or_without():
    assert randomised_coverage([0.5, 1.0, 0.0], [0.5, 1.0, 0.0], 0.9) == pytest.approx(1 / 3)
    assert randomised_coverage([0.5, 1.0], [0.5, 1.0], 0.9, [3, 1]) == 0.75


def test_weights_count_in_coverage():
    assert plain_coverage([1, 5], [0, 0], [2, 2], [1, 3]) == 0.25


@pytest.mark.parametrize("wrong", [([0.5], [0.4]), ([-0.1], [0.4]), ([0.5], [1.1]), ([np.nan], [0.5])])
def test_what_is_no_distribution_function_is_refused(wrong):
    with pytest.raises(ValueError, match="distribution"):
        randomised_pit(*wrong)
