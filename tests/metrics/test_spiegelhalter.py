"""Spiegelhalter's z: by hand, its size when probabilities are right, its power when they are not."""

import numpy as np
import pytest
from scipy.stats import kstest

from relapse_risk.metrics import spiegelhalter


def test_by_hand():
    # (1 - 0.2) * 0.6 + (0 - 0.1) * 0.8 over the root of 0.6**2 * 0.16 + 0.8**2 * 0.09
    found = spiegelhalter([1, 0], [0.2, 0.1])
    assert found.z == pytest.approx(0.4 / np.sqrt(0.1152))
    assert found.p_value == pytest.approx(0.2385928, abs=1e-6)


def test_p_values_are_uniform_where_probabilities_are_right_whatever_the_weights():
    random = np.random.default_rng(0)
    found = []
    for _ in range(400):
        p, w = random.beta(1, 8, 400), random.uniform(0.2, 3, 400)
        found.append(spiegelhalter(random.random(400) < p, p, w).p_value)
    assert kstest(found, "uniform").pvalue > 0.05


def test_overconfidence_is_seen_and_the_scale_of_weights_is_not():
    p = np.tile([0.02, 0.6], 500)
    y = np.tile([0, 0, 0, 1, 0, 0, 0, 0, 1, 0], 100)
    found, scaled = spiegelhalter(y, p), spiegelhalter(y, p, np.full(1000, 7.0))
    assert found.z > 3
    assert found.p_value < 0.01
    assert scaled.z == pytest.approx(found.z)


def test_what_cannot_deviate_has_no_z():
    found = spiegelhalter([0, 1, 1], [0.0, 1.0, 0.5])
    assert np.isnan([found.z, found.p_value]).all()
